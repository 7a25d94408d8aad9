"""What visitors are promised, in a real Chromium on a real site, checked in the database."""

import random
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from recsite.tests.chromium import open_context, prepared_site
from recsite.tests.site import Site, wait_for

pytestmark = pytest.mark.browser

FILM, BOOK, TRACK = (
    "/items/Movie_blade-runner-1982/",
    "/items/Book_dune-1965/",
    "/items/Movie_spirited-away-2001/",
)
TABLES = """
from django.apps import apps
from django.db import connection
skipped = {"recommender.TrainingRun", "recommender.Incident"}
for model in sorted(apps.get_models(), key=lambda m: m._meta.label):
    if model._meta.label not in skipped and model._meta.managed:
        print("ROWS", model._meta.label, model._base_manager.count())
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("contracts")
    with prepared_site(folder, ["bootstrap", "--sessions", "1500"]) as site:
        wait_for("the model", lambda: site.current_model()["loaded"], seconds=30)
        yield site


@pytest.fixture
def troubles() -> list[str]:
    return []


@pytest.fixture
def context(browser: Browser, site: Site, troubles: list[str]) -> Iterator[BrowserContext]:
    context = open_context(browser, site, troubles)
    yield context
    context.close()
    assert troubles == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def rows(site: Site) -> dict[str, int]:
    """How many rows every table of the site has."""
    lines = site.manage("shell", "-v0", "-c", TABLES).splitlines()
    counts = (line.split()[1:] for line in lines if line.startswith("ROWS "))
    return {table: int(number) for table, number in counts}


def answer(page: Page, name: str) -> None:
    visit(page, "/movies/")
    page.get_by_role("button", name=name).click()
    expect(page.get_by_role("heading", name="May Segue keep what you open?")).to_have_count(0)


def visit(page: Page, path: str) -> None:
    """Open a page and wait for all of it: to leave one that still loads is an error for htmx."""
    page.goto(path)
    settled(page)


def settled(page: Page) -> None:
    """Everything that the page fetches by itself has arrived; one answer may ask for the next."""
    page.wait_for_load_state("networkidle")
    for _ in range(3):
        page.wait_for_timeout(80)
        expect(page.locator(".htmx-request")).to_have_count(0)


def cards(page: Page, within: str = "main") -> list[str]:
    """Addresses of the titles that are recommended, once everything has arrived."""
    settled(page)
    links: list[str] = page.locator(f"{within} .card__link").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )
    return links


def titles_of_trail(page: Page) -> list[str]:
    return page.locator(".trail__title").all_inner_texts()


def api_cards(context: BrowserContext) -> list[str]:
    found = context.request.get("/api/v1/recommendations/?k=50").json()["cards"]
    return [f"/items/{card['item']['item_id']}/" for card in found]


# --- Consent and pause ---------------------------------------------------------------------


def test_before_consent_the_trail_works_and_no_table_grows(page: Page, site: Site) -> None:
    before = rows(site)
    visit(page, FILM)
    page.get_by_role("button", name="Like", exact=True).click()
    visit(page, BOOK)
    assert titles_of_trail(page) == ["Blade Runner", "Dune"]
    assert rows(site) == before


def test_the_two_answers_are_equal(page: Page) -> None:
    visit(page, "/")
    yes, no = (
        page.get_by_role("button", name=name).bounding_box()
        for name in ("Yes, keep it", "No, do not")
    )
    assert yes
    assert no
    assert abs(yes["height"] - no["height"]) < 1
    assert abs(yes["width"] - no["width"]) < 1
    looks = "e => { const s = getComputedStyle(e); return [s.color, s.backgroundColor, s.font] }"
    assert page.get_by_role("button", name="Yes, keep it").evaluate(looks) == page.get_by_role(
        "button", name="No, do not"
    ).evaluate(looks)


def test_yes_stores_the_trail_and_no_afterwards_deletes_it(page: Page, site: Site) -> None:
    before = rows(site)
    visit(page, FILM)
    page.get_by_role("button", name="Yes, keep it").click()
    settled(page)
    after_yes = rows(site)
    label = "sessions_app.SessionEvent"
    assert after_yes[label] == before[label] + 1
    visit(page, "/privacy/")
    page.locator("main").get_by_role("button", name="No, do not").click()
    settled(page)
    assert rows(site)[label] == before[label]
    assert titles_of_trail(page) == ["Blade Runner"]


@pytest.mark.parametrize("said", ["Yes, keep it", "No, do not"])
def test_while_paused_nothing_is_stored(page: Page, site: Site, said: str) -> None:
    answer(page, said)
    visit(page, FILM)
    page.get_by_role("button", name="Pause").first.click()
    expect(page.get_by_text("Nothing you do is kept")).to_be_visible()
    before = rows(site)
    cookies = {c["name"]: c["value"] for c in page.context.cookies() if c["name"] == "segue_visit"}
    for path in (BOOK, TRACK, "/", "/search/?q=metropolis", "/for-you/?vibe=90"):
        visit(page, path)
        page.wait_for_timeout(400)
        settled(page)
    assert titles_of_trail(page) == ["Blade Runner"]
    assert rows(site) == before
    now = {c["name"]: c["value"] for c in page.context.cookies() if c["name"] == "segue_visit"}
    assert now == cookies
    page.get_by_role("button", name="Go on").first.click()
    visit(page, BOOK)
    assert titles_of_trail(page) == ["Blade Runner", "Dune"]


def test_forgetting_deletes_every_row_of_the_visit(page: Page, site: Site) -> None:
    before = rows(site)
    answer(page, "Yes, keep it")
    for path in (FILM, BOOK):
        visit(page, path)
    page.get_by_role("button", name="Like", exact=True).click()
    settled(page)
    visit(page, "/forget/")
    page.locator("main form").get_by_role("button").last.click()
    settled(page)
    expect(page.locator("main")).to_contain_text("training")
    after = rows(site)
    kept = ("sessions_app.BrowsingSession", "sessions_app.SessionEvent", "recommender.Exploration")
    assert {table: after[table] for table in kept} == {table: before[table] for table in kept}
    visit(page, "/")
    assert titles_of_trail(page) == []


# --- Not interested ------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["Yes, keep it", "No, do not"])
def test_not_interested_is_gone_everywhere_at_once_and_undo_brings_it_back(
    page: Page, context: BrowserContext, said: str
) -> None:
    answer(page, said)
    visit(page, FILM)
    first = cards(page, "#picks")[0]
    visit(page, "/")
    assert first in cards(page)
    card = page.locator(f".card:has(a[href='{first}'])").first
    title = card.locator(".card__title").inner_text()
    shown = len(cards(page, "#picks")) or len(cards(page))
    card.get_by_role("button", name=f"Not interested in {title}").click()
    settled(page)

    assert first not in cards(page)
    assert shown == (len(cards(page, "#picks")) or len(cards(page)))  # a replacement came
    undo_bar = page.get_by_role("button", name="Undo")
    expect(undo_bar).to_be_visible()
    for path in ("/", FILM, "/for-you/", "/search/?q=zzzzqqqqx"):
        visit(page, path)
        assert first not in cards(page), path
    assert first not in api_cards(context)

    # Still in search and in browsing, and in the list that manages it.
    visit(page, f"/search/?q={title}")
    assert first in cards(page)
    visit(page, "/hidden/")
    row = page.locator("main").get_by_role("listitem").filter(has_text=title).first
    row.get_by_role("button").click()
    visit(page, FILM)
    assert first in cards(page, "#picks")


def test_undo_brings_a_title_back_to_its_row(page: Page) -> None:
    visit(page, FILM)
    before = cards(page, "#picks")
    card = page.locator(f"#picks .card:has(a[href='{before[0]}'])")
    title = card.locator(".card__title").inner_text()
    card.get_by_role("button", name=f"Not interested in {title}").click()
    settled(page)
    assert before[0] not in cards(page, "#picks")
    assert len(cards(page, "#picks")) == len(before)
    page.get_by_role("button", name="Undo").click()
    settled(page)
    assert cards(page, "#picks") == before


def test_a_hidden_genre_is_gone_from_every_row(page: Page) -> None:
    visit(page, FILM)
    visit(page, "/genres/science-fiction/")
    page.get_by_role("button", name="Hide this genre").click()
    settled(page)
    for path in ("/", FILM, "/for-you/"):
        visit(page, path)
        # "Also by" on an item's page tells who made what: facts, as in browsing.
        within = "#picks, #similar" if path == FILM else "main"
        found_here = page.locator(within).locator(".card__link")
        hrefs = found_here.evaluate_all("links => links.map(a => a.getAttribute('href'))")
        assert len(hrefs) >= 8
        for href in hrefs[:30]:
            found = page.request.get(f"/api/v1{href}").json()
            assert "Science Fiction" not in found["genres"], (path, href)


# --- The trail -----------------------------------------------------------------------------


def test_a_step_out_and_back_changes_the_list_and_changes_it_back(page: Page) -> None:
    for path in (FILM, BOOK):
        visit(page, path)
    both = cards(page, "#picks")
    page.get_by_label("Take Blade Runner out of your trail").click()
    expect(page.locator(".trail__step")).to_have_count(1)
    assert cards(page, "#picks") != both
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".trail__step")).to_have_count(2)
    assert cards(page, "#picks") == both


def test_starting_over_can_be_undone(page: Page) -> None:
    visit(page, FILM)
    page.get_by_role("button", name="Start over").click()
    expect(page.locator(".trail__step")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".trail__step")).to_have_count(1)


def test_how_you_got_here_tells_each_step_with_its_time(page: Page) -> None:
    visit(page, FILM)
    page.wait_for_timeout(2200)
    visit(page, BOOK)
    page.get_by_role("link", name="How you got here").click()
    steps = page.locator(".step")
    expect(steps).to_have_count(2)
    expect(steps.nth(0)).to_contain_text("Dune")
    expect(steps.nth(1)).to_contain_text("Blade Runner")
    expect(steps.nth(1)).to_contain_text(re.compile(r"Looked at for \d+ s"))


# --- Rows and reasons ----------------------------------------------------------------------


def test_because_rows_name_their_title_never_hold_it_and_change_with_it(page: Page) -> None:
    rows_of = {}
    for path, title in ((FILM, "Blade Runner"), (TRACK, "Spirited Away")):
        visit(page, path)
        page.wait_for_timeout(2100)  # a shorter look is an accident, which no row follows
        visit(page, "/")
        row = page.locator("section").filter(
            has=page.get_by_role("heading", name=f"Because you opened {title}")
        )
        expect(row).to_have_count(1)
        hrefs = row.locator(".card__link").evaluate_all("a => a.map(b => b.getAttribute('href'))")
        assert path not in hrefs
        assert len(hrefs) >= 4
        for reason in row.locator(".card__why").all_inner_texts():
            assert title in reason
        rows_of[title] = hrefs
    assert rows_of["Blade Runner"] != rows_of["Spirited Away"]


def test_no_title_stands_twice_on_the_front_page_and_no_row_is_short(page: Page) -> None:
    for path in (FILM, BOOK):
        visit(page, path)
    visit(page, "/")
    found = cards(page)
    assert len(found) >= 40
    assert len(set(found)) == len(found)
    for row in page.locator("main section:has(.card)").all():
        assert row.locator(".card").count() >= 4


def test_on_random_trails_every_reason_names_a_title_of_the_trail_or_none(page: Page) -> None:
    """Chromium's share; recommender/tests/test_reasons_true.py proves 200 trails fact by fact."""
    dice = random.Random(5)
    for _ in range(8):
        visit(page, "/")
        if titles_of_trail(page):
            page.get_by_role("button", name="Start over").click()
            expect(page.locator(".trail__step")).to_have_count(0)
        for _ in range(dice.randint(1, 3)):
            visit(page, dice.choice(cards(page)))
        trail = set(titles_of_trail(page))
        for card in page.request.get("/api/v1/recommendations/?k=24").json()["cards"]:
            if card["because"]:
                seed = page.request.get(f"/api/v1/items/{card['because']}/").json()
                assert seed["title"] in trail
                assert seed["title"] in card["reason"]


