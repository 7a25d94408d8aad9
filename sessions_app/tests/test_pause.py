"""While a visitor has paused nothing is stored: counted in every table of the database."""

import uuid
from typing import Any

from django.apps import apps
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from catalog.models import Genre, Item
from sessions_app import memory
from sessions_app.models import SessionEvent


def rows() -> dict[str, list[Any]]:
    """Table → all of its rows, those between tables too. A visitor's own settings are theirs to
    change; the server's session only holds numbers that were there before."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models(include_auto_created=True)
        if model is not Session
    }


def remembered(client: Client) -> str:
    cookie = client.cookies.get(memory.COOKIE)
    return cookie.value if cookie else ""


def say(client: Client, name: str, *args: Any, **form: Any) -> None:
    """With scripts and without."""
    for headers in (None, {"hx-request": "true"}):
        client.post(reverse(name, args=args), form, headers=headers)


def long_visit(client: Client, item: Item, step: Any, view: str) -> None:
    """Everything that a visitor can do, in one visit."""
    client.get("/")
    for address in (item.get_absolute_url(), "/search/?q=dune", "/for-you/", "/start/", "/hidden/"):
        client.get(address)
        client.get(address, headers={"hx-request": "true"})
    client.get(reverse("catalog:suggest"), {"q": "dun"})
    client.post(reverse("sessions:dwell"), {"view_id": view, "dwell_ms": 90_000})
    for action in ("like", "dislike", "hide", "save", "unlike", "unhide", "unsave"):
        say(client, "sessions:react", item_id=item.item_id, action=action)
    say(client, "sessions:react", item_id=item.item_id, action="rate", rating=5)
    say(client, "recommender:dismiss", item_id=item.item_id)
    say(client, "recommender:start", item=item.item_id)
    client.get(reverse("recommender:start_list"), {"item": item.item_id})
    say(client, "recommender:turn_dial", vibe=90)
    say(client, "sessions:hide_genre", genre="film-noir")
    say(client, "sessions:show_again", what="hide", id=item.item_id)
    say(client, "sessions:seen", seen="yes")
    say(client, "sessions:remove_step", step)
    say(client, "sessions:start_over")
    for what, id in (("step", str(step)), ("start_over", ""), ("hide", item.item_id)):
        say(client, "sessions:undo", what=what, id=id)
    event = {"event_id": str(uuid.uuid4()), "type": "view", "item_id": item.item_id}
    client.post(reverse("api-events"), {"events": [event]}, content_type="application/json")
    say(client, "sessions:consent", answer="yes")
    client.get(item.get_absolute_url())


def test_a_long_paused_visit_leaves_no_row_and_no_memory(
    browser: Client, dune: Item, emma: Item
) -> None:
    Genre.objects.create(name="Film Noir", slug="film-noir")
    browser.get(dune.get_absolute_url())
    browser.get(emma.get_absolute_url())
    trail = browser.get(reverse("sessions:trail")).context["trail"]()
    view = str(trail[-1].event_id)
    browser.post(reverse("sessions:pause"), {"paused": "yes"})
    before, memory_before = rows(), remembered(browser)
    long_visit(browser, dune, trail[0].event_id, view)
    assert rows() == before
    assert remembered(browser) == memory_before


def test_the_same_visit_unpaused_does_leave_rows(visitor: Client, dune: Item) -> None:
    """Or the test above would prove nothing."""
    visitor.get(dune.get_absolute_url())
    step = visitor.get(reverse("sessions:trail")).context["trail"]()[0].event_id
    before = SessionEvent.objects.count()
    long_visit(visitor, dune, step, str(step))
    assert SessionEvent.objects.count() > before + 5


def test_what_was_there_before_the_pause_still_counts(
    browser: Client, dune: Item, ada: User
) -> None:
    browser.get(dune.get_absolute_url())
    browser.post(reverse("sessions:pause"), {"paused": "yes"})
    page = browser.get("/").content.decode()
    assert ">Dune" in page
    assert "Nothing you do is kept, anywhere." in page


def test_going_on_keeps_what_comes_after(browser: Client, dune: Item, emma: Item) -> None:
    browser.post(reverse("sessions:pause"), {"paused": "yes"})
    browser.get(dune.get_absolute_url())
    browser.post(reverse("sessions:pause"), {"paused": "no"})
    browser.get(emma.get_absolute_url())
    trail = browser.get(reverse("sessions:trail")).context["trail"]()
    assert [step.item.title for step in trail] == ["Emma"]
