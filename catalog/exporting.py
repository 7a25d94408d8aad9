"""The unified table: every item as the same eight columns, whatever its kind.

`sessions_app.exporting` adds to these what visitors did. Rows are read a page at a time by their
key, without a cursor or a transaction that would stay open as long as a slow reader takes: an item
that is edited meanwhile comes once, as it was or as it is.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django.db.models import QuerySet

from catalog.models import Credit, Item, Kind, Role
from catalog.models.items import BYLINE_ROLES
from catalog.tables import Layout

PAGE = 900  # items a query; below the number of parameters that any SQLite takes
LEADING_ACTORS = 3
ITEM_TYPES = {Kind.MOVIE.value: "Movie", Kind.TRACK.value: "Music", Kind.BOOK.value: "Book"}

UNIFIED = Layout(
    "unified",
    {
        "Item_ID": str,
        "Title": str,
        "Genre": str,
        "Description": str,
        "Popularity": float,
        "Creator": str,
        "Timestamp": str,
        "Item_Type": str,
    },
)


class UnifiedRow(NamedTuple):
    """One item; the fields are the columns of `UNIFIED` in their order."""

    item_id: str
    title: str
    genre: str  # names in alphabetical order, joined with ", "
    description: str
    popularity: float | None  # 0 to 100
    creator: str  # names in billing order, joined with ", "
    timestamp: str
    item_type: str


def unified_table() -> Iterator[UnifiedRow]:
    """Every item, in the order in which they came into the catalogue. Three queries a page."""
    for keys in key_pages(Item.objects.all()):
        yield from unified_rows(keys).values()


def unified_rows(keys: Iterable[int]) -> dict[int, UnifiedRow]:
    """Item key → row, in the order of `keys`; a key that is gone is left out.

    Takes three queries for at most `PAGE` keys.
    """
    wanted = list(keys)
    columns = ("title", "description", "popularity", "release_date", "year", "kind")
    items = {row[0]: row for row in _of(wanted).values_list("pk", "item_id", *columns)}
    genres = _genres(wanted)
    creators = _creators(wanted)
    rows = {}
    for key in wanted:
        if key not in items:
            continue
        _, item_id, title, description, popularity, date, year, kind = items[key]
        rows[key] = UnifiedRow(
            item_id=item_id,
            title=title,
            genre=", ".join(genres[key]),
            description=description,
            popularity=popularity,
            creator=", ".join(creators_of(kind, creators[key])),
            timestamp=item_timestamp(date, year),
            item_type=ITEM_TYPES[kind],
        )
    return rows


def creators_of(kind: str, credits: Sequence[tuple[str, str]]) -> list[str]:
    """Who is named as the creator, of `credits` = (role, name) in billing order.

    A book's authors; a track's artists, else its composers; a film's directors, else its three
    leading actors: the first of `BYLINE_ROLES` that anybody has.
    """
    for role in BYLINE_ROLES[Kind(kind)]:
        names = [name for other, name in credits if other == role]
        if names:
            return names[:LEADING_ACTORS] if role == Role.ACTOR else names
    return []


def item_timestamp(date: datetime.date | None, year: int | None) -> str:
    """The release as ISO 8601 has it, as precisely as it is known: a day, a year, or nothing.

    ISO years have four digits and a year 0: 430 BC, which is -430 here, is `-0429`.
    """
    if date is not None:
        return date.isoformat()
    if year is None:
        return ""
    iso = year + 1 if year < 0 else year
    return f"{iso:04d}" if iso >= 0 else f"{iso:05d}"


def key_pages(rows: QuerySet[Any, Any], size: int = PAGE) -> Iterator[list[int]]:
    """The keys of `rows` in rising order, `size` at a time."""
    after = 0
    keys = rows.order_by("pk").values_list("pk", flat=True)
    while page := list(keys.filter(pk__gt=after)[:size]):
        yield page
        after = page[-1]


def _of(keys: list[int]) -> QuerySet[Item]:
    return Item.objects.filter(pk__in=keys)


def _genres(keys: list[int]) -> dict[int, list[str]]:
    rows = Item.genres.through.objects.filter(item_id__in=keys)
    found: dict[int, list[str]] = defaultdict(list)
    # Sorted here: databases differ in what they call alphabetical.
    for key, name in sorted(rows.values_list("item_id", "genre__name")):
        found[key].append(name)
    return found


def _creators(keys: list[int]) -> dict[int, list[tuple[str, str]]]:
    rows = Credit.objects.filter(item_id__in=keys).order_by("position", "id")
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for key, role, name in rows.values_list("item_id", "role", "creator__name"):
        found[key].append((role, name))
    return found
