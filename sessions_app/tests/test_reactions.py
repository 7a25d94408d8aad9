"""Like, not for me, hide, stars: recorded once, taken back, remembered per visitor."""

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
    assert reading.liked_item_ids(newest()) == {"Movie_dune"}


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
    assert reading.liked_item_ids(newest()) == set()
    assert reading.disliked_item_ids(newest()) == {"Movie_dune"}


@pytest.mark.parametrize("action", ["like", "dislike", "hide"])
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
        assert reading.hidden_item_ids(newest()) == {"Movie_dune"}
    with time_machine.travel(NOON + timedelta(hours=3), tick=False):
        visitor.post(reverse("sessions:start_over"))
        assert reading.hidden_item_ids(newest()) == {"Movie_dune"}
    outsider.get(emma.get_absolute_url())
    assert reading.hidden_item_ids(newest()) == set()


def test_an_account_hides_across_its_sessions(ada: User, dune: Item, emma: Item) -> None:
    here = services.open_session(now=NOON, user=ada)
    there = services.open_session(now=NOON + timedelta(days=1), user=ada)
    services.react(session=here, item=dune, type="hide", event_id=uuid.uuid4(), now=NOON)
    services.record_view(session=here, item=emma, event_id=uuid.uuid4(), now=NOON)
    assert reading.hidden_item_ids(there) == {"Movie_dune"}
    assert reading.seen_item_ids(there) == {"Book_emma"}
    assert reading.hidden_item_ids(None, ada) == {"Movie_dune"}
    services.take_back(session=there, item=dune, type="hide")
    assert reading.hidden_item_ids(here) == set()


def test_a_view_or_a_search_hides_and_likes_nothing(dune: Item) -> None:
    session = services.open_session(now=NOON)
    services.record_view(session=session, item=dune, event_id=uuid.uuid4(), now=NOON)
    services.record_search(session=session, query="x", event_id=uuid.uuid4(), now=NOON)
    assert reading.seen_item_ids(session) == {"Movie_dune"}
    assert reading.hidden_item_ids(session) == set()
    assert reading.reactions(session, dune) == reading.Reactions()


def test_nobody_has_seen_hidden_or_liked_nothing(dune: Item) -> None:
    assert reading.seen_item_ids(None) == set()
    assert reading.hidden_item_ids(None) == set()
    assert reading.step_item_ids(None) == []
    assert reading.trail(None) == reading.Trail([], 0)
    assert reading.reactions(None, dune) == reading.Reactions()
