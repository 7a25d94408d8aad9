"""The start: titles to pick from, each of another family, so that everybody finds one they love.

The well-known items of a kind are put into families by genre, theme, mood, decade and language;
a page shows one of each family, the next page the next of each. See docs/adr/0020-the-start.md.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.columns import Columns
from catalog.columns_reading import columns
from catalog.models import Credit, Item, Kind, Kinship
from catalog.revision import Kept

FAMILIES = 9  # a kind, and so cards a kind and page
POOL = 360  # the best known of a kind that are offered
UNKNOWN_POOL = 1_600  # where no source tells which are well known
MOST_PICKS = 5
# What makes two items alike to somebody who looks at a wall of covers.
_LOOKS = {"genre": 1.0, "theme": 0.6, "mood": 0.5, "decade": 0.5, "language": 0.4}


@dataclass(frozen=True)
class Known:
    """A well-known item; no two on a page have one title, or one first-billed creator."""

    item_id: str
    title: str  # in its normal form
    person: str  # likewise; "" where nobody is known
    genres: frozenset[str]  # slugs

    @property
    def marks(self) -> set[str]:
        return {f"title {self.title}", *([f"by {self.person}"] if self.person else ())}


Families = dict[Kind, list[list[Known]]]


def read_families() -> Families:
    """Kind → its families, the best-known family first, and in each the best known first."""
    held = columns.get()
    numbers = {kind: _pool(held, kind) for kind in Kind}
    known = _known(held, np.concatenate([numbers[kind] for kind in Kind]))
    return {kind: _families(held, numbers[kind], known) for kind in Kind}


families = Kept(read_families)


def offered(
    page: int, *, without: Collection[str], hidden_genres: Collection[str]
) -> dict[Kind, list[str]]:
    """Public ids by kind: the titles of a page, from 1; after the last page the first comes again.

    `without` are public ids, `hidden_genres` slugs; what is left out leaves no gap. One query,
    more where the catalogue has changed.
    """
    barred, genres = frozenset(without), frozenset(hidden_genres)
    left = {
        kind: [
            [one for one in family if one.item_id not in barred and not one.genres & genres]
            for family in found
        ]
        for kind, found in families.get().items()
    }
    pages = list(_pages(left, until=page))
    return pages[(page - 1) % len(pages)] if pages else {}


def _pages(left: Families, *, until: int) -> Iterator[dict[Kind, list[str]]]:
    """Pages up to number `until`; takes what it shows out of `left`."""
    for _ in range(until):
        used: set[str] = set()
        shown = {kind: _one_of_each(found, used) for kind, found in left.items()}
        if not any(shown.values()):
            return
        yield shown


def _one_of_each(left: list[list[Known]], used: set[str]) -> list[str]:
    """The first of each family whose marks are not `used` on the page yet; where families have
    run out, more of the others."""
    taken: list[str] = []
    while len(taken) < FAMILIES:
        before = len(taken)
        for family in left:
            place = next((i for i, one in enumerate(family) if one.marks.isdisjoint(used)), None)
            if place is not None and len(taken) < FAMILIES:
                one = family.pop(place)
                used |= one.marks
                taken.append(one.item_id)
        if len(taken) == before:
            break
    return taken


def _pool(held: Columns, kind: Kind) -> NDArray[np.intp]:
    """Numbers of the best known, the best known first."""
    found = np.flatnonzero(held.of_kind(kind))
    return found[: POOL if held.has_popularity(kind) else UNKNOWN_POOL]


def _families(
    held: Columns, numbers: NDArray[np.intp], known: dict[int, Known]
) -> list[list[Known]]:
    # Only now: scikit-learn takes a second to import, and most commands need none of it.
    from recommender.ml.clusters import families as cluster

    if not len(numbers):
        return []
    labels, typical = cluster(_looks(held, numbers), FAMILIES)
    if np.isnan(held.popularity[numbers]).all():
        order = np.lexsort((-typical, -_kin(held, numbers)))
    else:
        order = np.arange(len(numbers))
    titles: set[str] = set()  # of twins only the better known is offered
    found: dict[int, list[Known]] = {}
    for place in order.tolist():
        one = known.get(int(held.pks[numbers[place]]))
        if one is not None and one.title not in titles:
            titles.add(one.title)
            found.setdefault(int(labels[place]), []).append(one)
    return list(found.values())


def _looks(held: Columns, numbers: NDArray[np.intp]) -> NDArray[np.float32]:
    """(n, D) the tags that matter, the rarer among these items the heavier."""
    parts = []
    for name, weight in _LOOKS.items():
        tags = held.tags[name]
        place = np.full(len(held), -1)
        place[numbers] = np.arange(len(numbers))
        rows = place[tags.rows]
        ours = rows >= 0
        part = np.zeros((len(numbers), len(tags.words)), dtype=np.float32)
        part[rows[ours], tags.codes[ours]] = 1.0
        often = part.sum(axis=0)
        part = part[:, often > 1]  # what only one has makes nothing alike
        part *= weight * np.log1p(len(numbers) / np.maximum(often[often > 1], 1.0))
        norms = np.linalg.norm(part, axis=1, keepdims=True)
        parts.append(weight * part / np.maximum(norms, 1e-12))
    return np.concatenate(parts, axis=1)


def _kin(held: Columns, numbers: NDArray[np.intp]) -> NDArray[np.int64]:
    """(n,) how many works of other kinds each is joined to: what stands in for renown where no
    source tells."""
    ends = np.array(list(Kinship.objects.values_list("derived_id", "origin_id"))).ravel()
    keys, counts = np.unique(ends, return_counts=True)
    degree = dict(zip(keys.tolist(), counts.tolist(), strict=True))
    return np.array([degree.get(pk, 0) for pk in held.pks[numbers].tolist()], dtype=np.int64)


def _known(held: Columns, numbers: NDArray[np.intp]) -> dict[int, Known]:
    """Primary key → what is known of it; three queries."""
    keys = held.pks[numbers].tolist()
    genres: dict[int, set[str]] = {}
    rows = Item.genres.through.objects.filter(item_id__in=keys)
    for pk, slug in rows.values_list("item_id", "genre__slug"):
        genres.setdefault(pk, set()).add(slug)
    people: dict[int, str] = {}
    credits = Credit.objects.filter(item_id__in=keys).order_by("-position", "-pk")
    for pk, name in credits.values_list("item_id", "creator__name_key"):
        people[pk] = name  # the first billed comes last
    return {
        pk: Known(item_id, title, people.get(pk, ""), frozenset(genres.get(pk, ())))
        for pk, item_id, title in Item.objects.filter(pk__in=keys).values_list(
            "pk", "item_id", "title_key"
        )
    }
