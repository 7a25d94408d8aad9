"""The catalogue's pages: what they show, what they tell the layers above, what they cost."""

import re

import pytest
from django.test import Client

from catalog.tests.pages import text_of
from catalog.tests.shelves import casablanca

pytestmark = pytest.mark.django_db


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
