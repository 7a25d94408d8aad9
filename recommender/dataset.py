"""ORM → arrays: the only reader of sessions for training.

Rules of the training set
- views of people only: no bots, no prefetches, no steps that a visitor took back;
- a view known to be shorter than `SHORTEST_VIEW_MS` is an accident and left out;
- the same item twice in a row counts once; a session needs two items to teach anything;
- each live or imported session displaces `DISPLACED_BY_ONE` of the oldest simulated ones, so
  that warm-up traffic fades out as people arrive.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import Max, Q
from numpy.typing import NDArray

from catalog.models import Credit, Item
from recommender.ml.data import ItemTable, SessionData
from sessions_app.models import EventType, Origin, SessionEvent

DISPLACED_BY_ONE = 5


@dataclass(frozen=True)
class TrainingSet:
    """Everything that a training reads, frozen at one moment."""

    sessions: SessionData
    items: ItemTable
    origins: NDArray[np.str_]  # (S,) one of Origin's values, aligned with `sessions`
    last_event_id: int
    fingerprint: str

    def summary(self) -> dict[str, Any]:
        """JSON-ready: sessions and events by origin, time span, vocabulary."""
        names, counts = np.unique(self.origins, return_counts=True)
        return {
            "sessions": len(self.sessions),
            "events": self.sessions.n_events,
            "items": len(self.items),
            "sessions_by_origin": {str(n): int(c) for n, c in zip(names, counts, strict=True)},
            "first_session_end": _iso(self.sessions.ends[0]) if len(self.sessions) else None,
            "last_session_end": _iso(self.sessions.ends[-1]) if len(self.sessions) else None,
        }


def export_training_set() -> TrainingSet:
    """Read the catalogue and every session that may be learned from. Two passes, no writes."""
    items = item_table()
    events = _events()
    sessions, origins = _sessions(events, index_of=items.index_of)
    sessions, origins = _displace_simulated(sessions, origins)
    return TrainingSet(
        sessions=sessions,
        items=items,
        origins=origins,
        last_event_id=newest_event_id(),
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


def item_table() -> ItemTable:
    """The whole catalogue as vocabulary, oldest item first, with one text an item."""
    names = _names_by_item()
    ids, kinds, texts = [], [], []
    rows = Item.objects.order_by("pk").values_list(
        "pk", "item_id", "kind", "title", "description", "moods"
    )
    for pk, item_id, kind, title, description, moods in rows.iterator(chunk_size=5_000):
        ids.append(item_id)
        kinds.append(kind)
        texts.append("\n".join([title, *names[pk], " ".join(moods), description]))
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


def _events() -> Iterable[tuple[int, str, str, int | None, datetime]]:
    return (
        training_events()
        .order_by("session_id", "occurred_at", "pk")
        .values_list("session_id", "session__origin", "item__item_id", "dwell_ms", "occurred_at")
        .iterator(chunk_size=10_000)
    )


def _sessions(
    events: Iterable[tuple[int, str, str, int | None, datetime]], *, index_of: dict[str, int]
) -> tuple[SessionData, NDArray[np.str_]]:
    """Pack events, which arrive session by session, into arrays ordered by session end."""
    sequences: list[list[int]] = []
    dwells: list[list[float]] = []
    ends: list[int] = []
    origins: list[str] = []
    current: int | None = None
    for session_id, origin, item_id, dwell_ms, occurred_at in events:
        if session_id != current:
            current = session_id
            sequences.append([])
            dwells.append([])
            ends.append(0)
            origins.append(origin)
        ends[-1] = int(occurred_at.timestamp())
        index = index_of.get(item_id)
        if index is None:  # added to the catalogue after the vocabulary was read
            continue
        if sequences[-1] and sequences[-1][-1] == index:
            continue
        sequences[-1].append(index)
        dwells[-1].append(float("nan") if dwell_ms is None else dwell_ms / 1000)
    kept = [i for i, sequence in enumerate(sequences) if len(sequence) > 1]
    order = sorted(kept, key=lambda i: ends[i])
    data = SessionData.from_sequences(
        [sequences[i] for i in order],
        n_items=len(index_of),
        ends=[ends[i] for i in order],
        dwell=[dwells[i] for i in order],
    )
    return data, np.array([origins[i] for i in order], dtype=np.str_)


def _displace_simulated(
    sessions: SessionData, origins: NDArray[np.str_]
) -> tuple[SessionData, NDArray[np.str_]]:
    simulated = np.flatnonzero(origins == Origin.SIMULATED)  # oldest first
    people = len(origins) - len(simulated)
    displaced = simulated[: people * DISPLACED_BY_ONE]
    keep = np.ones(len(origins), dtype=bool)
    keep[displaced] = False
    return sessions.take(keep), origins[keep]


def _fingerprint(sessions: SessionData, items: ItemTable) -> str:
    digest = hashlib.sha256()
    digest.update("\n".join(items.ids).encode())
    for array in (sessions.items, sessions.offsets, sessions.ends):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(int(seconds), tz=UTC).isoformat()
