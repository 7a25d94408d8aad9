"""ORM → arrays: the only reader of sessions for training.

Rules of the training set
- views of people only: no bots, no prefetches, no steps that a visitor took back;
- a view known to be shorter than `SHORTEST_VIEW_MS` is an accident and left out;
- the same item twice in a row counts once; a session needs two items to teach anything;
- sessions that ended more than `TRAIN_WINDOW_DAYS` before the newest one are left out;
- of the rest, each live or imported session displaces `DISPLACED_BY_ONE` of the oldest simulated
  ones, so that warm-up traffic fades out as people arrive;
- of the rest, the newest sessions are taken, as many as have `TRAIN_WINDOW_EVENTS` views between
  them: displaced sessions use up nothing.

The last three leave out whole sessions, never parts, and are decided in the database, so that the
memory that a training takes depends on its window and not on how long the site has been there.
"""

import hashlib
from array import array
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import Count, Max, Min, OuterRef, Q, QuerySet, Subquery
from numpy.typing import NDArray

from catalog.cleaning import NO_DESCRIPTION
from catalog.models import Credit, Item
from recommender.ml.data import ItemTable, SessionData
from recommender.ml.texts import origin_words, theme_words
from recommender.models import ModelVersion
from sessions_app.models import BrowsingSession, EventType, Ignored, Origin, SessionEvent

DISPLACED_BY_ONE = 5
_NEWEST_FIRST = ("-last_event_at", "-pk")

_Event = tuple[int, str, str, int | None, datetime]


@dataclass(frozen=True)
class TrainingSet:
    """Everything that a training reads, frozen at one moment."""

    sessions: SessionData
    items: ItemTable
    origins: NDArray[np.str_]  # (S,) one of Origin's values, aligned with `sessions`
    first_event_id: int  # the oldest row that was read; 0 where nothing was
    last_event_id: int  # the newest row of all, inside the window or not
    events_read: int  # views of people between the two; see `forgotten_since`
    left_out: int  # sessions older than the window's days or beyond its number of events
    fingerprint: str

    def summary(self) -> dict[str, Any]:
        """JSON-ready: sessions and events by origin, time span, window, vocabulary."""
        names, counts = np.unique(self.origins, return_counts=True)
        return {
            "sessions": len(self.sessions),
            "events": self.sessions.n_events,
            "items": len(self.items),
            "sessions_by_origin": {str(n): int(c) for n, c in zip(names, counts, strict=True)},
            "first_session_end": _iso(self.sessions.ends[0]) if len(self.sessions) else None,
            "last_session_end": _iso(self.sessions.ends[-1]) if len(self.sessions) else None,
            "window_days": settings.TRAIN_WINDOW_DAYS,
            "window_events": settings.TRAIN_WINDOW_EVENTS,
            "sessions_left_out": self.left_out,
            "first_event_id": self.first_event_id,
            "events_read": self.events_read,
        }


def export_training_set() -> TrainingSet:
    """Read the catalogue and the sessions that are to be learned from. No writes.

    Beside the catalogue it takes about 70 bytes of memory an event, for at most
    `TRAIN_WINDOW_EVENTS` events.
    """
    items = item_table()
    # First, so that an event which arrives during the export counts as new afterwards. Not of
    # the window: else an import of old sessions would count as new events for ever.
    last_event_id = newest_event_id()
    chosen, left_out = _choose_sessions()
    views = training_events().filter(pk__lte=last_event_id, session__in=chosen.values("pk"))
    first_event_id = views.aggregate(oldest=Min("pk"))["oldest"] or 0
    sessions, origins = _sessions(_rows(views), index_of=items.index_of)
    return TrainingSet(
        sessions=sessions,
        items=items,
        origins=origins,
        first_event_id=first_event_id,
        last_event_id=last_event_id,
        events_read=_views_between(first_event_id, last_event_id),
        left_out=left_out,
        fingerprint=_fingerprint(sessions, items),
    )


