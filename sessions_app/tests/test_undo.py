"""The undo bar: with scripts in the answer itself, without them on the page that follows."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Genre, Item
from sessions_app import undo
from sessions_app.models import SessionEvent
from sessions_app.preferences import COOKIE, Preferences, as_cookie


@pytest.fixture(params=["visitor", "stranger"])
def browser(request: pytest.FixtureRequest) -> Client:
    """The same for who is stored and for who is not."""
    found: Client = request.getfixturevalue(request.param)
    return found


def trail_of(client: Client) -> list[str]:
    response = client.get(reverse("sessions:trail"))
    return [step.item.title for step in response.context["trail"]()]


def steps_of(client: Client) -> list[Any]:
    return list(client.get(reverse("sessions:trail")).context["trail"]())


def take_back(client: Client, what: str, id: str = "", **headers: str) -> Any:
    form = {"what": what, "id": id, "next": "/movies/"}
    return client.post(reverse("sessions:undo"), form, headers=headers or None)


def test_hiding_without_scripts_offers_undo_on_the_next_page_once(
    browser: Client, dune: Item
) -> None:
    form = {"item_id": dune.item_id, "action": "hide", "next": "/movies/"}
    page = browser.post(reverse("sessions:react"), form, follow=True).content.decode()
    assert "Dune is gone from everything we recommend to you." in page
    assert 'name="what" value="hide"' in page
    assert "Dune is gone" not in browser.get("/movies/").content.decode()
    assert take_back(browser, "hide", dune.item_id)["Location"] == "/movies/"
    assert 'value="hide"' in browser.get(dune.get_absolute_url()).content.decode()


def test_hiding_with_scripts_brings_the_bar_along(browser: Client, dune: Item) -> None:
    form = {"item_id": dune.item_id, "action": "hide"}
    answer = browser.post(reverse("sessions:react"), form, headers={"hx-request": "true"})
    assert 'hx-swap-oob="true"' in answer.content.decode()
    assert "Dune is gone" in answer.content.decode()
    assert undo.COOKIE not in answer.cookies
    again = take_back(browser, "hide", dune.item_id, **{"hx-request": "true"})
    assert "hidden-changed" in again["HX-Trigger"]


def test_undo_on_the_page_of_the_item_brings_its_buttons_along(browser: Client, dune: Item) -> None:
    browser.post(reverse("sessions:react"), {"item_id": dune.item_id, "action": "hide"})
    there = {
        "hx-request": "true",
        "hx-current-url": f"http://testserver{dune.get_absolute_url()}",
    }
    page = take_back(browser, "hide", dune.item_id, **there).content.decode()
    assert 'id="reactions"' in page
    assert 'value="hide" aria-pressed="false"' in page
    elsewhere = {**there, "hx-current-url": "http://testserver/movies/"}
    assert (
        'id="reactions"'
        not in take_back(browser, "hide", dune.item_id, **elsewhere).content.decode()
    )


def test_a_removed_step_comes_back(browser: Client, dune: Item, emma: Item) -> None:
    browser.get(dune.get_absolute_url())
    browser.get(emma.get_absolute_url())
    step = steps_of(browser)[0].event_id
    back = browser.post(
        reverse("sessions:remove_step", args=[step]), {"next": dune.get_absolute_url()}, follow=True
    )
    assert "Dune is out of your trail." in back.content.decode()
    assert trail_of(browser) == ["Emma"]  # the page that it came back to did not put it back
    take_back(browser, "step", str(step))
    assert trail_of(browser) == ["Dune", "Emma"]


def test_starting_over_is_undone(browser: Client, dune: Item) -> None:
    browser.get(dune.get_absolute_url())
    page = browser.post(reverse("sessions:start_over"), follow=True).content.decode()
    assert "You have started over." in page
    assert trail_of(browser) == []
    take_back(browser, "start_over")
    assert trail_of(browser) == ["Dune"]


def test_starting_over_without_a_trail_offers_nothing(browser: Client, db: None) -> None:
    answer = browser.post(reverse("sessions:start_over"))
    assert undo.COOKIE not in answer.cookies


def test_a_hidden_genre_is_shown_again(stranger: Client, db: None) -> None:
    Genre.objects.create(name="Noir", slug="noir")
    stranger.cookies[COOKIE] = as_cookie(Preferences(hidden_genres=("noir", "drama")))
    take_back(stranger, "genre", "noir")
    from sessions_app.preferences import from_cookie

    request: Any = type("Request", (), {"COOKIES": {COOKIE: stranger.cookies[COOKIE].value}})()
    assert from_cookie(request).hidden_genres == ("drama",)


def test_nobody_undoes_what_another_did(visitor: Client, outsider: Client, dune: Item) -> None:
    visitor.get(dune.get_absolute_url())
    step = steps_of(visitor)[0].event_id
    visitor.post(reverse("sessions:remove_step", args=[step]))
    outsider.get(dune.get_absolute_url())
    assert take_back(outsider, "step", str(step)).status_code == 404
    assert trail_of(visitor) == []
    form = {"item_id": dune.item_id, "action": "hide"}
    visitor.post(reverse("sessions:react"), form)
    take_back(outsider, "hide", dune.item_id)
    assert SessionEvent.objects.counted().filter(type="hide").count() == 1


@pytest.mark.parametrize(
    ("what", "id", "status"),
    [("sing", "", 400), ("", "", 400), ("step", "no-uuid", 404), ("hide", "Movie_none", 404)],
)
def test_what_cannot_be_undone_is_refused(
    visitor: Client, db: None, what: str, id: str, status: int
) -> None:
    assert take_back(visitor, what, id).status_code == status


def test_only_known_things_can_be_offered(rf: Any) -> None:
    with pytest.raises(ValueError, match="no undo of 'sing'"):
        undo.offer(rf.get("/"), what="sing", text="")


def test_an_offer_that_was_forged_is_not_shown(rf: Any) -> None:
    request = rf.get("/")
    request.COOKIES[undo.COOKIE] = "forged"
    assert undo.pending(request) is None
