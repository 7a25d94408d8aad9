"""What this process serves, in memory: noticed within seconds, swapped atomically.

A daemon thread asks the database every `LOADER_POLL_SECONDS` which version is served and whether
the catalogue has changed, makes a new engine beside the old, warms it up, and swaps one reference.
A request reads that reference and nothing else, so it never waits for a load. A version that cannot
be loaded leaves the old one serving and opens an incident. The thread starts at the first use in a
process, therefore after a fork, and a forked child starts its own.

PyTorch and scikit-learn are imported by that thread: every management command imports this module
through the admin, and few of them score anything.
"""

import gc
import logging
import os
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.db.models import Count, Max

from catalog.models import Item
from catalog.revision import revision
from recommender import incidents
from recommender.dataset import item_table
from recommender.facets import warm_up
from recommender.ml.data import ItemTable
from recommender.models import ModelVersion
from sessions_app.models import Origin

if TYPE_CHECKING:
    from recommender.ml.engine import Engine

logger = logging.getLogger(__name__)

REST = 20.0  # a catalogue whose rows were only edited is read again after this many loads' time


@dataclass(frozen=True)
class CatalogueState:
    """How many items there are, the newest of them, and the revision of everything else."""

    count: int
    newest: int
    revision: str

    def has_the_items_of(self, other: "CatalogueState") -> bool:
        return (self.count, self.newest) == (other.count, other.newest)


@dataclass(frozen=True)
class Loaded:
    """An engine over the catalogue as it was at `state`. Without a version it knows nothing but
    the catalogue's words."""

    version: str | None
    simulated: bool  # nobody but simulated visitors was learned from
    state: CatalogueState
    engine: "Engine"
    mixed: bool = False  # simulated visitors were learned from, and people

    @property
    def traffic(self) -> Literal["people", "mixed", "simulated"]:
        """Whose visits were learned from."""
        if self.simulated:
            return "simulated"
        return "mixed" if self.mixed else "people"

    @property
    def items(self) -> ItemTable:
        return self.engine.items


class Loader:
    """Holds what this process serves. Reading `current` is one attribute access."""

    def __init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._failed: tuple[str, float] | None = None
        self._rest_until = 0.0
        self.current: Loaded | None = None

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

    @property
    def version(self) -> str | None:
        """The name of the version in memory, if there is one."""
        return self.current.version if self.current else None

    def _watch(self) -> None:
        import torch

        torch.set_num_threads(1)  # several requests score at once; each keeps to one core
        while True:
            before = self.current
            try:
                self.refresh()
                if self.current is not before:
                    warm_up(self.current)
                    settle_memory()
            except DatabaseError as error:
                # Nothing to write an incident to: say it and go on serving what is loaded.
                logger.warning("The loader could not reach the database: %s", error)
            finally:
                close_old_connections()
            time.sleep(settings.LOADER_POLL_SECONDS)

    def refresh(self) -> None:
        """Bring `current` up to date, now, in this thread."""
        state = _catalogue_state()
        version = ModelVersion.objects.serving()
        if state.count == 0:
            self.current = None
            return
        same_catalogue = self._knows(state)
        name = version.name if version else None
        if same_catalogue and self.version == name:
            if self._failed is not None:  # the pointer came back from a broken version
                self._failed = None
                incidents.resolve(what="loader")
            return
        start = time.monotonic()
        loaded = self._load(version, state) if version else None
        if loaded is None and version is not None:
            if same_catalogue:
                return  # what is loaded goes on serving
            loaded = self._reload(state)
        self.current = loaded or _by_content(state)
        self._rest_until = time.monotonic() + REST * (time.monotonic() - start)

    def _knows(self, state: CatalogueState) -> bool:
        """Whether what is loaded is of this catalogue, or near enough for now: a title that came
        or went is taken up at once, edits of what is there (a word, a theme) after a rest."""
        if self.current is None:
            return False
        if self.current.state == state:
            return True
        same_items = self.current.state.has_the_items_of(state)
        return same_items and time.monotonic() < self._rest_until

    def _load(self, version: ModelVersion, state: CatalogueState) -> Loaded | None:
        """The version over today's catalogue; None, and an incident, where it is broken."""
        from recommender.ml.artifacts import ArtifactError
        from recommender.publishing import artifact_directory

        directory = artifact_directory(version)
        mark = (version.name, _changed_at(directory))
        if self._failed == mark:
            return None  # already reported; look again when the files or the pointer change
        try:
            loaded = _engine_of(version, state)
        except ArtifactError as error:
            self._failed = mark
            kept = f"{self.version} goes on serving" if self.version else "content serves"
            incidents.report(what="loader", message=f"{version.name} is broken: {error} ({kept})")
            return None
        self._failed = None
        incidents.resolve(what="loader")
        logger.info("Serving %s over %d items", version.name, state.count)
        return loaded

    def _reload(self, state: CatalogueState) -> Loaded | None:
        """The version that is in memory, over a changed catalogue; None where its files went."""
        from recommender.ml.artifacts import ArtifactError

        version = ModelVersion.objects.filter(name=self.version or "").first()
        try:
            return _engine_of(version, state) if version else None
        except ArtifactError:
            return None


def settle_memory() -> None:
    """Collect what the old engine left, then take all that is alive out of the collector's sight:
    to walk over a whole catalogue again and again would stop requests for tens of milliseconds."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _catalogue_state() -> CatalogueState:
    edits = revision()  # first: what changes in between is seen the next time
    found = Item.objects.aggregate(count=Count("pk"), newest=Max("pk"))
    return CatalogueState(found["count"], found["newest"] or 0, edits)


def _engine_of(version: ModelVersion, state: CatalogueState) -> Loaded:
    """Raises ArtifactError where the version's files cannot be used."""
    from recommender.ml import artifacts
    from recommender.ml.engine import Engine
    from recommender.publishing import artifact_directory

    items = item_table()
    blend = artifacts.load(artifact_directory(version)).blend(items)
    engine = Engine(blend, items, popularity_discount=settings.POPULARITY_DISCOUNT)
    engine.rank([0], kinds=items.kinds[:1], each=1)  # warm up, and prove that it scores
    origins = version.data_summary.get("sessions_by_origin", {})
    alone = set(origins) == {Origin.SIMULATED}
    mixed = not alone and Origin.SIMULATED in origins
    return Loaded(version.name, alone, state, engine, mixed)


def _by_content(state: CatalogueState) -> Loaded | None:
    """An engine that knows the catalogue's words and nothing else; None where it has none."""
    from recommender.ml.blend import BlendRecommender, even_weights
    from recommender.ml.content import ContentRecommender
    from recommender.ml.data import SessionData
    from recommender.ml.engine import Engine

    items = item_table()
    if not any(items.texts):
        return None
    nothing = SessionData.from_sequences([], n_items=len(items))
    blend = BlendRecommender([ContentRecommender()]).fit_counting(nothing, items)
    return Loaded(None, False, state, Engine(blend.adopt(even_weights(blend)), items))


def _changed_at(directory: os.PathLike[str]) -> float:
    try:
        return max(entry.stat().st_mtime for entry in os.scandir(directory))
    except (OSError, ValueError):
        return 0.0


loader = Loader()
os.register_at_fork(after_in_child=loader.after_fork)
