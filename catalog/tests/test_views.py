"""The catalogue's pages: what they show, what they tell the layers above, what they cost."""

import re
from datetime import date

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from catalog import daily
from catalog.models import Kind
from catalog.tests.pages import text_of, titles_on
from catalog.tests.shelves import casablanca, make

pytestmark = pytest.mark.django_db


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


# --- Every page ----------------------------------------------------------------------------


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
