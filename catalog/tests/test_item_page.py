"""An item's page: what it tells, what stands beside it, what it costs."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from catalog import item_page
from catalog.item_page import LONG, for_page, opening_of
from catalog.models import Alias, Creator, Credit, Item, Kind, Kinship, Relation, Role
from catalog.signals import item_page_opened
from catalog.sound import MEASURES
from catalog.tests.pages import text_of, titles_on
from catalog.tests.shelves import casablanca, make
from catalog.wording import dollars

pytestmark = pytest.mark.django_db

FULL: dict[str, Any] = dict.fromkeys(MEASURES, 0.5)


def page_of(client: Client, item: Item) -> str:
    return text_of(client, item.get_absolute_url())


def beside(page: str) -> list[str]:
    """Titles in "Joined to it" and in short lists."""
    return re.findall(r'class="kin__title">([^<]*)<', page)


def shown(page: str) -> set[str]:
    """The ids that fragments leave out."""
    found = re.search(r'id="shown" name="exclude" value="([^"]*)"', page)
    assert found is not None
    return set(filter(None, found[1].split(",")))


# --- Facts ----------------------------------------------------------------------------------


def test_an_item_page_tells_what_is_known(client: Client) -> None:
    film, song, book = casablanca()
    page = page_of(client, film)
    for known in (
        "Casablanca",
        "Michael Curtiz",
        "1942",
        "United States",
        "Everybody Comes",
        "85 of 100",
        "$878,000",
        "Two exit papers",
        "/genres/drama/",
        "?mood=romantic",
    ):
        assert known in page  # fmt: skip
    page = page_of(client, song)
    for known in ("Dooley Wilson", "3:06", "Energetic</th><td>20</td>"):
        assert known in page
    page = page_of(client, book)
    for known in ("4.00 of 5, from 12,345 ratings", "https://books.example/1", "nofollow"):
        assert known in page


def test_numbers_and_dates_follow_the_visitors_language(client: Client, settings: Any) -> None:
    settings.LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]
    film = make("movie", "M", release_date="1931-05-11", budget=1_500_000.0)
    german = client.get(film.get_absolute_url(), headers={"accept-language": "de"})
    assert "$1,5 million" in german.content.decode()
    assert "11. Mai 1931" in german.content.decode()
    english = page_of(client, film)
    assert "$1.5 million" in english
    assert "11 May 1931" in english


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (None, ""),
        (0.0, ""),
        (878_000.0, "$878,000"),
        (63_000_000.0, "$63 million"),
        (63_512_000.0, "$63.5 million"),
        (2_923_706_026.0, "$2.92 billion"),
    ],
)
def test_money_is_told_in_the_largest_unit_that_fits(amount: float | None, words: str) -> None:
    assert dollars(amount) == words


def test_an_item_with_next_to_nothing_known_has_a_page(client: Client) -> None:
    for kind in Kind:
        item = make(kind, f"Bare {kind}")
        page = page_of(client, item)
        assert "About it" not in page
        assert "Joined to it" not in page
        assert "Also by" not in page
        assert "None" not in page
        assert shown(page) == {item.item_id}


def test_other_names_of_a_work_are_told(client: Client) -> None:
    film, _, _ = casablanca()
    Alias.objects.create(item=film, name="Everybody Comes to Rick's")
    assert "Everybody Comes to Rick&#x27;s" in page_of(client, film)


def test_a_long_description_begins_whole_and_goes_on_when_asked(client: Client) -> None:
    sentence = "He waits for a letter that does not come. "
    film = make("movie", "Long", description=sentence * 40)
    page = page_of(client, film)
    opening, rest = opening_of(film.description)
    assert opening.endswith("does not come.")
    assert len(opening) <= LONG
    assert f"{opening} {rest}".split() == film.description.split()
    assert "Read on" in page
    assert "Read on" not in page_of(client, make("movie", "Short", description=sentence))


@pytest.mark.parametrize("text", ["", "One line.", "x" * 5_000, "word " * 170])
def test_no_text_is_lost_where_a_description_is_cut(text: str) -> None:
    assert "".join(" ".join(opening_of(text)).split()) == "".join(text.split())


# --- Joined to it ---------------------------------------------------------------------------


def test_a_kinship_reads_rightly_from_both_sides(client: Client) -> None:
    film, song, book = casablanca()
    Kinship.objects.create(derived=film, relation=Relation.BASED_ON, origin=book)
    page = page_of(client, film)
    assert "Music heard in it" in page
    assert "The book behind it" in page
    assert "Heard in this film" in page_of(client, song)
    assert "The film made from it" in page_of(client, book)


def test_a_work_that_is_joined_twice_stands_there_once(client: Client) -> None:
    film, song, _ = casablanca()
    Kinship.objects.create(derived=song, relation=Relation.COMPOSED_FOR, origin=film)
    assert beside(page_of(client, film)) == ["As Time Goes By"]


def test_the_fifth_kin_waits_behind_a_control(client: Client) -> None:
    film, _, _ = casablanca()
    for n in range(5):
        song = make("track", f"Song {n}")
        Kinship.objects.create(derived=song, relation=Relation.FEATURED_IN, origin=film)
    page = page_of(client, film)
    assert "2 more" in page
    assert len(beside(page)) == 6


# --- Also by --------------------------------------------------------------------------------


def also(page: str) -> list[str]:
    """The titles of the section."""
    _, _, section = page.partition('<section class="band by-creator"')
    section = section.partition("</section>")[0]
    return [*titles_on(section), *beside(section)]


def test_a_creators_other_works_are_there_across_the_kinds_best_known_first(
    client: Client,
) -> None:
    film = make("movie", "Solaris", by="Ada Quill")
    make("book", "Little known", by="Ada Quill", popularity=1.0)
    make("track", "Known", by="Ada Quill", popularity=50.0)
    make("movie", "Famous", by="Ada Quill", popularity=90.0)
    make("book", "Unknown", by="Ada Quill")
    make("book", "Somebody else's", by="Bo Other", popularity=99.0)
    page = page_of(client, film)
    assert "Also by Ada Quill" in page
    assert set(also(page)) == {"Famous", "Known", "Little known", "Unknown"}
    assert also(page)[-1] == "Unknown"
    assert '<a class="more" href="/people/ada-quill/">Everything by Ada Quill</a>' in page


def test_namesakes_of_two_spellings_are_one(client: Client) -> None:
    book = make("book", "The Stone", by="J. K. Quill")
    make("book", "The Chamber", by="J.K. Quill")
    assert also(page_of(client, book)) == ["The Chamber"]


def test_fewer_than_four_works_are_a_list_and_four_are_a_row(client: Client) -> None:
    book = make("book", "Book", by="Ada Quill")
    for n in range(3):
        make("book", f"Other {n}", by="Ada Quill")
    assert "by-creator__few" in page_of(client, book)
    make("book", "Other 3", by="Ada Quill")
    page = page_of(client, book)
    assert "by-creator__few" not in page
    assert len(also(page)) == 4


def test_a_creators_small_kind_keeps_a_place_beside_many_famous_tracks(client: Client) -> None:
    track = make("track", "Song", by="Ada Quill", popularity=99.0)
    for n in range(20):
        make("track", f"Song {n}", by="Ada Quill", popularity=90.0)
    make("book", "Memoir", by="Ada Quill")
    titles = also(page_of(client, track))
    assert len(titles) == 12
    assert "Memoir" in titles


@pytest.mark.parametrize(("works", "cards"), [(4, 4), (5, 5), (7, 6), (9, 8), (14, 12)])
def test_a_row_has_as_many_works_as_fill_its_lines(client: Client, works: int, cards: int) -> None:
    book = make("book", "Book", by="Ada Quill")
    for n in range(works):
        make("book", f"Other {n}", by="Ada Quill")
    page = page_of(client, book)
    assert len(also(page)) == cards
    assert ("shelf--eight" in page) == (cards == 8)


def test_who_made_nothing_else_has_no_section(client: Client) -> None:
    film, _, _ = casablanca()
    assert also(page_of(client, film)) == []
    assert "Also by" not in page_of(client, film)


def test_actors_are_with_a_film_and_not_its_makers(client: Client) -> None:
    star = Creator.objects.create(name="Ada Quill")
    films = [make("movie", f"Film {n}") for n in range(2)]
    for film in films:
        Credit.objects.create(item=film, creator=star, role=Role.ACTOR)
    page = page_of(client, films[0])
    assert "Also with Ada Quill" in page
    assert "Everything with Ada Quill" in page


def test_a_title_has_one_place_on_the_page_and_is_left_out_of_what_is_fetched(
    client: Client,
) -> None:
    book = make("book", "Book", by="Ada Quill", item_id="Book_a")
    film = make("movie", "Film of it", by="Ada Quill", item_id="Movie_a")
    make("book", "Another", by="Ada Quill", item_id="Book_b")
    Kinship.objects.create(derived=film, relation=Relation.BASED_ON, origin=book)
    page = page_of(client, book)
    assert also(page) == ["Another"]
    assert beside(page) == ["Film of it", "Another"]
    assert shown(page) == {"Book_a", "Movie_a", "Book_b"}


# --- What it asks for, and what it tells ----------------------------------------------------


def test_an_item_page_asks_for_picks_and_its_likes(client: Client) -> None:
    film, _, _ = casablanca()
    page = page_of(client, film)
    assert f'hx-get="{reverse("recommender:picks")}"' in page
    similar = reverse("recommender:similar", args=[film.item_id])
    assert f'hx-get="{similar}?kind=movie"' in page
    # The likes follow the picks, which follow the trail and what is hidden.
    assert 'hx-trigger="htmx:afterRequest target:#picks from:#picks"' in page
    assert "trail-changed from:body, hidden-changed from:body" in page
    assert f'data-dwell-url="{reverse("sessions:dwell")}"' in page
    assert re.search(r'data-csrf="\w{20,}"', page)


def test_the_view_is_told_before_the_page_is_made(client: Client) -> None:
    film, _, _ = casablanca()

    def note(*, request: Any, item: Item, **_: Any) -> None:
        request.view_id = f"view-of-{item.item_id}"

    # Connected last, so that it has the last word over the app that records views.
    item_page_opened.connect(note, weak=False, dispatch_uid="test")
    try:
        page = page_of(client, film)
    finally:
        item_page_opened.disconnect(dispatch_uid="test")
    assert 'data-view-id="view-of-Movie_casablanca"' in page


def test_a_receiver_that_fails_does_not_take_the_page_with_it(client: Client) -> None:
    film, _, _ = casablanca()

    def fail(**_: Any) -> None:
        raise RuntimeError("no log today")

    item_page_opened.connect(fail, weak=False, dispatch_uid="test")
    try:
        assert "Casablanca" in page_of(client, film)
    finally:
        item_page_opened.disconnect(dispatch_uid="test")


def test_the_page_costs_the_same_however_much_there_is(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    track = make("track", "Song", by="Ada Quill", genres=("Ambient", "Drone"), **FULL)
    for n in range(15):
        other = make("book", f"Book {n}", by="Ada Quill", genres=("Classics",))
        Alias.objects.create(item=track, name=f"Song {n}")
        film = make("movie", f"Film {n}", by=f"Maker {n}", genres=("Drama",))
        Kinship.objects.create(derived=track, relation=Relation.FEATURED_IN, origin=film)
        Kinship.objects.create(derived=other, relation=Relation.INSPIRED_BY, origin=track)
    page_of(client, track)
    with django_assert_max_num_queries(10):
        read = for_page(track.item_id)
        assert read is not None
        item_page.page_of(read)
    with django_assert_max_num_queries(17):
        page_of(client, track)
