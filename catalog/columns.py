"""The whole catalogue as arrays, held in the process: what browsing counts, filters and sorts.

Items are numbered by renown, the best known first. Only what is shown of a page is read from the
database. See docs/adr/0013-browsing-counts-in-memory.md.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.columnar import Floats, Mask, Order, Tags
from catalog.models import Kind, Role

KINDS = tuple(Kind)
ROLES = tuple(Role)
SOUNDS = ("tempo", "energy", "valence", "danceability")
# What items are tagged with, and browsing can be narrowed by. Creators are people and bands, by
# the normal form of the name: spellings of one name are one.
TAGS = ("genre", "theme", "mood", "decade", "language", "country", "creator")
ORDERS = ("popular", "new", "old", "title", "rated")


@dataclass(frozen=True)
class Columns:
    """Everything (n,) by item number; floats are NaN where nothing is known."""

    pks: NDArray[np.int64]
    kinds: NDArray[np.int8]  # places in KINDS
    popularity: Floats
    ratings: Floats  # 0 to 5; tracks have none
    sounds: dict[str, Floats]  # by SOUNDS: beats a minute, the others 0 to 1
    tags: dict[str, Tags]  # by TAGS
    roles: NDArray[np.uint8]  # (E,) with the entries of the creators: bit r stands for ROLES[r]
    orders: dict[str, Order]  # by ORDERS

    def __len__(self) -> int:
        return len(self.pks)

    def everything(self) -> Mask:
        return np.ones(len(self), dtype=bool)

    def of_kind(self, kind: str) -> Mask:
        mask: Mask = self.kinds == KINDS.index(Kind(kind))
        return mask

    def with_tag(self, name: str, code: int) -> Mask:
        return self.tags[name].on(code, len(self))

    def best_known(self, kind: str, most: int) -> list[int]:
        """Primary keys of a kind's items, the best known first."""
        found: list[int] = self.pks[np.flatnonzero(self.of_kind(kind))[:most]].tolist()
        return found

    def kind_counts(self, mask: Mask) -> dict[Kind, int]:
        counts = np.bincount(self.kinds[mask], minlength=len(KINDS)).tolist()
        return dict(zip(KINDS, counts, strict=True))

    def has_popularity(self, kind: str | None = None) -> bool:
        """Whether any source tells how popular an item (of that kind) is."""
        known = ~np.isnan(self.popularity)
        return bool((known & self.of_kind(kind) if kind else known).any())