# --- The dial ------------------------------------------------------------------------------


def test_the_dial_changes_the_list_at_once_stands_in_the_address_and_is_remembered(
    page: Page,
) -> None:
    visit(page, FILM)
    visit(page, "/for-you/")
    middle = cards(page, "#for-you")
    page.get_by_label("Genre or vibe").fill("100")
    page.wait_for_url("**vibe=100**")
    vibe = cards(page, "#for-you")
    assert vibe != middle
    page.get_by_label("Books").fill("0")
    page.wait_for_url("**book=0**")
    settled(page)
    assert page.locator("#for-you .card.kind-book").count() == 0
    assert page.locator("#for-you .card").count() >= 20

    address = urlsplit(page.url)
    visit(page, "/for-you/")
    assert page.get_by_label("Genre or vibe").input_value() == "100"
    assert page.locator("#for-you .card.kind-book").count() == 0
    visit(page, "/for-you/?vibe=50")  # somebody's link: shown, and not made one's own
    assert page.get_by_label("Genre or vibe").input_value() == "50"
    visit(page, f"{address.path}?{address.query}")
    assert page.locator("#for-you .card.kind-book").count() == 0
    page.get_by_role("button", name="Back to the middle").click()
    page.wait_for_url("**vibe=50")
    assert cards(page, "#for-you") == middle
