"""The colours a visitor chose: remembered, refused, and never a way out of the site."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from recsite import theme

pytestmark = pytest.mark.django_db


def choose(client: Client, chosen: str, **fields: str) -> tuple[int, str]:
    answer = client.post(reverse("theme"), {"theme": chosen, **fields})
    return answer.status_code, answer.headers.get("Location", "")


def page(client: Client) -> str:
    return client.get("/account/sign-in/").content.decode()


def html_tag(client: Client) -> str:
    found = re.search(r"<html[^>]*>", page(client))
    assert found
    return found[0]


def test_without_a_choice_the_system_decides(client: Client) -> None:
    assert "data-theme" not in html_tag(client)
    assert 'content="#070708" media="(prefers-color-scheme: dark)"' in page(client)
    assert 'content="#f6f6f7" media="(prefers-color-scheme: light)"' in page(client)


@pytest.mark.parametrize("chosen", [theme.DARK, theme.LIGHT])
def test_a_chosen_theme_is_in_the_page_as_the_server_sends_it(client: Client, chosen: str) -> None:
    assert choose(client, chosen) == (302, "/")

    assert f'data-theme="{chosen}"' in html_tag(client)
    frame = f'content="{theme.FRAME[chosen]}" media="all"'
    assert frame in page(client)
    assert page(client).count('media="not all"') == 1
    assert re.search(rf'value="{chosen}" aria-pressed="true"', page(client))
    assert page(client).count('aria-pressed="true"') == 1


def test_it_is_remembered_for_a_year(client: Client) -> None:
    choose(client, theme.LIGHT)

    cookie = client.cookies[theme.COOKIE]
    assert cookie["max-age"] == theme.A_YEAR
    assert cookie["samesite"] == "Lax"


def test_the_system_s_theme_again_takes_the_cookie_away(client: Client) -> None:
    choose(client, theme.LIGHT)
    choose(client, theme.SYSTEM)

    assert client.cookies[theme.COOKIE]["max-age"] == 0
    assert "data-theme" not in html_tag(client)


def test_choosing_the_system_s_theme_from_the_start_changes_nothing(client: Client) -> None:
    assert choose(client, theme.SYSTEM) == (302, "/")
    assert "data-theme" not in html_tag(client)


@pytest.mark.parametrize("bad", ["", "pink", "Dark", 'light"><script>'])
def test_another_value_is_refused(client: Client, bad: str) -> None:
    assert choose(client, bad) == (400, "")
    assert theme.COOKIE not in client.cookies


def test_a_cookie_of_somebody_s_making_is_not_believed(client: Client) -> None:
    client.cookies[theme.COOKIE] = "pink"
    assert "data-theme" not in html_tag(client)


def test_it_leads_back_to_the_page_it_was_chosen_on(client: Client) -> None:
    assert choose(client, theme.DARK, next="/books/?sort=title") == (302, "/books/?sort=title")


@pytest.mark.parametrize(
    "away", ["https://example.org/", "//example.org/", "javascript:alert(1)", r"\\example.org"]
)
def test_it_never_leads_to_another_site(client: Client, away: str) -> None:
    assert choose(client, theme.DARK, next=away) == (302, "/")


def test_it_is_changed_by_a_form_only(client: Client) -> None:
    assert client.get(reverse("theme")).status_code == 405


def test_looking_at_a_page_gives_nobody_a_cookie_for_it(client: Client) -> None:
    client.get("/books/")
    assert theme.COOKIE not in client.cookies


def test_an_error_page_has_the_theme_too(client: Client) -> None:
    choose(client, theme.LIGHT)
    answer = client.get("/nothing-here/")
    assert answer.status_code == 404
    assert 'data-theme="light"' in answer.content.decode()
