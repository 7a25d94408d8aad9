"""The look in a real Chromium: the theme at once and remembered, and a page without the network."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from recsite.tests.chromium import open_context, prepared_site
from recsite.tests.site import Site

pytestmark = pytest.mark.browser

BLACK, NEARLY_WHITE = "rgb(7, 7, 8)", "rgb(246, 246, 247)"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The starter catalogue, without a model."""
    with prepared_site(tmp_path_factory.mktemp("look"), ["seed_starter"]) as site:
        yield site


def ground(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def frame(page: Page) -> str:
    """The colour that the browser is told for its own frame."""
    return str(
        page.evaluate(
            "[...document.querySelectorAll('meta[name=theme-color]')]"
            ".filter(m => matchMedia(m.media).matches).map(m => m.content).join()"
        )
    )


def test_the_system_s_theme_holds_until_one_is_chosen(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto("/books/")
    assert (ground(page), frame(page)) == (BLACK, "#070708")
    page.emulate_media(color_scheme="light")
    assert (ground(page), frame(page)) == (NEARLY_WHITE, "#f6f6f7")


def test_a_chosen_theme_shows_at_once_and_on_the_next_page(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto("/books/")
    page.evaluate("window.stayed = true")

    page.locator("summary", has_text="Colours of the site").click()
    with page.expect_response("**/theme/"):
        page.get_by_role("button", name="Light").click()

    assert page.evaluate("window.stayed")
    assert (ground(page), frame(page)) == (NEARLY_WHITE, "#f6f6f7")
    expect(page.get_by_role("button", name="Light")).to_have_attribute("aria-pressed", "true")
    page.goto("/music/")
    assert page.locator("html").get_attribute("data-theme") == "light"
    assert ground(page) == NEARLY_WHITE

    page.locator("summary", has_text="Colours of the site").click()
    with page.expect_response("**/theme/"):
        page.get_by_role("button", name="System").click()
    assert ground(page) == BLACK
    page.reload()
    assert page.locator("html").get_attribute("data-theme") is None


def test_the_theme_is_chosen_by_keyboard(page: Page) -> None:
    page.goto("/books/")
    summary = page.locator("summary", has_text="Colours of the site")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Dark")).to_be_focused()
    with page.expect_response("**/theme/"):
        page.keyboard.press("Enter")
    assert ground(page) == BLACK

    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Dark")).to_be_hidden()
    expect(summary).to_be_focused()


def test_the_theme_is_chosen_without_scripts(
    browser: Browser, site: Site, troubles: list[str]
) -> None:
    context = open_context(browser, site, troubles, script=False)
    page = context.new_page()
    page.goto("/books/?sort=title")
    page.locator("summary", has_text="Colours of the site").click()
    page.get_by_role("button", name="Light").click()
    expect(page).to_have_url(f"{site.url}/books/?sort=title")
    assert page.locator("html").get_attribute("data-theme") == "light"
    context.close()
    assert troubles == []


def test_without_a_network_a_page_in_style_says_so(
    browser: Browser, site: Site, troubles: list[str]
) -> None:
    context = open_context(browser, site, troubles)
    page = context.new_page()
    page.goto("/items/Movie_blade-runner-1982/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")

    kept = page.evaluate(
        """async () => {
          const kept = [];
          for (const name of await caches.keys()) {
            for (const one of await (await caches.open(name)).keys()) kept.push(one.url);
          }
          return kept.map((url) => new URL(url).pathname).sort();
        }"""
    )
    assert kept[0] == "/offline/"
    assert len(kept) == 5
    assert all(path.startswith("/static/css/") for path in kept[1:])

    context.set_offline(True)
    page.goto("/music/")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no connection.")
    assert page.url == f"{site.url}/music/"
    page.emulate_media(color_scheme="dark")
    assert ground(page) == BLACK
    assert "Blade Runner" not in page.content()

    context.set_offline(False)
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Music")
    context.close()


def test_a_time_is_told_in_the_visitor_s_zone_and_the_page_s_language(
    browser: Browser, site: Site
) -> None:
    context = browser.new_context(base_url=site.url, timezone_id="Asia/Tokyo", locale="de-DE")
    page = context.new_page()
    page.goto("/books/")
    told = page.evaluate(
        """() => {
          const tell = (how, when) => `<time data-local="${how}" datetime="${when}">then</time>`;
          document.querySelector("main").innerHTML = tell("", "2026-03-01T20:30:00+00:00")
            + tell("date", "2026-03-01T20:30:00+00:00") + tell("date", "2026-03-01")
            + tell("time", "2026-03-01T20:30:00Z") + tell("", "of no kind");
          document.dispatchEvent(new Event("htmx:afterSwap"));
          return [...document.querySelectorAll("main time")].map((time) => time.textContent);
        }"""
    )
    assert told == ["2 Mar 2026, 05:30", "2 Mar 2026", "1 Mar 2026", "05:30", "then"]
    context.close()
