"""Browsing: what narrows the list, how it is ordered, what the address may hold, what it costs."""

import re
from urllib.parse import quote

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.tests.pages import text_of, titles_on
from catalog.tests.shelves import casablanca, make

pytestmark = pytest.mark.django_db


def ran() -> None:
    make(
        "movie", "Ran", genres=("Drama", "War"), year=1985, language="Japanese", country="JP",
        moods=["epic"], themes=["power"], by="Akira Kurosawa", score=81.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/browse/", {"Casablanca", "As Time Goes By", "L&#x27;Étranger", "Ran"}),
        ("/browse/?kind=track", {"As Time Goes By"}),
        ("/browse/?decade=1940", {"Casablanca", "As Time Goes By", "L&#x27;Étranger"}),
        ("/movies/", {"Casablanca", "Ran"}),
        ("/movies/?genre=drama", {"Casablanca", "Ran"}),
        ("/movies/?genre=war", {"Ran"}),
        ("/movies/?genre=drama&genre=war", {"Ran"}),
        ("/movies/?genre=romance&genre=war", set()),
        ("/movies/?mood=romantic", {"Casablanca"}),
        ("/movies/?mood=romantic&mood=bittersweet", {"Casablanca"}),
        ("/movies/?theme=power", {"Ran"}),
        ("/movies/?decade=1980", {"Ran"}),
        ("/movies/?decade=1980s", {"Ran"}),
        ("/movies/?language=Japanese", {"Ran"}),
        ("/movies/?country=United+States", {"Casablanca"}),
        ("/movies/?country=Japan", {"Ran"}),
        ("/movies/?country=JP", {"Ran"}),
        ("/movies/?creator=akira-kurosawa", {"Ran"}),
        ("/movies/?creator=Akira+Kurosawa", {"Ran"}),
        ("/movies/?rating=4.25", {"Casablanca"}),
        ("/browse/?rating=4", {"Casablanca", "L&#x27;Étranger", "Ran"}),
        ("/movies/?genre=war&decade=1940", set()),
        ("/movies/?genre=&mood=", {"Casablanca", "Ran"}),
    ],
)
def test_filters_narrow_the_list(client: Client, url: str, expected: set[str]) -> None:
    casablanca()
    ran()
    assert set(titles_on(text_of(client, url))) == expected


def test_a_mood_is_matched_whole(client: Client) -> None:
    make("movie", "A", moods=["warm"])
    make("movie", "B", moods=["warmer"])
    assert titles_on(text_of(client, "/movies/?mood=warm")) == ["A"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("tempo_to=90", {"Slow"}),
        ("tempo_from=90", {"Slow", "Fast"}),  # both ends count
        ("tempo_from=91&tempo_to=200", {"Fast"}),
        ("energy_from=70", {"Fast"}),
        ("energy_from=30&energy_to=30", {"Slow"}),
        ("valence_to=10", {"Slow"}),
        ("danceability_from=0", {"Slow", "Fast"}),
        ("tempo_to=90&energy_from=70", set()),
    ],
)
def test_tracks_are_narrowed_by_their_sound(client: Client, query: str, expected: set[str]) -> None:
    make("track", "Slow", tempo=90.0, energy=0.3, valence=0.1, danceability=0.2)
    make("track", "Fast", tempo=150.0, energy=0.7, valence=0.8, danceability=0.9)
    make("track", "Unmeasured")
    make("book", "Silent")
    assert set(titles_on(text_of(client, f"/music/?{query}"))) == expected
    assert set(titles_on(text_of(client, f"/browse/?{query}"))) == expected


