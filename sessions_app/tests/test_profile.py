"""A person's own pages: only theirs, whole, changed where they stand, the same few questions."""

import datetime
import re
import uuid
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from catalog.card_cache import cards
from catalog.models import Item
from sessions_app import profile, reading, services
from sessions_app.deleting import UnknownVisitError, delete_visit
from sessions_app.models import BrowsingSession, EventType, Origin, SessionEvent
from sessions_app.tests.conftest import FIREFOX, MakeItem

Visit = Callable[..., BrowsingSession]
ACCOUNT_PAGES = ["sessions:profile", "sessions:history", "sessions:ratings"]


@pytest.fixture
def ada_browses(ada: User) -> Client:
    client = Client(headers={"user-agent": FIREFOX})
    client.force_login(ada)
    return client


@pytest.fixture
def visit(ada: User) -> Visit:
    """A visit of ada's, `days` ago, in which some items were opened, a minute for each."""

    def make(
        *items: Item, days: int = 1, user: User = ada, origin: str = "live"
    ) -> BrowsingSession:
        at = timezone.now() - datetime.timedelta(days=days)
        session = services.open_session(now=at, user=user, origin=origin)
        for item in items:
            view = services.record_view(session=session, item=item, event_id=uuid.uuid4(), now=at)
            services.record_dwell(session=session, view_id=view, dwell_ms=60_000)
            at += datetime.timedelta(minutes=1)
        services.close_session(session=session, now=at)
        return session

    return make


def say(session: BrowsingSession, item: Item, type: str, **more: int) -> None:
    services.react(
        session=session, item=item, type=type, event_id=uuid.uuid4(), now=timezone.now(), **more
    )


def page(client: Client, name: str, query: str = "") -> str:
    response = client.get(reverse(name) + query)
    assert response.status_code == 200
    return response.content.decode()


# --- Whose it is --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ACCOUNT_PAGES)
def test_who_is_not_signed_in_is_told_why_and_comes_back(
    visitor: Client, db: None, name: str
) -> None:
    response = visitor.get(reverse(name), follow=True)

    address, status = response.redirect_chain[-1]
    assert status == 302
    assert address == f"/account/sign-in/?next={reverse(name)}"
    assert re.search(r"sign in to see (yours|them)", response.content.decode())


@pytest.mark.parametrize("name", [*ACCOUNT_PAGES, "sessions:saved"])
def test_pages_are_read_not_written(ada_browses: Client, name: str) -> None:
    assert ada_browses.post(reverse(name)).status_code == 405


@pytest.mark.parametrize("name", [*ACCOUNT_PAGES, "sessions:saved"])
def test_nobody_keeps_a_copy_of_them(ada_browses: Client, name: str) -> None:
    assert "no-store" in ada_browses.get(reverse(name))["Cache-Control"]


def test_an_outsider_sees_nothing_of_anybody(
    outsider: Client, visit: Visit, dune: Item, emma: Item
) -> None:
    session = visit(dune, emma)
    say(session, dune, EventType.RATE, rating=5)
    say(session, emma, EventType.SAVE)
    outsider.force_login(User.objects.create_user("bea"))

    for name in (*ACCOUNT_PAGES, "sessions:saved"):
        html = page(outsider, name)
        assert "Dune" not in html
        assert "Emma" not in html


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("sessions:profile", "This picture opens after 3 visits."),
        ("sessions:history", "No visits are kept yet."),
        ("sessions:ratings", "You have not rated anything yet."),
        ("sessions:saved", "Nothing is saved yet."),
    ],
)
def test_an_empty_page_says_so(ada_browses: Client, name: str, sentence: str) -> None:
    assert sentence in page(ada_browses, name)


# --- History ------------------------------------------------------------------------------


def test_a_visit_shows_its_steps_in_their_order_with_their_times(
    ada_browses: Client, visit: Visit, dune: Item, emma: Item
) -> None:
    visit(emma, dune)

    html = page(ada_browses, "sessions:history")

    assert re.findall(r'past__title">([^<]+)', html) == ["Emma", "Dune"]
    assert html.count('past__dwell">1 min') == 2
    assert "looked for 2 min" in html
    assert "<time datetime=" in html


def test_what_was_searched_stands_with_the_visit(
    ada_browses: Client, visit: Visit, dune: Item
) -> None:
    session = visit(dune)
    services.record_search(
        session=session, query="sand & worms", event_id=uuid.uuid4(), now=timezone.now()
    )

    assert "?q=sand%20%26%20worms" in page(ada_browses, "sessions:history")


