"""Yes, no, and not asked yet: what is stored, where, and what moves when the answer changes."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from catalog.models import Item
from sessions_app import memory
from sessions_app.models import BrowsingSession, EventType, Preference, SessionEvent
from sessions_app.preferences import COOKIE
from sessions_app.tests.conftest import PASSWORD

BANNER = "May Segue keep what you open?"


def say(client: Client, answer: str) -> Any:
    return client.post(reverse("sessions:consent"), {"answer": answer})


def trail_of(client: Client) -> list[str]:
    response = client.get(reverse("sessions:trail"))
    return [step.item.title for step in response.context["trail"]()]


def react(client: Client, item: Item, action: str, **more: Any) -> Any:
    form = {"item_id": item.item_id, "action": action, **more}
    return client.post(reverse("sessions:react"), form)


def rows() -> dict[type[Model], int]:
    tables: tuple[type[Model], ...] = (BrowsingSession, SessionEvent, Session, Preference)
    return {table: table._base_manager.count() for table in tables}


def test_who_was_not_asked_yet_has_a_trail_and_no_row(
    stranger: Client, dune: Item, emma: Item, hurt: Item
) -> None:
    before = rows()
    page = stranger.get(dune.get_absolute_url())
    stranger.get(emma.get_absolute_url())
    stranger.get(reverse("catalog:search"), {"q": "dune"})
    react(stranger, dune, "like")
    react(stranger, hurt, "hide")
    react(stranger, emma, "rate", rating=4)
    assert trail_of(stranger) == ["Dune", "Emma"]
    assert rows() == before
    assert BANNER in page.content.decode()
    assert stranger.cookies[memory.COOKIE]["max-age"] == ""  # goes with the window
    assert stranger.cookies[memory.COOKIE]["httponly"]
    assert "sessionid" not in stranger.cookies


def test_no_is_kept_and_not_asked_again(stranger: Client, dune: Item) -> None:
    assert say(stranger, "no").status_code == 302
    assert stranger.cookies[COOKIE]["max-age"] == 365 * 24 * 3600
    page = stranger.get(dune.get_absolute_url())
    assert BANNER not in page.content.decode()
    assert trail_of(stranger) == ["Dune"]
    assert not SessionEvent.objects.exists()


def test_yes_stores_what_this_browser_remembered(
    stranger: Client, dune: Item, emma: Item, hurt: Item
) -> None:
    stranger.get(dune.get_absolute_url())
    stranger.get(emma.get_absolute_url())
    react(stranger, hurt, "hide")
    react(stranger, emma, "save")
    say(stranger, "yes")
    assert [event.item for event in SessionEvent.objects.steps()] == [dune, emma]
    said = SessionEvent.objects.exclude(type=EventType.VIEW).values_list("type", "item__title")
    assert set(said) == {("hide", "Hurt"), ("save", "Emma")}
    assert trail_of(stranger) == ["Dune", "Emma"]
    assert stranger.cookies[memory.COOKIE].value == ""
    stranger.get(hurt.get_absolute_url())
    assert SessionEvent.objects.steps().count() == 3
    assert BrowsingSession.objects.count() == 1


def test_yes_stores_how_long_each_page_was_looked_at(
    stranger: Client, dune: Item, emma: Item
) -> None:
    stranger.get(dune.get_absolute_url())
    stranger.get(emma.get_absolute_url())
    stranger.cookies[memory.DWELL_COOKIE] = "1:4200.2:900"
    say(stranger, "yes")
    times = SessionEvent.objects.steps().values_list("item__title", "dwell_ms")
    assert list(times) == [("Dune", 4200), ("Emma", 900)]


def test_no_after_yes_deletes_the_rows_and_the_trail_goes_on(
    visitor: Client, outsider: Client, dune: Item, emma: Item, hurt: Item
) -> None:
    outsider.get(dune.get_absolute_url())
    visitor.get(dune.get_absolute_url())
    visitor.post(reverse("sessions:start_over"))
    visitor.get(emma.get_absolute_url())
    react(visitor, hurt, "hide")
    react(visitor, emma, "rate", rating=2)
    say(visitor, "no")
    assert [event.item for event in SessionEvent.objects.all()] == [dune]  # the outsider's
    assert trail_of(visitor) == ["Emma"]
    page = visitor.get(hurt.get_absolute_url())
    assert 'value="unhide"' in page.content.decode()
    assert SessionEvent.objects.count() == 1


@pytest.mark.parametrize("answer", ["", "maybe"])
def test_an_answer_that_is_none_is_refused(stranger: Client, db: None, answer: str) -> None:
    response = say(stranger, answer)
    assert response.status_code == 400
    assert b"it must be yes or no" in response.content or b"answer is missing" in response.content
    assert COOKIE not in stranger.cookies


def test_consent_is_only_taken_by_post(stranger: Client, db: None) -> None:
    assert stranger.get(reverse("sessions:consent"), {"answer": "yes"}).status_code == 405


def test_a_cookie_that_was_tampered_with_is_no_consent(stranger: Client, dune: Item) -> None:
    stranger.cookies[COOKIE] = '{"consent": true}'
    stranger.get(dune.get_absolute_url())
    assert not SessionEvent.objects.exists()


def test_signing_up_agrees_and_brings_the_trail(stranger: Client, dune: Item, emma: Item) -> None:
    stranger.get(dune.get_absolute_url())
    react(stranger, emma, "like")
    form = {"username": "eve", "password1": PASSWORD, "password2": PASSWORD}
    stranger.post(reverse("sessions:sign_up"), form)
    events = SessionEvent.objects.filter(session__user__username="eve")
    assert set(events.values_list("type", "item__title")) == {("view", "Dune"), ("like", "Emma")}
    assert Preference.objects.get().consent
    page = stranger.get(emma.get_absolute_url())
    assert BANNER not in page.content.decode()
    assert trail_of(stranger) == ["Dune", "Emma"]


def test_an_account_that_says_no_keeps_its_rows_and_adds_none(
    visitor: Client, ada: User, dune: Item, emma: Item, hurt: Item
) -> None:
    visitor.force_login(ada)
    visitor.get(dune.get_absolute_url())
    react(visitor, hurt, "hide")
    say(visitor, "no")
    before = rows()
    visitor.get(emma.get_absolute_url())
    react(visitor, emma, "like")
    assert rows()[SessionEvent] == before[SessionEvent]
    assert trail_of(visitor) == ["Emma"]
    page = visitor.get(hurt.get_absolute_url())
    assert 'value="unhide"' in page.content.decode()  # what it said before still holds


def test_what_an_account_set_holds_in_the_next_browser(
    visitor: Client, stranger: Client, ada: User, dune: Item
) -> None:
    visitor.force_login(ada)
    say(visitor, "no")
    stranger.force_login(ada)
    stranger.get(dune.get_absolute_url())
    assert not SessionEvent.objects.exists()


def test_a_program_that_reports_events_is_believed_unless_the_visitor_said_no(
    stranger: Client, dune: Item
) -> None:
    event = {
        "event_id": "5f0c3f1e-6f0e-4f6a-9a54-0e3a3f7f2f10",
        "type": "view",
        "item_id": dune.item_id,
    }
    body = {"events": [event]}
    url = "/api/v1/events/"
    say(stranger, "no")
    refused = stranger.post(url, body, content_type="application/json")
    assert refused.status_code == 409
    assert "nothing was recorded" in refused.json()["detail"]
    assert not SessionEvent.objects.exists()
    program = Client(headers={"user-agent": "python-requests/2.32"})
    assert program.post(url, body, content_type="application/json").status_code == 200
    assert SessionEvent.objects.count() == 1
