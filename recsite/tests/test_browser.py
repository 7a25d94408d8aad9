"""A visitor in a real Chromium on a real site: from the first click to the account."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from recsite.tests.chromium import open_context, prepared_site
from recsite.tests.site import PASSWORD, Site, wait_for

pytestmark = pytest.mark.browser

FILM = "/items/Movie_blade-runner-1982/"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site as a first `make run` leaves it, with a small warm-up."""
    folder = tmp_path_factory.mktemp("browser")
    with prepared_site(folder, ["bootstrap", "--sessions", "1500"]) as site:
        wait_for("the model", lambda: site.current_model()["loaded"], seconds=30)
        yield site


@pytest.fixture(params=[1440, 390], ids=["wide", "narrow"])
def width(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def picks(page: Page) -> list[str]:
    """Addresses of the picks once they have arrived, in order; titles may repeat across kinds."""
    expect(page.locator("#picks .card__title").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    hrefs: list[str] = page.locator("#picks .card__link").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )
    return hrefs


def listed(page: Page) -> list[str]:
    """Addresses of the whole list, on the page of its own; what is there already stays."""
    if urlsplit(page.url).path != "/for-you/":
        page.wait_for_load_state("networkidle")
        page.goto("/for-you/")
    expect(page.locator(".htmx-request")).to_have_count(0)
    hrefs: list[str] = page.locator("#for-you .card__link").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )
    return hrefs


def trail(page: Page) -> list[str]:
    return page.locator(".trail__title").all_inner_texts()


def open_pick(page: Page, kind: str) -> str:
    """Open the first pick of a kind; returns its title."""
    card = page.locator(f"#picks .card.kind-{kind}").first
    title = card.locator(".card__title").inner_text()
    card.locator("a").first.click()
    expect(page.locator("h1")).to_have_text(title)
    return title


def test_one_click_on_a_film_brings_a_book_and_a_track_each_with_a_reason(page: Page) -> None:
    assert page.context.cookies() == []
    page.goto(FILM)

    assert len(picks(page)) == 12
    for kind in ("book", "track", "movie"):
        cards = page.locator(f"#picks .card.kind-{kind}")
        assert cards.count() >= 3
        for reason in cards.locator(".card__why").all_inner_texts():
            assert "Blade Runner" in reason
        assert cards.locator(".card__why").count() == cards.count()
    assert FILM not in picks(page)
    assert trail(page) == ["Blade Runner"]
    expect(page.locator("#picks")).to_contain_text("Following your first step")


def test_clicks_change_the_list_and_taking_a_step_out_changes_it_back(page: Page) -> None:
    """By the list of "For you": an item's own page leaves out what stands elsewhere on it."""
    page.goto(FILM)
    after_one = listed(page)
    page.goto(FILM)
    second = open_pick(page, "book")
    opened = {urlsplit(page.url).path}
    after_two = listed(page)
    page.go_back()
    third = open_pick(page, "track")
    opened.add(urlsplit(page.url).path)
    after_three = listed(page)
    assert trail(page) == ["Blade Runner", second, third]
    assert after_one != after_two != after_three
    assert not opened & set(after_three)

    page.get_by_label(f"Take {third} out of your trail").click()
    expect(page.locator(".trail__step")).to_have_count(2)
    expect(page.locator("#for-you")).to_contain_text("Following the 2 steps")
    assert listed(page) == after_two

    page.get_by_label(f"Take {second} out of your trail").click()
    expect(page.locator(".trail__step")).to_have_count(1)
    expect(page.locator("#for-you")).to_contain_text("Following the one step")
    assert listed(page) == after_one

    page.get_by_role("button", name="Start over").click()
    expect(page.locator(".trail__step")).to_have_count(0)
    expect(page.locator("#for-you")).to_contain_text("Open anything")


def dwell_of(site: Site, view_id: str) -> int:
    out = site.manage(
        "shell",
        "-v0",
        "-c",
        "from sessions_app.models import SessionEvent as E; "
        f"print(E.objects.get(event_id='{view_id}').dwell_ms or 0)",
    )
    return int(out.split()[-1])


