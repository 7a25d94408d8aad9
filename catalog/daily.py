"""The front page's choice: it stays for a day and is never just the alphabet."""

from dataclasses import dataclass
from datetime import date
from itertools import chain

from django.core.cache import cache

from catalog.columns_reading import columns
from catalog.covers.dice import Dice
from catalog.models import Item, Kind
from catalog.revision import revision

SHELF = 13  # one stands in the hero, twelve on the shelf
_POOL = 400
_A_DAY = 24 * 3600


@dataclass(frozen=True)
class Shelf:
    kind: Kind
    items: list[Item]


def shelves(day: date) -> list[Shelf]:
    """One shelf a kind, the same for everybody all day; a kind without items has none."""
    chosen = {kind: _chosen(kind, day) for kind in Kind}
    wanted = list(chain.from_iterable(chosen.values()))
    items = Item.objects.with_cards().in_bulk(wanted)
    rows = [Shelf(kind, [items[pk] for pk in chosen[kind] if pk in items]) for kind in Kind]
    return [shelf for shelf in rows if shelf.items]


def _chosen(kind: str, day: date) -> list[int]:
    key = f"shelf:{kind}:{day.isoformat()}:{revision()}"
    known = cache.get(key)
    if known is None:
        known = _choose(kind, day)
        cache.set(key, known, _A_DAY)
    return known


def _choose(kind: str, day: date) -> list[int]:
    """Drawn from the better known; at most two of a first genre, so that a shelf is mixed."""
    dice = Dice(f"{day.isoformat()} {kind}")
    held = columns.get()
    pool = held.best_known(kind, _POOL if held.has_popularity(kind) else 4 * _POOL)
    drawn = dice.shuffled(pool)[: SHELF * 5]
    genres: dict[int, str] = {}
    through = Item.genres.through.objects.filter(item_id__in=drawn).order_by("pk")
    for pk, slug in through.values_list("item_id", "genre__slug"):
        genres.setdefault(pk, slug)
    taken: list[int] = []
    used: dict[str, int] = {}
    for pk in drawn:
        genre = genres.get(pk, "")
        if used.get(genre, 0) < 2:
            used[genre] = used.get(genre, 0) + 1
            taken.append(pk)
    rest = [pk for pk in drawn if pk not in taken]
    return (taken + rest)[:SHELF]


def moods_of_the_day(day: date, count: int = 10) -> list[tuple[str, list[Kind]]]:
    """Mood words to enter by, each with the kinds that have items in that mood."""
    kinds_of: dict[str, list[Kind]] = {}
    held = columns.get()
    moods = held.tags["mood"]
    for kind in Kind:
        for code, _ in moods.commonest(held.of_kind(kind), 40):
            kinds_of.setdefault(moods.words[code], []).append(kind)
    widest = max(map(len, kinds_of.values()), default=0)
    across = [word for word, kinds in kinds_of.items() if len(kinds) == widest]
    picked = Dice(f"{day.isoformat()} moods").shuffled(sorted(across))[:count]
    return [(word, kinds_of[word]) for word in picked]
