"""A taste: counted from what people really opened, honest about little, few queries for much."""

import datetime
import uuid
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from pytest_django.fixtures import DjangoAssertNumQueries

from catalog.models import Item
from sessions_app import services, taste
from sessions_app.models import BrowsingSession, Origin
from sessions_app.taste import taste_of
from sessions_app.taste_pictures import pictures_of
from sessions_app.tests.conftest import MakeItem

Visit = Callable[..., BrowsingSession]

MONDAY = datetime.datetime(2026, 11, 2, 20, tzinfo=datetime.UTC)


def weeks(number: int) -> datetime.datetime:
    return MONDAY + datetime.timedelta(weeks=number)


@pytest.fixture
def visit(ada: User) -> Visit:
    """A visit of ada's in which some items were opened, one minute after the other."""

    def make(
        *items: Item, at: datetime.datetime = MONDAY, user: User = ada, origin: str = "live"
    ) -> BrowsingSession:
        session = services.open_session(now=at, user=user, origin=origin)
        for place, item in enumerate(items):
            services.record_view(
                session=session,
                item=item,
                event_id=uuid.uuid4(),
                now=at + datetime.timedelta(minutes=place),
            )
        return session

    return make


@pytest.fixture
def dune(make_item: MakeItem) -> Item:
    return make_item(
        "Movie_dune", title="Dune", genres=("Desert",), moods=("epic",), creator="D. Villeneuve",
        themes=["power", "journey"],
    )  # fmt: skip


@pytest.fixture
def emma(make_item: MakeItem) -> Item:
    return make_item(
        "Book_emma", title="Emma", genres=("Manners",), moods=("witty",), creator="Jane Austen",
        themes=["love"],
    )  # fmt: skip


def test_it_opens_after_three_visits(ada: User, visit: Visit, dune: Item) -> None:
    visit(dune)
    visit(dune)
    closed = taste_of(ada)
    assert (closed.is_open, closed.visits) == (False, 2)
    assert pictures_of(closed) is None

    visit(dune)

    assert taste_of(ada).is_open


def test_words_are_counted_week_by_week_with_the_empty_weeks_between(
    ada: User, visit: Visit, dune: Item, emma: Item
) -> None:
    visit(dune, emma, at=weeks(0))
    visit(emma, at=weeks(1))
    visit(emma, dune, emma, at=weeks(3) + datetime.timedelta(days=6))

    found = taste_of(ada)

    assert found.by_week
    assert [(period.day, period.steps) for period in found.periods] == [
        (datetime.date(2026, 11, 2), 2),
        (datetime.date(2026, 11, 9), 1),
        (datetime.date(2026, 11, 16), 0),
        (datetime.date(2026, 11, 23), 3),
    ]
    counts = {word.name: word.counts for word in found.themes}
    assert counts == {"love": (1, 1, 0, 2), "journey": (1, 0, 0, 1), "power": (1, 0, 0, 1)}
    assert [word.name for word in found.themes] == ["love", "journey", "power"]
    assert {word.name: word.total for word in found.moods} == {"witty": 4, "epic": 2}


def test_within_two_weeks_it_goes_visit_by_visit(
    ada: User, visit: Visit, dune: Item, emma: Item
) -> None:
    for day in range(3):
        visit(dune, emma, at=MONDAY + datetime.timedelta(days=day))

    found = taste_of(ada)

    assert not found.by_week
    assert [period.day.day for period in found.periods] == [2, 3, 4]


def test_a_long_history_is_drawn_to_its_end(ada: User, visit: Visit, dune: Item) -> None:
    for number in range(taste.MOST_PERIODS + 5):
        visit(dune, at=weeks(number))

    found = taste_of(ada)

    assert len(found.periods) == taste.MOST_PERIODS
    assert found.periods[-1].day == weeks(taste.MOST_PERIODS + 4).date()
    assert found.visits == taste.MOST_PERIODS + 5


def test_kinds_genres_and_people_are_counted(
    ada: User, visit: Visit, dune: Item, emma: Item
) -> None:
    for _ in range(3):
        visit(dune, emma, dune)

    found = taste_of(ada)

    assert [(kind.name, kind.steps) for kind in found.kinds] == [
        ("movie", 6),
        ("track", 0),
        ("book", 3),
    ]
    assert [(genre.name, genre.steps) for genre in found.genres] == [("Desert", 6), ("Manners", 3)]
    assert [person.name for person in found.creators] == ["D. Villeneuve", "Jane Austen"]