def test_dwell_time_arrives_in_the_database_and_only_grows(page: Page, site: Site) -> None:
    page.goto("/movies/")
    page.get_by_role("button", name="Yes, keep it").click()
    expect(page.get_by_role("button", name="Yes, keep it")).to_have_count(0)
    page.goto("/items/Book_dune-1965/")
    view_id = page.locator("[data-view-id]").get_attribute("data-view-id")
    assert view_id
    page.wait_for_timeout(1500)

    page.goto("/books/")
    first = wait_for("the dwell time", lambda: dwell_of(site, view_id), seconds=10)
    assert 1400 <= first < 15_000

    # The same step again, for a shorter time: the same view goes on, the longest report stays.
    page.goto("/items/Book_dune-1965/")
    assert page.locator("[data-view-id]").get_attribute("data-view-id") == view_id
    page.goto("/books/")
    page.wait_for_load_state("networkidle")
    assert dwell_of(site, view_id) >= first


def test_signing_up_keeps_the_trail(page: Page) -> None:
    page.goto(FILM)
    before = trail(page)
    page.goto("/account/sign-up/")
    page.get_by_label("Username").fill("newcomer")
    page.locator("input[name=password1]").fill(PASSWORD)
    page.locator("input[name=password2]").fill(PASSWORD)
    page.locator("main form button").first.click()

    expect(page.get_by_text("newcomer").first).to_be_visible()
    assert trail(page) == before == ["Blade Runner"]

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    assert trail(page) == []


def test_hiding_a_title_takes_it_from_the_picks_but_not_from_search(page: Page) -> None:
    page.goto(FILM)
    title = open_pick(page, "book")
    hidden = urlsplit(page.url).path
    page.get_by_role("button", name="Not interested", exact=True).click()
    page.wait_for_load_state("networkidle")
    page.goto("/")
    page.get_by_role("button", name="Start over").click()
    page.goto(FILM)

    assert hidden not in picks(page)
    page.get_by_role("combobox").fill(title)
    page.get_by_role("combobox").press("Enter")
    expect(page.locator(".card__title", has_text=title).first).to_be_visible()


def test_without_javascript_the_trail_and_the_picks_still_work(
    browser: Browser, site: Site, troubles: list[str]
) -> None:
    context = open_context(browser, site, troubles, script=False)
    page = context.new_page()
    page.goto(FILM)
    assert trail(page) == ["Blade Runner"]
    page.get_by_role("link", name="See your next picks").click()
    assert page.locator(".card.kind-book .card__why").count() >= 3

    page.get_by_label("Take Blade Runner out of your trail").click()

    assert trail(page) == []
    context.close()
    assert troubles == []


PAGES = [
    "/",
    "/movies/",
    "/music/?mood=calm",
    "/books/?genre=fantasy&page=2",
    FILM,
    "/search/?q=amelie",
    "/search/?q=zzzzqqqq",
    "/for-you/",
    "/for-you/?kind=track",
    "/how-it-works/",
    "/account/sign-in/",
    "/account/sign-up/",
]


def test_every_page_fits_its_width_and_asks_nobody_else(
    browser: Browser, site: Site, troubles: list[str], width: int
) -> None:
    context = open_context(browser, site, troubles, width=width)
    page = context.new_page()
    for path in PAGES:
        response = page.goto(path)
        page.wait_for_load_state("networkidle")
        assert response is not None
        assert response.status == 200, path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.locator("h1").count() == 1, path
        broken = page.evaluate(
            "[...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)"
        )
        assert broken == [], path
    context.close()
    assert troubles == []


def test_the_interactive_api_page_works_without_the_internet(page: Page) -> None:
    page.goto("/api/docs/")

    expect(page.get_by_text("What follows a list of items")).to_be_visible()


def test_a_curator_reaches_every_model_in_the_admin(page: Page, site: Site) -> None:
    site.curator()
    page.goto("/admin/login/?next=/admin/")
    page.get_by_label("Username").fill("curator")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("Site administration")).to_be_visible()
    links = page.locator("#content-main .model-link a, #content-main th a").evaluate_all(
        "links => [...new Set(links.map(link => link.getAttribute('href')))]"
    )
    lists = [link for link in links if link.count("/") == 4]
    assert len(lists) >= 12

    for link in lists:
        response = page.goto(link)
        assert response is not None
        assert response.status == 200, link
        expect(page.locator("#content h1")).to_be_visible()


def test_a_page_that_is_not_there_says_so_and_leads_on(browser: Browser, site: Site) -> None:
    context = open_context(browser, site, [])  # the 404 itself is a console error
    page = context.new_page()
    response = page.goto("/items/Movie_of-no-kind/")

    assert response is not None
    assert response.status == 404
    assert page.locator("a[href='/']").count() >= 1
    context.close()
