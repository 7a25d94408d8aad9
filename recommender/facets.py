"""What the catalogue says of each item, in the engine's numbering: for the dial and for what a
visitor hides.

Made from the columns that browsing counts with, when they are first needed, and kept until the
engine or the catalogue is another one.
"""

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from catalog.columnar import Mask
from catalog.columns import SOUNDS, Columns
from catalog.columns_reading import columns
from catalog.models import Item
from recommender.ml.data import FloatArray, IntArray

if TYPE_CHECKING:
    from scipy import sparse

    from recommender.loader import Loaded

# How much each group of facts counts in the likeness of two items; each side sums to 1.
BY_GENRE = {"genre": 0.65, "creator": 0.25, "decade": 0.10}
BY_VIBE = {"theme": 0.45, "mood": 0.45, "sound": 0.10}
UNTOLD = "unknown"  # the genre of items whose source names none: nothing that two could share
QUARTERS = 4  # a sound is like another one in the same quarter of all tracks
MASKS_KEPT = 64
_LASTING = ("by_genre", "by_vibe", "known")  # of `Facets`, as long as the engine

_numbers = count(1)


@dataclass(frozen=True)
class Likeness:
    """Rows (n, F) whose products are the likeness of two items, from 0 to 1."""

    rows: "sparse.csr_array"

    def to_profile(self, session: IntArray, weights: FloatArray) -> FloatArray:
        """(n,) how like the items of a session each item is; `weights` (L,) sum to 1."""
        profile = self.rows[session].T @ weights
        found: FloatArray = (self.rows @ profile).astype(np.float32)
        return found

    def to_each(self, session: IntArray, items: IntArray) -> FloatArray:
        """(L, C) how like each of the items of a session each of some items is."""
        found: FloatArray = (self.rows[session] @ self.rows[items].T).toarray()
        return found


class Facets:
    """Of one engine over one state of the catalogue. `number` is different for every one."""

    def __init__(self, loaded: "Loaded | None", columns: Columns, keys: IntArray) -> None:
        """`keys` (n,) are the primary keys of the engine's items, rising; none without engine."""
        self.number = next(_numbers)
        self.columns = columns
        # Not `loaded` itself: an engine goes when the next one comes.
        self._members = list(loaded.engine.members.values()) if loaded else []
        self._counts = loaded.engine.blend.counts if loaded else np.zeros(0, np.int64)
        self._keys = keys
        self._lock = threading.Lock()
        self._hidden: OrderedDict[tuple[str, ...], Hidden] = OrderedDict()

    def take_over(self, before: "Facets") -> None:
        """Keep what was made for the same engine. An edit shows in what is hidden at once, and in
        what the dial finds alike when the next engine comes."""
        made = {name: before.__dict__[name] for name in _LASTING if name in before.__dict__}
        self.__dict__.update(made)

    @cached_property
    def _indices(self) -> IntArray:
        """(m,) the engine's index of each of the columns' items, -1 where it has none."""
        if not len(self._keys):
            return np.full(len(self.columns), -1, dtype=np.int64)
        order = np.argsort(self._keys)
        places = np.searchsorted(self._keys, self.columns.pks, sorter=order)
        found = order[np.minimum(places, len(order) - 1)]
        return np.where(self._keys[found] == self.columns.pks, found, -1).astype(np.int64)

    @cached_property
    def by_genre(self) -> Likeness:
        return self._likeness(BY_GENRE)

    @cached_property
    def by_vibe(self) -> Likeness:
        return self._likeness(BY_VIBE)

    @cached_property
    def known(self) -> FloatArray:
        """(n,) how well known an item is among its kind, from 0 to 1: the mean of its place by
        what the sources tell and of its place by how often it was opened in the visits that were
        learned from, of those that tell anything; 0.5 where neither does."""
        told = np.full(len(self._keys), np.nan)
        here = np.flatnonzero(self._indices >= 0)
        # The columns are numbered by renown. What no source tells of comes last, all alike.
        size = len(self.columns)
        rank = np.where(np.isnan(self.columns.popularity), size, np.arange(size))
        told[self._indices[here]] = -rank[here]
        known = np.full(len(self._keys), 0.5)
        for members in self._members:
            heard = [_places(told[members]), _places(self._counts[members].astype(float))]
            some = [places for places in heard if places is not None]
            if some:
                known[members] = np.mean(some, axis=0)
        return known.astype(np.float32)

    def with_the_kinds_of(self, before: FloatArray, after: FloatArray) -> FloatArray:
        """(n,) `after`, each kind scaled to the sum that it has in `before`."""
        for members in self._members:
            whole = float(after[members].sum())
            if whole > 0:
                after[members] *= np.float32(float(before[members].sum()) / whole)
        return after

    def hidden(self, genres: Collection[str]) -> "Hidden":
        """The items of these genres, by their slugs; a genre that is not there hides nothing."""
        name = tuple(sorted(set(genres)))
        with self._lock:
            known = self._hidden.get(name)
            if known is None:
                known = self._hidden[name] = Hidden(self, name)
                while len(self._hidden) > MASKS_KEPT:
                    self._hidden.popitem(last=False)
            return known

    def in_engine(self, mask: Mask) -> NDArray[np.bool_]:
        """(n,) the items of the columns' mask (m,), in the engine's numbering."""
        found = np.zeros(len(self._keys), dtype=bool)
        indices = self._indices[mask]
        found[indices[indices >= 0]] = True
        return found

    def _likeness(self, groups: Mapping[str, float]) -> Likeness:
        from scipy import sparse  # when a dial is first turned: commands start without it

        made = [
            self._sounding(weight) if name == "sound" else self._tagged(name, weight)
            for name, weight in groups.items()
        ]
        return Likeness(sparse.csr_array(sparse.hstack(made, "csr", dtype=np.float32)))

    def _tagged(self, name: str, weight: float) -> "sparse.csr_array":
        """(n, W) one group of tags; rare ones count for more, and rows have the length that makes
        a product of two at most `weight`."""
        tags = self.columns.tags[name]
        unlisted = tags.words.find(UNTOLD) if name == "genre" else None
        indices = self._indices[tags.rows]
        kept = (indices >= 0) & (tags.codes != (-1 if unlisted is None else unlisted))
        often = np.bincount(tags.codes[kept], minlength=len(tags.words))
        rarity = np.log1p(len(self._keys) / np.maximum(often, 1))
        values = rarity[tags.codes[kept]]
        return self._rows(indices[kept], tags.codes[kept], values, len(tags.words), weight)

    def _sounding(self, weight: float) -> "sparse.csr_array":
        """(n, 4 * QUARTERS) in which quarter of all tracks each sound of a track is."""
        rows, codes = [], []
        for place, name in enumerate(SOUNDS):
            values = self.columns.sounds[name]
            heard = np.flatnonzero(~np.isnan(values) & (self._indices >= 0))
            if len(heard):
                borders = np.quantile(values[heard], np.arange(1, QUARTERS) / QUARTERS)
                rows.append(self._indices[heard])
                codes.append(QUARTERS * place + np.searchsorted(borders, values[heard]))
        none = np.zeros(0, dtype=np.int64)
        where, what = np.concatenate([none, *rows]), np.concatenate([none, *codes])
        return self._rows(where, what, np.ones(len(where)), QUARTERS * len(SOUNDS), weight)

    def _rows(
        self,
        rows: IntArray,
        codes: IntArray,
        values: NDArray[np.float64],
        width: int,
        weight: float,
    ) -> "sparse.csr_array":
        from scipy import sparse

        size = len(self._keys)
        lengths = np.sqrt(np.bincount(rows, values**2, minlength=size))
        scaled = (np.sqrt(weight) * values / lengths[rows]).astype(np.float32)
        shape = (size, max(width, 1))
        return sparse.coo_array((scaled, (rows, codes)), shape=shape).tocsr()


