"""Fixtures of this package's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu import Connection
from playwright.sync_api import Browser, sync_playwright

from recsite.tests.broker import connect
from recsite.tests.chromium import CHROMIUM, FLAGS


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
