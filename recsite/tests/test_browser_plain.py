"""The whole visit with JavaScript off: every step is a link or a form that brings a page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from recsite.tests.chromium import open_context, prepared_site
from recsite.tests.pages_of_the_site import FILM, pages
from recsite.tests.site import Site, wait_for

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("plain")
    with prepared_site(folder, ["bootstrap", "--sessions", "1500"]) as site:
        wait_for("the model", lambda: site.current_model()["loaded"], seconds=60)
        yield site


@pytest.fixture
def plain(browser: Browser, site: Site, troubles: list[str]) -> Iterator[Page]:
    """A page of a browser without scripts."""
    context = open_context(browser, site, troubles, script=False)
    yield context.new_page()
    context.close()
    assert troubles == []


def press(page: Page, name: str, *, exact: bool = True) -> None:
    page.get_by_role("button", name=name, exact=exact).first.click()
    page.wait_for_load_state()


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()
    page.wait_for_load_state()


def tick(box: Locator) -> None:
    """By its label, which is what a person sees of it."""
    box.locator("xpath=ancestor::label").click()
    expect(box).to_be_checked()


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def steps(page: Page) -> list[str]:
    """The titles of the trail, oldest first."""
    trail = page.get_by_role("region", name="Your trail")
    buttons = trail.get_by_role("button", name="out of your trail")
    names = [button.get_attribute("aria-label") or "" for button in buttons.all()]
    return [name.removeprefix("Take ").removesuffix(" out of your trail") for name in names]


def titles(page: Page) -> list[str]:
    return page.get_by_role("main").locator(".card__title").all_inner_texts()


def reasons(page: Page) -> list[str]:
    return page.get_by_role("main").locator(".card__why").all_inner_texts()


def pick_and_see_the_list(page: Page) -> list[str]:
    """From the front page to the first list; the values that were picked."""
    page.goto("/")
    press(page, "Yes, keep it")
    expect(page.get_by_role("heading", name="May Segue keep what you open?")).to_have_count(0)
    follow(page, "Pick what you love")
    boxes = [
        page.get_by_role("group", name=kind).get_by_role("checkbox").first
        for kind in ("Movies", "Books")
    ]
    picked = [box.get_attribute("value") or "" for box in boxes]
    for box in boxes:
        tick(box)
    press(page, "Show my list")
    expect(heading(page)).to_have_text("Your list")
    return picked


def test_from_the_front_page_to_forgetting_it_all(plain: Page) -> None:
    page = plain
    picked = pick_and_see_the_list(page)
    assert len(titles(page)) >= 9
    assert len(reasons(page)) == len(titles(page))
    assert len(steps(page)) == len(picked) == 2

    title = titles(page)[0]
    page.get_by_role("main").locator(".card__link").first.click()
    expect(heading(page)).to_have_text(title)
    press(page, "Like")
    expect(page.get_by_role("button", name="Like", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    before = steps(page)
    assert before[-1] == title
    assert len(before) == 3

    press(page, f"Take {before[0]} out of your trail")
    assert steps(page) == before[1:]
    press(page, "Undo")
    assert steps(page) == before

    follow(page, "For you")
    unwanted = titles(page)[0]
    press(page, f"Not interested in {unwanted}")
    assert unwanted not in titles(page)
    press(page, "Undo")
    page.goto("/for-you/")
    assert unwanted in titles(page)
    press(page, f"Not interested in {unwanted}")
    page.goto("/hidden/")
    press(page, f"Recommend {unwanted} again")
    expect(page.get_by_text("No title is hidden.")).to_be_visible()
    page.goto("/for-you/")
    assert unwanted in titles(page)

    page.get_by_label("Books").fill("0")
    press(page, "Turn")
    assert "book=0" in page.url
    assert page.get_by_role("main").locator(".card.kind-book").count() == 0
    assert titles(page)
    page.goto("/for-you/")
    assert page.get_by_label("Books").input_value() == "0"

    before = steps(page)
    press(page, "Pause")
    expect(page.get_by_text("Nothing you do is kept, anywhere.")).to_be_visible()
    page.goto(FILM)
    assert steps(page) == before
    press(page, "Go on")
    page.goto(FILM)
    assert steps(page) == [*before, "Blade Runner"]

    page.goto("/forget/")
    press(page, "Forget everything")
    page.goto("/")
    assert steps(page) == []


def test_not_interested_on_a_title_s_own_page_is_in_the_list_of_what_is_hidden(plain: Page) -> None:
    page = plain
    page.goto(FILM)
    press(page, "Not interested")
    expect(page.get_by_role("button", name="Not interested", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.goto("/hidden/")
    expect(page.get_by_role("link", name="Blade Runner").first).to_be_visible()

    page.goto(FILM)
    press(page, "Not interested")
    page.goto("/hidden/")
    expect(page.get_by_role("main").get_by_role("link", name="Blade Runner")).to_have_count(0)


def test_a_title_that_is_not_there_is_typed_and_taken_by_its_words(plain: Page) -> None:
    page = plain
    page.goto("/start/")
    page.get_by_label("Find a title, or type one that we do not have").fill("Zzyzx qwqwq")
    press(page, "Find")
    expect(page.get_by_text("Nothing of ours is called “Zzyzx qwqwq”")).to_be_visible()
    tick(page.get_by_role("checkbox", name="Zzyzx qwqwq"))
    tick(page.get_by_role("group", name="What is it like?").get_by_role("checkbox").first)
    press(page, "Show my list")
    expect(heading(page)).to_have_text("Your list")
    assert len(titles(page)) >= 6


def test_the_colours_are_chosen_by_a_form(plain: Page) -> None:
    page = plain
    page.goto("/settings/")
    press(page, "Light")
    assert page.locator("html[data-theme=light]").count() == 1
    page.goto(FILM)
    assert page.locator("html[data-theme=light]").count() == 1


def test_nothing_on_a_page_waits_for_a_script_in_vain(plain: Page) -> None:
    """Every page has its heading, and where something is fetched, a link that leads there."""
    page = plain
    for one in pages(signed_in=False):
        if one.name == "api-docs" or one.status != 200:
            continue  # Swagger UI is a script; a page that is not there is a console error
        response = page.goto(one.address)
        assert response is not None
        assert response.status == one.status, one.name
        assert heading(page).count() == 1, one.name
        for place in page.locator("[hx-get][hx-trigger~=load]").all():
            assert place.locator("a").count() >= 1, one.name
