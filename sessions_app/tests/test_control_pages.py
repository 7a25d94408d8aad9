"""Hidden titles and genres, settings, privacy: what the pages show, change and refuse."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from catalog.models import Genre, Item
from sessions_app import cookies, hiding, preferences
from sessions_app.models import Preference, SessionEvent
from sessions_app.preferences import COOKIE, MOST_HIDDEN_GENRES, Preferences, as_cookie, from_cookie
from sessions_app.tests.conftest import PASSWORD, MakeItem


@pytest.fixture
def noir(db: None) -> Genre:
    return Genre.objects.create(name="Film Noir", slug="film-noir")


def hide(client: Client, item: Item, action: str = "hide") -> None:
    client.post(reverse("sessions:react"), {"item_id": item.item_id, "action": action})


def page_of(client: Client, name: str = "sessions:hidden", **query: str) -> str:
    answer = client.get(reverse(name), query)
    assert answer.status_code == 200
    return answer.content.decode()


def hide_genre(client: Client, genre: str, **form: str) -> Any:
    return client.post(reverse("sessions:hide_genre"), {"genre": genre, **form})


def again(client: Client, what: str, id: str) -> Any:
    return client.post(reverse("sessions:show_again"), {"what": what, "id": id}, follow=True)


def settings_in(client: Client) -> Preferences:
    request: Any = type("Request", (), {"COOKIES": {COOKIE: client.cookies[COOKIE].value}})()
    return from_cookie(request)


# --- The list of what is hidden -------------------------------------------------------------


def test_what_was_hidden_is_listed_and_comes_back_with_one_press(
    browser: Client, dune: Item, emma: Item
) -> None:
    hide(browser, dune)
    hide(browser, emma, "dislike")
    page = page_of(browser)
    assert "Recommend Dune again" in page
    assert "Recommend Emma again" in page
    assert "Dune may be recommended again." in again(browser, "hide", dune.item_id).content.decode()
    again(browser, "dislike", emma.item_id)
    page = page_of(browser)
    assert "Recommend Dune again" not in page
    assert "Recommend Emma again" not in page
    assert "No title is hidden." in page


def test_nobody_sees_or_brings_back_what_another_hid(
    visitor: Client, outsider: Client, dune: Item
) -> None:
    hide(visitor, dune)
    assert "Recommend Dune again" not in page_of(outsider)
    again(outsider, "hide", dune.item_id)
    assert "Recommend Dune again" in page_of(visitor)


def test_a_long_list_has_pages(visitor: Client, make_item: MakeItem) -> None:
    for number in range(50):
        hide(visitor, make_item(f"Movie_{number}", title=f"Film {number:02}"))
    page = page_of(visitor)
    assert "Film 47" in page
    assert "Film 48" not in page
    assert "Film 48" in page_of(visitor, page="2")
    assert "Film 49" in page_of(visitor, page="99")


def test_the_list_costs_the_same_whatever_its_length(
    visitor: Client,
    make_item: MakeItem,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(12):
        hide(visitor, make_item(f"Movie_{number}", genres=("Drama",), creator="Agnès Varda"))
    with django_assert_max_num_queries(16):
        page_of(visitor)


@pytest.mark.parametrize(
    ("what", "id", "status"),
    [("hide", "Movie_none", 404), ("genre", "none", 404), ("sing", "x", 400), ("hide", "", 400)],
)
def test_what_cannot_be_brought_back_is_refused(
    visitor: Client, db: None, what: str, id: str, status: int
) -> None:
    assert again(visitor, what, id).status_code == status


# --- Genres ---------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["film noir", "Film Noir", "film-noir", " FILM NOIR "])
def test_a_genre_is_hidden_by_its_name_and_shown_again(
    browser: Client, noir: Genre, written: str
) -> None:
    answer = hide_genre(browser, written)
    assert answer["Location"] == reverse("sessions:hidden")
    page = page_of(browser)
    assert "Nothing of the genre Film Noir is recommended to you any more." in page
    assert 'name="what" value="genre"' in page
    assert "Recommend the genre Film Noir again" in page
    again(browser, "genre", "film-noir")
    assert "Recommend the genre Film Noir again" not in page_of(browser)


def test_hiding_a_genre_twice_is_the_same_as_once(stranger: Client, noir: Genre) -> None:
    hide_genre(stranger, "film-noir")
    hide_genre(stranger, "film-noir")
    assert settings_in(stranger).hidden_genres == ("film-noir",)


def test_a_genre_is_hidden_from_its_own_page(stranger: Client, noir: Genre) -> None:
    answer = hide_genre(stranger, "film-noir", next="/genres/film-noir/")
    assert answer["Location"] == "/genres/film-noir/"
    assert hide_genre(stranger, "film-noir", next="https://evil.example/")["Location"] == "/hidden/"


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("", "Name the genre that you want to hide."),
        ("Film Noire", "There is no genre “Film Noire”. Did you mean Film Noir?"),
        ("xyz", "There is no genre “xyz”."),
    ],
)
def test_an_unknown_genre_is_told_next_to_the_field(
    stranger: Client, noir: Genre, written: str, sentence: str
) -> None:
    answer = hide_genre(stranger, written)
    assert answer.status_code == 400
    assert answer.context["form"].errors == {"genre": [sentence]}
    assert 'aria-invalid="true"' in answer.content.decode()
    assert COOKIE not in answer.cookies


def test_a_cookie_holds_sixty_genres_and_an_account_any_number(
    stranger: Client, ada: User, noir: Genre
) -> None:
    slugs = [f"genre-{number}" for number in range(MOST_HIDDEN_GENRES)]
    Genre.objects.bulk_create(Genre(name=slug, slug=slug) for slug in slugs)
    stranger.cookies[COOKIE] = as_cookie(Preferences(consent=False, hidden_genres=tuple(slugs)))
    answer = hide_genre(stranger, "film-noir")
    assert answer.status_code == 400
    assert "you can hide 60 genres" in answer.content.decode()
    assert len(stranger.cookies[COOKIE].value) < 4096
    stranger.post(reverse("sessions:sign_in"), {"username": "ada", "password": PASSWORD})
    hide_genre(stranger, "film-noir")
    assert Preference.objects.get(user=ada).hidden_genres.count() == MOST_HIDDEN_GENRES + 1


def test_the_page_of_a_genre_hides_it_or_brings_it_back(stranger: Client, rf: Any) -> None:
    from django.template.loader import render_to_string

    genre = {"slug": "film-noir", "name": "Film Noir"}
    for hidden, action in (((), "hide_genre"), (("film-noir",), "show_again")):
        request = rf.get("/genres/film-noir/")
        request.COOKIES[COOKIE] = as_cookie(Preferences(hidden_genres=hidden))
        request.session = {}
        form = render_to_string("sessions_app/_hide_genre.html", {"genre": genre}, request)
        assert reverse(f"sessions:{action}") in form


# --- Settings and privacy -------------------------------------------------------------------


def test_what_was_seen_is_included_and_left_out_again(browser: Client, ada: User) -> None:
    for answer, pressed in (("yes", "true"), ("no", "false")):
        browser.post(reverse("sessions:seen"), {"seen": answer})
        page = page_of(browser, "sessions:settings")
        assert f'aria-pressed="{pressed}">Include what I have opened' in page
    assert browser.post(reverse("sessions:seen"), {"seen": "perhaps"}).status_code == 400


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("hide_genre", {"genre": "film-noir"}),
        ("show_again", {"what": "genre", "id": "drama"}),
        ("seen", {"seen": "yes"}),
    ],
)
def test_nothing_is_kept_of_a_visitor_who_has_paused(
    stranger: Client, noir: Genre, name: str, form: dict[str, str]
) -> None:
    before = Preferences(consent=True, paused=True, hidden_genres=("drama",))
    stranger.cookies[COOKIE] = as_cookie(before)
    answer = stranger.post(reverse(f"sessions:{name}"), form, follow=True)
    assert "You have paused: nothing is kept until you go on." in answer.content.decode()
    assert settings_in(stranger) == before


def test_undoing_a_hidden_genre_keeps_nothing_while_paused(stranger: Client, db: None) -> None:
    before = Preferences(paused=True, hidden_genres=("drama",))
    stranger.cookies[COOKIE] = as_cookie(before)
    stranger.post(reverse("sessions:undo"), {"what": "genre", "id": "drama"})
    assert settings_in(stranger) == before


@pytest.mark.parametrize(
    ("preferences", "sentences"),
    [
        (Preferences(), ["You have not been asked yet", "Pause now"]),
        (Preferences(consent=False), ["You have said no", "Pause now"]),
        (Preferences(consent=True), ["You have said yes: they are stored on this site"]),
        (Preferences(consent=True, paused=True), ["You have paused", "Go on"]),
    ],
)
def test_the_privacy_page_says_where_the_visitor_stands(
    stranger: Client, db: None, preferences: Preferences, sentences: list[str]
) -> None:
    stranger.cookies[COOKIE] = as_cookie(preferences)
    page = page_of(stranger, "sessions:privacy")
    for sentence in sentences:
        assert sentence in page


def test_every_cookie_that_a_browser_is_given_is_explained(
    visitor: Client, stranger: Client, dune: Item
) -> None:
    for client in (visitor, stranger):
        client.get(dune.get_absolute_url())
        hide(client, dune)
        client.post(reverse("sessions:seen"), {"seen": "yes"})
        client.post(reverse("theme"), {"theme": "dark"})
        client.post(reverse("sessions:pause"), {"paused": "yes"})
        client.post(reverse("sessions:start_over"))
        client.get(reverse("sessions:privacy"))
    given = {name for client in (visitor, stranger) for name in client.cookies}
    assert len(given) >= 6
    assert given <= {cookie.name for cookie in cookies.cookies()}


def test_the_lives_of_cookies_are_those_that_are_set(settings: Any) -> None:
    settings.SESSION_COOKIE_AGE = 14 * 24 * 3600
    lives = {cookie.name: cookie.life for cookie in cookies.cookies()}
    assert lives["sessionid"] == "14 days"
    assert lives[preferences.COOKIE] == "1 year"
    assert lives["segue_undo"] == "2 minutes"
    assert lives["segue_visit"] == "until you close the browser"


@pytest.mark.parametrize("name", ["hidden", "settings", "privacy", "data", "forget"])
def test_the_pages_are_shown_and_write_nothing(browser: Client, db: None, name: str) -> None:
    before = SessionEvent.objects.count()
    page_of(browser, f"sessions:{name}")
    assert browser.post(reverse(f"sessions:{name}")).status_code in (400, 405)
    assert SessionEvent.objects.count() == before


@pytest.mark.parametrize("name", ["hide_genre", "show_again", "seen", "pause", "consent"])
def test_what_changes_something_is_a_form(visitor: Client, db: None, name: str) -> None:
    assert visitor.get(reverse(f"sessions:{name}")).status_code == 405


def test_the_pause_is_one_press_away_on_every_page(browser: Client, dune: Item) -> None:
    page = browser.get(dune.get_absolute_url()).content.decode()
    assert 'name="paused" value="yes"' in page
    browser.post(reverse("sessions:pause"), {"paused": "yes"})
    page = browser.get(dune.get_absolute_url()).content.decode()
    assert "Nothing you do is kept, anywhere." in page
    assert 'name="paused" value="no"' in page


def test_signing_in_while_paused_stays_paused(stranger: Client, ada: User) -> None:
    preferences.store(ada, Preferences(consent=True))
    stranger.cookies[COOKIE] = as_cookie(Preferences(paused=True))
    stranger.post(reverse("sessions:sign_in"), {"username": "ada", "password": PASSWORD})
    assert Preference.objects.get(user=ada).paused


def test_going_on_stores_what_was_remembered_before_a_yes(stranger: Client, dune: Item) -> None:
    stranger.get(dune.get_absolute_url())
    stranger.post(reverse("sessions:pause"), {"paused": "yes"})
    stranger.post(reverse("sessions:consent"), {"answer": "yes"})
    assert not SessionEvent.objects.exists()
    stranger.post(reverse("sessions:pause"), {"paused": "no"})
    assert [event.item for event in SessionEvent.objects.all()] == [dune]


def test_a_hidden_genre_beyond_the_room_raises(rf: Any, noir: Genre) -> None:
    request = rf.get("/")
    full = tuple(f"genre-{number}" for number in range(MOST_HIDDEN_GENRES))
    request.COOKIES[COOKIE] = as_cookie(Preferences(hidden_genres=full))
    with pytest.raises(hiding.TooManyGenresError):
        hiding.hide_genre(request, noir)
