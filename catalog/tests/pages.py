"""How tests read a page."""

import re

from django.test import Client


def text_of(client: Client, url: str) -> str:
    """The page, which has to be there."""
    response = client.get(url)
    assert response.status_code == 200, url
    return response.content.decode()


def main_of(client: Client, url: str) -> str:
    """What the page is about, without what stands around it on every page."""
    return text_of(client, url).split("<main", 1)[1].split("</main>", 1)[0]


def titles_on(page: str) -> list[str]:
    """The titles of the page's cards, in order."""
    return re.findall(r'class="card__title">([^<]*)<', page)
