"""An item with all that belongs to it: read from an archive or from the database, compared, and
written many at a time."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.archive.changing import delete
from catalog.archive.checking import Archive, Progress, Values
from catalog.archive.layout import KIND_TABLES, MODELS, TABLES
from catalog.bulk import insert_children, set_column
from catalog.models import Alias, Credit, Item
from catalog.text import normalise

_ROWS_A_STATEMENT = 50  # of an UPDATE of many columns


@dataclass(frozen=True, slots=True)
class Work:
    """`values` are the columns of the kind's table in the archive; genres and creators are told
    by their keys in this database. All in the order in which they were stored; two works are
    equal if nothing of them differs."""

    values: Mapping[str, Any]
    genres: tuple[int, ...] = ()
    credits: tuple[tuple[int, str, int], ...] = ()  # (creator, role, position)
    aliases: tuple[str, ...] = ()

    @property
    def item_id(self) -> str:
        return str(self.values["item_id"])


@dataclass(slots=True)
class _Beside:
    """Rows that go with the items, read along with them: both are in the order of the items."""

    rows: Iterator[Values]
    progress: Progress
    ahead: Values | None = None

    def of(self, item_id: str) -> list[Values]:
        """The rows of this item, without its id. To be asked item by item, in their order."""
        found: list[Values] = []
        while True:
            if self.ahead is None:
                self.ahead = next(self.rows, None)
            if self.ahead is None or self.ahead[0] != item_id:
                self.progress(len(found))
                return found
            found.append(self.ahead[1:])
            self.ahead = None


class Children:
    """The works of an archive: items with their genres, credits and aliases read beside them."""

    def __init__(
        self,
        archive: Archive,
        *,
        genres: Mapping[str, int],
        creators: Mapping[str, int],
        progress: Progress,
    ) -> None:
        self._archive, self._genre_keys, self._creator_keys = archive, genres, creators
        self._genres, self._credits, self._aliases = (
            _Beside(archive.rows(TABLES[name]), progress)
            for name in ("item_genres", "credits", "aliases")
        )

    def works(self, kind: str) -> Iterator[Work]:
        """To be read to its end, kind by kind in the order of the tables."""
        table = TABLES[KIND_TABLES[kind]]
        for row in self._archive.rows(table):
            values = dict(zip(table.columns, row, strict=True))
            item_id = values["item_id"]
            yield Work(
                values=values,
                # Two slugs of the archive can be one genre here: see `importing`.
                genres=tuple(
                    dict.fromkeys(self._genre_keys[slug] for (slug,) in self._genres.of(item_id))
                ),
                credits=tuple(
                    (self._creator_keys[name], role, position)
                    for name, role, position in self._credits.of(item_id)
                ),
                aliases=tuple(name for (name,) in self._aliases.of(item_id)),
            )


def stored_works(kind: str, item_ids: list[str]) -> dict[str, tuple[int, Work]]:
    """item_id → (key, what is stored), of those that are here. Four queries."""
    columns = list(TABLES[KIND_TABLES[kind]].columns)
    rows = MODELS[kind].objects.filter(item_id__in=item_ids).values_list("pk", *columns)
    values = {row[0]: dict(zip(columns, row[1:], strict=True)) for row in rows}
    genres = _listed(Item.genres.through, values, "genre_id")
    credits = _listed(Credit, values, "creator_id", "role", "position")
    aliases = _listed(Alias, values, "name")
    return {
        row["item_id"]: (
            key,
            Work(
                values=row,
                genres=tuple(genre for (genre,) in genres[key]),
                credits=tuple(credits[key]),
                aliases=tuple(name for (name,) in aliases[key]),
            ),
        )
        for key, row in values.items()
    }


def _listed(model: Any, items: Mapping[int, object], *columns: str) -> dict[int, list[Any]]:
    """Item key → the rows that belong to it, as they were stored."""
    found: dict[int, list[Any]] = defaultdict(list)
    rows = model.objects.filter(item_id__in=list(items)).order_by("pk")
    for item, *cells in rows.values_list("item_id", *columns):
        found[item].append(tuple(cells))
    return found


def write_new(kind: str, works: list[Work]) -> dict[str, int]:
    """Makes items with all that belongs to them; item_id → key."""
    if not works:
        return {}
    items = Item.objects.bulk_create([Item(kind=kind, **_shared(work.values)) for work in works])
    keys = [item.pk for item in items]
    # Django sets it to the time of the row; the archive knows when the item was added.
    added = {key: work.values["added_at"] for key, work in zip(keys, works, strict=True)}
    set_column(Item, "added_at", added)
    insert_children(MODELS[kind], keys, [work.values for work in works])
    for part in _PARTS:
        part.write(dict(zip(keys, works, strict=True)))
    return {item.item_id: item.pk for item in items}


def _shared(values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of `Item` among these, with those that follow from them."""
    shared = {column.name for column in Item._meta.concrete_fields}
    found = {name: value for name, value in values.items() if name in shared}
    return found | {"title_key": normalise(values["title"])[:500]}


def write_changed(kind: str, changed: list[tuple[int, Work, Work]]) -> None:
    """Makes items, (key, as it is stored, as it shall be) each, what they shall be."""
    model = MODELS[kind]
    columns = {
        name
        for _, was, work in changed
        for name, value in work.values.items()
        if was.values[name] != value
    }
    if columns:
        items = [
            model(pk=key, **work.values, title_key=normalise(work.values["title"])[:500])
            for key, _, work in changed
        ]
        fields = sorted(columns | ({"title_key"} if "title" in columns else set()))
        model.objects.bulk_update(items, fields, batch_size=_ROWS_A_STATEMENT)
    for part in _PARTS:
        differ = {key: work for key, was, work in changed if part.differ(was, work)}
        if differ:
            delete(part.model.objects.filter(item_id__in=differ))
            part.write(differ)


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows of another table that belong to an item: made anew where they differ."""

    name: str  # of the attribute of `Work`
    model: Any
    row: Callable[[int, Any], Any]  # (item's key, what `Work` holds of one row) → a row

    def differ(self, one: Work, other: Work) -> bool:
        return bool(getattr(one, self.name) != getattr(other, self.name))

    def write(self, works: Mapping[int, Work]) -> None:
        self.model.objects.bulk_create(
            self.row(key, entry)
            for key, work in works.items()
            for entry in getattr(work, self.name)
        )


def _alias(item: int, name: str) -> Alias:
    return Alias(item_id=item, name=name, name_key=normalise(name)[:500])


def _credit(item: int, entry: tuple[int, str, int]) -> Credit:
    creator, role, position = entry
    return Credit(item_id=item, creator_id=creator, role=role, position=position)


_HAS_GENRE = Item.genres.through
_PARTS = (
    _Part("genres", _HAS_GENRE, lambda item, genre: _HAS_GENRE(item_id=item, genre_id=genre)),
    _Part("credits", Credit, _credit),
    _Part("aliases", Alias, _alias),
)
