"""Pictures of every page, to be looked at: dark and light, wide and narrow, and sheets of them.

    python -m bench.screens --out DIR [--pages home,item-film] [--url http://127.0.0.1:8000]

The pages are those of recsite/tests/pages_of_the_site.py. They are seen by a visitor who has
answered the question about storing and has opened three titles; `home-empty` is the front page of a
browser that was never here. Without --url a site of its own is started, with the starter catalogue
and a model of simulated visits. Whole pages are kept as PAGE.LOOK.WIDTH.png; the sheets show the
upper part of several pages side by side.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

from recsite.tests.chromium import CHROMIUM, FLAGS, PERSON
from recsite.tests.pages_of_the_site import SitePage, pages
from recsite.tests.site import Site, wait_for
from recsite.tests.walking import answer_consent, leave_a_trail, sign_up, whole

LOOKS = ("dark", "light")
WIDTHS = {1440: 600, 390: 260}  # width of the window → its width on a sheet
EMPTY = SitePage("home-empty", "home", "/")
GAP, HEAD = 16, 26
CELL, A_SHEET = 610, 3  # height of a page on a sheet, pages on one


@dataclass(frozen=True)
class Shot:
    page: str
    look: str
    width: int
    path: Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--pages", default="", help="names between commas; every page without it")
    parser.add_argument("--url", help="a running site; without it one is started")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    named = [name for name in options.pages.split(",") if name]
    wanted = list(pages(only=",".join(name for name in named if name != EMPTY.name)))
    if named == [EMPTY.name]:
        wanted = []
    with nullcontext(options.url) if options.url else own_site() as url:
        shots = list(
            photographed(url, wanted, options.out, empty=not options.pages or EMPTY.name in named)
        )
    for sheet in sheets(shots, options.out):
        print(sheet)


@contextmanager
def own_site() -> Iterator[str]:
    """A site with the starter catalogue and a small warm-up: its address."""
    with tempfile.TemporaryDirectory(prefix="segue-screens-") as folder:
        site = Site(Path(folder), arguments=["--web-workers", "1", "--no-worker", "--no-beat"])
        site.manage("migrate", "--noinput")
        site.manage("collectstatic", "--noinput")
        site.manage("bootstrap", "--sessions", "1500")
        site.start()
        try:
            wait_for("the model", lambda: site.current_model()["loaded"], seconds=60)
            yield site.url
        finally:
            site.stop()


def photographed(url: str, wanted: list[SitePage], out: Path, *, empty: bool) -> Iterator[Shot]:
    """Every page in both looks and widths. One that fails is said and passed over."""
    if CHROMIUM is None:
        raise SystemExit("There is no Chromium on this machine.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for width in WIDTHS:
            if empty:
                with window(browser, url, width) as context:
                    yield from shots_of(context.new_page(), EMPTY, out, width)
            for account in (False, True):
                some = [page for page in wanted if page.signed_in is account]
                if not some:
                    continue
                with window(browser, url, width) as context:
                    sight = prepared(context, account=account)
                    for page in some:
                        yield from shots_of(sight, page, out, width)
        browser.close()


@contextmanager
def window(browser: Browser, url: str, width: int) -> Iterator[BrowserContext]:
    context = browser.new_context(
        base_url=url,
        user_agent=PERSON,
        viewport={"width": width, "height": 900},
        reduced_motion="reduce",
        locale="en-GB",
    )
    yield context
    context.close()


def prepared(context: BrowserContext, *, account: bool) -> Page:
    """A visitor who agreed to storing and has a short trail, with an account of their own or
    without."""
    page = context.new_page()
    page.goto("/")
    answer_consent(page, agree=True)
    leave_a_trail(page)
    if account:
        sign_up(page, f"guest-{uuid.uuid4().hex[:6]}")
    return page


def shots_of(sight: Page, page: SitePage, out: Path, width: int) -> Iterator[Shot]:
    """The same page as it was loaded once, in both looks."""
    started = time.perf_counter()
    for look in LOOKS:
        path = out / f"{page.name}.{look}.{width}.png"
        try:
            choose_look(sight, look)
            sight.goto(page.address)
            whole(sight, scrolled=True)
            sight.screenshot(path=path, full_page=True)
        except (BrowserError, AssertionError) as error:
            print(f"FAILED {page.name} {look} {width}: {error}", flush=True)
            continue
        yield Shot(page.name, look, width, path)
    print(f"{page.name} {width}: {time.perf_counter() - started:.1f} s", flush=True)


def choose_look(sight: Page, look: str) -> None:
    """By what the system asks for and by the visitor's own choice, which say the same."""
    sight.emulate_media(color_scheme="dark" if look == "dark" else "light")
    address = sight.evaluate("location.origin")
    if address.startswith("http"):
        sight.context.add_cookies([{"name": "segue_theme", "value": look, "url": address}])


# Sheets


def sheets(shots: list[Shot], out: Path) -> Iterator[Path]:
    """Pages under each other, each as wide dark, wide light, narrow dark, narrow light."""
    names = list(dict.fromkeys(shot.page for shot in shots))
    found = {(shot.page, shot.look, shot.width): shot.path for shot in shots}
    wide = GAP + sum(len(LOOKS) * (width + GAP) for width in WIDTHS.values())
    for number, begin in enumerate(range(0, len(names), A_SHEET), start=1):
        some = names[begin : begin + A_SHEET]
        sheet = Image.new("RGB", (wide, len(some) * (CELL + HEAD + GAP) + GAP), "#777777")
        for row, name in enumerate(some):
            top = GAP + row * (CELL + HEAD + GAP)
            ImageDraw.Draw(sheet).text(
                (GAP, top), name, fill="white", font=ImageFont.load_default(size=18)
            )
            left = GAP
            for width, shown in WIDTHS.items():
                for look in LOOKS:
                    if (name, look, width) in found:
                        sheet.paste(small(found[name, look, width], shown), (left, top + HEAD))
                    left += shown + GAP
        path = out / f"sheet-{number:02}.png"
        sheet.save(path)
        yield path


def small(path: Path, width: int) -> Image.Image:
    """The upper part of a picture, as much of it as a sheet has room for."""
    with Image.open(path) as picture:
        shown = picture.convert("RGB")
    upper = shown.crop((0, 0, shown.width, min(shown.height, CELL * shown.width // width)))
    return upper.resize((width, upper.height * width // upper.width), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
