"""What is opened most, and what is opened more than usual: counted in the database, by sessions."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from catalog.columns_reading import columns
from catalog.models import Item, Kind
from recommender.dataset import training_events
from sessions_app.models import Origin, SessionEvent

WINDOW = timedelta(days=30)
DEPTH = 200  # items a kind
CACHE_SECONDS = 60

WEEK_DAYS = 7
HALF_LIFE_DAYS = 3.5  # a session of the week counts half as much when it is so old
USUAL_WEEKS = 4  # before this one; what is usual is their mean
TRENDING_DEPTH = 40  # items a kind
FEWEST_SESSIONS = 2  # one visit is no trend
TRENDING_SECONDS = 300

_SIMULATED = Q(session__origin=Origin.SIMULATED)


@dataclass(frozen=True)
class Opened:
    """How often an item was opened within the window, by people and in simulated sessions; `pk`
    is its primary key."""

    item_id: str
    kind: str
    by_people: int
    simulated: int
    pk: int = 0


@dataclass(frozen=True)
class Trending:
    """An item that was opened in `sessions` of this week, and how much more than usual."""

    item_id: str
    pk: int
    kind: str
    sessions: int
    simulated: bool  # nobody but simulated visitors is counted
    growth: float


def most_opened(kind: str) -> list[Opened]:
    """The most opened items of a kind; what people opened goes before what was simulated.

    Filled up with the best known of the catalogue, so that a new site has something to show.
    Cached for a minute.
    """
    key = f"most-opened-items:{kind}"
    found: list[Opened] | None = cache.get(key)
    if found is None:
        found = _count(kind)
        if len(found) < DEPTH:
            found += _fill(kind, besides={opened.item_id for opened in found})
        cache.set(key, found, CACHE_SECONDS)
    return found


def _count(kind: str) -> list[Opened]:
    rows = (
        training_events()
        .filter(item__kind=kind, occurred_at__gte=timezone.now() - WINDOW)
        .values("item_id")
        .annotate(
            by_people=Count("session", filter=~_SIMULATED, distinct=True),
            in_simulated=Count("session", filter=_SIMULATED, distinct=True),
        )
        .order_by("-by_people", "-in_simulated", "item_id")[:DEPTH]
    )
    counts = {row["item_id"]: (row["by_people"], row["in_simulated"]) for row in rows}
    ids = dict(Item.objects.filter(pk__in=counts).values_list("pk", "item_id"))
    return [Opened(ids[pk], kind, *counts[pk], pk) for pk in counts if pk in ids]


def _fill(kind: str, *, besides: set[str]) -> list[Opened]:
    keys = columns.get().best_known(kind, DEPTH + len(besides))
    ids = dict(Item.objects.filter(pk__in=keys).values_list("pk", "item_id"))
    rest = [(ids[key], key) for key in keys if key in ids and ids[key] not in besides]
    return [Opened(item_id, kind, 0, 0, key) for item_id, key in rest[: DEPTH - len(besides)]]


def most_opened_of(kinds: Sequence[str] | None = None) -> list[Opened]:
    """Several kinds in turn: the best of each, then the second of each, and so on."""
    lists = [most_opened(kind) for kind in kinds or list(Kind.values)]
    longest = max((len(some) for some in lists), default=0)
    return [some[row] for row in range(longest) for some in lists if row < len(some)]


def trending_of(kind: str) -> list[Trending]:
    """What of a kind is opened more than usual, the steepest first; empty without any traffic.

    A session of the last seven days counts the less, the older it is; what four usual weeks would
    have given is taken off, and the rest divided by its standard deviation, were sessions to come
    by chance (the square root of the expected number). Nothing simulated is counted where people
    made anything of the kind trend. Cached for five minutes.
    """
    key = f"trending-items:{kind}"
    found: list[Trending] | None = cache.get(key)
    if found is None:
        now = timezone.now()
        found = _trending(kind, now, simulated=False) or _trending(kind, now, simulated=True)
        cache.set(key, found, TRENDING_SECONDS)
    return found


def _trending(kind: str, now: datetime, *, simulated: bool) -> list[Trending]:
    origin = _SIMULATED if simulated else ~_SIMULATED
    events = training_events().filter(origin, item__kind=kind, occurred_at__lte=now)
    begin = now - timedelta(days=WEEK_DAYS)
    week = _sessions_by_day(events.filter(occurred_at__gt=begin), now)
    enough = {pk: days for pk, days in week.items() if sum(days) >= FEWEST_SESSIONS}
    usual = _sessions(
        events.filter(
            item__in=list(enough),
            occurred_at__gt=begin - timedelta(weeks=USUAL_WEEKS),
            occurred_at__lte=begin,
        )
    )
    weights = [0.5 ** ((day + 0.5) / HALF_LIFE_DAYS) for day in range(WEEK_DAYS)]
    growth = {}
    for pk, days in enough.items():
        if sum(days) <= usual.get(pk, 0) / USUAL_WEEKS:
            continue
        expected = usual.get(pk, 0) / USUAL_WEEKS * sum(weights) / WEEK_DAYS
        counted = sum(weight * number for weight, number in zip(weights, days, strict=True))
        growth[pk] = (counted - expected) / (expected + 1) ** 0.5
    best = sorted((pk for pk in growth if growth[pk] > 0), key=lambda pk: (-growth[pk], pk))
    best = best[:TRENDING_DEPTH]
    ids = dict(Item.objects.filter(pk__in=best).values_list("pk", "item_id"))
    return [
        Trending(ids[pk], pk, kind, sum(enough[pk]), simulated, growth[pk])
        for pk in best
        if pk in ids
    ]


def _sessions_by_day(events: "QuerySet[SessionEvent]", now: datetime) -> dict[int, list[int]]:
    """Item → in how many sessions it was opened today, yesterday, … A session counts on the
    first of its days, once; of the items, those that can trend."""
    firsts: dict[tuple[int, int], int] = {}
    often = _sessions(events)
    held = sorted(often, key=lambda pk: -often[pk])[: 5 * TRENDING_DEPTH]
    rows = events.filter(item__in=held).order_by("-occurred_at")
    for pk, session, at in rows.values_list("item_id", "session_id", "occurred_at").iterator():
        firsts[pk, session] = min((now - at).days, WEEK_DAYS - 1)
    days: dict[int, list[int]] = defaultdict(lambda: [0] * WEEK_DAYS)
    for (pk, _), day in firsts.items():
        days[pk][day] += 1
    return days


def _sessions(events: "QuerySet[SessionEvent]") -> dict[int, int]:
    """Item → in how many sessions it was opened."""
    rows = events.order_by().values("item_id").annotate(sessions=Count("session", distinct=True))
    return dict(rows.values_list("item_id", "sessions"))
