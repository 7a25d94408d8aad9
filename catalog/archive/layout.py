"""The tables of an archive: their columns, where the values come from, and in which order.

A table that is part of the items (credits, say) has its rows in the order of the items, so that
both can be read side by side. A new column or table is a new `VERSION`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import Model, Q

from catalog.archive.cells import Field
from catalog.exporting import key_pages
from catalog.models import (
    Alias,
    Book,
    Creator,
    Credit,
    DistinctPair,
    Genre,
    GenreRule,
    Item,
    Kind,
    Kinship,
    Merge,
    Movie,
    SoundRule,
    Term,
    Track,
)

FORMAT = "segue-catalogue"
VERSION = 1
MANIFEST = "manifest.json"

LEFT_OUT = (
    "pictures that were fetched from a provider",
    "the edit history and the log of imports",
    "who merged two items, and what it takes to undo a merge",
    "what visitors did",
)
# What the database numbers by itself, or is worked out from the other columns.
DERIVED = frozenset({"id", "item_ptr", "title_key", "name_key"})

KIND_TABLES: Mapping[str, str] = {
    Kind.MOVIE.value: "movies",
    Kind.TRACK.value: "tracks",
    Kind.BOOK.value: "books",
}
MODELS: Mapping[str, type[Item]] = {
    Kind.MOVIE.value: Movie,
    Kind.TRACK.value: Track,
    Kind.BOOK.value: Book,
}


_EVERYTHING = Q()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table of the archive.

    `path` is where its value lies, from the table's model. A column with `of` names a row of
    another table: one of "items", "genres", "creators", "terms".
    """

    field: Field
    path: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class ArchiveTable:
    """`unique` are the columns that no two rows share. `group`: the rows are named, by the first
    of these, in columns `of` that group. `of_items`: the rows go with the items."""

    name: str
    model: type[Model]
    columns: Mapping[str, Column]
    unique: tuple[str, ...]
    group: str = ""
    of_items: bool = False
    only: Q = _EVERYTHING

    @property
    def file(self) -> str:
        return f"{self.name}.csv"

    def count(self) -> int:
        return self.model._base_manager.filter(self.only).count()

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The values of each row, in the order of `columns`. Reads a page at a time."""
        paths = [column.path for column in self.columns.values()]
        found = self.model._base_manager.filter(self.only)
        if not self.of_items:
            for page in key_pages(found):
                yield from found.filter(pk__in=page).order_by("pk").values_list(*paths)
            return
        for kind in KIND_TABLES:
            # Keys of the kind's own table: among all items, SQLite would sort the kind a page.
            for page in key_pages(MODELS[kind].objects.all()):
                rows = found.filter(item__in=page).order_by("item_id", "pk")
                yield from rows.values_list(*paths)


def _field(model: type[Model], name: str) -> Field:
    return cast(Field, model._meta.get_field(name))


def _own(model: type[Model], *without: str) -> dict[str, Column]:
    """The model's own columns under their own names."""
    return {
        field.name: Column(field, field.name)
        for field in model._meta.concrete_fields
        if field.name not in DERIVED.union(without) and not field.is_relation
    }


def _item(path: str) -> Column:
    return Column(_field(Item, "item_id"), f"{path}__item_id", of="items")


_GENRE = Column(_field(Genre, "slug"), "genre__slug", of="genres")
_CREATOR = Column(_field(Creator, "name"), "creator__name", of="creators")
_TERM = Column(_field(Term, "name"), "term__name", of="terms")
_REDIRECT = ("gone_item_id", "gone_title", "merged_at")

_TABLES = (
    ArchiveTable("genres", Genre, _own(Genre), unique=("slug",), group="genres"),
    ArchiveTable("creators", Creator, _own(Creator), unique=("name",), group="creators"),
    *(
        # A kind's table has the columns that all kinds share, and its own.
        ArchiveTable(
            name, MODELS[kind], _own(MODELS[kind], "kind"), unique=("item_id",), group="items"
        )
        for kind, name in KIND_TABLES.items()
    ),
    ArchiveTable(
        "item_genres",
        Item.genres.through,
        {"item_id": _item("item"), "genre": _GENRE},
        unique=("item_id", "genre"),
        of_items=True,
    ),
    ArchiveTable(
        "credits",
        Credit,
        {"item_id": _item("item"), "creator": _CREATOR} | _own(Credit),
        unique=("item_id", "creator", "role"),
        of_items=True,
    ),
    ArchiveTable(
        "aliases",
        Alias,
        {"item_id": _item("item")} | _own(Alias),
        unique=("item_id", "name"),
        of_items=True,
    ),
    ArchiveTable(
        "kinships",
        Kinship,
        {"derived": _item("derived")} | _own(Kinship) | {"origin": _item("origin")},
        unique=("derived", "relation", "origin"),
    ),
    ArchiveTable(
        "distinct_pairs",
        DistinctPair,
        {"first": _item("first"), "second": _item("second")},
        unique=("first", "second"),
    ),
    ArchiveTable(
        "redirects",
        Merge,
        {name: Column(_field(Merge, name), name) for name in _REDIRECT} | {"kept": _item("kept")},
        unique=("gone_item_id",),
        only=Q(undone_at=None),
    ),
    ArchiveTable("terms", Term, _own(Term), unique=("name",), group="terms"),
    ArchiveTable(
        "genre_rules",
        GenreRule,
        {"term": _TERM} | _own(GenreRule),
        unique=("kind", "genre_slug", "term"),
    ),
    ArchiveTable("sound_rules", SoundRule, {"term": _TERM} | _own(SoundRule), ()),
)
TABLES: Mapping[str, ArchiveTable] = {table.name: table for table in _TABLES}
