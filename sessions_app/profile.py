"""What a person's own pages show: their visits, what they rated and what they saved."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.contrib.auth.models import User
from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef

from catalog.card_cache import cards
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
from sessions_app.reading import Step, step_of

VISITS_A_PAGE = 10
TITLES_A_PAGE = 48
STEPS_SHOWN = 40  # of one visit

T = TypeVar("T")


@dataclass(frozen=True)
class Shown(Generic[T]):
    """One page of a list: `number` of `pages`, `total` entries in all."""

    entries: list[T]
    number: int
    pages: int
    total: int

    @property
    def before(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def after(self) -> int | None:
        return self.number + 1 if self.number < self.pages else None


@dataclass(frozen=True)
class PastVisit:
    """One visit: its first steps in their order, how many more there are, what was searched."""

    public_id: UUID
    started_at: datetime.datetime
    ended_at: datetime.datetime
    is_open: bool
    steps: list[Step] = field(default_factory=list)
    more: int = 0
    searches: list[str] = field(default_factory=list)
    dwell_ms: int | None = None

    @property
    def count(self) -> int:
        return len(self.steps) + self.more


@dataclass(frozen=True)
class Rated:
    item: Item
    stars: int
    at: datetime.datetime


def history(user: User, page: str | int | None = 1) -> Shown[PastVisit]:
    """The visits of an account in which something was opened or searched, the newest first."""
    done = SessionEvent.objects.filter(
        session=OuterRef("pk"), ignored=Ignored.NO, type__in=[*STEPS, EventType.SEARCH]
    )
    visits = BrowsingSession.objects.of_people().filter(Exists(done), user=user)
    visits = visits.exclude(origin=Origin.SIMULATED).order_by("-last_event_at", "-pk")
    chosen = _page(visits, page, VISITS_A_PAGE)
    return _shown(chosen, _past(list(chosen)))


def _past(visits: Sequence[BrowsingSession]) -> list[PastVisit]:
    """In two queries and those of the cards, whatever the number of visits."""
    events = SessionEvent.objects.filter(
        session__in=visits, ignored=Ignored.NO, type__in=[*STEPS, EventType.SEARCH]
    ).select_related("item")
    by_visit: dict[int, list[SessionEvent]] = {visit.pk: [] for visit in visits}
    for event in events.order_by("occurred_at", "id"):
        by_visit[event.session_id].append(event)
    opened = {visit: [one for one in found if one.item] for visit, found in by_visit.items()}
    first = [one.item for found in opened.values() for one in found[:STEPS_SHOWN] if one.item]
    items = cards.get({item.item_id for item in first})
    return [_visit(visit, by_visit[visit.pk], opened[visit.pk], items) for visit in visits]


def _visit(
    visit: BrowsingSession,
    events: Sequence[SessionEvent],
    opened: Sequence[SessionEvent],
    items: dict[str, Item],
) -> PastVisit:
    known = [event.dwell_ms for event in opened if event.dwell_ms is not None]
    return PastVisit(
        public_id=visit.public_id,
        started_at=events[0].occurred_at,
        ended_at=events[-1].occurred_at,
        is_open=reading.is_current(visit),
        steps=[
            step_of(event, items.get(event.item.item_id, event.item))
            for event in opened[:STEPS_SHOWN]
            if event.item
        ],
        more=max(len(opened) - STEPS_SHOWN, 0),
        searches=list(dict.fromkeys(e.query for e in events if e.type == EventType.SEARCH)),
        dwell_ms=sum(known) if known else None,
    )


def ratings(user: User, page: str | int | None = 1) -> Shown[Rated]:
    """What an account rated, each title by its newest stars, the newest first."""
    given = reading.visitor_events(None, user).counted().filter(type=EventType.RATE)
    rows = given.order_by("-occurred_at", "-id")
    newest: dict[str, tuple[int, datetime.datetime]] = {}
    for item_id, stars, at in rows.values_list("item__item_id", "rating", "occurred_at"):
        newest.setdefault(str(item_id), (stars or 0, at))
    chosen = _page(list(newest), page, TITLES_A_PAGE)
    items = cards.get(chosen)
    rated = [Rated(items[item_id], *newest[item_id]) for item_id in chosen if item_id in items]
    return _shown(chosen, rated)


def saved(item_ids: Sequence[str], page: str | int | None = 1) -> Shown[Item]:
    """Titles saved for later, in the order of their ids, wherever the visit is kept."""
    chosen = _page(item_ids, page, TITLES_A_PAGE)
    items = cards.get(chosen)
    return _shown(chosen, [items[item_id] for item_id in chosen if item_id in items])


def _page(entries: Any, page: str | int | None, size: int) -> Page[Any]:
    """A page that is not there is the nearest one that is."""
    return Paginator(entries, size).get_page(page)


def _shown(page: Page[Any], entries: Iterable[T]) -> Shown[T]:
    """A page with what its entries became."""
    found = page.paginator
    return Shown(list(entries), page.number, found.num_pages, found.count)
