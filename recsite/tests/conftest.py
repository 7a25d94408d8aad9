"""Fixtures of this package's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu import Connection

from recsite.tests.broker import connect


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "broker"


@pytest.fixture
def connection(root: Path) -> Iterator[Connection]:
    with connect(root) as opened:
        yield opened
