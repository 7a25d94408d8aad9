"""Pages by cursor: every title once, whatever comes and goes meanwhile."""

import re

import pytest
from django.test import Client

from catalog import browsing
from catalog.models import Item
from catalog.tests.pages import text_of, titles_on
from catalog.tests.shelves import make

pytestmark = pytest.mark.django_db

SORTS = ("popular", "new", "old", "title", "rated")


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browsing, "PAGE", 3)


def fill() -> None:
    for n in range(10):
        make(
            "book", f"B{n % 4}", item_id=f"Book_{n}", genres=("Essays",),
            popularity=None if n == 7 else float(n % 3),
            year=None if n in (2, 5) else 1990 + n % 2,
            rating=None if n == 1 else 3.0 + n % 2,
        )  # fmt: skip
    make("book", "Other")


def link(page: str, rel: str) -> str | None:
    found = re.search(rf'rel="{rel}"[^>]* href="([^"]*)"', page)
    return found[1].replace("&amp;", "&") if found else None


def ids_on(page: str) -> list[str]:
    return re.findall(r'card__link" href="/items/([^"]*)/"', page)


@pytest.mark.parametrize("sort", SORTS)
def test_the_pages_hold_everything_once_forth_and_back(client: Client, sort: str) -> None:
    fill()
    url: str | None = f"/books/?genre=essays&sort={sort}"
    whole, forth = [], []
    while url:
        page = text_of(client, url)
        forth.append(ids_on(page))
        whole += forth[-1]
        last, url = url, link(page, "next")
    assert sorted(whole) == [f"Book_{n}" for n in range(10)]
    back, url = [], last
    while url:
        page = text_of(client, url)
        back.append(ids_on(page))
        url = link(page, "prev")
    # From the end on, pages are full, so the first one may begin before the second page did.
    assert back[0] == forth[-1]
    assert [one for some in reversed(back[1:]) for one in some] == whole[:9]


def test_a_page_says_where_it_is_and_keeps_the_filters(client: Client) -> None:
    fill()
    page = text_of(client, "/books/?genre=essays&sort=title")
    assert "10 titles, 1 to 3 shown" in page
    assert link(page, "prev") is None
    page = text_of(client, str(link(page, "next")))
    assert "10 titles, 4 to 6 shown" in page
    assert "/books/?genre=essays&amp;sort=title&amp;before=" in page
    assert 'href="/books/?genre=essays&amp;sort=title">First page' in page


@pytest.mark.parametrize("sort", SORTS)
def test_titles_that_come_and_go_shift_nothing(client: Client, sort: str) -> None:
    fill()
    first = text_of(client, f"/books/?genre=essays&sort={sort}")
    second = str(link(first, "next"))
    expected = ids_on(text_of(client, second))
    # Gone: the very title that the cursor was taken from, and one before it. Come: a new first.
    Item.objects.get(item_id=ids_on(first)[2]).delete()
    Item.objects.get(item_id=ids_on(first)[0]).delete()
    make("book", "A", genres=("Essays",), popularity=99.0, rating=5.0)
    assert ids_on(text_of(client, second)) == expected


def test_a_cursor_beyond_the_end_shows_the_last_page(client: Client) -> None:
    fill()
    page = text_of(client, "/books/?sort=title&after=zzz~99999999")
    assert len(titles_on(page)) == 3
    assert link(page, "next") is None
    assert link(page, "prev") is not None


@pytest.mark.parametrize(
    "cursor",
    ["", "nonsense", "1~2~3~4~5", "~", "nan~1", "x~y", "%00~%00", "1e999~1", "9" * 5000 + "~1"],
)
def test_a_wrong_cursor_shows_the_first_page(client: Client, cursor: str) -> None:
    fill()
    expected = titles_on(text_of(client, "/books/"))
    for name in ("after", "before"):
        assert titles_on(text_of(client, f"/books/?{name}={cursor}")) in (
            expected,
            titles_on(text_of(client, "/books/?after=~999999")),
        )


def test_one_page_has_no_links_to_others(client: Client) -> None:
    make("book", "B")
    assert 'class="pages"' not in text_of(client, "/books/")