def test_what_was_taken_out_and_what_was_invented_is_no_history(
    ada: User, visit: Visit, dune: Item, emma: Item
) -> None:
    session = visit(dune, emma)
    first = session.events.order_by("occurred_at")[0]
    services.remove_step(session=session, event_id=first.event_id)
    visit(dune, origin=Origin.SIMULATED)
    services.open_session(now=timezone.now(), user=ada)  # in which nothing was done

    (only,) = profile.history(ada).entries

    assert [step.item for step in only.steps] == [emma]


def test_a_long_visit_is_cut_and_says_by_how_much(
    ada: User, visit: Visit, dune: Item, emma: Item
) -> None:
    visit(*[dune, emma] * profile.STEPS_SHOWN)

    (only,) = profile.history(ada).entries

    assert len(only.steps) == profile.STEPS_SHOWN
    assert only.more == profile.STEPS_SHOWN
    assert only.count == 2 * profile.STEPS_SHOWN


def test_older_visits_are_on_the_next_page(
    ada_browses: Client, ada: User, visit: Visit, dune: Item
) -> None:
    for days in range(1, profile.VISITS_A_PAGE + 3):
        visit(dune, days=days)

    first, second = profile.history(ada), profile.history(ada, 2)

    assert (len(first.entries), first.before, first.after) == (profile.VISITS_A_PAGE, None, 2)
    assert (len(second.entries), second.before, second.after) == (2, 1, None)
    assert first.entries[0].started_at > second.entries[0].started_at
    assert profile.history(ada, "99").number == 2
    assert profile.history(ada, "nonsense").number == 1
    assert 'rel="next"' in page(ada_browses, "sessions:history")


