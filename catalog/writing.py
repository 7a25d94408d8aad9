"""Cleaned rows → the catalogue's tables, a batch at a time. What writes imported items.

A batch is one transaction: all of it is written or nothing.
"""

import contextlib
import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from auditlog.context import disable_auditlog
from django.db import DatabaseError, connection, transaction
from django.utils.text import slugify

from catalog import vocabulary
from catalog.bulk import insert_children
from catalog.models import Book, Creator, Credit, Genre, Item, Movie, Track, creator_key
from catalog.revision import note_change
from catalog.rows import Row
from catalog.text import normalise

_NAMES_A_QUERY = 900  # below the number of parameters that any SQLite takes


@dataclass(slots=True)
class Writer:
    """Writes batches; remembers the keys of genres and creators between them, and the rules."""

    source: str
    rules: vocabulary.Rules | None = None
    genres: dict[str, int] = field(default_factory=dict)  # slug → key
    creators: dict[str, int] = field(default_factory=dict)  # name → key

    def learn_rules(self) -> None:
        """Before the first write, and not in its transaction: a new site gets its vocabulary even
        where the batch is refused."""
        if self.rules is None:
            vocabulary.ensure()
            self.rules = vocabulary.load()

    def create(self, rows: list[Row]) -> None:
        with self._batch():
            items = Item.objects.bulk_create(
                [
                    Item(
                        **row.parent_values(),
                        **self._terms(row),
                        title_key=normalise(row.title)[:500],
                        source=self.source,
                        row_hash=row.fingerprint(),
                    )
                    for row in rows
                ]
            )
            keys = [item.pk for item in items]
            insert_children(rows[0].model, keys, [row.child_values() for row in rows])
            self._link(dict(zip(keys, rows, strict=True)))

    def update(self, rows: list[Row]) -> None:
        with self._batch():
            by_id = {row.item_id: row for row in rows}
            items = rows[0].model.objects.filter(item_id__in=by_id)
            linked = {}
            for item in items:
                row = by_id[item.item_id]
                values = row.parent_values() | row.child_values() | self._terms(row)
                if item.own_moods and not row.moods:  # an editor told them
                    values |= {"moods": item.moods, "own_moods": True}
                for name, value in values.items():
                    setattr(item, name, value)
                item.source = self.source
                item.row_hash = row.fingerprint()
                item.save()
                linked[item.pk] = row
            Item.genres.through.objects.filter(item_id__in=linked).delete()
            Credit.objects.filter(item_id__in=linked).delete()
            self._link(linked)

    def _terms(self, row: Row) -> dict[str, object]:
        """The columns that the vocabulary fills in; moods only where the source tells none."""
        if self.rules is None:
            raise RuntimeError("The rules are learned before the first write.")
        found = self.rules.terms_for(row.kind.value, map(slug_of, row.genres), row.audio())
        moods = list(row.moods) or found.moods
        return {"moods": moods, "own_moods": bool(row.moods), "themes": found.themes}

    @contextlib.contextmanager
    def _batch(self) -> Iterator[None]:
        """A transaction; when it is rolled back, keys that were learned in it are forgotten."""
        try:
            with disable_auditlog(), transaction.atomic():  # `ImportRun` tells of it
                note_change()
                yield
        except DatabaseError:
            self.genres.clear()
            self.creators.clear()
            raise

    def _link(self, rows: dict[int, Row]) -> None:
        """Genres and credits of items that have none yet; `rows` is item key → row."""
        self._learn_genres({slug_of(name): name for row in rows.values() for name in row.genres})
        self._learn_creators({entry.name for row in rows.values() for entry in row.credits})
        through = Item.genres.through
        through.objects.bulk_create(
            through(item_id=key, genre_id=self.genres[slug])
            for key, row in rows.items()
            for slug in dict.fromkeys(map(slug_of, row.genres))
        )
        Credit.objects.bulk_create(
            Credit(
                item_id=key,
                creator_id=self.creators[entry.name],
                role=entry.role,
                position=place,
            )
            for key, row in rows.items()
            for place, entry in enumerate(dict.fromkeys(row.credits))
        )

    def _learn_genres(self, names: dict[str, str]) -> None:
        """Names with one slug are one genre ("jazz", "Jazz"), spelled as it came first."""
        missing = [slug for slug in names if slug not in self.genres]
        if missing:
            Genre.objects.bulk_create(
                [Genre(name=names[slug], slug=slug) for slug in missing], ignore_conflicts=True
            )
            self.genres |= dict(Genre.objects.filter(slug__in=missing).values_list("slug", "pk"))
        for slug in missing:
            if slug not in self.genres:  # someone gave the genre of this name another slug
                self.genres[slug] = Genre.objects.get(name=names[slug]).pk

    def _learn_creators(self, names: set[str]) -> None:
        missing = iter(sorted(name for name in names if name not in self.creators))
        while chunk := list(islice(missing, _NAMES_A_QUERY)):
            Creator.objects.bulk_create(
                [Creator(name=name, name_key=creator_key(name)) for name in chunk],
                ignore_conflicts=True,
            )
            self.creators |= dict(Creator.objects.filter(name__in=chunk).values_list("name", "pk"))


@functools.cache
def slug_of(genre: str) -> str:
    """The genre's slug; a name without Latin letters or digits is its own slug."""
    return slugify(genre)[:90] or slugify(genre, allow_unicode=True)[:90] or genre[:90]


def refresh_statistics() -> None:
    """Tell the database's planner what the tables look like after many rows came.

    Without it PostgreSQL takes them for small until its own daemon comes by, and reads all credits
    for every page of cards.
    """
    with connection.cursor() as cursor:
        for model in (Item, Movie, Track, Book, Genre, Item.genres.through, Creator, Credit):
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")
