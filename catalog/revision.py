"""One number that changes whenever the catalogue does, and values that are kept until it does."""

import threading
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import close_old_connections
from django.db.models import Count, Max

from catalog.models import Change

T = TypeVar("T")

KEPT_CHANGES = 1_000
QUICK_SECONDS = 0.3
REST = 5.0  # a slow build rests this many times as long as it took before the next one


def note_change() -> None:
    """Say that the catalogue is being changed, inside the transaction that does it.

    A row is added, none is updated: writers never wait for each other.
    """
    newest = Change.objects.create().pk
    if newest % KEPT_CHANGES == 0:
        Change.objects.filter(pk__lte=newest - KEPT_CHANGES).delete()


def revision() -> str:
    """The state of the catalogue; one small query. Equal as long as nothing has changed.

    The count tells of a change with a lower number that is committed later than a higher one.
    """
    state = Change.objects.aggregate(count=Count("pk"), newest=Max("pk"))
    return f"{state['count']}-{state['newest'] or 0}"


class Kept(Generic[T]):
    """A value made from the catalogue, held in this process until the catalogue changes.

    What is made in less than `QUICK_SECONDS` is made anew at once, in the request that asks for
    it. What takes longer is made beside the requests, which get the old value until then. Only
    the first request of a process waits for a slow one (see `warm_up`).
    """

    everything: "list[Kept[Any]]" = []

    def __init__(self, build: Callable[[], T], *, ahead: bool = True) -> None:
        """`ahead`: visitors' pages need it, so `warm_up` makes it before they ask."""
        self._build = build
        self.ahead = ahead
        self.forget()
        Kept.everything.append(self)

    def forget(self) -> None:
        """Hold nothing; for a forked child, and for tests."""
        self._making = threading.Lock()
        self._starting = threading.Lock()
        self._held: tuple[str, T] | None = None
        self._took = 0.0
        self._rest_until = 0.0
        self._thread: threading.Thread | None = None

    def get(self) -> T:
        """The value; of the newest revision unless it takes long to make."""
        now = revision()
        held = self._held
        if held is not None and held[0] == now:
            return held[1]
        if held is None or self._took < QUICK_SECONDS:
            return self._make(now)
        self._make_beside(now)
        return held[1]

    def _make(self, wanted: str) -> T:
        with self._making:
            if self._held is not None and self._held[0] == wanted:  # made while this one waited
                return self._held[1]
            # Read before the rows: a change that comes in between shows at the next look.
            state, start = revision(), time.monotonic()
            value = self._build()
            self._took = time.monotonic() - start
            self._rest_until = time.monotonic() + REST * self._took
            self._held = (state, value)
            return value

    def _make_beside(self, wanted: str) -> None:
        if time.monotonic() < self._rest_until:
            return  # an import changes the catalogue every second: do nothing else but this
        with self._starting:
            if self._thread is not None and self._thread.is_alive():
                return
            self._thread = threading.Thread(target=self._work, args=(wanted,), daemon=True)
            self._thread.start()

    def _work(self, wanted: str) -> None:
        try:
            self._make(wanted)
        finally:
            close_old_connections()


def warm_up() -> None:
    """Make what visitors' pages need, in a thread, so that none of them waits for it."""

    def work() -> None:
        try:
            for kept in Kept.everything:
                if kept.ahead:
                    kept.get()
        finally:
            close_old_connections()

    threading.Thread(target=work, name="catalogue", daemon=True).start()
