"""The only writers of sessions and events. Every function takes its arguments by keyword."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest, Least

from catalog.merging import items_by_id
from catalog.models import Item
from sessions_app import reading
from sessions_app.models import (
    STEPS,
    BrowsingSession,
    EventType,
    Ignored,
    Origin,
    SessionEvent,
)

LONGEST_DWELL_MS = 6 * 3600 * 1000
LONGEST_QUERY = 200


class UnknownStepError(LookupError):
    """The event is not there, or belongs to another visitor: the two are not told apart."""


@dataclass(frozen=True)
class NewEvent:
    """One event as a client reports it; `item_id` is the public id."""

    event_id: UUID
    type: str
    occurred_at: datetime
    item_id: str | None = None
    query: str = ""
    rating: int | None = None
    dwell_ms: int | None = None


@dataclass(frozen=True)
class Recorded:
    """What became of a batch: rows written, ids seen before, public item ids nobody knows."""

    recorded: int
    repeated: int
    unknown_items: list[str]


def capped_dwell(dwell_ms: int | None) -> int | None:
    """No page is looked at for more than six hours: a longer report is a forgotten tab."""
    return None if dwell_ms is None else min(dwell_ms, LONGEST_DWELL_MS)


# --- Sessions -----------------------------------------------------------------------------


def open_session(
    *,
    now: datetime,
    user: User | None = None,
    is_bot: bool = False,
    origin: str = Origin.LIVE,
    public_id: UUID | None = None,
) -> BrowsingSession:
    """A new session, or the one that already has `public_id`."""
    session, _ = BrowsingSession.objects.get_or_create(
        public_id=public_id or uuid.uuid4(),
        defaults={
            "user": user,
            "is_bot": is_bot,
            "origin": origin,
            "started_at": now,
            "last_event_at": now,
        },
    )
    return session


def current_session(
    *, session: BrowsingSession | None, user: User | None, now: datetime
) -> BrowsingSession:
    """`session` while it is the visitor's current one, else a fresh one that follows it.

    An idle session is closed at its last event. What its visitor hid stays hidden.
    """
    owner = None if session is None else session.user_id
    if session is None or (owner is not None and (user is None or owner != user.pk)):
        return open_session(now=now, user=user)
    if user is not None:
        join_account(session=session, user=user)
    if reading.is_current(session, now=now):
        return session
    with transaction.atomic():
        _end(session, at=session.last_event_at)
        return _successor(session, now=now)


def start_over(*, session: BrowsingSession, now: datetime) -> BrowsingSession:
    """Ends this session; its visitor continues in a new one with an empty trail."""
    with transaction.atomic():
        _end(session, at=now)
        return _successor(session, now=now)


def close_session(*, session: BrowsingSession, now: datetime) -> None:
    """Ends this session, unless it has ended already."""
    _end(session, at=now)


def close_idle_sessions(*, now: datetime) -> int:
    """Ends every session that has been idle for too long, each at its last event; how many."""
    idle = BrowsingSession.objects.open().filter(last_event_at__lt=now - reading.idle_limit())
    return idle.update(ended_at=F("last_event_at"))


def reopen(*, session: BrowsingSession, instead_of: BrowsingSession, now: datetime) -> None:
    """Undoes a start over: `session` goes on, and the empty one that followed it goes."""
    with transaction.atomic():
        BrowsingSession.objects.filter(pk=session.pk).update(ended_at=None, last_event_at=now)
        BrowsingSession.objects.filter(pk=instead_of.pk).delete()
    session.ended_at, session.last_event_at = None, now


def forget(*, public_ids: Sequence[UUID], user: User | None = None) -> int:
    """Deletes these sessions, and all of the account's if one is given, with every event in them;
    how many events. The serving model forgets them at its next training, which this causes (see
    `recommender.dataset.forgotten_since`)."""
    mine = Q(public_id__in=public_ids)
    if user is not None:
        mine |= Q(user=user)
    _, deleted = BrowsingSession.objects.filter(mine, is_bot=False).delete()
    return deleted.get(SessionEvent._meta.label, 0)


def join_account(*, session: BrowsingSession, user: User) -> None:
    """An anonymous session becomes the account's; one that has an owner keeps it."""
    if BrowsingSession.objects.filter(pk=session.pk, user=None).update(user=user):
        session.user = user


