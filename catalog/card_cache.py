"""Items with all that a card shows, remembered for a few seconds in this process.

A card needs four queries and dozens of objects, and popular items are shown again and again. What
is edited in this process is forgotten at once; an edit made by another process shows after at most
`SECONDS`.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from catalog.models import Item

SECONDS = 10.0
KEPT = 5_000


class CardCache:
    """The remembered items, the least recently used go first. To be read only: the objects are
    shared by all requests of the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cards: OrderedDict[str, tuple[float, Item]] = OrderedDict()
        self.edits = 0  # how often everything was forgotten

    def get(self, item_ids: Iterable[str]) -> dict[str, Item]:
        """Those of the items that exist, by their public id; four queries at most."""
        wanted, now = set(item_ids), time.monotonic()
        with self._lock:
            found = {
                item_id: self._cards[item_id][1]
                for item_id in wanted
                if item_id in self._cards and self._cards[item_id][0] > now
            }
            for item_id in found:
                self._cards.move_to_end(item_id)
        missing = wanted - set(found)
        if missing:
            rows = Item.objects.with_cards().prefetch_related("derived_from")
            fresh = {item.item_id: item for item in rows.filter(item_id__in=missing)}
            with self._lock:
                self._cards.update((key, (now + SECONDS, item)) for key, item in fresh.items())
                while len(self._cards) > KEPT:
                    self._cards.popitem(last=False)
            found |= fresh
        return found

    def forget(self, **_: Any) -> None:
        """Forget everything: something of the catalogue was edited."""
        with self._lock:
            self._cards.clear()
            self.edits += 1


cards = CardCache()
