"""The table `session_events`: what visitors did with items, each row with the item's own columns.

Nothing in it says who: a Session_ID is the random number of one visit (docs/adr/0018). Events of
bots, events that a visitor took back and searches, which have no item, are left out.
"""

import datetime
from collections import OrderedDict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from catalog.exporting import PAGE, UNIFIED, UnifiedRow, key_pages, unified_rows
from catalog.tables import Layout
from sessions_app.models import (
    BrowsingSession,
    Ignored,
    Origin,
    SessionEvent,
    SessionEventQuerySet,
)

ALL = "all"  # every origin together: has to be asked for by name
ORIGINS = [*Origin.values, ALL]
_ITEMS_HELD = 20_000  # in memory; a popular item comes again and again


class SessionEventRow(NamedTuple):
    """One event; the fields are the columns of `SessionEvents.layout` in their order."""

    item_id: str
    title: str
    genre: str
    description: str
    popularity: float | None
    creator: str
    timestamp: datetime.datetime  # when it happened
    item_type: str
    session_id: str
    action_type: str


@dataclass(frozen=True, slots=True)
class SessionEvents:
    """Which events the table has: of one origin, and of the days `first` to `last` in UTC, both
    included. Simulated visits are never among live ones unless `ALL` was asked for."""

    origin: str = Origin.LIVE.value
    first: datetime.date | None = None
    last: datetime.date | None = None

    @property
    def layout(self) -> Layout:
        columns = {**UNIFIED.columns, "Timestamp": datetime.datetime}
        about = {
            "origin": self.origin,
            "first_day": self.first.isoformat() if self.first else "",
            "last_day": self.last.isoformat() if self.last else "",
        }
        columns |= {"Session_ID": str, "Action_Type": str}
        return Layout(f"session_events-{self.origin}", columns, about)

    def events(self) -> SessionEventQuerySet:
        events = self._in_days(SessionEvent.objects.counted())
        return events if self.origin == ALL else events.filter(session__origin=self.origin)

    def rows(self) -> Iterator[SessionEventRow]:
        """The rows, session by session, each in order of time. Memory does not grow with them."""
        items = _Items()
        for visits in self._visits():
            events = SessionEvent.objects.filter(session__in=visits, ignored=Ignored.NO)
            ordered = self._in_days(events).order_by("session_id", "occurred_at", "id")
            found = list(ordered.values_list("session_id", "item_id", "occurred_at", "type"))
            described = items.get({item for _, item, _, _ in found if item is not None})
            for session, item, occurred_at, action in found:
                if item is not None and item in described:
                    row = described[item]
                    yield SessionEventRow(
                        *row[:6], occurred_at, row.item_type, visits[session], action
                    )

    def _in_days(self, events: SessionEventQuerySet) -> SessionEventQuerySet:
        events = events.filter(item__isnull=False)
        if self.first:
            events = events.filter(occurred_at__gte=_begin_of(self.first))
        if self.last:
            events = events.filter(occurred_at__lte=_end_of(self.last))
        return events

    def _visits(self) -> Iterator[dict[int, str]]:
        """Key → Session_ID of the visits that may have rows, a page at a time.

        They are chosen here and not in the query: SQLite would look through every visit of the
        origin to find one page of them, again for each page.
        """
        first = _begin_of(self.first or datetime.date.min)
        last = _end_of(self.last or datetime.date.max)
        columns = ("pk", "public_id", "origin", "is_bot", "started_at", "last_event_at")
        for page in key_pages(BrowsingSession.objects.all()):
            rows = BrowsingSession.objects.filter(pk__in=page).order_by("pk")
            visits = {
                key: str(public_id)
                for key, public_id, origin, is_bot, started, ended in rows.values_list(*columns)
                # Every event lies within the span of its session: `services` widens it with each.
                if not is_bot
                and self.origin in (origin, ALL)
                and started <= last
                and ended >= first
            }
            if visits:
                yield visits


@dataclass(slots=True)
class _Items:
    """Unified rows by item key; those looked at least recently are let go first."""

    held: OrderedDict[int, UnifiedRow] = field(default_factory=OrderedDict)

    def get(self, keys: Collection[int]) -> dict[int, UnifiedRow]:
        missing = sorted(key for key in keys if key not in self.held)
        for start in range(0, len(missing), PAGE):
            self.held.update(unified_rows(missing[start : start + PAGE]))
        found = {key: self.held[key] for key in keys if key in self.held}
        for key in found:
            self.held.move_to_end(key)
        while len(self.held) > _ITEMS_HELD:
            self.held.popitem(last=False)
        return found


def _begin_of(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time.min, datetime.UTC)


def _end_of(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time.max, datetime.UTC)
