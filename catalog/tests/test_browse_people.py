"""A person's page, and a genre's: across the kinds, under every spelling."""

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog import people
from catalog.models import Creator, Credit, Item, Role
from catalog.tests.pages import text_of, titles_on
from catalog.tests.shelves import casablanca, make

pytestmark = pytest.mark.django_db


def credit(item: Item, name: str, role: Role) -> Creator:
    creator, _ = Creator.objects.get_or_create(name=name)
    Credit.objects.create(item=item, creator=creator, role=role)
    return creator


def headings(page: str) -> list[str]:
    works = page.split("band__head", 1)[1].split("</main>", 1)[0]
    return re.findall(r"<h[23][^>]*>\s*([^<]+?)\s*<", works)


def test_who_wrote_the_book_and_acted_in_the_film_is_one_page(client: Client) -> None:
    book = make("book", "It", by="Stephen King", genres=("Horror",), moods=["dark"])
    film = make("movie", "Thinner", genres=("Horror",), by="Tom Holland")
    credit(film, "Stephen King", Role.ACTOR)
    for item in (book, film):
        assert 'href="/people/stephen-king/"' in text_of(client, item.get_absolute_url())
    page = text_of(client, "/people/stephen-king/")
    assert "2 works: 1 movie, 1 book" in page
    assert titles_on(page) == ["Thinner", "It"]
    assert headings(page) == ["Movies", "Acted in", "Books", "Wrote"]
    assert 'href="/genres/horror/"' in page


def test_spellings_are_one_page_and_told(client: Client) -> None:
    make("book", "One", by="J.K. Rowling")
    make("book", "Two", by="J.K. Rowling")
    make("book", "Three", by="J. K. Rowling")
    page = text_of(client, "/people/j-k-rowling/")
    assert set(titles_on(page)) == {"One", "Two", "Three"}
    assert "<h1>J.K. Rowling</h1>" in page
    assert "Also written J. K. Rowling" in page


def test_a_person_with_two_roles_in_a_work_has_it_under_both(client: Client) -> None:
    film = make("movie", "Playtime", by="Jacques Tati")
    credit(film, "Jacques Tati", Role.ACTOR)
    page = text_of(client, "/people/jacques-tati/")
    assert headings(page) == ["Movies", "Directed", "Acted in"]
    assert titles_on(page) == ["Playtime", "Playtime"]
    assert ">1 work<" in page


def test_works_are_best_known_first_or_newest_first(client: Client) -> None:
    for title, year, popularity in (("A", 1990, 10.0), ("B", 2000, 90.0), ("C", 2010, 50.0)):
        make("movie", title, by="Jane Campion", year=year, popularity=popularity)
    make("movie", "D", by="Jane Campion")
    assert titles_on(text_of(client, "/people/jane-campion/")) == ["B", "C", "A", "D"]
    assert titles_on(text_of(client, "/people/jane-campion/?sort=new")) == ["C", "B", "A", "D"]
    assert titles_on(text_of(client, "/people/jane-campion/?sort=%00")) == ["B", "C", "A", "D"]


def test_a_long_life_is_cut_and_the_rest_is_in_browsing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "SHOWN", 2)
    for n in range(5):
        make("movie", f"M{n}", by="Ida Lupino")
    page = text_of(client, "/people/ida-lupino/")
    assert len(titles_on(page)) == 2
    assert "5, the first 2" in page
    (url,) = re.findall(r'href="([^"]*)">Browse all 5', page)
    assert len(titles_on(text_of(client, url))) == 5


def test_those_who_often_work_together_are_named(client: Client) -> None:
    for n in range(2):
        film = make("movie", f"M{n}", by="Akira Kurosawa")
        credit(film, "Toshiro Mifune", Role.ACTOR)
        credit(film, f"Extra {n}", Role.ACTOR)
    page = text_of(client, "/people/akira-kurosawa/")
    assert 'href="/people/toshiro-mifune/"' in page
    assert "/people/extra-0/" not in page


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Björk", "bjork"),
        ("Сергей Зыков", "сергеи-зыков"),
        ("周杰倫", "周杰倫"),
        ("AC/DC", "ac-dc"),
        ("Guns N' Roses", "guns-n-roses"),
    ],
)
def test_names_of_all_kinds_have_an_address(client: Client, name: str, slug: str) -> None:
    item = make("track", "Song", by=name)
    creator = Creator.objects.get()
    assert people.slug_of(creator) == slug
    page = text_of(client, item.get_absolute_url())
    (url,) = set(re.findall(r'href="(/people/[^"]*)"', page))
    assert titles_on(text_of(client, url)) == ["Song"]


