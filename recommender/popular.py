"""What is opened most, for visitors of whom nothing is known yet."""

from dataclasses import dataclass
from datetime import timedelta

from django.core.cache import cache
from django.db.models import Count, Q
from django.utils import timezone

from catalog.columns_reading import columns
from catalog.models import Item, Kind
from recommender.dataset import training_events
from sessions_app.models import Origin

WINDOW = timedelta(days=30)
DEPTH = 200  # items a kind
CACHE_SECONDS = 60


@dataclass(frozen=True)
class Opened:
    """How often an item was opened within the window, by people and in simulated sessions."""

    item_id: str
    kind: str
    by_people: int
    simulated: int


def most_opened(kind: str) -> list[Opened]:
    """The most opened items of a kind; what people opened goes before what was simulated.

    Filled up with the best known of the catalogue, so that a new site has something to show.
    Cached for a minute.
    """
    key = f"most-opened:{kind}"
    found: list[Opened] | None = cache.get(key)
    if found is None:
        found = _count(kind)
        if len(found) < DEPTH:
            found += _fill(kind, besides={opened.item_id for opened in found})
        cache.set(key, found, CACHE_SECONDS)
    return found


def _count(kind: str) -> list[Opened]:
    simulated = Q(session__origin=Origin.SIMULATED)
    rows = (
        training_events()
        .filter(item__kind=kind, occurred_at__gte=timezone.now() - WINDOW)
        .values("item_id")
        .annotate(
            by_people=Count("session", filter=~simulated, distinct=True),
            in_simulated=Count("session", filter=simulated, distinct=True),
        )
        .order_by("-by_people", "-in_simulated", "item_id")[:DEPTH]
    )
    counts = {row["item_id"]: (row["by_people"], row["in_simulated"]) for row in rows}
    ids = dict(Item.objects.filter(pk__in=counts).values_list("pk", "item_id"))
    return [Opened(ids[pk], kind, *counts[pk]) for pk in counts if pk in ids]


def _fill(kind: str, *, besides: set[str]) -> list[Opened]:
    keys = columns.get().best_known(kind, DEPTH + len(besides))
    ids = dict(Item.objects.filter(pk__in=keys).values_list("pk", "item_id"))
    rest = [ids[key] for key in keys if key in ids and ids[key] not in besides]
    return [Opened(item_id, kind, 0, 0) for item_id in rest[: DEPTH - len(besides)]]


def most_opened_of(kinds: list[str] | None = None) -> list[Opened]:
    """Several kinds in turn: the best of each, then the second of each, and so on."""
    columns = [most_opened(kind) for kind in kinds or list(Kind.values)]
    longest = max((len(column) for column in columns), default=0)
    return [column[row] for row in range(longest) for column in columns if row < len(column)]
