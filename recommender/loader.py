"""The current model in memory, one a process: noticed within seconds, swapped atomically.

A daemon thread asks the database every `LOADER_POLL_SECONDS` which version is served, loads a
new one beside the old, warms it up, and swaps one reference. A request reads that reference and
nothing else, so it never waits for a load. A version that cannot be loaded leaves the old one
serving and opens an incident. The thread starts at the first use in a process, therefore after
a fork, and a forked child starts its own.

PyTorch and scikit-learn are imported by that thread: every management command imports this module
through the admin, and few of them score anything.
"""

import logging
import os
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.db.models import Count, Max

from catalog.models import Item
from recommender import incidents
from recommender.dataset import item_table
from recommender.ml.data import ItemTable
from recommender.models import ModelVersion

if TYPE_CHECKING:
    from recommender.ml.content import ContentRecommender
    from recommender.ml.gru4rec import GRU4RecRecommender

logger = logging.getLogger(__name__)

CatalogueState = tuple[int, int]


@dataclass(frozen=True)
class LoadedModel:
    """A served version, ready to score. `index_of` maps item ids to the model's own indices."""

    version: str
    model: "GRU4RecRecommender"
    items: ItemTable


@dataclass(frozen=True)
class ContentIndex:
    """Content vectors of the catalogue as it was at `state`."""

    state: CatalogueState
    model: "ContentRecommender"
    items: ItemTable


class Loader:
    """Holds what this process serves. Reading `model` and `content` is one attribute access."""

    def __init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._failed: tuple[str, float] | None = None
        self.model: LoadedModel | None = None
        self.content: ContentIndex | None = None

    def start(self) -> None:
        """Start this process's watching thread, once; cheap to call on every request."""
        if self._thread is not None and self._thread.is_alive():
            return
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._watch, name="loader", daemon=True)
                self._thread.start()

    def after_fork(self) -> None:
        """A child has none of its parent's threads: forget them, keep nothing shared."""
        self._reset()

    def _watch(self) -> None:
        import torch

        torch.set_num_threads(1)  # several requests score at once; each keeps to one core
        while True:
            try:
                self.refresh()
            except DatabaseError as error:
                # Nothing to write an incident to: say it and go on serving what is loaded.
                logger.warning("The loader could not reach the database: %s", error)
            finally:
                close_old_connections()
            time.sleep(settings.LOADER_POLL_SECONDS)

    def refresh(self) -> None:
        """Bring `model` and `content` up to date, now, in this thread."""
        self._refresh_model()
        self._refresh_content()

    def _refresh_model(self) -> None:
        from recommender.ml import artifacts
        from recommender.publishing import artifact_directory

        version = ModelVersion.objects.serving()
        if version is None:
            self.model = None
            return
        if self.model is not None and self.model.version == version.name:
            if self._failed is not None:  # the pointer came back from a broken version
                self._failed = None
                incidents.resolve(what="loader")
            return
        directory = artifact_directory(version)
        if self._failed is not None and self._failed == (version.name, _changed_at(directory)):
            return  # already reported; look again when the files or the pointer change
        try:
            model, items, _ = artifacts.load(directory)
            model.scores([[0]])  # warm up, and prove that it scores
        except artifacts.ArtifactError as error:
            self._failed = (version.name, _changed_at(directory))
            kept = f"{self.model.version} goes on serving" if self.model else "content serves"
            incidents.report(what="loader", message=f"{version.name} is broken: {error} ({kept})")
            return
        self._failed = None
        self.model = LoadedModel(version=version.name, model=model, items=items)
        incidents.resolve(what="loader")
        logger.info("Serving %s", version.name)

    def _refresh_content(self) -> None:
        found = Item.objects.aggregate(count=Count("pk"), newest=Max("pk"))
        state = (found["count"], found["newest"] or 0)
        if self.content is not None and self.content.state == state:
            return
        if state[0] == 0:
            self.content = None
            return
        from recommender.ml.content import ContentRecommender

        items = item_table()
        try:
            model = ContentRecommender().fit_texts(items.texts)
        except ValueError as error:  # a catalogue without a single word
            logger.warning("No content model: %s", error)
            return
        self.content = ContentIndex(state=state, model=model, items=items)


def _changed_at(directory: os.PathLike[str]) -> float:
    try:
        return max(entry.stat().st_mtime for entry in os.scandir(directory))
    except (OSError, ValueError):
        return 0.0


loader = Loader()
os.register_at_fork(after_in_child=loader.after_fork)
