"""Reads the catalogue's names into a `CatalogueIndex`."""

import itertools
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from catalog.models import Alias, Creator, Credit, Item, Kind, Movie
from catalog.renown import known_for
from catalog.search.forms import forms_of, key_of
from catalog.search.index import CatalogueIndex
from catalog.search.names import Names
from catalog.search.triples import Lists

Mask = NDArray[np.bool_]

NO_YEAR = -32_768
# Primary key, popularity, normal form, public id, kind, year, title.
Row = tuple[int, float | None, str, str, str, int | None, str]

_AT_ONCE = 5_000
_KIND_PLACE = {kind.value: place for place, kind in enumerate(Kind)}


def build() -> CatalogueIndex:
    """The index of what is in the database now: about two seconds at 130,000 items."""
    rows = list(
        Item.objects.order_by()
        .values_list("pk", "popularity", "title_key", "item_id", "kind", "year", "title")
        .iterator(chunk_size=_AT_ONCE)
    )
    known = _how_known(rows)
    # What no source tells comes last, in an order that no database makes.
    rows.sort(key=lambda row: (-known[row[0]], row[2], row[3]))
    keys = np.array([row[0] for row in rows], dtype=np.int64)
    kinds = np.array([_KIND_PLACE[row[4]] for row in rows], dtype=np.int8)
    years = np.array([NO_YEAR if row[5] is None else row[5] for row in rows], dtype=np.int16)
    titles = _names(_named(rows, _other_names()))
    people, names, works = _people(keys)
    return CatalogueIndex(keys, kinds, years, titles, people, names, works)


def _named(
    rows: list[Row], others: dict[int, list[tuple[str, str]]]
) -> Iterator[list[tuple[str, str]]]:
    """Every item's names. The rows are gone afterwards: the index needs their memory."""
    for row in rows:
        yield [(row[6], row[2] or key_of(row[6])), *others.get(row[0], ())]
    rows.clear()


def _how_known(rows: Sequence[Row]) -> dict[int, float]:
    """Primary key → how well known, -1 where no source tells."""
    keys = np.array([row[0] for row in rows], dtype=np.int64)
    popularity = np.array([np.nan if row[1] is None else row[1] for row in rows])
    films = np.array([row[4] == Kind.MOVIE for row in rows], dtype=bool)
    money = dict(Movie.objects.order_by().values_list("pk", "revenue"))
    told = [money.get(key) for key in keys.tolist()]
    revenue = np.array([np.nan if value is None else value for value in told])
    known = np.nan_to_num(known_for(popularity, revenue, keys, films), nan=-1.0)
    return dict(zip(keys.tolist(), known.tolist(), strict=True))


def _names(owned: Iterable[Sequence[tuple[str, str]]]) -> Names:
    """`owned` gives every owner's names, each with its normal form."""
    forms: list[str] = []
    owners: list[int] = []
    whole: list[bool] = []
    for owner, names in enumerate(owned):
        seen = set()
        for name, key in names:
            for form, is_whole in forms_of(name, key):
                if form not in seen:
                    seen.add(form)
                    forms.append(form)
                    owners.append(owner)
                    whole.append(is_whole)
    return Names(forms, owners, whole)


def _other_names() -> dict[int, list[tuple[str, str]]]:
    """Primary key of an item → its original title and aliases, with their normal forms."""
    found: dict[int, list[tuple[str, str]]] = {}
    originals = Movie.objects.exclude(original_title="").order_by("pk")
    for pk, name in originals.values_list("pk", "original_title"):
        found.setdefault(pk, []).append((name, key_of(name)))
    for pk, name in Alias.objects.order_by("item_id", "name_key", "pk").values_list(
        "item_id", "name"
    ):
        found.setdefault(pk, []).append((name, key_of(name)))
    return found


def _people(item_keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], Names, Lists]:
    """(primary keys, names, works) of people; creators of one normal form are one person.

    Who has the most works comes first. The primary key is of the spelling that has most of them.
    """
    creators = sorted(
        (key, name, pk) for pk, name, key in Creator.objects.values_list("pk", "name", "name_key")
    )
    rows, items = _credits([pk for _, _, pk in creators], item_keys)
    spelt = np.bincount(rows, minlength=len(creators))  # credits of each spelling
    starts = [
        row for row, (key, *_) in enumerate(creators) if not row or creators[row - 1][0] != key
    ]
    group = np.zeros(len(creators), dtype=np.int64)
    group[starts[1:]] = 1
    group = np.cumsum(group)
    works = Lists(group[rows], items, len(starts))
    sizes = np.diff(works.starts)
    order = np.argsort(-sizes, kind="stable")
    order = order[sizes[order] > 0]
    place = np.full(len(starts), -1)
    place[order] = np.arange(len(order))
    bounds = [*starts, len(creators)]
    spellings = [range(bounds[number], bounds[number + 1]) for number in order.tolist()]
    chosen = [max(rows, key=lambda row: (spelt[row], -row)) for rows in spellings]
    names = _names([(creators[row][1], creators[row][0])] for row in chosen)
    people = np.array([creators[row][2] for row in chosen], dtype=np.int64)
    return people, names, Lists(place[group[rows]], items, len(order))


def _credits(
    creators: Sequence[int], items: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(places in creators, places in items) of all credits; both are given as primary keys."""
    pairs = Credit.objects.order_by().values_list("creator_id", "item_id")
    chain = itertools.chain.from_iterable(pairs.iterator(chunk_size=_AT_ONCE))
    flat = np.fromiter(chain, dtype=np.int64)
    of_creators, known = _places(flat[::2], np.asarray(creators, dtype=np.int64))
    of_items, also_known = _places(flat[1::2], items)
    both = known & also_known  # not of a row that came in between
    return of_creators[both], of_items[both]


def _places(wanted: NDArray[np.int64], keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], Mask]:
    """(n,) the place of each in `keys`, and (n,) whether it is there at all."""
    if not len(keys):
        return np.zeros(len(wanted), dtype=np.int64), np.zeros(len(wanted), dtype=bool)
    order = np.argsort(keys)
    found = np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)
    places = order[found]
    return places, keys[places] == wanted