@pytest.mark.parametrize("name", ["+/-", "!!!", "...", "♥"])
def test_a_name_that_cannot_stand_in_an_address_has_its_key_there(
    client: Client, name: str
) -> None:
    make("track", "Song", by=name)
    creator = Creator.objects.get()
    assert people.slug_of(creator) == f"~{creator.pk}"
    assert titles_on(text_of(client, f"/people/~{creator.pk}/")) == ["Song"]


def test_other_ways_to_write_an_address_lead_to_the_one(client: Client) -> None:
    make("track", "Song", by="Björk")
    creator = Creator.objects.get()
    for slug in ("Björk", "BJORK", f"~{creator.pk}"):
        response = client.get(f"/people/{slug}/")
        assert response.status_code == 301
        assert response["Location"] == "/people/bjork/"


@pytest.mark.parametrize(
    "slug", ["nobody", "~1", "~99999999999999999999999", "~x", "%00", "-", "~", "a" * 2000]
)
def test_nobody_has_no_page(client: Client, slug: str) -> None:
    response = client.get(f"/people/{slug}/")
    assert response.status_code == 404
    assert "There is nothing at this address" in response.content.decode()


def test_a_name_without_works_has_no_page(client: Client) -> None:
    Creator.objects.create(name="Nobody Yet")
    assert client.get("/people/nobody-yet/").status_code == 404


def test_a_persons_page_costs_the_same_at_any_length(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def fill(count: int) -> None:
        for n in range(count):
            film = make("movie", f"M{n}", by="Agnès Varda", genres=("Drama",))
            credit(film, f"Actor {n}", Role.ACTOR)
            make("book", f"B{n}", by="Agnès Varda")
        client.get("/people/agnes-varda/")

    fill(2)
    # The spellings, the revision; the cards with genres, creators and pictures.
    with django_assert_num_queries(5):
        client.get("/people/agnes-varda/")
    fill(30)
    with django_assert_num_queries(5):
        client.get("/people/agnes-varda/")


# --- Genres ------------------------------------------------------------------------------------


def test_a_genre_has_its_best_known_of_each_kind_and_what_goes_with_it(client: Client) -> None:
    make("movie", "Alien", genres=("Horror", "SciFi"), popularity=80.0, moods=["dark"], by="R. S.")
    make("movie", "It", genres=("Horror",), popularity=90.0, themes=["fear"], by="A. M.")
    make("book", "Dracula", genres=("Horror",), by="Bram Stoker")
    make("book", "Emma", genres=("Classics",), by="Jane Austen")
    page = text_of(client, "/genres/horror/")
    assert titles_on(page) == ["It", "Alien", "Dracula"]
    for link in (
        "/movies/?genre=horror",
        "/books/?genre=horror",
        "/browse/?genre=horror&amp;theme=fear",
        "/browse/?genre=horror&amp;mood=dark",
        "/people/bram-stoker/",
        "/genres/scifi/",
    ):
        assert f'href="{link}"' in page
    assert "jane-austen" not in page
    assert "/music/?genre" not in page


def test_a_genre_of_nothing_has_no_page(client: Client) -> None:
    make("movie", "Alien", genres=("Horror",)).genres.clear()
    for slug in ("horror", "no-such", "%00", "x" * 3000):
        assert client.get(f"/genres/{slug}/").status_code == 404


def test_the_list_of_genres_counts_each_by_kind(client: Client) -> None:
    casablanca()
    make("movie", "Jazz", genres=("Jazz", "Drama"))
    page = text_of(client, "/genres/")
    rows = re.findall(r'href="/genres/([^/]*)/">[^<]*</a> <span class="count">(\d+)<', page)
    assert rows == [
        ("drama", "2"), ("jazz", "1"), ("romance", "1"), ("jazz", "1"), ("classics", "1"),
    ]  # fmt: skip


@pytest.mark.parametrize(("url", "queries"), [("/genres/drama/", 4), ("/genres/", 1)])
def test_genre_pages_cost_the_same_at_any_length(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, url: str, queries: int
) -> None:
    def fill(count: int) -> None:
        for n in range(count):
            make("movie", f"M{n}", genres=("Drama", f"Genre{n}"), by=f"Director {n}")
        client.get(url)

    for count in (3, 30):
        fill(count)
        with django_assert_num_queries(queries):
            client.get(url)


@pytest.mark.parametrize(
    "url",
    ["/browse/", "/music/?energy_to=30", "/people/dooley-wilson/", "/genres/", "/genres/jazz/"],
)
def test_no_page_needs_inline_code_or_another_host(client: Client, url: str) -> None:
    casablanca()
    page = text_of(client, url)
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=", page)
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)
    assert not re.search(r'(?:src|srcset)="(?:https?:)?//', page)
