"""The front page: which rows, in which order, what is in none of them, and what it costs."""

import re
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalog.card_cache import cards as card_cache
from catalog.models import Genre, Item
from catalog.tests.pages import main_of, text_of, titles_on
from catalog.tests.shelves import make
from recommender import home, pools
from recommender.cards import Card
from recommender.home import FEWEST, FIRST_ROW, LONG, MOST_ROWS, ROW, Row
from recommender.loader import Loader
from recommender.models import Pin, Shelf
from recommender.templatetags.cards import card
from recommender.tests.cases import make_catalogue, make_sessions
from sessions_app import services
from sessions_app.models import EventType
from sessions_app.preferences import Dial, Preferences
from sessions_app.stored import StoredVisit
from sessions_app.tests.conftest import agreed

pytestmark = pytest.mark.django_db

TODAY = date(2026, 5, 4)


@pytest.fixture
def items(db: None) -> list[Item]:
    """60 films, then 60 tracks, then 60 books."""
    return make_catalogue(per_kind=60)


@pytest.fixture
def served(items: list[Item], loader_without_thread: Loader) -> None:
    """Traffic, and an engine that knows the words of the works; no training."""
    make_sessions(items)
    loader_without_thread.refresh()


@pytest.fixture
def shelf(items: list[Item]) -> Shelf:
    return filled("From the attic", items[20:26] + items[160:164])


def filled(title: str, items: list[Item], **fields: Any) -> Shelf:
    made = Shelf.objects.create(title=title, **fields)
    for place, item in enumerate(items):
        Pin.objects.create(shelf=made, item=item, position=place, note="an old friend")
    return made


def walked(*items: Item, dwell_ms: int | None = 30_000, minutes_ago: int = 20) -> StoredVisit:
    """A visit that opened these."""
    start = timezone.now() - timedelta(minutes=minutes_ago)
    session = services.open_session(now=start)
    for place, item in enumerate(items):
        view, now = uuid.uuid4(), start + timedelta(seconds=40 * place)
        services.record_view(session=session, item=item, event_id=view, now=now)
        if dwell_ms is not None:
            services.record_dwell(session=session, view_id=view, dwell_ms=dwell_ms)
    return StoredVisit(session)


def rows_for(visit: StoredVisit, **preferences: Any) -> list[Row]:
    return home.rows(visit=visit, preferences=Preferences(**preferences), today=TODAY)


def keys_of(rows: list[Row]) -> list[str]:
    return [row.key for row in rows]


def items_on(rows: list[Row]) -> list[Item]:
    return [card.item for row in rows for card in row.cards]


def because(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row.key.startswith("because-")]


# --- Which rows, in which order -------------------------------------------------------------


@pytest.mark.usefixtures("served")
def test_a_newcomer_sees_what_trends_first_then_kinds_and_shelves_in_turn(shelf: Shelf) -> None:
    rows = rows_for(StoredVisit(None))

    expected = ["trending", "movie", f"shelf-{shelf.pk}", "new", "track", "book"]
    assert keys_of(rows) == expected
    assert all(FEWEST <= len(row.cards) <= FIRST_ROW for row in rows)
    assert all(card.reason for row in rows for card in row.cards)


@pytest.mark.usefixtures("served")
def test_the_row_of_this_visit_comes_first_and_then_those_of_its_newest_steps(
    items: list[Item],
) -> None:
    rows = rows_for(walked(items[0], items[61], items[122]))

    first_three = ["session", f"because-{items[122].pk}", f"because-{items[61].pk}"]
    assert keys_of(rows)[:3] == first_three
    assert len(rows[0].cards) == FIRST_ROW
    assert rows[0].note == "Following your 3 steps"


@pytest.mark.usefixtures("served")
def test_what_trends_goes_down_when_the_visit_is_long(items: list[Item]) -> None:
    def place_of_trending(length: int) -> int:
        rows = rows_for(walked(*items[: 4 * length : 4], dwell_ms=0))  # no rows of single steps
        return keys_of(rows).index("trending")

    assert place_of_trending(LONG - 1) == 1
    assert place_of_trending(LONG) > 1


@pytest.mark.parametrize(
    ("opened", "first"),
    [([61], "track"), ([122, 61, 126], "book"), ([122, 61], "track"), ([0], "movie")],
)
def test_the_kinds_of_this_visit_come_before_the_others(
    items: list[Item], opened: list[int], first: str
) -> None:
    rows = rows_for(walked(*(items[place] for place in opened)))
    assert next(row.kind for row in rows if row.kind) == first


