"""The catalogue by what items share: creator, genre, mood, era, kinship.

Items are numbered by popularity, 0 the most popular, each kind measured against itself. So every
list of items that share something is in one fixed order, and the place of an item in a list, also
of another kind's, is found by bisection.
"""

import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from catalog.models import Credit, Item, Kind, Kinship
from catalog.text import normalise

KINDS: list[str] = [str(kind) for kind in Kind]

# How much each thing in common draws a visitor from one item to another.
CREATOR, GENRE, MOOD, ERA, NEXT_ERA = 5.0, 3.0, 2.0, 0.6, 0.2

Token = tuple[str, str]


@dataclass
class Affinities:
    """`pks[i]` is the primary key of item i; `links[i]` what draws onward from it, with weights;
    `kin[i]` the items joined to it by a fact; `shelves` the items that have a token, by kind."""

    pks: list[int] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    links: list[list[tuple[Token, float]]] = field(default_factory=list)
    kin: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    shelves: dict[tuple[Token, int], list[int]] = field(default_factory=lambda: defaultdict(list))
    of_kind: list[list[int]] = field(default_factory=lambda: [[] for _ in KINDS])


@dataclass
class _Row:
    pk: int
    item_id: str
    kind: int
    rank: float
    year: int | None
    tokens: dict[Token, float]


def read_affinities() -> Affinities:
    """The whole catalogue in four queries; the same catalogue always gives the same numbering."""
    found = Affinities()
    rows = sorted(_rows(), key=lambda row: (row.rank, row.item_id))
    number = {row.pk: i for i, row in enumerate(rows)}
    for i, row in enumerate(rows):
        found.pks.append(row.pk)
        found.kinds.append(row.kind)
        found.of_kind[row.kind].append(i)
        for token in row.tokens:
            found.shelves[token, row.kind].append(i)
        links = dict(row.tokens)
        if row.year is not None:
            found.shelves[_era(row.year), row.kind].append(i)
            links |= {_era(row.year + years): NEXT_ERA for years in (-10, 10)}
            links[_era(row.year)] = ERA
        found.links.append(_what_it_is_known_for(row.item_id, links))
    for derived, origin in Kinship.objects.order_by("id").values_list("derived_id", "origin_id"):
        found.kin[number[derived]].append(number[origin])
        found.kin[number[origin]].append(number[derived])
    return found


def _what_it_is_known_for(item_id: str, links: dict[Token, float]) -> list[tuple[Token, float]]:
    """The links with the weights that this item gives them: one thing about a title draws most of
    its visitors onward, the next half as many, and so on. Which comes first is its own."""
    own = sorted(links, key=lambda token: zlib.crc32(f"{item_id} {token}".encode()) / links[token])
    return [(token, links[token] * 0.5**place) for place, token in enumerate(own)]


def _rows() -> Iterator[_Row]:
    """Every item once, with what it can share; `rank` is 0 for the most popular of its kind."""
    tokens: dict[int, dict[Token, float]] = defaultdict(dict)
    for pk, name in Item.genres.through.objects.values_list("item_id", "genre__name").iterator():
        tokens[pk]["genre", normalise(name)] = GENRE
    for pk, creator in Credit.objects.values_list("item_id", "creator__name").iterator():
        tokens[pk]["creator", creator] = CREATOR
    columns = ("pk", "item_id", "kind", "year", "moods", "popularity")
    popular: dict[str, list[tuple[float, str, int, int | None]]] = {kind: [] for kind in KINDS}
    for pk, item_id, kind, year, moods, popularity in Item.objects.values_list(*columns):
        tokens[pk].update((("mood", mood), MOOD) for mood in moods)
        # Where no source tells, and among equals, chance decides: the id's own, so that it
        # decides the same way in every run.
        chance = zlib.crc32(item_id.encode()) / 2**32
        known = 30.0 if popularity is None else popularity
        popular[kind].append((-known - 20 * chance, item_id, pk, year))
    for code, kind in enumerate(KINDS):
        ranking = sorted(popular[kind])
        for place, (_, item_id, pk, year) in enumerate(ranking):
            yield _Row(
                pk, item_id, code, place / len(ranking), year, dict(sorted(tokens.pop(pk).items()))
            )


def _era(year: int) -> Token:
    return "era", str(year // 10 * 10)
