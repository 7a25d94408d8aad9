"""Without the network: what the service worker keeps, and that it keeps nothing of anybody."""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from recsite import offline

pytestmark = pytest.mark.django_db


def test_the_worker_may_answer_for_the_whole_site(client: Client) -> None:
    answer = client.get(reverse("offline_worker"))

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert "max-age=0" in answer.headers["Cache-Control"]


def test_it_keeps_one_page_and_its_styles_and_nothing_else(client: Client) -> None:
    text = client.get(reverse("offline_worker")).content.decode()
    kept = re.search(r"const KEPT = \[(.*?)\];", text)
    assert kept

    assert kept[1].startswith("PAGE")
    assert len(re.findall(r'"[^"]+"', kept[1])) == len(offline.STYLES)
    assert set(re.findall(r'"([^"]+)"', kept[1])) == set(
        re.findall(r'rel="stylesheet" href="([^"]+)"', client.get("/offline/").content.decode())
    )
    assert text.count("cache.add") == 1
    assert "cache.put" not in text
    assert 'credentials: "omit"' in text


def test_the_page_is_the_same_for_everybody(client: Client) -> None:
    somebody = Client(headers={"User-Agent": "Mozilla/5.0 Firefox/140.0"})
    somebody.get("/items/Movie_blade-runner-1982/")
    somebody.post(reverse("theme"), {"theme": "light"})

    page = somebody.get(reverse("offline"))

    assert page.content == client.get(reverse("offline")).content
    assert page.cookies == {}
    assert "csrfmiddlewaretoken" not in page.content.decode()


def test_a_changed_page_is_a_changed_worker(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = client.get(reverse("offline_worker")).content
    assert client.get(reverse("offline_worker")).content == before
    monkeypatch.setattr(offline, "_page", lambda: "another page")
    assert client.get(reverse("offline_worker")).content != before


def test_they_are_only_read(client: Client) -> None:
    for name in ("offline", "offline_worker", "manifest"):
        assert client.post(reverse(name)).status_code == 405


def test_the_manifest_names_the_site_and_an_icon_of_its_own(client: Client) -> None:
    answer = client.get(reverse("manifest"))

    said = json.loads(answer.content)
    assert answer.headers["Content-Type"] == "application/manifest+json"
    assert said["name"] == "Segue"
    assert said["icons"][0]["src"].startswith("/static/img/")


def test_every_page_names_the_worker_and_the_manifest(client: Client) -> None:
    page = client.get("/account/sign-in/").content.decode()
    assert f'name="offline-worker" content="{reverse("offline_worker")}"' in page
    assert f'rel="manifest" href="{reverse("manifest")}"' in page
