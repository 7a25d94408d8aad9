"""Items with all that a card shows, remembered in this process until the catalogue changes.

A card needs four queries and dozens of objects, and popular items are shown again and again. What
is edited in this process is forgotten at once; an edit made by another process shows after at most
`SECONDS`: so often the catalogue's revision is looked at.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from catalog.models import Item
from catalog.revision import revision

SECONDS = 10.0
KEPT = 5_000


class CardCache:
    """The remembered items, the least recently used go first. To be read only: the objects are
    shared by all requests of the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cards: OrderedDict[str, Item] = OrderedDict()
        self._revision = ""  # when it was last looked at; "" before the first look
        self._next_look: float | None = None
        self.edits = 0  # how often everything was forgotten

    def get(self, item_ids: Iterable[str]) -> dict[str, Item]:
        """Those of the items that exist, by their public id; five queries at most."""
        self._heed_other_processes()
        wanted = set(item_ids)
        with self._lock:
            edits = self.edits
            found = {item_id: self._cards[item_id] for item_id in wanted if item_id in self._cards}
            for item_id in found:
                self._cards.move_to_end(item_id)
        missing = wanted - set(found)
        if missing:
            rows = Item.objects.with_cards().prefetch_related("derived_from")
            fresh = {item.item_id: item for item in rows.filter(item_id__in=missing)}
            with self._lock:
                if edits == self.edits:  # else they may have been read before the edit
                    self._cards.update(fresh)
                while len(self._cards) > KEPT:
                    self._cards.popitem(last=False)
            found |= fresh
        return found

    def _heed_other_processes(self) -> None:
        now = time.monotonic()
        with self._lock:
            if self._next_look is None:
                self._next_look = now + SECONDS
            if now < self._next_look:
                return
            self._next_look = now + SECONDS  # one thread looks
        seen = revision()
        if seen != self._revision:
            self.forget()
            with self._lock:
                self._revision, self._next_look = seen, now + SECONDS

    def forget(self, **_: Any) -> None:
        """Forget everything: something of the catalogue was edited."""
        with self._lock:
            self._cards.clear()
            self._revision, self._next_look = "", None
            self.edits += 1


cards = CardCache()
