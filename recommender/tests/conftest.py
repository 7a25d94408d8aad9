"""The small world of this app's tests."""

from pathlib import Path
from typing import Any

import pytest

from catalog.models import Item
from recommender.loader import Loader
from recommender.tests.cases import make_catalogue, make_sessions, trained_version


@pytest.fixture
def items(db: None) -> list[Item]:
    return make_catalogue()


@pytest.fixture
def served(items: list[Item], settings: Any, tmp_path: Path, loader_without_thread: Loader) -> str:
    """A trained model in memory; its version."""
    settings.MODEL_DIR = tmp_path
    make_sessions(items, wander=0.5)
    version = trained_version()
    loader_without_thread.refresh()
    return version.name