@pytest.mark.usefixtures("served")
def test_the_page_ends_after_its_most_rows(items: list[Item]) -> None:
    for number in range(MOST_ROWS + 2):
        filled(f"Shelf {number}", items[number * 8 : number * 8 + 8])
    assert len(rows_for(StoredVisit(None))) <= MOST_ROWS


def test_the_best_known_are_another_choice_every_day(items: list[Item]) -> None:
    def books(day: date) -> list[Item]:
        rows = home.rows(visit=StoredVisit(None), preferences=Preferences(), today=day)
        return items_on([row for row in rows if row.key == "book"])

    assert books(TODAY) == books(TODAY)
    assert books(TODAY) != books(TODAY + timedelta(days=1))


# --- Because you opened ---------------------------------------------------------------------


@pytest.mark.usefixtures("served")
def test_a_row_because_of_a_step_owes_every_card_to_it_and_never_has_it(items: list[Item]) -> None:
    seen = set()
    for step in (items[3], items[64], items[125]):
        (row,) = because(rows_for(walked(step)))
        assert row.title == f"Because you opened {step.title}"
        assert all(one.because and one.because.pk == step.pk for one in row.cards)
        assert all(step.title in one.reason for one in row.cards)
        assert step.pk not in {item.pk for item in items_on([row])}
        seen.add(tuple(item.pk for item in items_on([row])))
    assert len(seen) == 3  # another step, another row


@pytest.mark.usefixtures("served")
def test_an_accident_and_what_is_unwanted_start_no_row(items: list[Item]) -> None:
    assert because(rows_for(walked(items[0], dwell_ms=900))) == []

    visit = walked(items[0])
    visit.react(items[0], EventType.HIDE)
    assert because(rows_for(StoredVisit(visit.session))) == []


@pytest.mark.usefixtures("served")
def test_a_title_picked_at_the_start_is_called_so(items: list[Item]) -> None:
    visit = walked()
    visit.pick([items[0]])
    (row,) = because(rows_for(StoredVisit(visit.session)))
    assert row.title == f"Because you picked {items[0].title}"


def test_nothing_waits_for_a_model(items: list[Item], shelf: Shelf) -> None:
    keys = keys_of(rows_for(walked(items[0])))
    assert keys[0] == "session"
    assert not any(key.startswith("because") for key in keys)
    assert {"movie", "track", "book", f"shelf-{shelf.pk}"} <= set(keys)


# --- What is in no row ----------------------------------------------------------------------


@pytest.mark.usefixtures("served", "shelf")
@pytest.mark.parametrize("steps", [0, 1, 3, 7])
def test_one_title_stands_once_on_a_page(items: list[Item], steps: int) -> None:
    shown = items_on(rows_for(walked(*items[: 13 * steps : 13])))
    assert len(shown) == len({item.pk for item in shown}) > 3 * FEWEST


def test_works_of_one_kind_and_name_are_one(db: None) -> None:
    for number in range(6):
        make("movie", f"Film {number}", item_id=f"Movie_{number}")
    twins = [
        make("movie", "Solaris", item_id="Movie_a"),
        make("movie", "SOLARIS", item_id="Movie_b"),
    ]
    make("book", "Solaris", item_id="Book_a")

    (shown,) = [row for row in rows_for(StoredVisit(None)) if row.key == "movie"]

    assert sum(item.pk in {twin.pk for twin in twins} for item in items_on([shown])) <= 1


@pytest.mark.usefixtures("served", "shelf")
def test_what_is_hidden_is_on_no_row_and_the_rows_do_not_shrink(items: list[Item]) -> None:
    visit = walked(items[0])
    before = rows_for(visit)
    gone = [row.cards[0].item for row in before]
    for item in gone:
        visit.react(item, EventType.HIDE)

    after = rows_for(StoredVisit(visit.session))

    assert not {item.pk for item in gone} & {item.pk for item in items_on(after)}
    lengths = {row.key: len(row.cards) for row in after}
    assert lengths["session"] == FIRST_ROW
    assert lengths["movie"] == lengths["new"] == ROW


@pytest.mark.usefixtures("served", "shelf")
def test_a_hidden_genre_is_gone_from_every_row(items: list[Item]) -> None:
    noir = set(Genre.objects.get(slug="noir").items.values_list("pk", flat=True))
    visit = walked(items[1], items[64])
    assert noir & {item.pk for item in items_on(rows_for(visit))}

    rows = rows_for(visit, hidden_genres=("noir",))

    assert not noir & {item.pk for item in items_on(rows)}
    assert {"session", "movie"} <= set(keys_of(rows))


