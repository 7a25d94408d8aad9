"""What the front page asks a visitor to load, before compression."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

KB = 1_000
MOST = 40 * KB

pytestmark = pytest.mark.django_db


def linked(client: Client, pattern: str) -> dict[str, int]:
    """Our files that the front page names, by path, with their size."""
    page = client.get("/").content.decode()
    sizes = {}
    for path in re.findall(pattern, page):
        name = re.sub(r"\.[0-9a-f]{12}(\.\w+)$", r"\1", path)  # as it is called in the repository
        found = finders.find(name)
        assert found, path
        sizes[name] = Path(str(found)).stat().st_size
    return sizes


def test_the_styles_of_the_front_page_weigh_at_most_40_kb(client: Client) -> None:
    sizes = linked(client, r'<link rel="stylesheet" href="/static/([^"]+)"')
    assert "css/tokens.css" in sizes
    assert sum(sizes.values()) <= MOST, sizes


def test_our_scripts_on_the_front_page_weigh_at_most_40_kb(client: Client) -> None:
    sizes = linked(client, r'<script src="/static/(js/[^"]+)"')
    assert "js/theme.js" in sizes
    assert sum(sizes.values()) <= MOST, sizes


def test_every_style_and_script_of_the_front_page_is_ours_or_htmx(client: Client) -> None:
    page = client.get("/").content.decode()
    addresses = re.findall(r'(?:<script src|rel="stylesheet" href)="([^"]+)"', page)
    assert addresses
    assert all(address.startswith("/static/") for address in addresses)
