"""Sessions that are over before they are written: from the generator or from a file."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from uuid import UUID

from django.db import transaction

from sessions_app.models import BrowsingSession, EventType, SessionEvent
from sessions_app.services import capped_dwell


@dataclass(frozen=True)
class StoredView:
    """One view of a ready-made session; `item` is the primary key of the item."""

    event_id: UUID
    item: int
    occurred_at: datetime
    dwell_ms: int | None


@dataclass(frozen=True)
class StoredSession:
    """A whole session from a generator or a file, oldest view first."""

    public_id: UUID
    views: list[StoredView] = field(default_factory=list)


def store_sessions(*, sessions: Iterable[StoredSession], origin: str) -> int:
    """Writes whole sessions that are over, those that are not there yet; how many it wrote."""
    by_id = {session.public_id: session for session in sessions if session.views}
    known = BrowsingSession.objects.filter(public_id__in=by_id)
    for public_id in known.values_list("public_id", flat=True):
        del by_id[public_id]
    with transaction.atomic():
        rows = BrowsingSession.objects.bulk_create(
            BrowsingSession(
                public_id=session.public_id,
                origin=origin,
                started_at=session.views[0].occurred_at,
                last_event_at=session.views[-1].occurred_at,
                ended_at=session.views[-1].occurred_at,
            )
            for session in by_id.values()
        )
        events = chain.from_iterable(
            (_stored_view(row, view) for view in session.views)
            for row, session in zip(rows, by_id.values(), strict=True)
        )
        SessionEvent.objects.bulk_create(events, batch_size=5_000)
    return len(rows)


def _stored_view(session: BrowsingSession, view: StoredView) -> SessionEvent:
    return SessionEvent(
        event_id=view.event_id,
        session=session,
        type=EventType.VIEW,
        item_id=view.item,
        dwell_ms=capped_dwell(view.dwell_ms),
        occurred_at=view.occurred_at,
    )
