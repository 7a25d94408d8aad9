"""The search box in a real Chromium: suggestions by keyboard, and what a reader is told."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from recsite.tests.chromium import open_context, prepared_site
from recsite.tests.site import Site

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The starter catalogue, without a model."""
    with prepared_site(tmp_path_factory.mktemp("search"), ["seed_starter"]) as site:
        yield site


@pytest.fixture(params=[1440, 390], ids=["wide", "narrow"])
def page(request: pytest.FixtureRequest, browser: Browser, site: Site) -> Iterator[Page]:
    """Any page; it ends without an error in the console and without a request to elsewhere."""
    troubles: list[str] = []
    context = open_context(browser, site, troubles, width=request.param)
    page = context.new_page()
    page.goto("/search/")
    yield page
    context.close()
    assert troubles == []


def suggested(page: Page, text: str) -> None:
    page.get_by_role("combobox").fill(text)
    expect(page.get_by_role("listbox")).to_be_visible()


def test_typing_and_two_keys_open_a_title(page: Page) -> None:
    suggested(page, "blaed runn")
    box = page.get_by_role("combobox")
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    option = page.locator("[role=option][aria-selected=true]")
    expect(option).to_have_count(1)
    assert box.get_attribute("aria-activedescendant") == option.get_attribute("id")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Blade Runner")


def test_the_keys_go_round_and_back_to_the_box(page: Page) -> None:
    suggested(page, "dune")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#suggest-all")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[role=option][aria-selected=true]")).to_have_count(0)
    assert page.get_by_role("combobox").get_attribute("aria-activedescendant") is None


def test_escape_closes_and_keeps_what_was_typed(page: Page) -> None:
    suggested(page, "dune")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(page.get_by_role("combobox")).to_have_value("dune")
    expect(page.get_by_role("combobox")).to_have_attribute("aria-expanded", "false")


def test_enter_without_a_choice_searches(page: Page) -> None:
    suggested(page, "hary poter")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=hary+poter")
    page.get_by_role("link", name="Harry Potter", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Harry Potter")
    expect(page.get_by_text("Did you mean")).to_have_count(0)


def test_a_suggestion_can_be_clicked_and_leaving_the_box_closes(page: Page) -> None:
    suggested(page, "beyonce")
    page.get_by_role("option", name="Beyoncé").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Beyoncé")
    suggested(page, "dune")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_options_belong_to_groups_that_have_names(page: Page) -> None:
    suggested(page, "dune")
    for name in ("Movies", "Books"):
        group = page.get_by_role("group", name=name)
        expect(group.get_by_role("option").first).to_be_visible()
    expect(page.locator("[data-suggest-status]")).to_contain_text("suggestions")


def test_without_a_script_the_form_searches(browser: Browser, site: Site) -> None:
    context = open_context(browser, site, [], script=False)
    page = context.new_page()
    page.goto("/")
    page.get_by_role("searchbox").fill("amelie")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".card__title").first).to_have_text("Amélie")
    context.close()
