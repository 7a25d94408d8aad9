"""The catalogue's pages: what they show, what they tell the layers above, what they cost."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from catalog import daily, search, views
from catalog.models import Item, Kind, Kinship, Relation
from catalog.signals import item_page_opened, title_searched
from catalog.tests.shelves import casablanca, make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered(settings: Settings) -> Iterator[None]:
    # Ids start again in every test: what was kept for one catalogue would be taken for another.
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    cache.clear()
    search._creator_names.cache_clear()
    search._spellings.cache_clear()
    yield
    cache.clear()


def text_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, url
    return response.content.decode()


def titles_on(page: str) -> list[str]:
    return re.findall(r'class="card__title">([^<]*)<', page)


# --- Front page -----------------------------------------------------------------------------


def test_the_front_page_has_a_shelf_for_each_kind_and_asks_for_picks(client: Client) -> None:
    casablanca()
    page = text_of(client, "/")
    for kind in Kind:
        assert f'id="shelf-{kind}"' in page
    assert f'hx-get="{reverse("recommender:picks")}"' in page
    assert "trail-changed from:body" in page


def test_the_front_page_of_an_empty_catalogue_says_so(client: Client) -> None:
    assert "still empty" in text_of(client, "/")


def test_a_shelf_stays_for_a_day_and_changes_overnight() -> None:
    for n in range(60):
        make("book", f"Book {n:02}")

    def shelf(day: int) -> list[int]:
        return [item.pk for item in daily.shelves(date(2026, 5, day))[0].items]

    monday = shelf(4)
    cache.clear()
    assert shelf(4) == monday
    assert shelf(5) != monday
    assert monday != sorted(monday)


def test_a_shelf_is_mixed_where_the_catalogue_is() -> None:
    for n in range(40):
        make("movie", f"Drama {n}", genres=("Drama",))
    others = ("Horror", "Comedy", "War", "Western", "Romance", "Fantasy")
    for genre in others:
        for n in range(6):
            make("movie", f"{genre} {n}", genres=(genre,))
    (shelf,) = daily.shelves(date(2026, 5, 4))
    genres = [item.genres.all()[0].name for item in shelf.items]
    assert len(genres) == daily.SHELF
    assert len(set(genres)) >= 5


def test_moods_lead_to_kinds_that_have_them(client: Client) -> None:
    make("movie", "A", moods=["eerie"])
    make("book", "B", moods=["eerie"])
    page = text_of(client, "/")
    assert "/movies/?mood=eerie" in page
    assert "/books/?mood=eerie" in page
    assert "/music/?mood=eerie" not in page
    assert titles_on(text_of(client, "/books/?mood=eerie")) == ["B"]


def test_the_front_page_costs_the_same_at_any_length(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for kind in Kind:
        for n in range(15):
            make(kind, f"{kind} {n}", by=f"Maker {n}", genres=("Drama",), moods=["warm"])
    client.get("/")
    with django_assert_max_num_queries(12):
        client.get("/")


# --- Browse ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/movies/", {"Casablanca", "Ran"}),
        ("/movies/?genre=drama", {"Casablanca", "Ran"}),
        ("/movies/?genre=war", {"Ran"}),
        ("/movies/?mood=romantic", {"Casablanca"}),
        ("/movies/?decade=1980", {"Ran"}),
        ("/movies/?language=Japanese", {"Ran"}),
        ("/movies/?country=United+States", {"Casablanca"}),
        ("/movies/?genre=war&decade=1940", set()),
        ("/movies/?genre=no-such-genre", set()),
        ("/movies/?decade=sometime", set()),
        ("/movies/?sort=by-magic", {"Casablanca", "Ran"}),
        ("/movies/?genre=&mood=", {"Casablanca", "Ran"}),
    ],
)
def test_filters_narrow_the_list(client: Client, url: str, expected: set[str]) -> None:
    casablanca()
    make("movie", "Ran", genres=("Drama", "War"), year=1985, language="Japanese", moods=["epic"])
    assert set(titles_on(text_of(client, url))) == expected


def test_a_mood_is_matched_whole(client: Client) -> None:
    make("movie", "A", moods=["warm"])
    make("movie", "B", moods=["warmer"])
    assert titles_on(text_of(client, "/movies/?mood=warm")) == ["A"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [("title", ["A", "B", "C"]), ("new", ["B", "A", "C"]), ("old", ["A", "B", "C"]),
     ("popular", ["B", "A", "C"]), ("", ["B", "A", "C"])],
)  # fmt: skip
def test_orders(client: Client, sort: str, expected: list[str]) -> None:
    make("book", "C", popularity=None, year=None)
    make("book", "A", popularity=3, year=1900)
    make("book", "B", popularity=90, year=2000)
    assert titles_on(text_of(client, f"/books/?sort={sort}")) == expected


def test_popularity_is_no_order_where_no_source_tells_it(client: Client) -> None:
    make("book", "A", year=1900)
    make("book", "B", year=2000)
    page = text_of(client, "/books/")
    assert "Most popular" not in page
    assert titles_on(page) == ["B", "A"]


def test_each_active_filter_can_be_taken_away_alone(client: Client) -> None:
    casablanca()
    page = text_of(client, "/movies/?genre=drama&decade=1940&sort=title&page=1")
    links = re.findall(r'class="chip chip--on" href="([^"]*)"', page)
    assert links == ["/movies/?decade=1940&amp;sort=title", "/movies/?genre=drama&amp;sort=title"]


def test_pages_keep_the_filters(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "PAGE_SIZE", 2)
    for n in range(5):
        make("book", f"B{n}", genres=("Essays",))
    make("book", "Other")
    page = text_of(client, "/books/?genre=essays&sort=title&page=2")
    assert titles_on(page) == ["B2", "B3"]
    assert "5 titles, page 2 of 3" in page
    assert 'href="?genre=essays&amp;sort=title&amp;page=3"' in page


@pytest.mark.parametrize("number", ["0", "-1", "99", "one"])
def test_a_page_that_is_not_there_shows_the_nearest(client: Client, number: str) -> None:
    casablanca()
    assert titles_on(text_of(client, f"/books/?page={number}")) == ["L&#x27;Étranger"]


def test_a_search_that_leaves_nothing_offers_the_way_back(client: Client) -> None:
    casablanca()
    page = text_of(client, "/movies/?genre=drama&language=Klingon")
    assert "Nothing here goes with all of that" in page


def test_a_list_costs_the_same_number_of_queries_at_any_length(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def fill(count: int) -> None:
        for n in range(count):
            make("movie", f"M{n}", by=f"Director {n}", genres=("Drama",), year=1950 + n)
        client.get("/movies/")  # the facets of the new generation

    fill(3)
    with django_assert_num_queries(5):
        client.get("/movies/")
    fill(40)
    with django_assert_num_queries(5):
        client.get("/movies/")


def test_an_antique_decade_is_named_as_such(client: Client) -> None:
    make("book", "Antigone", year=-441)
    page = text_of(client, "/books/")
    assert "441–450 BC" in page
    assert "441 BC" in page
    assert titles_on(text_of(client, "/books/?decade=-450")) == ["Antigone"]


def test_only_three_kinds_can_be_browsed(client: Client) -> None:
    assert client.get("/games/").status_code == 404


# --- Search ---------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["letranger", "L'ÉTRANGER", "l’etranger", " étranger  "])
def test_accents_case_and_apostrophes_do_not_matter(client: Client, query: str) -> None:
    casablanca()
    assert titles_on(text_of(client, f"/search/?q={query}")) == ["L&#x27;Étranger"]


def test_the_exact_title_comes_first_then_prefixes_then_the_rest() -> None:
    make("book", "Of Love")
    make("book", "Love Story", popularity=99)
    make("book", "Glovemaker")
    make("book", "Love")
    found = [item.title for item in search.search_titles("love")]
    assert found == ["Love", "Love Story", "Of Love", "Glovemaker"]


def test_every_word_has_to_be_in_the_title() -> None:
    make("movie", "Blade Runner")
    make("movie", "Blade")
    assert [item.title for item in search.search_titles("runner blade")] == ["Blade Runner"]


@pytest.mark.parametrize("query", ["casablnca", "cassa blanca", "cassablanca", "Casablanka"])
def test_a_misspelt_title_is_offered(client: Client, query: str) -> None:
    casablanca()
    page = text_of(client, f"/search/?q={query}")
    assert "Did you mean" in page
    assert titles_on(page)[0] == "Casablanca"


def test_a_search_that_finds_nothing_is_no_dead_end(client: Client) -> None:
    casablanca()
    for query in ("xyzzyqwv", "???", "七人の侍"):
        page = text_of(client, f"/search/?q={query}")
        assert len(titles_on(page)) == 3
        assert reverse("catalog:browse", args=["movie"]) in page


def test_people_are_found_too_without_accents(client: Client) -> None:
    make("track", "Army of Me", by="Björk")
    page = text_of(client, "/search/?q=bjork")
    assert "By people of that name" in page
    assert titles_on(page) == ["Army of Me"]


def test_a_work_named_like_its_maker_is_shown_once(client: Client) -> None:
    make("track", "Black Sabbath", by="Black Sabbath")
    assert titles_on(text_of(client, "/search/?q=black+sabbath")) == ["Black Sabbath"]


@pytest.mark.parametrize("query", ["", "   ", "%00"])
def test_an_empty_search_asks_for_a_title_and_is_not_told(client: Client, query: str) -> None:
    heard: list[Any] = []

    def hear(**told: Any) -> None:
        heard.append(told["query"])

    title_searched.connect(hear, weak=False, dispatch_uid="test")
    try:
        assert "Type a title" in text_of(client, f"/search/?q={query}")
    finally:
        title_searched.disconnect(dispatch_uid="test")
    assert heard == []


def test_a_search_is_told_to_the_layers_above(client: Client) -> None:
    heard: list[str] = []

    def hear(**told: Any) -> None:
        heard.append(told["query"])

    title_searched.connect(hear, weak=False, dispatch_uid="test")
    try:
        client.get("/search/", {"q": "  blade   runner"})
    finally:
        title_searched.disconnect(dispatch_uid="test")
    assert heard == ["blade runner"]


def test_a_query_is_shown_as_text(client: Client) -> None:
    page = client.get("/search/", {"q": "<b>x</b>"}).content.decode()
    assert "<b>x</b>" not in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page


# --- Item page ------------------------------------------------------------------------------


def test_an_item_page_tells_what_is_known(client: Client) -> None:
    film, song, book = casablanca()
    page = text_of(client, film.get_absolute_url())
    for known in (
        "Casablanca",
        "Michael Curtiz",
        "1942",
        "United States",
        "Everybody Comes",
        "85 of 100",
        "$878,000",
        "Two exit papers",
        "?genre=drama",
        "?mood=romantic",
    ):
        assert known in page  # fmt: skip
    page = text_of(client, song.get_absolute_url())
    for known in ("Dooley Wilson", "3:06", 'aria-label="Energetic: 20 of 100"'):
        assert known in page
    page = text_of(client, book.get_absolute_url())
    for known in ("4.00 of 5, from 12,345 ratings", "https://books.example/1", "nofollow"):
        assert known in page


def test_a_kinship_reads_rightly_from_both_sides(client: Client) -> None:
    film, song, book = casablanca()
    Kinship.objects.create(derived=film, relation=Relation.BASED_ON, origin=book)
    page = text_of(client, film.get_absolute_url())
    assert "Music heard in it" in page
    assert "The book behind it" in page
    assert "Heard in this film" in text_of(client, song.get_absolute_url())
    assert "The film made from it" in text_of(client, book.get_absolute_url())


def test_an_item_with_next_to_nothing_known_has_a_page(client: Client) -> None:
    for kind in Kind:
        page = text_of(client, make(kind, f"Bare {kind}").get_absolute_url())
        assert "About it" not in page
        assert "None" not in page


def test_an_item_page_asks_for_picks_and_its_likes(client: Client) -> None:
    film, _, _ = casablanca()
    page = text_of(client, film.get_absolute_url())
    assert f'hx-get="{reverse("recommender:picks")}"' in page
    assert f'hx-get="{reverse("recommender:similar", args=[film.item_id])}"' in page
    assert f'data-dwell-url="{reverse("sessions:dwell")}"' in page
    assert re.search(r'data-csrf="\w{20,}"', page)


def test_the_view_is_told_before_the_page_is_made(client: Client) -> None:
    film, _, _ = casablanca()

    def note(*, request: Any, item: Item, **_: Any) -> None:
        request.view_id = f"view-of-{item.item_id}"

    # Connected last, so that it has the last word over the app that records views.
    item_page_opened.connect(note, weak=False, dispatch_uid="test")
    try:
        page = text_of(client, film.get_absolute_url())
    finally:
        item_page_opened.disconnect(dispatch_uid="test")
    assert 'data-view-id="view-of-Movie_casablanca"' in page


def test_a_receiver_that_fails_does_not_take_the_page_with_it(client: Client) -> None:
    film, _, _ = casablanca()

    def fail(**_: Any) -> None:
        raise RuntimeError("no log today")

    item_page_opened.connect(fail, weak=False, dispatch_uid="test")
    try:
        assert "Casablanca" in text_of(client, film.get_absolute_url())
    finally:
        item_page_opened.disconnect(dispatch_uid="test")


def test_a_strange_id_is_not_found_with_a_way_back(client: Client) -> None:
    response = client.get("/items/Movie_nothing/")
    assert response.status_code == 404
    assert "There is nothing at this address" in response.content.decode()


@pytest.mark.parametrize("url", ["/", "/movies/", "/search/?q=x", "/items/Movie_casablanca/"])
def test_pages_are_only_read(client: Client, url: str) -> None:
    casablanca()
    assert client.post(url).status_code == 405


@pytest.mark.parametrize("url", ["/", "/movies/", "/search/?q=casa", "/items/Movie_casablanca/"])
def test_no_page_needs_inline_code_or_another_host(client: Client, url: str) -> None:
    casablanca()
    page = text_of(client, url)
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=", page)
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)
    assert not re.search(r'(?:src|srcset)="(?:https?:)?//', page)
    assert not re.search(r'<link[^>]+href="(?:https?:)?//', page)
