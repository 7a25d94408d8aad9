"""The catalogue's API: list, search, filters, detail, errors in sentences."""

from typing import Any

import pytest
from django.test import Client

from catalog.models import Book, Creator, Credit, Genre, Item, Movie, Role, Track

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shelf() -> list[Item]:
    drama = Genre.objects.create(name="Drama", slug="drama")
    film = Movie.objects.create(
        item_id="Movie_a", kind="movie", title="Amélie", year=2001, language="French",
        country="France", score=79.0, moods=["warm"], themes=["love"],
        budget=10_000_000, source="test",
    )  # fmt: skip
    song = Track.objects.create(
        item_id="Music_a", kind="track", title="La Valse", year=2001, tempo=101.5, source="test"
    )
    book = Book.objects.create(
        item_id="Book_a", kind="book", title="Drama Queens", year=1990, rating=4.2, source="test"
    )
    film.genres.add(drama)
    person = Creator.objects.create(name="Jean-Pierre Jeunet")
    Credit.objects.create(item=film, creator=person, role=Role.DIRECTOR)
    return [film, song, book]


def titles(response: Any) -> list[str]:
    return [item["title"] for item in response.json()["results"]]


def test_the_list_holds_every_kind_in_order_of_title(client: Client) -> None:
    assert titles(client.get("/api/v1/items/")) == ["Amélie", "Drama Queens", "La Valse"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=amelie", ["Amélie"]),
        ("q=queens dra", ["Drama Queens"]),
        ("kind=track", ["La Valse"]),
        ("genre=drama", ["Amélie"]),
        ("creator=Jean-Pierre Jeunet", ["Amélie"]),
        ("year_from=1995&year_to=2005", ["Amélie", "La Valse"]),
        ("language=french", ["Amélie"]),
        ("mood=warm", ["Amélie"]),
        ("mood=war", []),
        ("theme=love", ["Amélie"]),
        ("rating_from=3.9", ["Amélie", "Drama Queens"]),
        ("rating_from=4", ["Drama Queens"]),
        ("q=nothing at all", []),
    ],
)
def test_items_are_searched_and_filtered(client: Client, query: str, found: list[str]) -> None:
    assert titles(client.get(f"/api/v1/items/?{query}")) == found


def test_pages_follow_a_cursor(client: Client) -> None:
    first = client.get("/api/v1/items/?page_size=2")
    assert titles(first) == ["Amélie", "Drama Queens"]

    assert titles(client.get(first.json()["next"])) == ["La Valse"]


def test_one_item_comes_with_its_kinds_own_columns(client: Client) -> None:
    body = client.get("/api/v1/items/Movie_a/").json()

    assert body["creators"] == [{"name": "Jean-Pierre Jeunet", "role": "director"}]
    assert body["genres"] == ["Drama"]
    assert body["details"]["score"] == 79.0
    assert body["details"]["budget"] == 10_000_000
    assert body["page"] == "/items/Movie_a/"
    assert client.get("/api/v1/items/Music_a/").json()["details"]["tempo"] == 101.5
    assert client.get("/api/v1/items/Book_a/").json()["details"]["rating"] == 4.2


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("Movie_404/", 404, "No item has the id 'Movie_404'."),
        (
            "?kind=game",
            400,
            "kind: Select a valid choice. game is not one of the available choices.",
        ),
        ("?year_from=old", 400, "year_from: Enter a number."),
        ("?cursor=nonsense", 404, "Invalid cursor"),
    ],
)
def test_errors_are_sentences(client: Client, path: str, status: int, sentence: str) -> None:
    response = client.get(f"/api/v1/items/{path}")

    assert response.status_code == status
    assert response.json()["detail"] == sentence


def test_nothing_can_be_written(client: Client) -> None:
    response = client.post("/api/v1/items/", {}, content_type="application/json")

    assert response.status_code == 405
    assert response.json()["detail"] == 'Method "POST" not allowed.'


def test_a_list_takes_the_same_queries_whatever_its_length(
    client: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(3):  # items, genres, credits with creators
        client.get("/api/v1/items/")