def _end(session: BrowsingSession, *, at: datetime) -> None:
    if BrowsingSession.objects.filter(pk=session.pk, ended_at=None).update(ended_at=at):
        session.ended_at = at


def _successor(session: BrowsingSession, *, now: datetime) -> BrowsingSession:
    fresh = open_session(now=now, user=session.user, is_bot=session.is_bot, origin=session.origin)
    if session.user is None:  # an account's hidden items are found in all of its sessions
        hidden = Item.objects.filter(item_id__in=reading.said(session).hidden)
        SessionEvent.objects.bulk_create(
            SessionEvent(session=fresh, type=EventType.HIDE, item=item, occurred_at=now)
            for item in hidden
        )
    return fresh


# --- Events -------------------------------------------------------------------------------


def record_view(
    *, session: BrowsingSession, item: Item, event_id: UUID, now: datetime, ignored: str = ""
) -> UUID:
    """Records that `item` was opened; the event id under which dwell time is reported.

    Opening the item that is already the newest step (a reload, a way back) continues that view:
    nothing is written but the time of the last event, and its id is returned.
    """
    with transaction.atomic():
        _touch(session, now)  # first, because it locks the session against a double click
        if not session.is_bot:
            newest = SessionEvent.objects.filter(session=session).steps().last()
            if newest is not None and newest.item_id == item.pk:
                return newest.event_id
        event = _event(session, EventType.VIEW, event_id, now, item=item, ignored=ignored)
        SessionEvent.objects.bulk_create([event], ignore_conflicts=True)
        return event.event_id


def record_search(
    *, session: BrowsingSession, query: str, event_id: UUID, now: datetime, ignored: str = ""
) -> None:
    """Records a search. Typing on (`d`, `du`, `dune`) is one search: the longest is kept."""
    query = query.strip()[:LONGEST_QUERY]
    if not query:
        return
    with transaction.atomic():
        _touch(session, now)
        last = session.events.last()
        if last is not None and last.type == EventType.SEARCH and not session.is_bot:
            if last.query.startswith(query):
                return
            if query.startswith(last.query):
                SessionEvent.objects.filter(pk=last.pk).update(query=query)
                return
        event = _event(session, EventType.SEARCH, event_id, now, query=query, ignored=ignored)
        SessionEvent.objects.bulk_create([event], ignore_conflicts=True)


def record_events(*, session: BrowsingSession, events: Sequence[NewEvent]) -> Recorded:
    """Records a client's batch: one INSERT, whatever its length.

    An id that was recorded before is counted as repeated and written no second time; if it is
    this session's own view and now says a longer dwell time, that is kept (one UPDATE each).
    What is reported of an item that was merged away counts for the one that it is now.
    """
    public_ids = dict.fromkeys(event.item_id for event in events if event.item_id)
    items = items_by_id(public_ids)
    known = [event for event in events if not event.item_id or event.item_id in items]
    with transaction.atomic():
        if known:
            _touch(session, max(e.occurred_at for e in known), min(e.occurred_at for e in known))
        ids = [event.event_id for event in known]
        stored = set(
            SessionEvent.objects.filter(event_id__in=ids).values_list("event_id", flat=True)
        )
        fresh: dict[UUID, NewEvent] = {}
        again: list[NewEvent] = []
        for event in known:
            if event.event_id in stored or event.event_id in fresh:
                again.append(event)
            else:
                fresh[event.event_id] = event
        SessionEvent.objects.bulk_create(
            (
                _event(
                    session,
                    new.type,
                    new.event_id,
                    new.occurred_at,
                    item=items[new.item_id] if new.item_id else None,
                    query=new.query[:LONGEST_QUERY],
                    rating=new.rating,
                    dwell_ms=capped_dwell(new.dwell_ms),
                )
                for new in fresh.values()
            ),
            ignore_conflicts=True,
        )
        for event in again:
            if event.dwell_ms is not None:
                _lengthen(session.events.filter(event_id=event.event_id), event.dwell_ms)
    return Recorded(len(fresh), len(again), [name for name in public_ids if name not in items])


