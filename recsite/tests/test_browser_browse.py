"""Browsing in a real Chromium: filters in place, by keyboard, without script, on a narrow page."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from recsite.tests.chromium import open_context, prepared_site
from recsite.tests.site import Site

pytestmark = pytest.mark.browser

PAGES = [
    "/browse/",
    "/movies/?genre=drama&genre=horror&decade=1970",
    "/movies/?genre=western&mood=calm&rating=5&language=Zulu",
    "/music/?tempo_to=90",
    "/books/?sort=title",
    "/people/akira-kurosawa/",
    "/genres/",
    "/genres/drama/",
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The starter catalogue, without a model."""
    with prepared_site(tmp_path_factory.mktemp("browse"), ["seed_starter"]) as site:
        yield site


def query(page: Page) -> str:
    return urlsplit(page.url).query


def count(page: Page) -> int:
    return int(page.locator("[data-filters-count]").inner_text().split()[0].replace(",", ""))


def test_a_filter_works_at_once_and_in_place(page: Page) -> None:
    page.goto("/movies/")
    page.evaluate("window.stayed = true")
    expect(page.locator("[data-filters-go]")).to_be_hidden()
    every = count(page)
    page.locator("#more-genre summary").click()
    promised = page.locator("label[for=f-genre-horror] .count").inner_text()

    page.get_by_label("Horror").check()

    expect(page.locator("[data-filters-count]")).to_contain_text(f"{promised} titles")
    assert query(page) == "genre=horror"
    assert count(page) < every
    assert page.evaluate("window.stayed")
    assert page.locator("#more-genre").evaluate("details => details.open")
    assert page.evaluate("document.activeElement.id") == "f-genre-horror"
    expect(page.locator("[data-filters-said]")).to_contain_text(f"{promised} titles")

    page.get_by_label("Order").select_option("old")
    expect(page.locator(".card__title").first).to_have_text("The Cabinet of Dr. Caligari")
    assert query(page) == "genre=horror&sort=old"

    page.locator(".chip--on", has_text="Horror").click()
    expect(page.locator(".chip--on")).to_have_count(0)
    assert query(page) == "sort=old"
    page.go_back()
    expect(page.locator(".chip--on")).to_have_count(1)
    assert query(page) == "genre=horror&sort=old"


def test_a_name_can_be_typed_and_leads_to_a_person(page: Page) -> None:
    page.goto("/movies/")
    page.get_by_label("Another name").fill("Akira Kurosawa")
    page.keyboard.press("Enter")
    expect(page.locator(".chip--on")).to_contain_text("Akira Kurosawa")
    page.locator(".card__link").first.click()
    page.locator(".work__by").get_by_role("link", name="Akira Kurosawa").click()
    expect(page.locator("h1")).to_have_text("Akira Kurosawa")
    assert urlsplit(page.url).path == "/people/akira-kurosawa/"


def test_on_a_narrow_page_without_script_the_facets_open_and_a_button_shows(
    browser: Browser, site: Site
) -> None:
    troubles: list[str] = []
    context = open_context(browser, site, troubles, width=390, script=False)
    page = context.new_page()
    page.goto("/movies/")
    expect(page.locator("#filters")).to_be_hidden()
    page.get_by_text("Narrow it down").click()
    page.locator("#more-genre summary").click()
    page.get_by_label("Horror").check()
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".chip--on")).to_contain_text("Horror")
    context.close()
    assert troubles == []


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_its_width_and_asks_nobody_else(
    browser: Browser, site: Site, width: int, scheme: str
) -> None:
    troubles: list[str] = []
    context = open_context(browser, site, troubles, width=width)
    page = context.new_page()
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for path in PAGES:
        response = page.goto(path)
        page.wait_for_load_state("networkidle")
        assert response is not None
        assert response.status == 200, path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.locator("h1").count() == 1, path
        unnamed = page.locator("main :is(input:not([type=hidden]), select)").evaluate_all(
            "fields => fields.filter(f => !f.labels.length && !f.ariaLabel).map(f => f.name)"
        )
        assert unnamed == [], path
    context.close()
    assert troubles == []