def training_events() -> Any:
    """The events that a training would read, as a queryset."""
    return (
        SessionEvent.objects.counted()
        .filter(type=EventType.VIEW)
        .filter(Q(dwell_ms=None) | Q(dwell_ms__gte=settings.SHORTEST_VIEW_MS))
    )


def newest_event_id() -> int:
    return training_events().aggregate(newest=Max("pk"))["newest"] or 0


def events_since(event_id: int) -> int:
    """How many events have arrived that a training would read and the given one has not."""
    return training_events().filter(pk__gt=event_id).count()


def forgotten_since(version: ModelVersion) -> int:
    """How many of the views that this version's training found are deleted or taken back by now.

    Zero for a version that did not note what it found. Views are looked for among the rows from
    the oldest that was read to the newest there was, whether or not the training left out some in
    between: the number can be too high, which costs one training too many.
    """
    found = version.data_summary.get("events_read", 0)
    oldest = version.data_summary.get("first_event_id", 0)
    return max(0, found - _views_between(oldest, version.last_event_id))


def _views_between(first_event_id: int, last_event_id: int) -> int:
    """Views of people among these rows, both ends included.

    Unlike `training_events` it asks neither for the dwell time nor whether a page was prefetched:
    both can still change after a training, and that is no forgetting.
    """
    views = SessionEvent.objects.filter(type=EventType.VIEW, session__is_bot=False)
    kept = views.exclude(ignored=Ignored.REMOVED)
    return kept.filter(pk__gte=first_event_id, pk__lte=last_event_id).count()


def item_table() -> ItemTable:
    """The whole catalogue as vocabulary, oldest item first, with one text an item."""
    names = _names_by_item()
    ids, kinds, texts = [], [], []
    rows = Item.objects.order_by("pk").values_list(
        *("pk", "item_id", "kind", "title", "description"),
        *("moods", "themes", "year", "language", "country"),
    )
    for pk, item_id, kind, title, about, moods, themes, year, language, country in rows.iterator(
        chunk_size=5_000
    ):
        ids.append(item_id)
        kinds.append(kind)
        if about == NO_DESCRIPTION:  # thousands of books share these words, and nothing else
            about = ""
        shared = " ".join([*moods, *theme_words(themes, described=bool(about))])
        origin = origin_words(year, language, country)
        texts.append("\n".join([title, *names[pk], shared, *origin, about]))
    return ItemTable(ids=ids, kinds=kinds, texts=texts)


def _names_by_item() -> dict[int, list[str]]:
    """Genre and creator names an item; each name is one token, so that "New York" is not "New"."""
    names: dict[int, list[str]] = defaultdict(list)
    through = Item.genres.through.objects.values_list("item_id", "genre__name")
    credits = Credit.objects.order_by("position").values_list("item_id", "creator__name")
    for rows in (through, credits):
        for item_pk, name in rows.iterator(chunk_size=10_000):
            names[item_pk].append("_".join(name.split()))
    return names


def _choose_sessions() -> tuple[QuerySet[BrowsingSession], int]:
    """The sessions to learn from, and how many the window left out (displaced ones not counted)."""
    teaching = _teaching_sessions()
    recent = _recent(teaching)
    undisplaced = _undisplaced(recent)
    chosen = _within_events(undisplaced)
    too_old = teaching.count() - recent.count()
    return chosen, too_old + undisplaced.count() - chosen.count()


def _teaching_sessions() -> QuerySet[BrowsingSession]:
    """Sessions with views of two different items or more, and how many `views` each has."""
    views = (
        training_events()
        .filter(session=OuterRef("pk"))
        .order_by()
        .values("session")
        .annotate(views=Count("pk"), different=Count("item", distinct=True))
        .filter(different__gt=1)
    )
    sessions = BrowsingSession.objects.of_people()
    return sessions.annotate(views=Subquery(views.values("views"))).filter(views__gt=1)