def test_the_history_asks_the_same_few_questions_for_one_visit_and_ten(
    ada: User, visit: Visit, make_item: MakeItem, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    items = [make_item(f"Book_{number}", genres=("Noir",), creator="A") for number in range(6)]
    visit(*items[:2])
    with django_assert_num_queries(7):
        profile.history(ada)
    for days in range(2, 12):
        visit(*items, days=days)
    cards.forget()

    with django_assert_num_queries(7):
        profile.history(ada)


# --- Deleting a visit ---------------------------------------------------------------------


def test_a_deleted_visit_is_gone_with_all_its_events(
    ada_browses: Client, visit: Visit, dune: Item, emma: Item
) -> None:
    gone, kept = visit(dune), visit(emma, days=2)

    response = ada_browses.post(
        reverse("sessions:delete_visit", args=[gone.public_id]), follow=True
    )

    assert "The visit is deleted" in response.content.decode()
    assert not BrowsingSession.objects.filter(pk=gone.pk).exists()
    assert set(SessionEvent.objects.values_list("session", flat=True)) == {kept.pk}


def test_what_was_said_in_a_deleted_visit_stays(
    ada: User, visit: Visit, dune: Item, emma: Item
) -> None:
    gone = visit(dune, emma)
    say(gone, dune, EventType.RATE, rating=4)
    say(gone, emma, EventType.HIDE)
    say(gone, dune, EventType.SAVE)
    say(gone, emma, EventType.LIKE)
    services.take_back(session=gone, user=ada, item=emma, type=EventType.LIKE)

    assert delete_visit(user=ada, public_id=gone.public_id) == 3  # two views and what was undone

    said = reading.said(None, ada)
    assert (said.rated, said.hidden, said.saved) == (
        {dune.item_id: 4},
        {emma.item_id},
        [dune.item_id],
    )
    assert said.seen == set()
    assert profile.history(ada).total == 0


def test_a_visit_of_somebody_else_cannot_be_deleted(
    outsider: Client, visit: Visit, dune: Item
) -> None:
    session = visit(dune)
    address = reverse("sessions:delete_visit", args=[session.public_id])
    outsider.force_login(User.objects.create_user("bea"))

    assert outsider.post(address).status_code == 404
    assert BrowsingSession.objects.filter(pk=session.pk).exists()


def test_nobody_deletes_without_an_account_or_by_a_link(
    visitor: Client, ada_browses: Client, visit: Visit, dune: Item
) -> None:
    session = visit(dune)
    address = reverse("sessions:delete_visit", args=[session.public_id])

    assert visitor.post(address)["Location"].startswith("/account/sign-in/")
    assert ada_browses.get(address).status_code == 405
    assert BrowsingSession.objects.filter(pk=session.pk).exists()


def test_deleting_twice_is_refused_the_second_time(ada: User, visit: Visit, dune: Item) -> None:
    public_id = visit(dune).public_id
    delete_visit(user=ada, public_id=public_id)

    with pytest.raises(UnknownVisitError):
        delete_visit(user=ada, public_id=public_id)


def test_the_visit_that_goes_on_can_be_deleted_too(ada_browses: Client, dune: Item) -> None:
    ada_browses.get(dune.get_absolute_url())
    session = BrowsingSession.objects.get()

    ada_browses.post(reverse("sessions:delete_visit", args=[session.public_id]))

    assert not BrowsingSession.objects.exists()
    assert ada_browses.get(dune.get_absolute_url()).status_code == 200
    assert SessionEvent.objects.count() == 1


# --- Ratings ------------------------------------------------------------------------------


def test_ratings_stand_the_newest_first_each_title_once(
    ada: User, visit: Visit, dune: Item, emma: Item
) -> None:
    session = visit(dune, emma)
    say(session, dune, EventType.RATE, rating=2)
    say(session, emma, EventType.RATE, rating=3)
    say(session, dune, EventType.RATE, rating=5)

    shown = profile.ratings(ada)

    assert [(rated.item, rated.stars) for rated in shown.entries] == [(dune, 5), (emma, 3)]


def test_a_rating_is_changed_and_taken_back_from_the_list(
    ada_browses: Client, ada: User, visit: Visit, dune: Item
) -> None:
    say(visit(dune), dune, EventType.RATE, rating=2)
    html = page(ada_browses, "sessions:ratings")
    assert html.count("star--on") == 2
    form = {"item_id": dune.item_id, "next": reverse("sessions:ratings")}

    changed = ada_browses.post(reverse("sessions:react"), {**form, "action": "rate", "rating": "4"})
    assert changed["Location"] == reverse("sessions:ratings")
    assert [rated.stars for rated in profile.ratings(ada).entries] == [4]

    ada_browses.post(reverse("sessions:react"), {**form, "action": "unrate"})
    assert profile.ratings(ada).entries == []


def test_the_button_wins_over_the_hidden_field(
    ada_browses: Client, ada: User, visit: Visit, dune: Item
) -> None:
    """The form says `rate`, and its last button `unrate`: the browser sends both, in that order."""
    say(visit(dune), dune, EventType.RATE, rating=2)

    body = f"item_id={dune.item_id}&action=rate&action=unrate"
    ada_browses.post(
        reverse("sessions:react"), body, content_type="application/x-www-form-urlencoded"
    )

    assert profile.ratings(ada).entries == []


# --- Saved --------------------------------------------------------------------------------


def test_the_last_saved_comes_first(
    ada_browses: Client, visit: Visit, dune: Item, emma: Item
) -> None:
    session = visit(dune, emma)
    say(session, dune, EventType.SAVE)
    say(session, emma, EventType.SAVE)

    html = page(ada_browses, "sessions:saved")

    assert re.findall(r'card__title">([^<]+)', html) == ["Emma", "Dune"]


@pytest.mark.parametrize("who", ["visitor", "stranger"])
def test_without_an_account_the_list_of_this_visit_works(
    request: pytest.FixtureRequest, who: str, dune: Item
) -> None:
    """Also for a visitor who was not asked yet, whose visit is in the browser alone."""
    client: Client = request.getfixturevalue(who)
    client.get(dune.get_absolute_url())
    form = {"item_id": dune.item_id, "next": reverse("sessions:saved")}
    client.post(reverse("sessions:react"), {**form, "action": "save"})

    html = page(client, "sessions:saved")
    assert "Dune" in html
    assert f"/account/sign-in/?next={reverse('sessions:saved')}" in html

    client.post(reverse("sessions:react"), {**form, "action": "unsave"})
    assert "Nothing is saved yet." in page(client, "sessions:saved")


# --- Taste --------------------------------------------------------------------------------


def test_the_taste_is_drawn_with_its_figures_as_a_table(
    ada_browses: Client, visit: Visit, make_item: MakeItem
) -> None:
    item = make_item("Book_1", title="Sula", genres=("Noir",), moods=("dark",), themes=["night"])
    for days in (1, 9, 17, 25):
        visit(item, days=days)

    html = page(ada_browses, "sessions:profile")

    assert 'class="ridge__wave"' in html
    assert "week by week" in html
    assert "The figures as a table" in html
    assert re.search(r'<th scope="row">night</th><td>theme</td>(<td[^>]*>[01]</td>)+', html)
    assert "From 4 steps in 4 visits." in html


def test_the_pages_ask_the_same_few_questions(
    ada_browses: Client,
    visit: Visit,
    dune: Item,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for days in range(1, 6):
        session = visit(dune, days=days)
        say(session, dune, EventType.RATE, rating=days)
        say(session, dune, EventType.SAVE)
    for name in (*ACCOUNT_PAGES, "sessions:saved"):
        with django_assert_max_num_queries(14):
            page(ada_browses, name)
