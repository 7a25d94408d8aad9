"""What the tests in a real Chromium share: how it starts, whom it plays, which site it visits."""

import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from recsite.tests.site import Site

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Headless Chromium names itself in the user agent and is rightly taken for a robot.
PERSON = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)
# Chromium tells so itself when a page is left while it still fades in.
ABORTED = "Transition was aborted"


@contextmanager
def prepared_site(folder: Path, *commands: list[str]) -> Iterator[Site]:
    """A running site with one web process, after these management commands; skips the tests where
    there is no Chromium to visit it. What the commands make is made once for all modules that want
    the same, whichever process runs them, and copied."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    site = Site(folder, arguments=["--web-workers", "1", "--no-worker", "--no-beat"])
    shutil.copytree(_made_once(folder, commands), folder, dirs_exist_ok=True)
    site.start()
    try:
        yield site
    finally:
        site.stop()


def _made_once(folder: Path, commands: tuple[list[str], ...]) -> Path:
    """The data of a site after these commands; `folder` is one of pytest's temporary folders."""
    own = folder.parent
    shared = own.parent if own.name.startswith("popen-") else own  # of all processes of this run
    whole = shared / f"site-{hashlib.sha256(repr(commands).encode()).hexdigest()[:16]}"
    with whole.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            half = whole.with_suffix(".half")
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir()
            site = Site(half)
            for command in (["migrate", "--noinput"], ["collectstatic", "--noinput"], *commands):
                site.manage(*command)
            half.rename(whole)
    return whole


def open_context(
    browser: Browser, site: Site, troubles: list[str], *, width: int = 1440, script: bool = True
) -> BrowserContext:
    context = browser.new_context(
        base_url=site.url,
        user_agent=PERSON,
        viewport={"width": width, "height": 900},
        java_script_enabled=script,
    )

    def watch(page: Page) -> None:
        page.on(
            "console",
            lambda m: troubles.append(f"console: {m.text}") if m.type == "error" else None,
        )
        page.on(
            "pageerror",
            lambda error: None if ABORTED in str(error) else troubles.append(f"error: {error}"),
        )

    context.on("page", watch)
    context.on(
        "request",
        lambda r: (
            troubles.append(f"foreign: {r.url}")
            if urlsplit(r.url).scheme in ("http", "https") and not r.url.startswith(site.url)
            else None
        ),
    )
    return context