def test_a_named_sound_sets_its_spans_and_is_given_up_by_the_same_link(client: Client) -> None:
    make("track", "Lullaby", tempo=70.0, energy=0.1, valence=0.5)
    make("track", "Anthem", tempo=128.0, energy=0.9, valence=0.9, danceability=0.8)
    page = text_of(client, "/music/")
    (asleep,) = re.findall(r'href="([^"]*)"[^>]*>for falling asleep <span class="count">1<', page)
    assert asleep == "/music/?tempo_to=100&amp;energy_to=25"
    page = text_of(client, asleep.replace("&amp;", "&"))
    assert titles_on(page) == ["Lullaby"]
    assert 'href="/music/" aria-current="true">for falling asleep' in page
    assert "Tempo up to 100" in page


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("title", ["A", "B", "C"]),
        ("new", ["B", "A", "C"]),
        ("old", ["A", "B", "C"]),
        ("popular", ["B", "A", "C"]),
        ("rated", ["A", "C", "B"]),
        ("", ["B", "A", "C"]),
        ("by-magic", ["B", "A", "C"]),
    ],
)
def test_orders(client: Client, sort: str, expected: list[str]) -> None:
    make("book", "C", popularity=None, year=None, rating=3.0)
    make("book", "A", popularity=3, year=1900, rating=5.0)
    make("book", "B", popularity=90, year=2000)
    assert titles_on(text_of(client, f"/books/?sort={sort}")) == expected


def test_titles_are_in_one_order_whatever_the_database_thinks_of_letters(client: Client) -> None:
    for title in ("Zorba", "Émile", "emil", "Øst", "1984", "the end", "Apple"):
        make("book", title)
    assert titles_on(text_of(client, "/books/?sort=title")) == [
        "1984", "Apple", "emil", "Émile", "Øst", "the end", "Zorba",
    ]  # fmt: skip


def test_a_few_high_ratings_do_not_outdo_many(client: Client) -> None:
    make("book", "Loved by its author", rating=5.0, num_ratings=2)
    make("book", "Loved by all", rating=4.7, num_ratings=900_000)
    make("book", "Liked", rating=3.1, num_ratings=100_000)
    assert titles_on(text_of(client, "/books/?sort=rated"))[0] == "Loved by all"
    assert "Loved by its author" in titles_on(text_of(client, "/books/?rating=4.5"))


def test_a_film_whose_figures_were_filled_in_is_not_the_best_known(client: Client) -> None:
    for n in range(3):
        score = 100.0 if n == 0 else 40.0
        make("movie", f"Obscure {n}", score=score, popularity=score, revenue=1_569_324_000.5)
    make("movie", "Known", score=87.0, popularity=87.0, revenue=270_007_394.0)
    for order in ("popular", "rated"):
        assert titles_on(text_of(client, f"/movies/?sort={order}"))[:2] == ["Known", "Obscure 0"]


def test_popularity_is_no_order_where_no_source_tells_it(client: Client) -> None:
    make("book", "A", year=1900)
    make("book", "B", year=2000)
    page = text_of(client, "/books/")
    assert "Most popular" not in page
    assert "Best rated" not in page
    assert titles_on(page) == ["B", "A"]


def test_an_antique_decade_is_named_as_such(client: Client) -> None:
    make("book", "Antigone", year=-441)
    page = text_of(client, "/books/")
    assert "441–450 BC" in page
    assert "441 BC" in page
    assert titles_on(text_of(client, "/books/?decade=-450")) == ["Antigone"]


def test_only_three_kinds_can_be_browsed(client: Client) -> None:
    assert client.get("/games/").status_code == 404


def test_pages_are_only_read(client: Client) -> None:
    for url in ("/browse/", "/movies/", "/genres/", "/people/x/", "/genres/x/"):
        assert client.post(url).status_code == 405


# --- What the address may hold -----------------------------------------------------------------

HUGE = "9" * 5000


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("genre=no-such-genre", "Nothing here has the genre “no-such-genre”"),
        ("genre=%00", "Nothing here has the genre “”"),
        ("mood=a%00b", "Nothing here has the mood “a b”"),
        ("decade=sometime", "Nothing here has the decade “sometime”"),
        (f"decade={HUGE}", "Nothing here has the decade “9999"),
        ("language=Klingon", "Nothing here has the language “Klingon”"),
        ("country=%F0%9F%98%80", "Nothing here has the country “😀”"),
        ("creator=nobody", "Nothing here has the creator “nobody”"),
        ("rating=7", "Rating goes from 0 to 5, so “7” was left out."),
        ("rating=nan", "Rating goes from 0 to 5, so “nan” was left out."),
        ("rating=-1", "Rating goes from 0 to 5, so “-1” was left out."),
        (f"tempo_from={HUGE}", "Tempo goes from 0 to 250, so “9999"),
        ("tempo_from=1e400", "Tempo goes from 0 to 250, so “1e400” was left out."),
        ("energy_to=-inf", "Energy goes from 0 to 100, so “-inf” was left out."),
        ("valence_from=lots", "Cheer goes from 0 to 100, so “lots” was left out."),
        ("sort=by-magic", "There is no order “by-magic” here"),
        ("kind=game", "There is no kind “game” here"),
    ],
)
def test_what_is_of_no_use_is_left_out_with_a_word(client: Client, query: str, note: str) -> None:
    casablanca()
    page = text_of(client, f"/browse/?{query}")
    assert note in page
    assert len(titles_on(page)) == 3


