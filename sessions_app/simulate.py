"""Warm-up traffic: invented visits that a model can learn from before people have come.

A simulated visitor has a taste, starts at a popular title within it and wanders on: to a title
that shares a creator, genre, mood or era with the last one, or is joined to it by a fact; to
another kind in about half of the steps; anywhere in one of ten. Among the titles that share
something, those near the last one in popularity and the best known ones are taken most often, so
that the same transitions come back, as they do with people.

Every session is labelled as simulated. One seed, catalogue and time give the same sessions, each
drawn from its own number: more sessions of a seed begin with the fewer ones.
"""

import math
import uuid
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from sessions_app.affinities import KINDS, Affinities, Token, read_affinities
from sessions_app.models import BrowsingSession, Origin
from sessions_app.whole_sessions import StoredSession, StoredView, store_sessions

_NAMES = uuid.UUID("c2d1f5a8-4e0b-4a51-8b1e-6f6c0a9d7e11")
_BATCH = 500
_NOTHING: list[int] = []

SHORTEST, LONGEST, GOES_ON = 3, 15, 0.84  # steps, and the chance of one more
SWITCHES_KIND = 0.55
JUMPS = 0.1
FOLLOWS_KIN = 0.4
TASTE_PULL = 3.0  # how much more what a visitor likes draws than what they do not care about
TO_THE_BEST_KNOWN = 0.4  # else to a neighbour in popularity

# Median visible seconds and the share of short bounces, by how a title was reached.
_DWELL = {"strong": (95.0, 0.06), "shared": (55.0, 0.12), "jump": (18.0, 0.35)}
_LONGEST_DWELL_S = 15 * 60.0


class EmptyCatalogueError(ValueError):
    """There is nothing to wander through."""


@dataclass(frozen=True)
class Simulated:
    """Sessions that were there already and those written now, with their views."""

    there: int
    sessions: int
    views: int


def simulate(
    *,
    sessions: int,
    seed: int,
    now: datetime,
    days: int = 30,
    progress: Callable[[int], None] = lambda done: None,
) -> Simulated:
    """Writes the first `sessions` simulated visits of `seed`, spread over the `days` before `now`.

    Those that are there already are left alone; a run that was cut short is completed. `progress`
    is told how many are done after each batch.
    """
    names = [uuid.uuid5(_NAMES, f"{seed} {number}") for number in range(sessions)]
    there = _there(names)
    missing = [number for number, name in enumerate(names) if name not in there]
    written = views = 0
    if missing:
        affinities = read_affinities()
        if not affinities.pks:
            raise EmptyCatalogueError("The catalogue is empty: import items first.")
        for start in range(0, len(missing), _BATCH):
            batch = [
                invent(affinities, name=names[number], now=now, days=days)
                for number in missing[start : start + _BATCH]
            ]
            written += store_sessions(sessions=batch, origin=Origin.SIMULATED)
            views += sum(len(session.views) for session in batch)
            progress(len(there) + written)
    return Simulated(len(there), written, views)


