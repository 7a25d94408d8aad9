"""Database → `Columns`, in eight queries; and the one that this process holds."""

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

import numpy as np
import pyarrow as pa
from django.db.models import Case, TextField, Value, When
from django.db.models.functions import Cast
from numpy.typing import NDArray

from catalog import renown
from catalog.columnar import Floats, Order, Tags, Texts, tags
from catalog.columns import KINDS, ROLES, SOUNDS, Columns
from catalog.models import Book, Creator, Credit, Genre, Item, Kind, Movie, Track
from catalog.places import country_name, language_name
from catalog.revision import Kept

_CHUNK = 10_000
_REPEATING = ("kind", "language", "country", "moods", "themes")

Keys = NDArray[np.int64]

_NO_KEYS = np.zeros(0, dtype=np.int64)
_NO_INTS = np.zeros(0, dtype=np.int32)
_NO_FLOATS = np.zeros(0, dtype=np.float64)


def read_columns() -> Columns:
    """Rows that come while this reads are left out."""
    items = _Items()
    score, revenue = items.spread(Movie.objects.values_list("pk", "score", "revenue"), 2)
    rating, votes = items.spread(Book.objects.values_list("pk", "rating", "num_ratings"), 2)
    sounds = items.spread(Track.objects.values_list("pk", *SOUNDS), len(SOUNDS))
    doubted = renown.doubtful(revenue)
    ratings = renown.on_one_scale(score, rating)
    standing = renown.weighed(renown.drawn_in(ratings, doubted), votes)
    films = items.kinds == KINDS.index(Kind.MOVIE)
    known_for = renown.known_for(items.popularity, revenue, items.pks, films)
    order = np.lexsort((items.pks, _falling(known_for)))
    items.number(order)
    people, roles = _people(items)
    return Columns(
        pks=items.pks,
        kinds=items.kinds,
        popularity=items.popularity,
        ratings=ratings[order],
        sounds={name: values[order] for name, values in zip(SOUNDS, sounds, strict=True)},
        tags={
            "genre": _genres(items),
            "theme": items.listed("themes"),
            "mood": items.listed("moods"),
            "decade": _decades(items.years),
            "language": items.named("language", language_name),
            "country": items.named("country", country_name),
            "creator": people,
        },
        roles=roles,
        orders=_orders(items, known_for[order], standing[order]),
    )


columns = Kept(read_columns)


class _Items:
    """The items' own rows: in order of their keys until they are numbered.

    Read part by part into arrays, so that never all rows are there as Python's objects.
    """

    def __init__(self) -> None:
        rows = Item.objects.order_by("pk").values_list(
            *("pk", "year", "popularity", "title_key", "kind", "language", "country"),
            Cast("moods", TextField()),
            Cast("themes", TextField()),
        )
        # Texts that repeat are held as numbers of the different ones, in order of appearance.
        self.different: dict[str, dict[str, int]] = {name: {} for name in _REPEATING}
        parts: dict[str, list[NDArray[Any]]] = {name: [] for name in _REPEATING}
        pks, years, popularity, titles = [_NO_KEYS], [_NO_FLOATS], [_NO_FLOATS], []
        for some_pks, some_years, some_popularity, some_titles, *texts in _columns(rows):
            pks.append(np.array(some_pks, dtype=np.int64))
            years.append(np.array(some_years, dtype=np.float64))
            popularity.append(np.array(some_popularity, dtype=np.float64))
            titles.append(pa.array(some_titles, pa.large_string()))
            for (name, seen), column in zip(self.different.items(), texts, strict=True):
                numbers = [seen.setdefault(text, len(seen)) for text in column]
                parts[name].append(np.array(numbers, dtype=np.int32))
        self.pks = np.concatenate(pks)
        self.years, self.popularity = np.concatenate(years), np.concatenate(popularity)
        self.titles = pa.chunked_array(titles, pa.large_string()).combine_chunks()
        self.texts = {name: np.concatenate([_NO_INTS, *some]) for name, some in parts.items()}
        self._keys, self._numbers = self.pks, np.arange(len(self.pks))

    def number(self, order: NDArray[np.intp]) -> None:
        """From now on everything is in this order, which becomes the items' numbers."""
        self._numbers = np.argsort(order)
        self.pks, self.years = self.pks[order], self.years[order]
        self.popularity = self.popularity[order]
        self.titles = self.titles.take(pa.array(order))
        self.texts = {name: values[order] for name, values in self.texts.items()}

    @property
    def kinds(self) -> NDArray[np.int8]:
        places = [KINDS.index(Kind(kind)) for kind in self.different["kind"]]
        return np.array(places, dtype=np.int8)[self.texts["kind"]]

    def numbers(self, keys: Keys) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """The items' numbers (anything where there is no such item), and which keys are here."""
        places, here = _places(self._keys, keys)
        return self._numbers[places], here

    def links(self, rows: Any, keys: Sequence[int], width: int = 2) -> Keys:
        """(E, width) of rows that begin with an item's key and one of `keys`: the item's number
        and the place among `keys` instead, the rest as it is."""
        read = np.fromiter(
            chain.from_iterable(rows.iterator(chunk_size=_CHUNK)), dtype=np.int64
        ).reshape(-1, width)
        read[:, 0], here = self.numbers(read[:, 0])
        read[:, 1], there = _places(np.array(keys, dtype=np.int64), read[:, 1])
        return read[here & there]

    def spread(self, rows: Any, width: int) -> list[Floats]:
        """The columns after the key of a kind's own table, NaN for items of the other kinds."""
        spread = [np.full(len(self.pks), np.nan) for _ in range(width)]
        for cells in _columns(rows):
            numbers, here = self.numbers(np.array(cells[0], dtype=np.int64))
            for column, values in zip(spread, cells[1:], strict=True):
                column[numbers[here]] = np.array(values, dtype=np.float64)[here]
        return spread

    def named(self, name: str, one_name: Callable[[str], str]) -> Tags:
        """Tags from one name on each item, under the name that all ways to write it share."""
        words = [one_name(text) for text in self.different[name]]
        return tags(np.arange(len(self.pks)), self.texts[name], words, {})[0]

    def listed(self, name: str) -> Tags:
        """Tags from a JSON list of words on each item."""
        lists = [[str(word) for word in json.loads(text)] for text in self.different[name]]
        words = list(chain.from_iterable(lists))
        lengths = np.array([len(some) for some in lists], dtype=np.intp)
        starts = np.cumsum(lengths) - lengths
        held = self.texts[name]
        count = lengths[held]
        rows = np.repeat(np.arange(len(held)), count)
        place = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
        return tags(rows, np.repeat(starts[held], count) + place, words, {})[0]


