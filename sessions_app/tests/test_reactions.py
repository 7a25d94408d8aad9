"""Like, not interested, save, stars: recorded once, taken back, remembered; their buttons."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from catalog.models import Item
from sessions_app import reading, services
from sessions_app.models import BrowsingSession, SessionEvent

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def react(client: Client, item: Item, action: str, **form: Any) -> "Answer":
    form = {"item_id": item.item_id, "action": action, **form}
    return client.post(reverse("sessions:react"), form)


def newest() -> BrowsingSession:
    return BrowsingSession.objects.latest("started_at")


def test_a_like_is_recorded_and_leads_back_to_the_item(visitor: Client, dune: Item) -> None:
    response = react(visitor, dune, "like")
    assert response["Location"] == dune.get_absolute_url()
    assert reading.said(newest()).liked == {"Movie_dune"}


def test_the_same_form_sent_twice_is_recorded_once(visitor: Client, dune: Item) -> None:
    event_id = uuid.uuid4()
    for _ in range(2):
        assert react(visitor, dune, "rate", rating=4, event_id=event_id).status_code == 302
    event = SessionEvent.objects.get()
    assert event.event_id == event_id
    assert event.rating == 4


def test_the_newest_opinion_and_rating_count(visitor: Client, dune: Item) -> None:
    react(visitor, dune, "like")
    react(visitor, dune, "rate", rating=2)
    react(visitor, dune, "dislike")
    react(visitor, dune, "rate", rating=5)
    assert reading.reactions(newest(), dune) == reading.Reactions(disliked=True, rating=5)
    assert reading.said(newest()).liked == set()
    assert reading.said(newest()).disliked == {"Movie_dune"}


@pytest.mark.parametrize("action", ["like", "dislike", "hide", "save"])
def test_every_reaction_can_be_taken_back(visitor: Client, dune: Item, action: str) -> None:
    react(visitor, dune, action)
    assert reading.reactions(newest(), dune) != reading.Reactions()
    react(visitor, dune, f"un{action}")
    assert reading.reactions(newest(), dune) == reading.Reactions()


def test_taking_back_what_was_never_said_changes_nothing(visitor: Client, dune: Item) -> None:
    assert react(visitor, dune, "unhide").status_code == 302
    assert not SessionEvent.objects.exists()


def test_htmx_gets_the_buttons_as_they_are_now(visitor: Client, dune: Item) -> None:
    form = {"item_id": dune.item_id, "action": "hide"}
    response = visitor.post(reverse("sessions:react"), form, headers={"hx-request": "true"})
    assert response["HX-Trigger"] == "hidden-changed"
    assert 'value="unhide"' in response.content.decode()
    assert "<title>" not in response.content.decode()


@pytest.mark.parametrize(
    ("form", "status", "sentence"),
    [
        ({"action": "like"}, 400, "item_id is missing"),
        ({"item_id": "Movie_dune"}, 400, "action is missing"),
        ({"item_id": "Movie_dune", "action": "love"}, 400, "action is love"),
        ({"item_id": "Movie_dune", "action": "rate"}, 400, "rating is missing: 1 to 5 stars."),
        ({"item_id": "Movie_dune", "action": "rate", "rating": 6}, 400, "rating is above 5."),
        ({"item_id": "Movie_dune", "action": "rate", "rating": 0}, 400, "rating is below 1."),
        ({"item_id": "Movie_dune", "action": "like", "event_id": 7}, 400, "event_id is not a UUID"),
        ({"item_id": "Movie_none", "action": "like"}, 404, "No item has the id Movie_none."),
    ],
)
def test_a_bad_reaction_is_answered_with_a_sentence(
    visitor: Client, dune: Item, form: dict[str, Any], status: int, sentence: str
) -> None:
    response = visitor.post(reverse("sessions:react"), form)
    assert response.status_code == status
    assert sentence in response.content.decode()
    assert not SessionEvent.objects.exists()


def test_what_was_hidden_stays_hidden_in_the_next_visit(
    visitor: Client, outsider: Client, dune: Item, emma: Item, hurt: Item
) -> None:
    with time_machine.travel(NOON, tick=False):
        react(visitor, dune, "hide")
        react(visitor, hurt, "hide")
        react(visitor, hurt, "unhide")
    with time_machine.travel(NOON + timedelta(hours=2), tick=False):
        visitor.get(emma.get_absolute_url())
        assert BrowsingSession.objects.count() == 2
        assert reading.said(newest()).hidden == {"Movie_dune"}
    with time_machine.travel(NOON + timedelta(hours=3), tick=False):
        visitor.post(reverse("sessions:start_over"))
        assert reading.said(newest()).hidden == {"Movie_dune"}
    outsider.get(emma.get_absolute_url())
    assert reading.said(newest()).hidden == set()


def test_an_account_hides_across_its_sessions(ada: User, dune: Item, emma: Item) -> None:
    here = services.open_session(now=NOON, user=ada)
    there = services.open_session(now=NOON + timedelta(days=1), user=ada)
    services.react(session=here, item=dune, type="hide", event_id=uuid.uuid4(), now=NOON)
    services.record_view(session=here, item=emma, event_id=uuid.uuid4(), now=NOON)
    assert reading.said(there).hidden == {"Movie_dune"}
    assert reading.said(there).seen == {"Book_emma"}
    assert reading.said(None, ada).hidden == {"Movie_dune"}
    services.take_back(session=there, item=dune, type="hide")
    assert reading.said(here).hidden == set()


def test_a_view_or_a_search_hides_and_likes_nothing(dune: Item) -> None:
    session = services.open_session(now=NOON)
    services.record_view(session=session, item=dune, event_id=uuid.uuid4(), now=NOON)
    services.record_search(session=session, query="x", event_id=uuid.uuid4(), now=NOON)
    assert reading.said(session).seen == {"Movie_dune"}
    assert reading.said(session).hidden == set()
    assert reading.reactions(session, dune) == reading.Reactions()


def test_nobody_has_seen_hidden_or_liked_nothing(dune: Item) -> None:
    assert reading.said(None).seen == set()
    assert reading.said(None).hidden == set()
    assert reading.step_item_ids(None) == []
    assert reading.trail(None) == reading.Trail([], 0)
    assert reading.reactions(None, dune) == reading.Reactions()


# --- The buttons ----------------------------------------------------------------------------

WHY = "takes it out of every recommendation"
GONE = "Gone from every recommendation. Search and browsing still find it."


@pytest.fixture(params=["visitor", "stranger"])
def anybody(request: pytest.FixtureRequest) -> Client:
    """Who agreed to be stored, and who was not asked yet: the buttons are the same."""
    client: Client = request.getfixturevalue(request.param)
    return client


def by_script(client: Client, item: Item, action: str, **form: Any) -> str:
    """What a press of a button brings where scripts run."""
    form = {"item_id": item.item_id, "action": action, **form}
    address = reverse("sessions:react")
    response = client.post(address, form, headers={"hx-request": "true"})
    assert response.status_code == 200
    return response.content.decode()


def button(page: str, name: str) -> dict[str, str]:
    """The attributes of a button by what its id ends with; nothing where there is none."""
    found = re.search(rf'<button [^>]*id="react-{name}"[^>]*>', page)
    return dict(re.findall(r'([\w-]+)="([^"]*)"', found[0])) if found else {}


def item_page(client: Client, item: Item) -> str:
    return client.get(item.get_absolute_url()).content.decode()


@pytest.mark.parametrize("action", ["like", "save", "hide"])
def test_a_button_says_whether_it_is_pressed_and_does_the_other_thing_next(
    anybody: Client, dune: Item, action: str
) -> None:
    before = button(item_page(anybody, dune), action)
    assert (before["value"], before["aria-pressed"]) == (action, "false")
    after = button(by_script(anybody, dune, action), action)
    assert (after["value"], after["aria-pressed"]) == (f"un{action}", "true")
    assert button(item_page(anybody, dune), action)["aria-pressed"] == "true"
    again = button(by_script(anybody, dune, f"un{action}"), action)
    assert (again["value"], again["aria-pressed"]) == (action, "false")


def test_not_interested_says_what_it_does_before_and_after(anybody: Client, dune: Item) -> None:
    page = item_page(anybody, dune)
    assert button(page, "hide")["aria-describedby"] == "react-why"
    assert WHY in page
    page = by_script(anybody, dune, "hide")
    assert GONE in page
    assert WHY not in page
    # Gone from recommendations is not gone from the site.
    assert anybody.get(dune.get_absolute_url()).status_code == 200


def test_a_rating_is_shown_and_can_be_taken_back(anybody: Client, dune: Item) -> None:
    assert button(item_page(anybody, dune), "unrate") == {}
    page = by_script(anybody, dune, "rate", rating=4)
    pressed = [n for n in range(1, 6) if button(page, f"star-{n}")["aria-pressed"] == "true"]
    lit = [n for n in range(1, 6) if "star--on" in button(page, f"star-{n}")["class"]]
    assert (pressed, lit) == ([4], [1, 2, 3, 4])
    assert button(page, "unrate")["value"] == "unrate"
    page = by_script(anybody, dune, "unrate")
    assert "star--on" not in page
    assert button(page, "unrate") == {}


def test_focus_goes_to_the_stars_when_the_button_that_had_it_is_gone(
    anybody: Client, dune: Item
) -> None:
    by_script(anybody, dune, "rate", rating=4)
    page = by_script(anybody, dune, "unrate")
    assert re.findall(r'id="(react-[\w-]+)"[^>]* autofocus', page) == ["react-star-1"]
    assert "autofocus" not in item_page(anybody, dune)


@pytest.mark.parametrize(
    ("action", "form", "heard"),
    [
        ("like", {}, "You like it."),
        ("save", {}, "Saved for later."),
        ("rate", {"rating": 3}, "Rated 3 of 5."),
        ("hide", {}, GONE),
        ("unlike", {}, "You have said nothing about it."),
    ],
)
def test_a_screen_reader_hears_the_change(
    anybody: Client, dune: Item, action: str, form: dict[str, Any], heard: str
) -> None:
    assert '<p class="unseen" id="said" role="status"></p>' in item_page(anybody, dune)
    page = by_script(anybody, dune, action, **form)
    said = re.search(r'<p id="said" hx-swap-oob="innerHTML">([^<]*)</p>', page)
    assert said is not None
    assert said[1].strip() == heard


def test_each_button_keeps_its_id_so_that_focus_stays_on_it(anybody: Client, dune: Item) -> None:
    before = set(re.findall(r'id="(react-[\w-]+)"', item_page(anybody, dune)))
    assert set(re.findall(r'id="(react-[\w-]+)"', by_script(anybody, dune, "like"))) == before


def test_without_scripts_the_page_comes_back_at_the_buttons(anybody: Client, dune: Item) -> None:
    (place,) = set(re.findall(r'name="next" value="([^"]*#[^"]*)"', item_page(anybody, dune)))
    response = react(anybody, dune, "like", next=place)
    assert response["Location"] == f"{dune.get_absolute_url()}#reactions"
    assert 'id="reactions"' in item_page(anybody, dune)


def test_an_older_not_for_me_can_be_taken_back(anybody: Client, dune: Item) -> None:
    assert button(item_page(anybody, dune), "dislike") == {}
    page = by_script(anybody, dune, "dislike")
    assert button(page, "dislike")["value"] == "undislike"
    assert button(by_script(anybody, dune, "undislike"), "dislike") == {}


def test_who_has_paused_sees_why_there_are_no_buttons_and_can_go_on(
    visitor: Client, dune: Item
) -> None:
    visitor.post(reverse("sessions:pause"), {"paused": "yes"})
    page = item_page(visitor, dune)
    assert "Paused: nothing you say is kept." in page
    assert button(page, "like") == {}
    assert 'name="paused" value="no"' in page
    assert "Paused: nothing you say is kept." in by_script(visitor, dune, "like")
    assert not SessionEvent.objects.filter(type="like").exists()
    visitor.post(reverse("sessions:pause"), {"paused": "no"})
    assert button(item_page(visitor, dune), "like")["aria-pressed"] == "false"