def _there(names: list[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    for start in range(0, len(names), _BATCH):
        known = BrowsingSession.objects.filter(public_id__in=names[start : start + _BATCH])
        found.update(known.values_list("public_id", flat=True))
    return found


def invent(affinities: Affinities, *, name: UUID, now: datetime, days: int) -> StoredSession:
    """One visit; everything about it is drawn from its name."""
    chance = Random(str(name))  # noqa: S311  (not a secret: it must be repeatable)
    steps = [
        (item, _visible_seconds(chance, reached))
        for item, reached in _walk(affinities, chance, _length(chance))
    ]
    gaps = [1 + 19 * chance.random() for _ in steps]
    duration = sum(seconds for _, seconds in steps) + sum(gaps)
    span = max(days * 86_400 - duration, 0.0)
    at = now - timedelta(seconds=duration + span * chance.random())
    views = []
    for position, ((item, seconds), gap) in enumerate(zip(steps, gaps, strict=True)):
        event_id = uuid.uuid5(name, str(position))
        views.append(StoredView(event_id, affinities.pks[item], at, int(seconds * 1000)))
        at += timedelta(seconds=seconds + gap)
    return StoredSession(name, views)


def _length(chance: Random) -> int:
    length = SHORTEST
    while length < LONGEST and chance.random() < GOES_ON:
        length += 1
    return length


def _walk(affinities: Affinities, chance: Random, length: int) -> Iterator[tuple[int, str]]:
    """The items of one visit, none twice, and how each was reached."""
    taste = _taste(affinities, chance)
    item, reached = _start(affinities, chance, taste), "shared"
    opened = {item}
    yield item, reached
    for _ in range(length - 1):
        item, reached = _onward(affinities, chance, item, taste, opened)
        if item in opened:
            return  # a catalogue so small that there is nothing left
        opened.add(item)
        yield item, reached


def _taste(affinities: Affinities, chance: Random) -> frozenset[Token]:
    """A few things that this visitor cares about: those of some title they know."""
    known = _anywhere(affinities, chance)
    tokens = [token for token, _ in affinities.links[known]]
    return frozenset(chance.sample(tokens, min(4, len(tokens))))


def _start(affinities: Affinities, chance: Random, taste: frozenset[Token]) -> int:
    shelves = [
        affinities.shelves[token, kind]
        for token in sorted(taste)
        for kind in range(len(KINDS))
        if (token, kind) in affinities.shelves
    ]
    if not shelves:
        return _anywhere(affinities, chance)
    shelf = chance.choice(shelves)
    return shelf[_early(chance, len(shelf))]


def _anywhere(affinities: Affinities, chance: Random) -> int:
    shelf = chance.choice([shelf for shelf in affinities.of_kind if shelf])
    return shelf[_early(chance, len(shelf))]


def _onward(
    affinities: Affinities, chance: Random, item: int, taste: frozenset[Token], opened: set[int]
) -> tuple[int, str]:
    """The next item and how it is reached; `item` itself when all else has been opened."""
    if chance.random() >= JUMPS:
        kin = [other for other in affinities.kin.get(item, ()) if other not in opened]
        if kin and chance.random() < FOLLOWS_KIN:
            return chance.choice(kin), "strong"
        for kind in _kinds_to_try(chance, affinities.kinds[item]):
            found = _related(affinities, chance, item, kind, taste, opened)
            if found is not None:
                return found
    for _ in range(20):
        other = _anywhere(affinities, chance)
        if other not in opened:
            return other, "jump"
    return item, "jump"


def _kinds_to_try(chance: Random, kind: int) -> list[int]:
    others = [other for other in range(len(KINDS)) if other != kind]
    chance.shuffle(others)
    return [*others, kind] if chance.random() < SWITCHES_KIND else [kind, *others]


def _related(
    affinities: Affinities,
    chance: Random,
    item: int,
    kind: int,
    taste: frozenset[Token],
    opened: set[int],
) -> tuple[int, str] | None:
    """An item of `kind` that shares something with `item`, the stronger the likelier."""
    ways = [
        (token, weight * (TASTE_PULL if token in taste else 1.0))
        for token, weight in affinities.links[item]
        if affinities.shelves.get((token, kind), _NOTHING) not in (_NOTHING, [item])
    ]
    for _ in range(4 if ways else 0):
        token = chance.choices([way[0] for way in ways], [way[1] for way in ways])[0]
        other = _from_shelf(chance, affinities.shelves[token, kind], item)
        if other not in opened:
            return other, "strong" if token[0] == "creator" else "shared"
    return None


def _from_shelf(chance: Random, shelf: list[int], item: int) -> int:
    """One of the best known on this shelf, or one that stands near `item` in popularity."""
    if chance.random() < TO_THE_BEST_KNOWN:
        return shelf[_early(chance, min(len(shelf), 20), flat=1.0)]
    offset = 1 + _early(chance, 6, flat=0.5)
    place = bisect_left(shelf, item) + (offset if chance.random() < 0.7 else -offset)
    return shelf[min(max(place, 0), len(shelf) - 1)]


def _early(chance: Random, size: int, flat: float = 15.0) -> int:
    """A place from 0 to size - 1 with weight 1 / (place + flat): Zipf with a blunt tip."""
    place = flat * (math.pow(size / flat + 1, chance.random()) - 1)
    return min(int(place), size - 1)


def _visible_seconds(chance: Random, reached: str) -> float:
    median, bounces = _DWELL[reached]
    if chance.random() < bounces:
        return 0.3 + 1.6 * chance.random()
    return min(median * chance.lognormvariate(0.0, 0.8), _LONGEST_DWELL_S)
