"""Rows that are the same for everybody, before a visitor's own wishes: made once a minute.

What is kept is small, ids and reasons; a visitor's row is cut from it, so that it does not shrink
by what they hid or saw.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.core.cache import cache
from django.utils.translation import get_language

from catalog.covers.dice import Dice
from catalog.daily import moods_of_the_day
from catalog.models import Kind
from recommender.candidates import Candidate
from recommender.cards import Card, first_that_exist
from recommender.popular import best_known, newest, trending
from recommender.reasons import Family, Reason

DEPTH = 60  # items of a pool
CACHE_SECONDS = 60


class Entry(NamedTuple):
    """An item, by its public id, and why it is in the pool."""

    item_id: str
    kind: str
    family: Family
    text: str
    sessions: int | None = None  # in how many it was opened, where that is the reason


@dataclass(frozen=True)
class Pools:
    """`known` is in an order that stays for a day, so that the best known are not always the same
    few; the others have the best first."""

    trending: list[Entry]
    new: list[Entry]
    known: dict[str, list[Entry]]
    moods: list[tuple[str, list[Kind]]]  # to enter by, and the kinds that have items in it


def pools_of(day: date) -> Pools:
    """Kept for a minute, for each language in which the reasons are told."""
    key = f"pools:{day.isoformat()}:{get_language()}"
    found: Pools | None = cache.get(key)
    if found is None:
        found = _made(day)
        cache.set(key, found, CACHE_SECONDS)
    return found


def _made(day: date) -> Pools:
    known = {}
    for kind in Kind.values:
        best = entries_of(best_known(kind, DEPTH))
        known[kind] = Dice(f"{day.isoformat()} {kind}").shuffled(best)
    return Pools(
        trending=entries_of(trending(k=DEPTH)),
        new=entries_of(newest(k=DEPTH)),
        known=known,
        moods=moods_of_the_day(day),
    )


def entries_of(cards: Iterable[Card]) -> list[Entry]:
    return [
        Entry(card.item.item_id, card.item.kind, card.why.kind, card.why.text, card.why.count)
        for card in cards
        if card.why is not None
    ]


def cards_from(
    entries: Sequence[Entry],
    *,
    k: int,
    exclude: Collection[str] = (),
    hidden_genres: Collection[str] = (),
    kinds: Collection[str] | None = None,
) -> list[Card]:
    """The first k that are neither excluded (public ids), nor of a hidden genre (slugs), nor of
    another kind than `kinds`."""
    allowed = [
        Candidate(
            entry.item_id,
            entry.kind,
            0.0,
            "popular",
            why=Reason(entry.family, entry.text, count=entry.sessions),
        )
        for entry in entries
        if entry.item_id not in exclude and (kinds is None or entry.kind in kinds)
    ]
    if not hidden_genres:
        return first_that_exist(allowed[: k + 2], k)
    hidden = set(hidden_genres)
    cards = first_that_exist(allowed, len(allowed))
    return [c for c in cards if not hidden & {genre.slug for genre in c.item.genres.all()}][:k]