@pytest.mark.usefixtures("served")
def test_what_was_seen_stays_away_unless_it_is_wanted(items: list[Item]) -> None:
    again = walked(*items[:20], minutes_ago=300)  # idle for long: no trail is left
    seen = {item.pk for item in items[:20]}

    assert not seen & {item.pk for item in items_on(rows_for(again))}
    assert seen & {item.pk for item in items_on(rows_for(again, include_seen=True))}


@pytest.mark.usefixtures("served", "shelf")
def test_a_kind_that_the_dial_leaves_out_is_on_no_row(items: list[Item]) -> None:
    rows = rows_for(walked(items[0]), dial=Dial(book=0))
    assert {item.kind for item in items_on(rows)} == {"movie", "track"}


def test_a_row_with_fewer_than_four_cards_is_not_shown(db: None) -> None:
    for number in range(FEWEST):  # one of them is a face beside the first words
        make("movie", f"Film {number}")
    filled("Too short", list(Item.objects.all()[:3]))
    assert rows_for(StoredVisit(None)) == []
    make("movie", "One more")
    cache.clear()
    (row,) = rows_for(StoredVisit(None))
    assert len(row.cards) == FEWEST


# --- Editors' shelves -----------------------------------------------------------------------


def test_a_shelf_says_that_editors_picked_it_and_why(shelf: Shelf) -> None:
    (row,) = [row for row in rows_for(StoredVisit(None)) if row.key == f"shelf-{shelf.pk}"]
    assert row.title == "From the attic"
    assert row.cards[0].reason == "Picked by our editors: an old friend"
    assert row.cards[0].why is not None
    assert row.cards[0].why.kind == "editor"


@pytest.mark.parametrize(
    "fields",
    [
        {"is_on": False},
        {"starts_on": TODAY + timedelta(days=1)},
        {"ends_on": TODAY - timedelta(days=1)},
    ],
)
def test_a_shelf_stands_only_on_its_days(items: list[Item], fields: dict[str, Any]) -> None:
    made = filled("Seasonal", items[:8], **fields)
    assert f"shelf-{made.pk}" not in keys_of(rows_for(StoredVisit(None)))


def test_a_pin_stands_only_on_its_days(shelf: Shelf) -> None:
    first, second = shelf.pins.all()[:2]
    Pin.objects.filter(pk=first.pk).update(ends_on=TODAY - timedelta(days=1))
    Pin.objects.filter(pk=second.pk).update(starts_on=TODAY, ends_on=TODAY)
    (row,) = [row for row in rows_for(StoredVisit(None)) if row.key == f"shelf-{shelf.pk}"]
    assert first.item not in items_on([row])
    assert row.cards[0].item == second.item


# --- The page and what comes after it -------------------------------------------------------


@pytest.fixture
def visitor() -> Client:
    return agreed()


def opened(visitor: Client, *items: Item) -> Client:
    for item in items:
        visitor.get(item.get_absolute_url())
    return visitor


def headings(html: str) -> list[str]:
    return re.findall(r'<h2 id="row-[^"]*">([^<]*)</h2>', html)


@pytest.mark.usefixtures("served", "shelf")
@pytest.mark.parametrize("steps", [0, 1, 6])
def test_the_first_row_is_in_the_page_and_the_others_come_after_without_repeats(
    visitor: Client, items: list[Item], steps: int
) -> None:
    opened(visitor, *items[: 7 * steps : 7])
    page = main_of(visitor, "/")
    rest = text_of(visitor, reverse("recommender:rows") + "?after=1")
    whole = main_of(visitor, "/?rows=all")

    assert len(headings(page)) == 1
    assert len(headings(rest)) > 2
    assert headings(page) + headings(rest) == headings(whole)
    assert titles_on(page) + titles_on(rest) == titles_on(whole)
    assert len(titles_on(whole)) == len(set(titles_on(whole)))


@pytest.mark.usefixtures("served")
def test_without_scripts_a_link_leads_to_all_rows(visitor: Client) -> None:
    page = main_of(visitor, "/")
    assert 'href="/?rows=all"' in page
    assert f'hx-get="{reverse("recommender:rows")}?after=1"' in page
    assert "More rows" not in main_of(visitor, "/?rows=all")


def test_the_rows_follow_when_the_trail_or_what_is_hidden_changes(visitor: Client) -> None:
    make_catalogue()
    place = re.search(r'<div [^>]*id="rows"[^>]*>', main_of(visitor, "/"))
    assert place is not None
    assert f'hx-get="{reverse("recommender:rows")}"' in place[0]
    assert "trail-changed from:body, hidden-changed from:body" in place[0]


