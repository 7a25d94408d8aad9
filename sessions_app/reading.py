"""What others may ask about a visit. Every function answers for no session at all with nothing.

A visit that has ended or gone idle has no trail any more; what its visitor saw, liked or hid in it
still holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone

from catalog.models import Item
from sessions_app.models import BrowsingSession, EventType, SessionEvent, SessionEventQuerySet

TRAIL_STEPS = 12


@dataclass(frozen=True)
class Step:
    """One item opened in this visit; `event_id` is what takes it out again."""

    event_id: UUID
    item: Item


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
    shown = [Step(event.event_id, event.item) for event in reversed(newest) if event.item]
    return Trail(shown, more)


def step_item_ids(session: BrowsingSession | None, *, limit: int = 50) -> list[str]:
    """Public ids of the items opened in this session, oldest first, repeats kept."""
    if session is None or not is_current(session):
        return []
    steps = SessionEvent.objects.filter(session=session).steps().reverse()
    return [str(item_id) for item_id in steps.values_list("item__item_id", flat=True)[:limit]][::-1]


def seen_item_ids(session: BrowsingSession | None, user: User | None = None) -> set[str]:
    """Public ids of what this visitor has opened."""
    return _public_ids(visitor_events(session, user).steps().order_by())


def hidden_item_ids(session: BrowsingSession | None, user: User | None = None) -> set[str]:
    """Public ids of what this visitor never wants to be recommended."""
    return _of_type(session, user, EventType.HIDE)


def disliked_item_ids(session: BrowsingSession | None, user: User | None = None) -> set[str]:
    """Public ids of what this visitor called not for them and has not liked since."""
    return {item_id for item_id, said in _last_opinions(session, user).items() if not said}


def liked_item_ids(session: BrowsingSession | None, user: User | None = None) -> set[str]:
    """Public ids of what this visitor likes and has not disliked since."""
    return {item_id for item_id, said in _last_opinions(session, user).items() if said}


def reactions(session: BrowsingSession | None, item: Item, user: User | None = None) -> Reactions:
    """What this visitor last said about `item`; one query."""
    types = (EventType.LIKE, EventType.DISLIKE, EventType.HIDE, EventType.RATE)
    events = visitor_events(session, user).counted().filter(item=item, type__in=types)
    said: dict[str, SessionEvent] = {}
    for event in events.order_by("occurred_at", "id"):
        said["opinion" if event.type in _OPINIONS else event.type] = event
    opinion, rated = said.get("opinion"), said.get(EventType.RATE)
    return Reactions(
        liked=opinion is not None and opinion.type == EventType.LIKE,
        disliked=opinion is not None and opinion.type == EventType.DISLIKE,
        hidden=EventType.HIDE in said,
        rating=rated.rating if rated is not None else None,
    )


_OPINIONS: Sequence[str] = (EventType.LIKE, EventType.DISLIKE)


def _last_opinions(session: BrowsingSession | None, user: User | None) -> dict[str, bool]:
    """Public item id → whether the newest like or dislike of it is a like."""
    events = visitor_events(session, user).counted().filter(type__in=_OPINIONS)
    rows = events.order_by("occurred_at", "id").values_list("item__item_id", "type")
    return {str(item_id): said == EventType.LIKE for item_id, said in rows}


def _of_type(session: BrowsingSession | None, user: User | None, type: str) -> set[str]:
    return _public_ids(visitor_events(session, user).counted().filter(type=type).order_by())


def _public_ids(events: QuerySet[SessionEvent]) -> set[str]:
    return {str(item_id) for item_id in events.values_list("item__item_id", flat=True)}