class Hidden:
    """The items of some genres."""

    def __init__(self, facets: Facets, genres: tuple[str, ...]) -> None:
        columns = facets.columns
        self.name = (facets.number, genres)
        self.in_columns: Mask = np.zeros(len(columns), dtype=bool)  # (m,)
        tags = columns.tags["genre"]
        for code in map(tags.words.find, genres):
            if code is not None:
                self.in_columns |= columns.with_tag("genre", code)
        self.in_engine = facets.in_engine(self.in_columns)  # (n,)
        self._keys = np.sort(columns.pks[self.in_columns])

    def has(self, keys: Collection[int]) -> NDArray[np.bool_]:
        """(K,) which of some primary keys are hidden."""
        found: NDArray[np.bool_] = np.isin(np.array(list(keys), dtype=np.int64), self._keys)
        return found


def _places(values: NDArray[np.float64]) -> FloatArray | None:
    """(M,) each value's place among the values, 0 the lowest and 1 the highest, equal ones alike;
    None where all are alike. NaN counts as the lowest."""
    filled = np.nan_to_num(values, nan=-np.inf)
    distinct, which, counts = np.unique(filled, return_inverse=True, return_counts=True)
    if len(distinct) < 2:
        return None
    middle = np.cumsum(counts) - (counts + 1) / 2
    found: FloatArray = (middle[which] / (len(values) - 1)).astype(np.float32)
    return found


class _Kept:
    """The facets that were made last, and the engine that they are of."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.loaded: Callable[[], Loaded | None] = lambda: None
        self.keys: IntArray | None = None
        self.facets: Facets | None = None


_last = _Kept()


def facets_of(loaded: "Loaded | None") -> Facets:
    """Those of what is loaded over today's catalogue; one small query, more when either changed."""
    current = columns.get()
    with _last.lock:
        if _last.keys is None or _last.loaded() is not loaded:
            _last.keys, _last.facets = _keys_of(loaded), None
            _last.loaded = (lambda: None) if loaded is None else weakref.ref(loaded)
        if _last.facets is None or _last.facets.columns is not current:
            made = Facets(loaded, current, _last.keys)
            if _last.facets is not None:
                made.take_over(_last.facets)
            _last.facets = made
        return _last.facets


def warm_up(loaded: "Loaded | None") -> None:
    """Make what the first turn of a dial would have to wait for."""
    if loaded is not None:
        facets = facets_of(loaded)
        for name in _LASTING:
            getattr(facets, name)


def _keys_of(loaded: "Loaded | None") -> IntArray:
    """(n,) primary keys of the engine's items, -1 for those that are gone."""
    keys = np.full(len(loaded.items) if loaded else 0, -1, dtype=np.int64)
    if loaded is not None:
        index_of = loaded.items.index_of
        for pk, item_id in Item.objects.order_by().values_list("pk", "item_id").iterator():
            if item_id in index_of:
                keys[index_of[item_id]] = pk
    return keys