def test_two_spellings_of_one_person_are_one(ada: User, visit: Visit, make_item: MakeItem) -> None:
    potter = make_item("Book_1", creator="J.K. Rowling")
    vacancy = make_item("Book_2", creator="J. K. Rowling")
    for _ in range(3):
        visit(potter, vacancy)

    assert [(person.name, person.steps) for person in taste_of(ada).creators] == [
        ("J.K. Rowling", 6)
    ]


def test_simulated_visits_are_no_taste(ada: User, visit: Visit, dune: Item) -> None:
    for _ in range(5):
        visit(dune, origin=Origin.SIMULATED)

    assert taste_of(ada).visits == 0


def test_what_was_taken_out_or_hardly_seen_is_left_out(
    ada: User, visit: Visit, dune: Item, emma: Item
) -> None:
    for _ in range(3):
        session = visit(dune, emma, dune)
        removed, brief, _kept = session.events.order_by("occurred_at")
        services.remove_step(session=session, event_id=removed.event_id)
        services.record_dwell(session=session, view_id=brief.event_id, dwell_ms=900)

    found = taste_of(ada)

    assert found.steps == 3
    assert [word.name for word in found.moods] == ["epic"]


def test_what_was_picked_at_the_start_counts(ada: User, dune: Item) -> None:
    for number in range(3):
        session = services.open_session(now=weeks(number), user=ada)
        services.record_picks(session=session, items=[dune], now=weeks(number))

    assert taste_of(ada).steps == 3


def test_nobody_elses_visits_are_in_it(ada: User, visit: Visit, dune: Item) -> None:
    other = User.objects.create_user("bea")
    for _ in range(3):
        visit(dune, user=other)

    assert taste_of(ada).visits == 0
    assert taste_of(other).visits == 3


def test_a_very_long_history_is_cut_and_says_so(
    ada: User, visit: Visit, dune: Item, emma: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taste, "MOST_STEPS", 4)
    visit(emma, dune, emma, at=weeks(0))
    for number in range(1, 4):
        visit(dune, at=weeks(number))

    found = taste_of(ada)

    assert found.is_capped
    assert found.steps == 4
    assert [word.total for word in found.themes if word.name == "love"] == [1]


def test_it_takes_four_questions_however_long_the_history_is(
    ada: User,
    visit: Visit,
    dune: Item,
    emma: Item,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(3):
        visit(dune)
    with django_assert_num_queries(4):
        taste_of(ada)
    for number in range(12):
        visit(dune, emma, dune, emma, at=weeks(number))

    with django_assert_num_queries(4):
        taste_of(ada)


# --- The pictures -------------------------------------------------------------------------


def test_a_wave_names_every_week_and_what_was_opened_in_it(
    ada: User, visit: Visit, dune: Item, emma: Item
) -> None:
    visit(dune, emma, at=weeks(0))
    visit(emma, at=weeks(1))
    visit(dune, at=weeks(2))

    made = pictures_of(taste_of(ada))

    assert made is not None
    assert "Week of 2 November 2026: love in 1 of 2 titles" in made.over_time
    assert "Week of 16 November 2026: love in 0 of 1 titles" in made.over_time
    assert made.periods[0] == "Week of 2 November 2026"
    assert "50\u00a0%" in made.kinds
    assert made.says == "Journey comes up most, and the mood is mostly epic."
    assert [word.name for word, _what in made.words][:1] == ["journey"]
    assert made.genres is not None
    assert 'href="/genres/desert/"' in made.genres
    assert made.creators is not None
    assert 'href="/people/' in made.creators


def test_titles_without_words_are_no_error(ada: User, visit: Visit, make_item: MakeItem) -> None:
    bare = make_item("Music_1")
    for _ in range(3):
        visit(bare)

    made = pictures_of(taste_of(ada))

    assert made is not None
    assert made.says == "What you opened has no themes yet."
    assert made.genres is None
    assert made.creators is None


def test_an_item_that_goes_in_between_is_left_out(ada: User, visit: Visit, dune: Item) -> None:
    for _ in range(3):
        visit(dune)

    dune.delete()

    assert taste_of(ada).visits == 0