def record_dwell(*, session: BrowsingSession, view_id: UUID, dwell_ms: int) -> None:
    """Keeps the longest visible time reported for a view of this session, at most six hours.

    A page that was prefetched and then looked at was really opened. Raises UnknownStepError.
    """
    views = session.events.filter(event_id=view_id, type=EventType.VIEW)
    if not views.exists():
        raise UnknownStepError(f"No view {view_id} belongs to this session.")
    if not session.is_bot:
        views.filter(ignored=Ignored.PREFETCH).update(ignored=Ignored.NO)
    _lengthen(views, dwell_ms)


def record_picks(*, session: BrowsingSession, items: Sequence[Item], now: datetime) -> None:
    """Titles named at the start as loved: each a step of the trail, in this order, and liked.

    One that is a step of this session already is not made one again.
    """
    with transaction.atomic():
        _touch(session, now)
        steps = SessionEvent.objects.filter(session=session).steps()
        known = set(steps.values_list("item_id", flat=True))
        fresh = [item for item in items if item.pk not in known]
        SessionEvent.objects.bulk_create(
            _event(session, type, uuid.uuid4(), now, item=item)
            for type, some in ((EventType.PICK, fresh), (EventType.LIKE, items))
            for item in some
        )


def remove_step(*, session: BrowsingSession, event_id: UUID) -> SessionEvent:
    """Takes one step out of the trail and of the training data. Raises UnknownStepError.

    Taking it out twice is the same as once.
    """
    step = _step(session, event_id)
    SessionEvent.objects.filter(pk=step.pk, ignored=Ignored.NO).update(ignored=Ignored.REMOVED)
    return step


def restore_step(*, session: BrowsingSession, event_id: UUID) -> SessionEvent:
    """Puts a step back that its visitor took out, where it was. Raises UnknownStepError."""
    step = _step(session, event_id)
    SessionEvent.objects.filter(pk=step.pk, ignored=Ignored.REMOVED).update(ignored=Ignored.NO)
    return step


def _step(session: BrowsingSession, event_id: UUID) -> SessionEvent:
    mine = reading.visitor_events(session).filter(event_id=event_id, type__in=STEPS)
    step = mine.select_related("item").first()
    if step is None:
        raise UnknownStepError(f"No step {event_id} is yours.")
    return step


def react(
    *,
    session: BrowsingSession,
    item: Item,
    type: str,
    event_id: UUID,
    now: datetime,
    rating: int | None = None,
) -> None:
    """Records a like, dislike, hide or rating (1 to 5); the newest of a kind is what counts."""
    with transaction.atomic():
        _touch(session, now)
        event = _event(session, type, event_id, now, item=item, rating=rating)
        SessionEvent.objects.bulk_create([event], ignore_conflicts=True)


def take_back(
    *, session: BrowsingSession | None, item: Item, type: str, user: User | None = None
) -> None:
    """Undoes every reaction of this type that this visitor gave to the item."""
    mine = reading.visitor_events(session, user).filter(item=item, type=type, ignored=Ignored.NO)
    mine.update(ignored=Ignored.REMOVED)


def _touch(session: BrowsingSession, newest: datetime, oldest: datetime | None = None) -> None:
    """Widens the session's span; also locks its row until the transaction ends."""
    rows = BrowsingSession.objects.filter(pk=session.pk)
    rows.update(
        started_at=Least(F("started_at"), oldest or newest),
        last_event_at=Greatest(F("last_event_at"), newest),
    )
    session.last_event_at = max(session.last_event_at, newest)


def _lengthen(events: QuerySet[SessionEvent], dwell_ms: int) -> None:
    """Conditional, so that a late shorter report never wins over a longer one."""
    shorter = Q(dwell_ms=None) | Q(dwell_ms__lt=capped_dwell(dwell_ms))
    events.filter(shorter, type=EventType.VIEW).update(dwell_ms=capped_dwell(dwell_ms))


def _event(
    session: BrowsingSession,
    type: str,
    event_id: UUID,
    now: datetime,
    *,
    item: Item | None = None,
    query: str = "",
    rating: int | None = None,
    dwell_ms: int | None = None,
    ignored: str = "",
) -> SessionEvent:
    if session.is_bot:
        # One row for all visits of a crawler to one page, not one for each.
        event_id = uuid.uuid5(session.public_id, f"{type} {item.item_id if item else query}")
        ignored = Ignored.BOT
    return SessionEvent(
        event_id=event_id,
        session=session,
        type=type,
        item=item,
        query=query,
        rating=rating,
        dwell_ms=dwell_ms,
        ignored=ignored,
        occurred_at=now,
    )
