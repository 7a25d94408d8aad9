"""Rows → database: idempotent, in batches, one report. The only writer of imported items.

A row is known by its item_id, and unchanged when its fingerprint is the stored one. Rows that
repeat an item are folded before anything is compared (docs/adr/0002-repeats-are-folded.md).
"""

import contextlib
import dataclasses
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from auditlog.context import disable_auditlog
from django.conf import settings
from django.db import DatabaseError, DataError, IntegrityError, transaction
from django.utils.text import slugify

from catalog import vocabulary
from catalog.bulk import insert_children
from catalog.import_record import recorded
from catalog.import_report import FailedRows, ImportReport
from catalog.merging import current_ids
from catalog.models import Creator, Credit, Genre, Item, Kind, creator_key
from catalog.reading import Table
from catalog.revision import note_change
from catalog.rows import Row
from catalog.sources import SOURCES, CleanRow, FailedRow, Source
from catalog.text import normalise

BATCH = 1000
_NAMES_A_QUERY = 900  # below the number of parameters that any SQLite takes

Rows = Iterable[CleanRow | FailedRow]


def import_source(
    kind: str,
    location: str,
    *,
    failed_rows: Path | None = None,
    progress: bool | None = None,
) -> ImportReport:
    """Imports one source from a hub name or a local CSV or Parquet file.

    `progress`: True shows a bar on stderr, False none, None only on a terminal. Raises
    `reading.SourceError`, before anything is written, when the source cannot be imported.
    """
    paths = {kind: failed_rows} if failed_rows else {}
    return import_sources({kind: location}, failed_rows=paths, progress=progress)[0]


def import_sources(
    locations: Mapping[str, str],
    *,
    failed_rows: Mapping[str, Path] | None = None,
    progress: bool | None = None,
) -> list[ImportReport]:
    """Imports several sources, kind → location; all are looked over before the first write."""
    tables = {kind: SOURCES[kind].open(location) for kind, location in locations.items()}
    reports = []
    for kind, table in tables.items():
        source = SOURCES[kind]
        path = (failed_rows or {}).get(kind) or default_failed_rows(source)
        report = ImportReport(label=Kind(kind).label)
        record = recorded(kind=kind, source=source.name, location=table.location, report=report)
        with record, FailedRows(path) as failed:
            import_rows(
                _folded(source, table, progress),
                source=source.name,
                report=report,
                failed=failed,
                progress=progress,
            )
            report.failed_rows_file = failed.written
        reports.append(report)
    return reports


def default_failed_rows(source: Source) -> Path:
    return Path(settings.DATA_DIR) / "imports" / f"{source.name}-failed.csv"


def _folded(source: Source, table: Table, progress: bool | None) -> Iterator[CleanRow | FailedRow]:
    """The rows; a track that comes under several genres has all of them from the first row on.

    Takes a pass of its own, so that only ids and genres are held in memory, not the rows.
    """
    if source.kind != Kind.TRACK:
        yield from source.rows(table)
        return
    genres: dict[str, tuple[str, ...]] = {}
    label = f"{Kind(source.kind).label}, genres"
    for entry in _with_bar(source.rows(table), label, progress):
        if isinstance(entry, CleanRow):
            row = entry.row
            genres[row.item_id] = tuple(dict.fromkeys((*genres.get(row.item_id, ()), *row.genres)))
    for entry in source.rows(table):
        if isinstance(entry, CleanRow):
            folded = dataclasses.replace(entry.row, genres=genres[entry.row.item_id])
            yield CleanRow(folded, entry.values)
        else:
            yield entry


def import_rows(
    rows: Rows,
    *,
    source: str,
    report: ImportReport,
    failed: FailedRows,
    progress: bool | None = None,
) -> None:
    """Writes `rows` in batches, each in a transaction of its own, and counts them in `report`.

    The first row of an item_id is the item; later ones count as repeated. A row that the
    database refuses counts as failed and takes no other row with it.
    """
    writer = _Writer(source=source)
    for batch in _batches(_counted(rows, report, failed, progress)):
        stored = {
            item_id: (key, row_hash)
            for item_id, key, row_hash in Item.objects.filter(
                item_id__in=[entry.row.item_id for entry in batch]
            ).values_list("item_id", "pk", "row_hash")
        }
        merged = current_ids({entry.row.item_id for entry in batch} - stored.keys())
        new, changed = [], []
        for entry in batch:
            known = stored.get(entry.row.item_id)
            if entry.row.item_id in merged:  # a curator said which item it repeats
                report.repeated += 1
            elif known is None:
                new.append(entry)
            elif known[1] != entry.row.fingerprint():
                changed.append(entry)
            else:
                report.unchanged += 1
        if new or changed:
            writer.learn_rules()
        report.new += _write(new, writer.create, report, failed)
        report.updated += _write(changed, writer.update, report, failed)


def _counted(
    rows: Rows, report: ImportReport, failed: FailedRows, progress: bool | None
) -> Iterator[CleanRow]:
    """The rows to write: failed and repeated ones are counted and left out."""
    seen: set[str] = set()
    for entry in _with_bar(rows, report.label, progress):
        report.count_row(entry.values)
        if isinstance(entry, FailedRow):
            report.failed += 1
            failed.add(entry.values, entry.reason)
        elif entry.row.item_id in seen:
            report.repeated += 1
        else:
            seen.add(entry.row.item_id)
            yield entry


def _with_bar(rows: Rows, label: str, progress: bool | None) -> Rows:
    from tqdm import tqdm

    # disable=None: tqdm shows itself only where stderr is a terminal.
    hidden = None if progress is None else not progress
    bar: Rows = tqdm(rows, desc=label, unit=" rows", disable=hidden)
    return bar


def _batches(rows: Iterator[CleanRow]) -> Iterator[list[CleanRow]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _write(
    entries: list[CleanRow],
    write: Callable[[list[Row]], None],
    report: ImportReport,
    failed: FailedRows,
) -> int:
    """Writes the batch whole, or row by row if the database refuses it. Returns rows written."""
    if not entries:
        return 0
    try:
        write([entry.row for entry in entries])
    except (DataError, IntegrityError) as error:
        if len(entries) == 1:
            report.failed += 1
            failed.add(entries[0].values, f"the database refused the row: {error}".strip())
            return 0
        return sum(_write([entry], write, report, failed) for entry in entries)
    return len(entries)


@dataclass(slots=True)
class _Writer:
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
