"""Rows that are the same for everybody, before a visitor's own wishes.

What is kept is small, ids and reasons; a visitor's row is cut from it, so that it does not shrink
by what they hid or saw. It is made anew every minute, beside the requests: nobody waits for the
counting but the first visitor of all.
"""

import threading
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from django.core.cache import cache
from django.db import close_old_connections
from django.utils import timezone
from django.utils.translation import get_language, override

from catalog.covers.dice import Dice
from catalog.daily import moods_of_the_day
from catalog.models import Kind
from recommender.candidates import Candidate
from recommender.cards import Card, first_that_exist
from recommender.popular import best_known, newest, trending
from recommender.reasons import Family, Reason

DEPTH = 60  # items of a pool
KNOWN_DEPTH = 40  # beyond it come works that their sources think better known than they are
FRESH_SECONDS = 60
KEPT_SECONDS = 3600  # an old value is better than waiting
MAKING_SECONDS = 60  # as long, one process believes that another one is at it
MOODS = 6

_first = threading.Lock()


class Entry(NamedTuple):
    """An item, by its public id, and why it is in the pool."""

    item_id: str
    kind: str
    family: Family
    text: str
    sessions: int | None = None  # in how many it was opened, where that is the reason


@dataclass(frozen=True)
class Pools:
    """`known` is in an order that stays for a day and changes overnight, so that the best known are
    not always the same few; the others have the best first."""

    trending: list[Entry]
    new: list[Entry]
    known: dict[str, list[Entry]]
    moods: list[tuple[str, list[Kind]]]  # to enter by, and the kinds that have items in it


def pools_of(day: date) -> Pools:
    """In the language of the visitor, for they hold sentences."""
    kept = _kept()
    dice = {kind: Dice(f"{day.isoformat()} {kind}") for kind in kept.known}
    known = {kind: dice[kind].shuffled(entries) for kind, entries in kept.known.items()}
    return replace(kept, known=known)


def _kept() -> Pools:
    language = get_language() or ""
    held: tuple[float, Pools] | None = cache.get(_key(language))
    if held is None:
        with _first:
            held = cache.get(_key(language)) or _make(language)
    elif time.time() - held[0] > FRESH_SECONDS and _is_mine_to_make(language):
        threading.Thread(target=_make_beside, args=(language,), daemon=True).start()
    return held[1]


def _make(language: str) -> tuple[float, Pools]:
    made = Pools(
        trending=entries_of(trending(k=DEPTH)),
        new=entries_of(newest(k=DEPTH)),
        known={kind: entries_of(best_known(kind, KNOWN_DEPTH)) for kind in Kind.values},
        moods=moods_of_the_day(timezone.localdate(), MOODS),
    )
    held = (time.time(), made)
    cache.set(_key(language), held, KEPT_SECONDS)
    return held


def _make_beside(language: str) -> None:
    try:
        with override(language or None):
            _make(language)
    finally:
        cache.delete(_making(language))
        close_old_connections()


def _is_mine_to_make(language: str) -> bool:
    return bool(cache.add(_making(language), True, MAKING_SECONDS))


def _key(language: str) -> str:
    return f"pools:{language}"


def _making(language: str) -> str:
    return f"pools-making:{language}"


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
