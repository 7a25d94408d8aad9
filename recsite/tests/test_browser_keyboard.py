"""From the start to a title that is liked by keyboard alone: no test here uses a mouse.

At every stop of the Tab key the focus has to be seen: an outline, or a shadow, around what has it.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from recsite.tests.chromium import prepared_site
from recsite.tests.pages_of_the_site import FILM
from recsite.tests.site import Site, wait_for
from recsite.tests.walking import whole

pytestmark = pytest.mark.browser

STOPS = 120  # after so many presses of Tab something is out of reach
HAS_FOCUS = "element => element === document.activeElement"
# A box that is drawn by its label has its ring there.
STOP = """() => {
  const at = document.activeElement;
  const label = at.closest("label");
  const around = [at, ...(label ? [label, ...label.querySelectorAll("*")] : [])];
  const outlined = around.some((element) => {
    const style = getComputedStyle(element);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  });
  const seen = outlined || getComputedStyle(at).boxShadow !== "none";
  return { seen, what: at.outerHTML.slice(0, 120), nowhere: at === document.body };
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("keyboard")
    with prepared_site(folder, ["bootstrap", "--sessions", "1500"]) as site:
        wait_for("the model", lambda: site.current_model()["loaded"], seconds=60)
        yield site


def press_tab(page: Page, key: str = "Tab") -> None:
    page.keyboard.press(key)
    stop = page.evaluate(STOP)
    assert stop["seen"] or stop["nowhere"], f"no focus to be seen: {stop['what']}"


def tab_to(page: Page, target: Locator, *, key: str = "Tab") -> None:
    for _ in range(STOPS):
        press_tab(page, key)
        if target.evaluate(HAS_FOCUS):
            return
    raise AssertionError(f"{target} is not to be reached by {key}")


def skip_to_the_content(page: Page) -> None:
    """The first stop of every page leads past its head."""
    press_tab(page)
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_from_the_start_to_a_title_that_is_liked(page: Page) -> None:
    page.goto("/start/")
    skip_to_the_content(page)
    main = page.get_by_role("main")
    film = main.get_by_role("group", name="Movies").get_by_role("checkbox").first
    book = main.get_by_role("group", name="Books").get_by_role("checkbox").first
    names = [box.get_attribute("value") for box in (film, book)]
    for name in names:
        box = main.locator(f"input[type=checkbox][value='{name}']").first
        tab_to(page, box)
        page.keyboard.press("Space")
        expect(main.locator(f"input[value='{name}']:checked").first).to_be_attached()
    tab_to(page, page.get_by_role("button", name="Show my list"))
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Your list")
    skip_to_the_content(page)
    card = page.get_by_role("main").get_by_role("listitem").locator("a[href^='/items/'] img")
    first = card.first.locator("xpath=..")
    title = first.inner_text().split("\n")[-1]
    tab_to(page, first)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    whole(page)
    skip_to_the_content(page)
    like = page.get_by_role("button", name="Like", exact=True)
    expect(like).to_have_attribute("aria-pressed", "false")
    tab_to(page, like)
    page.keyboard.press("Space")
    expect(like).to_have_attribute("aria-pressed", "true")
    whole(page)
    expect(like).to_be_focused()
    assert page.evaluate(STOP)["seen"]

    page.keyboard.press("Enter")
    expect(like).to_have_attribute("aria-pressed", "false")
    expect(like).to_be_focused()


def test_the_dial_is_turned_with_the_arrows(page: Page) -> None:
    page.goto(FILM)
    page.goto("/for-you/")
    skip_to_the_content(page)
    slider = page.get_by_role("slider", name="Genre or vibe")
    tab_to(page, slider)
    before = int(slider.input_value())
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert int(slider.input_value()) > before
    page.wait_for_url("**/for-you/?*vibe=*")
    whole(page)
    expect(slider).to_be_focused()


def test_a_title_is_found_and_opened_from_the_search_box(page: Page) -> None:
    page.goto("/")
    tab_to(page, page.get_by_role("combobox"))
    page.keyboard.type("blade runner")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", selected=True)).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Blade Runner")


def test_a_step_is_taken_out_and_put_back_and_focus_is_never_lost(page: Page) -> None:
    page.goto(FILM)
    whole(page)
    tab_to(page, page.get_by_role("button", name="Take Blade Runner out of your trail").first)
    page.keyboard.press("Enter")
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    if not undo.evaluate(HAS_FOCUS):
        tab_to(page, undo)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Take Blade Runner out of your trail")).to_be_visible()