def faces_on(page: str) -> set[str]:
    (chain,) = re.findall(r'<ol class="hero__chain".*?</ol>', page, re.DOTALL)
    return set(re.findall(r'<span class="unseen">([^<]*)<', chain))


def test_a_newcomer_is_told_what_this_is_and_where_to_begin(
    visitor: Client, items: list[Item]
) -> None:
    page = main_of(visitor, "/")
    assert f'href="{reverse("recommender:start")}"' in page
    assert len(faces_on(page)) == 3

    page = main_of(opened(visitor, items[0]), "/")
    assert "hero" not in page
    assert page.count("<h1") == 1


def test_the_hero_does_not_show_what_somebody_hid(visitor: Client, items: list[Item]) -> None:
    before = faces_on(main_of(visitor, "/"))
    for title in before:
        item = Item.objects.get(title=title)
        visitor.post(reverse("sessions:react"), {"item_id": item.item_id, "action": "hide"})
    after = faces_on(main_of(visitor, "/"))
    assert len(after) == 3
    assert not after & before


def test_moods_lead_to_the_kinds_that_have_them(visitor: Client) -> None:
    make("movie", "A", moods=["eerie"])
    make("book", "B", moods=["eerie"])
    page = text_of(visitor, reverse("recommender:rows"))
    assert "/movies/?mood=eerie" in page
    assert "/books/?mood=eerie" in page
    assert "/music/?mood=eerie" not in page


def test_an_empty_catalogue_says_so_once(visitor: Client) -> None:
    assert main_of(visitor, "/").count("Nothing stands here yet") == 1


def test_the_page_and_its_rows_are_only_read(visitor: Client) -> None:
    for address in ("/", reverse("recommender:rows"), reverse("recommender:picks")):
        assert visitor.post(address).status_code == 405


@pytest.mark.usefixtures("served")
def test_the_dial_of_the_address_counts(visitor: Client, items: list[Item]) -> None:
    opened(visitor, items[0])
    page = main_of(visitor, "/?rows=all&book=0")
    assert 'id="row-book"' not in page
    assert 'class="card kind-book' not in page


# --- What it costs --------------------------------------------------------------------------


def cost(visitor: Client, address: str) -> int:
    visitor.get(address)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert visitor.get(address).status_code == 200
    return len(queries)


@pytest.mark.usefixtures("served", "shelf")
def test_a_page_that_everybody_sees_costs_no_query() -> None:
    stranger = Client()
    assert cost(stranger, "/") == 0
    assert cost(stranger, reverse("recommender:rows")) == 0


@pytest.mark.usefixtures("served", "shelf")
@pytest.mark.parametrize("steps", [1, 2, 12])
def test_the_queries_do_not_grow_with_the_visit(
    visitor: Client, items: list[Item], steps: int
) -> None:
    opened(visitor, *items[: 3 * steps : 3])
    assert cost(visitor, "/") <= 9
    assert cost(visitor, reverse("recommender:rows") + "?after=1") <= 7


# --- What is the same for everybody ---------------------------------------------------------


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The work that was given to threads; none of it is done."""
    started: list[Any] = []

    class Thread:
        def __init__(self, *, target: Any, args: Any, daemon: bool) -> None:
            self.work = lambda: target(*args)

        def start(self) -> None:
            started.append(self.work)

    monkeypatch.setattr("recommender.pools.threading.Thread", Thread)
    return started


def test_common_rows_are_kept_and_made_anew_beside_the_requests(
    items: list[Item], threads: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = pools.pools_of(TODAY)
    make("book", "Brand new", year=2026)
    assert pools.pools_of(TODAY) == first
    assert threads == []

    monkeypatch.setattr(pools, "FRESH_SECONDS", -1)
    assert pools.pools_of(TODAY) == first  # nobody waits
    assert pools.pools_of(TODAY) == first
    (work,) = threads  # and it is made once
    work()
    assert "book-180" in {entry.item_id for entry in pools.pools_of(TODAY).new}


@pytest.mark.parametrize("reason", ["Like <Alien> & co", "Another", ""])
def test_a_card_that_is_kept_is_the_card_of_the_template(items: list[Item], reason: str) -> None:
    item = card_cache.get([items[0].item_id])[items[0].item_id]
    for text in ("Any before", reason):
        drawn = card(Card(item, 0.0, "popular", text, None))
    context = {"item": item, "reason": reason, "dismissable": True}
    assert drawn == render_to_string("catalog/_card.html", context)
