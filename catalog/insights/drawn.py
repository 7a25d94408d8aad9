"""Drawn pages, remembered in this process while they are asked for."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Drawn(Generic[T]):
    """The newest `most` values by key. One is made at a time: requests that come meanwhile wait
    for it and find theirs made, which is sooner than if each made it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[Hashable, T] = OrderedDict()
        self._making = threading.Lock()
        self._looking = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        found = self._found(key)
        if found is not None:
            return found
        with self._making:
            found = self._found(key)
            if found is None:
                found = make()
                with self._looking:
                    self._held[key] = found
                    while len(self._held) > self._most:
                        self._held.popitem(last=False)
            return found

    def _found(self, key: Hashable) -> Any:
        with self._looking:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)
