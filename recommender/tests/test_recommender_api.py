"""The API of the recommender: shapes, rules, and errors in sentences."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from catalog.models import Item
from recommender import answers

pytestmark = pytest.mark.django_db

URL = "/api/v1/recommendations/"


def post(client: Client, body: Any) -> Any:
    return client.post(URL, body, content_type="application/json")


def test_a_posted_list_is_followed(client: Client, served: str) -> None:
    response = post(client, {"items": ["Movie_0", "Nothing_1"], "k": 6})

    assert response.status_code == 200
    body = response.json()
    assert body["tier"] == "blend"
    assert body["model_version"] == served
    assert body["unknown"] == ["Nothing_1"]
    assert body["steps"] == 1
    assert len(body["cards"]) == 6
    card = body["cards"][0]
    assert card["because"] == "Movie_0"
    assert card["reason"]
    assert card["item"]["item_id"] != "Movie_0"
    assert card["item"]["creators"][0]["role"] in {"director", "artist", "author"}


def test_kind_k_and_exclude_are_respected(client: Client, served: str) -> None:
    first = post(client, {"items": ["Movie_0"], "k": 4, "kind": "book"}).json()
    ids = [card["item"]["item_id"] for card in first["cards"]]
    assert len(ids) == 4
    assert all(item_id.startswith("Book_") for item_id in ids)

    second = post(client, {"items": ["Movie_0"], "k": 4, "kind": "book", "exclude": ids}).json()
    assert not set(ids) & {card["item"]["item_id"] for card in second["cards"]}


def test_the_current_session_is_followed(client: Client, served: str) -> None:
    assert client.get(URL).json()["tier"] == "popular"
    client.get("/items/Movie_0/", headers={"User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"})

    body = client.get(
        URL + "?k=5&exclude=Movie_4",
        headers={"User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"},
    ).json()

    assert body["tier"] == "blend"
    assert body["steps"] == 1
    ids = [card["item"]["item_id"] for card in body["cards"]]
    assert len(ids) == 5
    assert not {"Movie_0", "Movie_4"} & set(ids)


def test_an_answer_is_given_again_until_something_changes(
    client: Client, served: str, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    asked = {"items": ["Movie_0"], "k": 4}
    first = post(client, asked)
    with django_assert_num_queries(0):
        again = post(client, asked)
    assert again.content == first.content
    assert again["Content-Type"] == first["Content-Type"] == "application/json"
    assert post(client, {**asked, "k": 5}).content != first.content

    shown = first.json()["cards"][0]["item"]["item_id"]
    item = Item.objects.get(item_id=shown)
    item.title = "Retitled"
    item.save()
    titles = [card["item"]["title"] for card in post(client, asked).json()["cards"]]
    assert "Retitled" in titles

    loader = answers.loader
    assert loader.current is not None
    monkeypatch.setattr(loader, "current", replace(loader.current, version="another"))
    assert post(client, asked).json()["model_version"] == "another"


def test_too_large_a_request_is_refused_with_a_sentence(client: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    response = post(client, {"items": ["x" * 2_000]})

    assert response.status_code == 413
    assert response.json() == {"detail": "The request is too large."}


def test_a_list_of_items_that_no_engine_knows_is_answered(client: Client, served: str) -> None:
    Item.objects.create(item_id="Book_late", kind="book", title="Late", source="test")
    response = post(client, {"items": ["Book_late"], "k": 6})

    assert response.status_code == 200
    assert response.json()["tier"] == "popular"
    assert response.json()["steps"] == 1


def test_a_refusal_is_not_remembered(client: Client, served: str) -> None:
    asked = {"items": ["Movie_0"], "k": 0}
    assert post(client, asked).status_code == post(client, asked).status_code == 400


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "items: This field is required."),
        ({"items": "Movie_0"}, 'items: Expected a list of items but got type "str".'),
        ({"items": ["Movie_0"], "k": 0}, "k: Ensure this value is greater than or equal to 1."),
        ({"items": ["Movie_0"], "k": 101}, "k: Ensure this value is less than or equal to 100."),
        ({"items": ["Movie_0"], "kind": "game"}, 'kind: "game" is not a valid choice.'),
        ({"items": ["x"] * 201}, "items: Ensure this field has no more than 200 elements."),
    ],
)
def test_a_bad_request_is_answered_with_a_sentence(client: Client, body: Any, words: str) -> None:
    response = post(client, body)

    assert response.status_code == 400
    assert response.json()["detail"] == words


def test_what_is_not_json_is_refused_with_a_sentence(client: Client) -> None:
    response = client.post(URL, "{not json", content_type="application/json")

    assert response.status_code == 400
    assert response.json()["detail"].startswith("JSON parse error")


def test_similar_items_come_with_reasons(client: Client, served: str) -> None:
    cards = client.get("/api/v1/items/Book_3/similar/?k=3&kind=track").json()

    assert len(cards) == 3
    assert all("Desert" in card["item"]["title"] for card in cards)
    assert all(card["because"] == "Book_3" for card in cards)


def test_similar_to_nothing_is_a_sentence(client: Client) -> None:
    response = client.get("/api/v1/items/Book_404/similar/")

    assert response.status_code == 404
    assert response.json() == {"detail": "No item has the id 'Book_404'."}


def test_the_current_model_tells_its_age_metrics_and_traffic(client: Client, served: str) -> None:
    body = client.get("/api/v1/models/current/").json()

    assert body["version"]["name"] == served
    assert body["version"]["trained_on"] == "120 simulated sessions"
    assert body["version"]["metrics"]["at"]["20"]["recall"] > 0
    assert body["loaded"] == served
    assert 0 <= body["age_seconds"] < 60
    assert body["events_since"] == 0
    assert body["last_error"] is None
    assert sum(body["weights"].values()) == pytest.approx(100)
    assert body["version"]["curves"][0]["epoch"] == 1
    assert [v["name"] for v in client.get("/api/v1/models/").json()] == [served]


def test_without_a_model_the_current_model_is_null(client: Client) -> None:
    body = client.get("/api/v1/models/current/").json()

    assert body["version"] is None
    assert body["age_seconds"] is None


def test_the_schema_is_valid_and_names_every_path(client: Client) -> None:
    from drf_spectacular.generators import SchemaGenerator
    from drf_spectacular.validation import validate_schema

    schema = SchemaGenerator().get_schema(request=None, public=True)
    validate_schema(schema)

    assert set(schema["paths"]) == {
        "/api/v1/events/",
        "/api/v1/items/",
        "/api/v1/items/{item_id}/",
        "/api/v1/items/{item_id}/similar/",
        "/api/v1/models/",
        "/api/v1/models/current/",
        "/api/v1/recommendations/",
    }


def test_the_interactive_page_and_its_parts_come_from_this_site(client: Client) -> None:
    page = client.get("/api/docs/")

    assert page.status_code == 200
    html = page.content.decode()
    assert "//cdn" not in html
    assert "https://" not in html
    assert "'unsafe-inline'" in page.headers["Content-Security-Policy"]
    assert client.get("/api/docs/?script=").status_code == 200


# --- The dial and what is hidden ----------------------------------------------------------


def test_a_posted_dial_is_followed_and_remembered_apart(client: Client, served: str) -> None:
    plain = post(client, {"items": ["Movie_0"], "k": 9})
    turned = post(client, {"items": ["Movie_0"], "k": 9, "book": 0, "vibe": 100})

    assert turned.status_code == 200
    ids = [card["item"]["item_id"] for card in turned.json()["cards"]]
    assert len(ids) == 9
    assert not [item_id for item_id in ids if item_id.startswith("Book")]
    assert post(client, {"items": ["Movie_0"], "k": 9}).content == plain.content


def test_the_dial_of_the_address_is_followed(client: Client, served: str) -> None:
    for address, expected in (("?k=6&movie=0", {"Music", "Book"}), ("?k=6&track=50", None)):
        body = client.get(URL + address).json()
        found = {card["item"]["item_id"].split("_")[0] for card in body["cards"]}
        assert found == (expected or {"Movie", "Music", "Book"})


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("101", "vibe: Ensure this value is less than or equal to 100."),
        ("-1", "vibe: Ensure this value is greater than or equal to 0."),
        ("much", "vibe: A valid integer is required."),
    ],
)
def test_a_position_that_is_none_is_refused_with_a_sentence(
    client: Client, served: str, value: str, words: str
) -> None:
    for response in (
        client.get(f"{URL}?vibe={value}"),
        post(client, {"items": ["Movie_0"], "vibe": value}),
    ):
        assert response.status_code == 400
        assert response.json()["detail"] == words


def test_a_posted_list_leaves_out_hidden_genres(client: Client, served: str) -> None:
    body = post(client, {"items": ["Movie_0"], "k": 30, "hidden_genres": ["noir"]}).json()

    assert not [card for card in body["cards"] if "Noir" in card["item"]["title"]]


def test_each_card_says_what_its_reason_claims(client: Client, served: str) -> None:
    found = {
        card["reason_kind"]
        for card in post(client, {"items": ["Movie_0"], "k": 12}).json()["cards"]
    }

    assert "shared" in found
    assert found <= {"shared", "session", "model", "era", "content", "creator"}
    similar = client.get("/api/v1/items/Book_3/similar/?k=3").json()
    assert {card["reason_kind"] for card in similar} == {"shared"}