def _recent(sessions: QuerySet[BrowsingSession]) -> QuerySet[BrowsingSession]:
    """Counted back from the newest session, not from today: a site that was quiet for a year has
    still something to learn from, and the same data give the same training set on any day."""
    newest = sessions.order_by(*_NEWEST_FIRST).first()
    if newest is None:
        return sessions
    try:
        oldest_end = newest.last_event_at - timedelta(days=settings.TRAIN_WINDOW_DAYS)
    except OverflowError:  # a window that begins before the calendar does holds everything
        return sessions
    return sessions.filter(last_event_at__gte=oldest_end)


def _undisplaced(sessions: QuerySet[BrowsingSession]) -> QuerySet[BrowsingSession]:
    simulated = sessions.filter(origin=Origin.SIMULATED).order_by(*_NEWEST_FIRST)
    n_simulated = simulated.count()
    # More people than simulated sessions displace no more than all of them: no need to count on.
    people = sessions.exclude(origin=Origin.SIMULATED)[:n_simulated].count()
    n_kept = max(n_simulated - people * DISPLACED_BY_ONE, 0)
    newest_displaced = simulated[n_kept : n_kept + 1].first()
    if newest_displaced is None:
        return sessions
    return sessions.filter(~Q(origin=Origin.SIMULATED) | _newer_than(newest_displaced))


def _within_events(sessions: QuerySet[BrowsingSession]) -> QuerySet[BrowsingSession]:
    room = settings.TRAIN_WINDOW_EVENTS
    for session in sessions.order_by(*_NEWEST_FIRST).iterator(chunk_size=10_000):
        room -= session.views  # type: ignore[attr-defined]  # annotated
        if room < 0:
            return sessions.filter(_newer_than(session))
    return sessions


def _newer_than(session: BrowsingSession) -> Q:
    same_end = Q(last_event_at=session.last_event_at, pk__gt=session.pk)
    return Q(last_event_at__gt=session.last_event_at) | same_end


def _rows(views: QuerySet[SessionEvent]) -> Iterable[_Event]:
    return (
        views.order_by("session_id", "occurred_at", "pk")
        .values_list("session_id", "session__origin", "item__item_id", "dwell_ms", "occurred_at")
        .iterator(chunk_size=10_000)
    )


def _sessions(
    events: Iterable[_Event], *, index_of: dict[str, int]
) -> tuple[SessionData, NDArray[np.str_]]:
    """Pack events, which arrive session by session, into arrays ordered by session end."""
    items, dwell, offsets, ends = array("q"), array("f"), array("q", [0]), array("q")
    origins: list[str] = []
    for (_, origin), views in groupby(events, key=itemgetter(0, 1)):
        start, end = len(items), 0
        for _, _, item_id, dwell_ms, occurred_at in views:
            end = int(occurred_at.timestamp())
            index = index_of.get(item_id)
            if index is None:  # added to the catalogue after the vocabulary was read
                continue
            if len(items) > start and items[-1] == index:
                continue
            items.append(index)
            dwell.append(float("nan") if dwell_ms is None else dwell_ms / 1000)
        if len(items) - start < 2:
            del items[start:], dwell[start:]
            continue
        offsets.append(len(items))
        ends.append(end)
        origins.append(origin)
    data = SessionData(
        items=np.array(items, dtype=np.int64),
        offsets=np.array(offsets, dtype=np.int64),
        ends=np.array(ends, dtype=np.int64),
        dwell=np.array(dwell, dtype=np.float32),
        n_items=len(index_of),
    )
    order = np.argsort(data.ends, kind="stable")
    data = data.take(order)
    data.validate()
    return data, np.array(origins, dtype=np.str_)[order]


def _fingerprint(sessions: SessionData, items: ItemTable) -> str:
    digest = hashlib.sha256()
    digest.update("\n".join(items.ids).encode())
    for part in (sessions.items, sessions.offsets, sessions.ends):
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(int(seconds), tz=UTC).isoformat()