def _decades(years: Floats) -> Tags:
    dated = np.flatnonzero(~np.isnan(years))
    decades, numbers = np.unique(years[dated] // 10 * 10, return_inverse=True)
    labels = {str(decade): str(decade) for decade in decades.astype(int).tolist()}  # see facets
    return tags(dated, numbers, list(labels), labels)[0]


def _genres(items: _Items) -> Tags:
    named = list(Genre.objects.order_by("pk").values_list("pk", "slug", "name"))
    rows = Item.genres.through.objects.values_list("item_id", "genre_id")
    links = items.links(rows, [pk for pk, _, _ in named])
    labels = {slug: name[:1].upper() + name[1:] for _, slug, name in named}
    return tags(links[:, 0], links[:, 1], [slug for _, slug, _ in named], labels)[0]


def _people(items: _Items) -> tuple[Tags, NDArray[np.uint8]]:
    """Creators by the normal form of their names, and the roles of each entry.

    A name is shown in the spelling that has most credits.
    """
    creators = list(Creator.objects.order_by("pk").values_list("pk", "name", "name_key"))
    bits = [When(role=role, then=Value(1 << place)) for place, role in enumerate(ROLES)]
    rows = Credit.objects.order_by().values_list(
        "item_id", "creator_id", Case(*bits, default=Value(0))
    )
    links = items.links(rows, [pk for pk, _, _ in creators], 3)
    often = np.argsort(np.bincount(links[:, 1], minlength=len(creators)), kind="stable").tolist()
    labels = {creators[place][2]: creators[place][1] for place in often}
    people, entries = tags(links[:, 0], links[:, 1], [key for _, _, key in creators], labels)
    roles = np.zeros(len(people.rows), dtype=np.uint8)
    told = entries >= 0
    np.bitwise_or.at(roles, entries[told], links[told, 2].astype(np.uint8))
    return people, roles


def _orders(items: _Items, known_for: Floats, standing: Floats) -> dict[str, Order]:
    known, keys = _falling(known_for), items.pks.astype(np.float64)
    return {
        "popular": Order.of_numbers(known, keys),
        "new": Order.of_numbers(_falling(items.years), known, keys),
        "old": Order.of_numbers(items.years, known, keys),
        "title": Order.of_texts(Texts(items.titles), keys),
        "rated": Order.of_numbers(_falling(standing), known, keys),
    }


def _falling(values: Floats) -> Floats:
    """Sorts the highest first and the unknown last."""
    return np.nan_to_num(-values, nan=np.inf)


def _places(keys: Keys, wanted: Keys) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Where each wanted key stands in the rising `keys`, 0 where it does not, and whether."""
    places = np.searchsorted(keys, wanted)
    here = places < len(keys)
    places[~here] = 0
    here[here] = keys[places[here]] == wanted[here]
    return places, here


def _columns(rows: Any) -> Iterator[list[Any]]:
    """The rows of a queryset part by part, each part by columns."""
    read = rows.iterator(chunk_size=_CHUNK)
    while part := list(islice(read, _CHUNK)):
        yield list(zip(*part, strict=True))
