"""The insights in a real Chromium: by keyboard, by pointer, without script, on a narrow page."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from catalog.tests.source_files import movie, track, write_csv
from recsite.tests.chromium import open_context, prepared_site
from recsite.tests.site import Site

pytestmark = pytest.mark.browser

PAGES = [
    "/insights/",
    "/insights/movies/?movie-genres=score&movie-releases=log&movie-money=linear",
    "/insights/music/?music-genres=popularity",
    "/insights/books/?from=1900&to=1999",
    "/insights/across/?decades-by-kind=number&themes-by-kind=difference",
    "/insights/health/",
]
SMALLEST_TEXT = 11  # CSS pixels


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The starter catalogue, and films with money and tracks with sound; without a model."""
    folder = tmp_path_factory.mktemp("insights")
    commands = (["seed_starter"], ["import_catalog", *measured(folder)])
    with prepared_site(folder, *commands) as site:
        yield site


def measured(folder: Path) -> list[str]:
    """Sixty films and sixty tracks whose figures are spread; as options of the import."""
    films = [
        movie(orig_title=f"Film {n}", names=f"Film {n}", score=str(20 + n), genre="Drama",
              budget_x=str(10 ** (4 + n % 5) * (1 + n)), revenue=str(10 ** (3 + n % 6) * (1 + n)))
        for n in range(60)
    ]  # fmt: skip
    tracks = [
        track(track_id=f"t{n}", track_name=f"Song {n}", popularity=str(n), energy=str(n / 60),
              danceability=str((n * 7 % 60) / 60), valence=str((n * 11 % 60) / 60),
              loudness=str(-n % 13), tempo=str(60 + n), acousticness=str(1 - n / 60))
        for n in range(60)
    ]  # fmt: skip
    return [
        "--movies", write_csv(folder / "films.csv", films),
        "--tracks", write_csv(folder / "tracks.csv", tracks),
    ]  # fmt: skip


def named(page: Page) -> str:
    """The name of what has the focus."""
    return str(page.evaluate("document.activeElement.getAttribute('aria-label')"))


def test_arrow_keys_go_from_mark_to_mark_and_the_tip_says_each(page: Page) -> None:
    page.goto("/insights/movies/")
    marks = page.locator("#movie-genres .mark")
    first, second = (str(marks.nth(n).get_attribute("aria-label")) for n in (0, 1))
    page.locator("#movie-genres .insight__choices a").last.focus()

    page.keyboard.press("Tab")
    assert named(page) == first
    expect(page.locator(".tip")).to_have_text(first)

    page.keyboard.press("ArrowDown")
    assert named(page) == second
    expect(page.locator(".tip")).to_have_text(second)

    page.keyboard.press("Escape")
    expect(page.locator(".tip")).to_be_hidden()
    page.keyboard.press("End")
    assert named(page) == marks.last.get_attribute("aria-label")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("Shift+Tab")
    assert named(page) == marks.last.get_attribute("aria-label")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/movies/\?genre="))


def test_in_a_chart_of_two_measures_arrows_go_where_they_point(page: Page) -> None:
    page.goto("/insights/music/")
    marks = page.locator("#music-correlations .mark")
    marks.first.focus()
    start = marks.first.bounding_box()
    page.keyboard.press("ArrowDown")
    below = page.locator("#music-correlations .mark:focus").bounding_box()
    assert start
    assert below
    assert below["y"] > start["y"]
    assert abs(below["x"] - start["x"]) < 2
    page.keyboard.press("ArrowRight")
    right = page.locator("#music-correlations .mark:focus").bounding_box()
    assert right
    assert right["x"] > below["x"]


def test_the_pointer_shows_the_tip_near_a_small_mark_and_inside_the_page(page: Page) -> None:
    page.goto("/insights/movies/")
    mark = page.locator("#movie-money .mark").last
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2 + 5, box["y"] + box["height"] / 2 + 4)

    tip = page.locator(".tip")
    expect(tip).to_be_visible()
    assert "median score" in tip.inner_text()
    shown = tip.bounding_box()
    assert shown
    assert shown["x"] >= 0
    assert shown["x"] + shown["width"] <= 1440

    page.mouse.move(5, 5)
    expect(tip).to_be_hidden()


def test_a_choice_of_years_is_taken_when_it_is_made_and_stays_in_the_address(page: Page) -> None:
    page.goto("/insights/movies/?movie-genres=name")
    page.get_by_label("From the year").fill("1990")
    page.get_by_label("From the year").press("Enter")

    expect(page).to_have_url(re.compile("movie-genres=name&from=1990"))
    assert "to=" not in page.url
    expect(page.get_by_label("From the year")).to_have_value("1990")
    expect(page.locator("#movie-genres .insight__choices [aria-current]")).to_have_text("by name")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_fits_its_width_with_text_that_can_be_read(
    browser: Browser, site: Site, width: int, scheme: str
) -> None:
    troubles: list[str] = []
    context = open_context(browser, site, troubles, width=width)
    page = context.new_page()
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for path in PAGES:
        response = page.goto(path)
        assert response is not None
        assert response.status == 200, path
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        sizes = page.locator("main svg text").evaluate_all(
            """texts => texts.filter(text => text.getClientRects().length).map(text =>
                 parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().d)"""
        )
        assert min(sizes, default=SMALLEST_TEXT) >= SMALLEST_TEXT, path
        # Labels of one axis do not run into each other.
        assert page.evaluate(OVERLAPPING) == [], path
    context.close()
    assert troubles == []


OVERLAPPING = """
() => [...document.querySelectorAll("svg.plot")].flatMap(plot => {
  const boxes = [...plot.querySelectorAll("text[text-anchor=middle]:not(.plot__name)")]
    .map(text => text.getBoundingClientRect()).filter(box => box.width);
  return boxes.filter((box, n) => n && box.left < boxes[n - 1].right)
    .map(() => plot.getAttribute("aria-label"));
})
"""


def test_without_script_marks_are_links_and_the_figures_are_in_tables(
    browser: Browser, site: Site
) -> None:
    troubles: list[str] = []
    context = open_context(browser, site, troubles, script=False)
    page = context.new_page()
    page.goto("/insights/books/")
    page.get_by_label("From the year").fill("1950")
    page.get_by_role("button", name="Show").click()
    assert "from=1950" in page.url
    page.locator("#book-authors summary").click()
    expect(page.locator("#book-authors table.figures")).to_be_visible()
    page.locator("#book-genres a.mark").first.click()
    assert "/books/?genre=" in page.url
    context.close()
    assert troubles == []
