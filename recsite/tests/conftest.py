"""Fixtures of this package's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu import Connection
from playwright.sync_api import Browser, Page, sync_playwright

from recsite.tests.broker import connect
from recsite.tests.chromium import CHROMIUM, FLAGS, open_context
from recsite.tests.site import Site


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "broker"


@pytest.fixture
def connection(root: Path) -> Iterator[Connection]:
    with connect(root) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def troubles() -> list[str]:
    """Console errors and requests to other origins; every page test ends with none."""
    return []


@pytest.fixture
def page(browser: Browser, site: Site, troubles: list[str]) -> Iterator[Page]:
    """A page of a wide window on the `site` of the test's own module."""
    context = open_context(browser, site, troubles)
    yield context.new_page()
    context.close()
    assert troubles == []