def test_a_span_upside_down_is_turned_round(client: Client) -> None:
    make("track", "Mid", tempo=100.0)
    page = text_of(client, "/music/?tempo_from=120&tempo_to=80")
    assert titles_on(page) == ["Mid"]
    assert "turned round" in page
    assert "Tempo 80 to 120" in page


def test_a_heap_of_values_is_cut_short(client: Client) -> None:
    casablanca()
    query = "&".join(f"genre=g{n}" for n in range(500))
    assert text_of(client, f"/movies/?{query}").count("Nothing here has the genre") < 10


def test_what_somebody_wrote_is_shown_as_text(client: Client) -> None:
    casablanca()
    page = text_of(client, f"/movies/?genre={quote('<b>x</b>')}")
    assert "<b>x</b>" not in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page


def test_a_list_that_nothing_is_left_of_offers_the_ways_out(client: Client) -> None:
    casablanca()
    ran()
    page = text_of(client, "/movies/?genre=war&mood=romantic")
    assert "Nothing here goes with all of that" in page
    ways = re.findall(r'<li><a href="([^"]*)">([^<]*)</a>', page.split("ways-out")[1])
    assert ways == [
        ("/movies/?mood=romantic", "Without “War”"),
        ("/movies/?genre=war", "Without “Romantic”"),
        ("/movies/", "All movies"),
    ]


def test_an_empty_catalogue_says_so(client: Client) -> None:
    for url in ("/browse/", "/movies/?genre=drama", "/genres/"):
        assert "still empty" in text_of(client, url)


def test_each_active_filter_can_be_taken_away_alone(client: Client) -> None:
    casablanca()
    ran()
    page = text_of(client, "/movies/?genre=drama&genre=war&decade=1980&rating=4&sort=title&after=x")
    links = re.findall(r'class="chip chip--on" href="([^"]*)">([^<]*) <', page)
    assert links == [
        ("/movies/?genre=war&amp;decade=1980&amp;rating=4&amp;sort=title", "Drama"),
        ("/movies/?genre=drama&amp;decade=1980&amp;rating=4&amp;sort=title", "War"),
        ("/movies/?genre=drama&amp;genre=war&amp;rating=4&amp;sort=title", "1980s"),
        ("/movies/?genre=drama&amp;genre=war&amp;decade=1980&amp;sort=title", "Rated 4 and up"),
    ]


def test_the_kinds_keep_the_filters(client: Client) -> None:
    casablanca()
    page = text_of(client, "/movies/?decade=1940")
    for path in ("/browse/", "/movies/", "/music/", "/books/"):
        assert f'href="{path}?decade=1940"' in page


# --- What it costs -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    ["/browse/", "/movies/?genre=drama&decade=1950&sort=title", "/browse/?creator=director-1"],
)
def test_a_list_costs_the_same_number_of_queries_at_any_length(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, url: str
) -> None:
    def fill(count: int) -> None:
        for n in range(count):
            make("movie", f"M{n}", by=f"Director {n}", genres=("Drama",), year=1950 + n)
        client.get(url)  # the columns of the new revision

    fill(3)
    # The revision; the cards with genres, creators and pictures.
    with django_assert_num_queries(4):
        client.get(url)
    fill(40)
    with django_assert_num_queries(4):
        client.get(url)


def test_reading_the_columns_costs_the_same_number_of_queries_at_any_size(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    from catalog.columns_reading import read_columns

    with django_assert_num_queries(8):
        assert len(read_columns()) == 0
    casablanca()
    ran()
    with django_assert_num_queries(8):
        assert len(read_columns()) == 4
