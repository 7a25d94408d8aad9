"""axe-core on every page of the site, in both themes: no violation of WCAG 2 A or AA.

What axe cannot decide, like the contrast of words over a drawing, is not a violation.
"""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from recsite.tests.chromium import open_context, prepared_site
from recsite.tests.pages_of_the_site import BOOK, FILM, TRACK, SitePage, pages
from recsite.tests.site import Site, wait_for
from recsite.tests.walking import answer_consent, leave_a_trail, sign_up, whole

pytestmark = pytest.mark.browser

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
THEMES = ("dark", "light")
# The interactive page of the API is drawn by Swagger UI, which is not ours to mend.
NOT_OURS = {"api-docs": ".swagger-ui"}
# A rule's own word for what is wrong says more than its help: colours, sizes, ids.
RUN = """async ([tags, except]) => {
  const options = { runOnly: tags, resultTypes: ["violations"] };
  const found = await axe.run(except ? { exclude: [except] } : document, options);
  return found.violations.flatMap((rule) => rule.nodes.map((node) =>
    `${rule.id}: ${node.target.join(" ")}\\n    ${node.html.slice(0, 160)}\\n    ` +
    [...node.any, ...node.all, ...node.none].map((check) => check.message).join("; ")));
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("access")
    with prepared_site(folder, ["bootstrap", "--sessions", "1500"]) as site:
        wait_for("the model", lambda: site.current_model()["loaded"], seconds=60)
        yield site


def visitor(browser: Browser, site: Site, *, width: int = 1440) -> Page:
    context = open_context(browser, site, [], width=width)
    page = context.new_page()
    # Colours on their way from one theme to the other are neither's.
    page.emulate_media(reduced_motion="reduce")
    return page


def violations(page: Page, name: str) -> list[str]:
    """What is wrong with the page as it stands, in both themes; a line of help for each place."""
    found = []
    page.evaluate(f"() => {{ if (!window.axe) {{ {AXE} }} }}")
    for theme in THEMES:
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        told: list[Any] = page.evaluate(RUN, [TAGS, NOT_OURS.get(name)])
        found += [f"{name}, {theme}: {one}" for one in told]
    return found


def violations_of_pages(page: Page, some: Iterator[SitePage]) -> list[str]:
    found = []
    for one in some:
        response = page.goto(one.address)
        assert response is not None
        assert response.status == one.status, one.name
        whole(page, scrolled=True)
        found += violations(page, one.name)
    return found


def told(found: list[str]) -> str:
    return "\n".join(["", *found])


def test_a_visitor_with_a_trail_finds_no_barrier_on_any_page(browser: Browser, site: Site) -> None:
    page = visitor(browser, site)
    leave_a_trail(page)
    assert page.get_by_role("heading", name="May Segue keep what you open?").is_visible()

    found = violations_of_pages(page, pages(signed_in=False))

    page.context.close()
    assert found == [], told(found)


def test_nor_on_a_narrow_page(browser: Browser, site: Site) -> None:
    page = visitor(browser, site, width=390)
    leave_a_trail(page)

    found = violations_of_pages(page, (one for one in pages(signed_in=False) if one.main))

    page.context.close()
    assert found == [], told(found)


def test_nor_in_an_empty_browser(browser: Browser, site: Site) -> None:
    page = visitor(browser, site)

    found = violations_of_pages(page, pages(only="home,for-you,how-here"))

    page.context.close()
    assert found == [], told(found)


def test_nor_with_an_account(browser: Browser, site: Site) -> None:
    page = visitor(browser, site)
    leave_a_trail(page, (FILM, BOOK, TRACK))
    sign_up(page, "somebody")
    some = [*pages(only="home,item-film"), *pages(signed_in=True)]

    found = violations_of_pages(page, iter(some))

    page.context.close()
    assert found == [], told(found)


def test_nor_in_what_opens_and_what_is_said(browser: Browser, site: Site) -> None:
    """The undo bar, suggestions, the theme's menu, errors beside fields, a paused visit."""
    page = visitor(browser, site)
    leave_a_trail(page)
    answer_consent(page, agree=True)
    page.goto(FILM)
    whole(page)
    page.get_by_role("button", name="Not interested", exact=True).first.click()
    page.locator("#undo form").wait_for()
    whole(page)
    found = violations(page, "undo")

    page.get_by_role("combobox").first.fill("blade")
    page.get_by_role("option").first.wait_for()
    found += violations(page, "suggestions")

    page.goto("/account/sign-up/")
    page.get_by_label("Username").fill("?")
    page.locator("input[name=password1]").fill("a")
    page.locator("input[name=password2]").fill("b")
    page.locator("main form").get_by_role("button").first.click()
    found += violations(page, "errors")

    page.context.close()
    assert found == [], told(found)
