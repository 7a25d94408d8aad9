"""The list of pages is whole: every route is a page with an address, or named as none."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from django.urls.exceptions import NoReverseMatch

from recsite.tests.pages_of_the_site import ACTION, NOT_PAGES, PAGES, SitePage, pages


def routes(resolver: URLResolver, space: str = "") -> Iterator[str]:
    """Every route by its name, or by its path where it has none; the admin is Django's own."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield space + (pattern.name or str(pattern.pattern))
        elif pattern.namespace != "admin":
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from routes(pattern, space + inner)


def test_every_route_is_a_page_of_the_list_or_named_as_none() -> None:
    known = {page.view for page in PAGES} | set(NOT_PAGES)
    missing = sorted(set(routes(get_resolver())) - known)
    assert missing == [], (
        "Routes that recsite/tests/pages_of_the_site.py does not know: give each a SitePage with "
        f"an address, or a word in NOT_PAGES why it is no page: {', '.join(missing)}"
    )


def test_the_list_names_nothing_that_has_gone() -> None:
    known = {page.view for page in PAGES if page.view} | set(NOT_PAGES)
    assert sorted(known - set(routes(get_resolver()))) == []


def test_no_route_is_both_a_page_and_none() -> None:
    assert {page.view for page in PAGES} & set(NOT_PAGES) == set()


@pytest.mark.parametrize("page", [page for page in PAGES if page.view], ids=lambda page: page.name)
def test_an_address_leads_to_its_view(page: SitePage) -> None:
    match = resolve(urlsplit(page.address).path)
    assert (match.view_name or str(match.route)) == page.view


def test_names_are_unique() -> None:
    names = [page.name for page in PAGES]
    assert len(names) == len(set(names))


@pytest.mark.django_db
def test_what_takes_a_form_is_not_to_be_opened(client: Client) -> None:
    for view, reason in NOT_PAGES.items():
        if reason != ACTION:
            continue
        try:
            address = reverse(view)
        except NoReverseMatch:
            continue  # wants an id
        assert client.get(address).status_code == 405, view


def test_some_pages_can_be_named_and_an_unknown_name_is_refused() -> None:
    assert [page.name for page in pages(only="genre, home")] == ["home", "genre"]
    with pytest.raises(ValueError, match="No page is called homes"):
        list(pages(only="homes"))
