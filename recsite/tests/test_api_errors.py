"""Errors of the API are JSON with a sentence; those of pages are pages."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_an_unknown_path_of_the_api_is_a_sentence(client: Client) -> None:
    response = client.get("/api/v1/nothing/")

    assert response.status_code == 404
    assert response.json() == {"detail": "There is nothing at /api/v1/nothing/."}


def test_an_unknown_page_is_a_page(client: Client) -> None:
    response = client.get("/nothing/")

    assert response.status_code == 404
    assert "<html" in response.content.decode()


def test_a_failure_of_the_api_is_a_sentence_without_its_secrets(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.raise_request_exception = False

    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("password is 1234")

    monkeypatch.setattr("recommender.api.recommend", broken)
    response = client.post(
        "/api/v1/recommendations/", {"items": ["a"]}, content_type="application/json"
    )

    assert response.status_code == 500
    assert response.json()["detail"].startswith("The server failed to answer")
    assert "1234" not in response.content.decode()


def test_a_method_that_is_not_there_is_a_sentence(client: Client) -> None:
    response = client.delete("/api/v1/models/")

    assert response.status_code == 405
    assert response.json() == {"detail": 'Method "DELETE" not allowed.'}
