import pytest
from django.db import DatabaseError, connection
from django.test import Client


@pytest.mark.django_db
def test_health_is_ok_while_the_database_answers(client: Client) -> None:
    response = client.get("/healthz/")

    assert response.status_code == 200
    assert response.json() == {"status": "ok"}


@pytest.mark.django_db
def test_health_says_when_the_database_is_away(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise DatabaseError("gone fishing")

    monkeypatch.setattr(connection, "cursor", away)
    response = client.get("/healthz/")

    assert response.status_code == 503
    assert "gone fishing" in response.json()["detail"]


def test_health_takes_no_posts(client: Client) -> None:
    assert client.post("/healthz/").status_code == 405
