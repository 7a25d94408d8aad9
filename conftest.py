"""Fixtures that several apps' tests share."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import torch

if TYPE_CHECKING:
    from recommender.loader import Loader


@pytest.fixture(autouse=True, scope="session")
def _one_torch_thread() -> None:
    """Tests run side by side: threads of one would only take time from another."""
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _plain_static_files(settings: Any) -> None:
    """Hashed names exist only after collectstatic; tests serve the files as they are."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """What one test put into the cache is not found by the next."""
    from django.core.cache import cache

    from catalog.card_cache import cards
    from catalog.revision import Kept

    cache.clear()
    cards.forget()
    for kept in Kept.everything:
        kept.forget()


@pytest.fixture(autouse=True)
def loader_without_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator["Loader"]:
    """The process's loader, empty, and refreshed only when a test says so."""
    from recommender.loader import Loader, loader

    monkeypatch.setattr(Loader, "start", lambda self: None)
    loader.after_fork()
    yield loader
    loader.after_fork()
