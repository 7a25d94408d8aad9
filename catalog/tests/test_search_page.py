"""The search page, its suggestions, and the search of the API."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from catalog.signals import title_searched
from catalog.tests.pages import text_of, titles_on
from catalog.tests.shelves import casablanca, make

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """Every query that the layers above were told of."""
    queries: list[str] = []

    def hear(**told: Any) -> None:
        queries.append(told["query"])

    title_searched.connect(hear, weak=False, dispatch_uid="test")
    yield queries
    title_searched.disconnect(dispatch_uid="test")


# --- The page -------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["letranger", "L'ÉTRANGER", "l’etranger", " étranger  "])
def test_accents_case_and_apostrophes_do_not_matter(client: Client, query: str) -> None:
    casablanca()
    assert titles_on(text_of(client, f"/search/?q={query}")) == ["L&#x27;Étranger"]


def test_titles_stand_by_kind_the_kind_of_the_best_first(client: Client) -> None:
    make("movie", "Love Story")
    make("book", "Love")
    page = text_of(client, "/search/?q=love")
    assert page.index('id="found-book"') < page.index('id="found-movie"')
    assert 'id="found-track"' not in page


def test_a_misspelt_title_is_offered_as_a_link(client: Client) -> None:
    casablanca()
    page = text_of(client, "/search/?q=casablnca")
    assert 'Did you mean <a href="/search/?q=Casablanca">Casablanca</a>?' in page
    assert titles_on(page) == ["Casablanca"]
    assert "Did you mean" not in text_of(client, "/search/?q=Casablanca")


@pytest.mark.parametrize("query", ["xyzzyqwv", "???", "七人の侍"])
def test_a_search_that_finds_nothing_is_no_dead_end(client: Client, query: str) -> None:
    casablanca()
    page = text_of(client, f"/search/?q={query}")
    assert "Something else to open" in page
    assert len(titles_on(page)) == 3
    assert reverse("catalog:browse", args=["movie"]) in page


def test_people_lead_to_their_page_and_their_works_are_shown(client: Client) -> None:
    make("track", "Army of Me", by="Björk")
    page = text_of(client, "/search/?q=bjork")
    assert f'href="{reverse("catalog:person", args=["bjork"])}"' in page
    assert "By Björk" in page
    assert titles_on(page) == ["Army of Me"]


def test_a_misspelt_person_is_offered_too(client: Client) -> None:
    make("track", "Army of Me", by="Björk")
    page = text_of(client, "/search/?q=bjorck")
    assert 'Did you mean <a href="/search/?q=Bj%C3%B6rk">Björk</a>?' in page
    assert titles_on(page) == ["Army of Me"]


@pytest.mark.parametrize("query", ["", "   ", "%00"])
def test_an_empty_search_asks_for_a_title_and_is_not_told(
    client: Client, heard: list[str], query: str
) -> None:
    assert "Type a title" in text_of(client, f"/search/?q={query}")
    assert heard == []


def test_a_search_is_told_to_the_layers_above(client: Client, heard: list[str]) -> None:
    client.get("/search/", {"q": "  blade   runner"})
    assert heard == ["blade runner"]


def test_a_query_is_shown_as_text(client: Client) -> None:
    for url in ("/search/", "/search/suggest/"):
        page = client.get(url, {"q": "<b>x</b>"}).content.decode()
        assert "<b>x</b>" not in page
        assert "&lt;b&gt;x&lt;/b&gt;" in page


def test_a_search_page_costs_the_same_at_any_length(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for kind in ("movie", "track", "book"):
        for n in range(20):
            make(kind, f"Love {n}", by=f"Lover {n}", genres=("Drama",))
    client.get("/search/", {"q": "warm"})
    with django_assert_max_num_queries(14):
        page = text_of(client, "/search/?q=love")
    assert len(titles_on(page)) == 36


# --- Suggestions ----------------------------------------------------------------------------


def test_suggestions_are_options_in_groups_with_names_of_their_own(client: Client) -> None:
    film, _, _ = casablanca()
    make("book", "Casanova", by="Casa Bella", year=1998)
    page = text_of(client, "/search/suggest/?q=casa")
    ids = re.findall(r'role="option" id="([^"]+)"', page)
    assert ids == ["suggest-people-1", "suggest-movie-1", "suggest-book-1", "suggest-all"]
    for group in ("movie", "book", "people"):
        assert f'role="group" aria-labelledby="suggest-{group}"' in page
        assert f'id="suggest-{group}"' in page
    assert f'href="{film.get_absolute_url()}"' in page
    assert "Michael Curtiz, 1942" in page
    assert 'href="/search/?q=casa"' in page


def test_suggestions_survive_mistakes(client: Client) -> None:
    casablanca()
    assert "Casablanca" in text_of(client, "/search/suggest/?q=cassabl")


def test_typing_is_no_search(client: Client, heard: list[str]) -> None:
    casablanca()
    client.get("/search/suggest/", {"q": "casa"})
    assert heard == []
    assert client.cookies == {}


def test_without_a_query_there_is_nothing_to_suggest(client: Client) -> None:
    assert client.get("/search/suggest/", {"q": "  "}).status_code == 204


def test_where_nothing_is_like_it_the_suggestions_say_so(client: Client) -> None:
    casablanca()
    assert "Nothing is called “xyzzyqwv”" in text_of(client, "/search/suggest/?q=xyzzyqwv")


def test_suggestions_are_only_read(client: Client) -> None:
    assert client.post("/search/suggest/", {"q": "x"}).status_code == 405


def test_every_page_has_the_box_with_its_list(client: Client) -> None:
    casablanca()
    page = text_of(client, "/")
    assert f'data-suggest="{reverse("catalog:suggest")}"' in page
    assert re.search(r'<div class="suggest" id="suggest" role="listbox"[^>]* hidden>', page)


# --- The API --------------------------------------------------------------------------------


def test_the_api_lists_matches_the_best_first_over_several_pages(client: Client) -> None:
    make("book", "Of Love")
    make("book", "Love Story", popularity=9)
    make("book", "Love Letters", popularity=90)
    make("book", "Love")
    make("track", "Army", by="Nobody Else")
    found, url = [], "/api/v1/items/?q=love&page_size=2"
    while url:
        body = client.get(url).json()
        found += [item["title"] for item in body["results"]]
        url = body["next"]
    assert found == ["Love", "Love Letters", "Love Story", "Of Love"]


def test_the_api_finds_what_is_misspelt_and_works_of_people(client: Client) -> None:
    make("track", "Army of Me", by="Björk")
    make("track", "Army of Ants", by="Somebody")
    for query, found in (("armi of mee", "Army of Me"), ("bjork", "Army of Me")):
        body = client.get("/api/v1/items/", {"q": query}).json()
        assert body["results"][0]["title"] == found


def test_the_api_combines_a_search_with_filters(client: Client) -> None:
    make("book", "Dune")
    make("movie", "Dune")
    body = client.get("/api/v1/items/?q=dune&kind=movie").json()
    assert [item["kind"] for item in body["results"]] == ["movie"]
