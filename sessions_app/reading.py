"""What others may ask about a visit. Every function answers for no session at all with nothing.

A visit that has ended or gone idle has no trail any more; what its visitor saw, liked or hid in it
still holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from catalog.models import Item
from sessions_app.models import (
    STEPS,
    BrowsingSession,
    EventType,
    SessionEvent,
    SessionEventQuerySet,
)

TRAIL_STEPS = 12


@dataclass(frozen=True)
class Step:
    """One item of this visit; `event_id` is what takes it out again. `dwell_ms` is how long its
    page was looked at, None while unknown; `picked`, that it was named at the start."""

    event_id: UUID
    item: Item
    dwell_ms: int | None = None
    occurred_at: datetime | None = None
    picked: bool = False

    @property
    def is_accident(self) -> bool:
        """Whether its page was looked at too briefly to mean anything."""
        return self.dwell_ms is not None and self.dwell_ms < settings.SHORTEST_VIEW_MS


@dataclass(frozen=True)
class Trail:
    """The newest steps, newest last, and how many earlier ones are not among them."""

    steps: list[Step]
    more: int


@dataclass(frozen=True)
class Reactions:
    """What this visitor last said about one item."""

    liked: bool = False
    disliked: bool = False
    hidden: bool = False
    saved: bool = False
    rating: int | None = None


def idle_limit() -> timedelta:
    return timedelta(minutes=settings.SESSION_IDLE_MINUTES)


def is_current(session: BrowsingSession, *, now: datetime | None = None) -> bool:
    """Neither ended nor idle for longer than the limit."""
    now = now or timezone.now()
    return session.ended_at is None and now - session.last_event_at <= idle_limit()


def visitor_events(
    session: BrowsingSession | None, user: User | None = None
) -> SessionEventQuerySet:
    """Every event of this visitor: of the account when signed in, else of this session.

    `user` is for somebody who is signed in and has no session yet.
    """
    if user is not None:
        return SessionEvent.objects.filter(session__user=user)
    if session is None:
        return SessionEvent.objects.none()
    if session.user_id is not None:
        return SessionEvent.objects.filter(session__user=session.user_id)
    return SessionEvent.objects.filter(session=session)


def trail(session: BrowsingSession | None, *, limit: int = TRAIL_STEPS) -> Trail:
    """The steps of this session; two queries at most, whatever its length."""
    if session is None or not is_current(session):
        return Trail([], 0)
    steps = SessionEvent.objects.filter(session=session).steps()
    newest = list(steps.reverse().select_related("item")[:limit])
    more = steps.count() - limit if len(newest) == limit else 0
    shown = [step_of(event, event.item) for event in reversed(newest) if event.item]
    return Trail(shown, more)


def step_of(event: SessionEvent, item: Item) -> Step:
    picked = event.type == EventType.PICK
    return Step(event.event_id, item, event.dwell_ms, event.occurred_at, picked)


def is_empty(session: BrowsingSession) -> bool:
    """Whether nothing was opened or picked in it yet."""
    return not SessionEvent.objects.filter(session=session).steps().exists()


def step_item_ids(session: BrowsingSession | None, *, limit: int = 50) -> list[str]:
    """Public ids of the items opened in this session, oldest first, repeats kept."""
    if session is None or not is_current(session):
        return []
    steps = SessionEvent.objects.filter(session=session).steps().reverse()
    return [str(item_id) for item_id in steps.values_list("item__item_id", flat=True)[:limit]][::-1]


@dataclass(frozen=True)
class Said:
    """What a visitor did with items so far, by public ids. An item is liked or disliked by what
    was said of it last; `saved` has the newest last; `rated` are stars."""

    seen: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    liked: set[str] = field(default_factory=set)
    disliked: set[str] = field(default_factory=set)
    saved: list[str] = field(default_factory=list)
    rated: dict[str, int] = field(default_factory=dict)


def said(session: BrowsingSession | None, user: User | None = None) -> Said:
    """One query, whatever there is to be known."""
    if session is None and user is None:
        return Said()
    types = (*STEPS, *_OPINIONS, EventType.HIDE, EventType.SAVE, EventType.RATE)
    events = visitor_events(session, user).counted().filter(type__in=types)
    found = Said()
    rows = events.order_by("occurred_at", "id").values_list("item__item_id", "type", "rating")
    for item_id, type, rating in rows:
        _hear(found, str(item_id), type, rating)
    return found


def _hear(found: Said, item_id: str, type: str, rating: int | None) -> None:
    if type in STEPS:
        found.seen.add(item_id)
    elif type == EventType.HIDE:
        found.hidden.add(item_id)
    elif type == EventType.SAVE:
        if item_id in found.saved:
            found.saved.remove(item_id)
        found.saved.append(item_id)
    elif type == EventType.RATE:
        found.rated[item_id] = rating or 0
    else:
        likes = type == EventType.LIKE
        (found.disliked if likes else found.liked).discard(item_id)
        (found.liked if likes else found.disliked).add(item_id)


def reactions(session: BrowsingSession | None, item: Item, user: User | None = None) -> Reactions:
    """What this visitor last said about `item`; one query."""
    types = (*_OPINIONS, EventType.HIDE, EventType.RATE, EventType.SAVE)
    events = visitor_events(session, user).counted().filter(item=item, type__in=types)
    last: dict[str, SessionEvent] = {}
    for event in events.order_by("occurred_at", "id"):
        last["opinion" if event.type in _OPINIONS else event.type] = event
    opinion, rated = last.get("opinion"), last.get(EventType.RATE)
    return Reactions(
        liked=opinion is not None and opinion.type == EventType.LIKE,
        disliked=opinion is not None and opinion.type == EventType.DISLIKE,
        hidden=EventType.HIDE in last,
        saved=EventType.SAVE in last,
        rating=rated.rating if rated is not None else None,
    )


_OPINIONS: Sequence[str] = (EventType.LIKE, EventType.DISLIKE)
