"""Rows → database: idempotent, in batches, one report; `catalog.writing` writes them.

A row is known by its item_id, and unchanged when its fingerprint is the stored one. Rows that
repeat an item are folded before anything is compared (docs/adr/0002-repeats-are-folded.md).
"""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import DataError, IntegrityError

from catalog.import_record import recorded
from catalog.import_report import FailedRows, ImportReport
from catalog.merging import current_ids
from catalog.models import Item, Kind
from catalog.reading import Table
from catalog.rows import Row
from catalog.sources import SOURCES, CleanRow, FailedRow, Source
from catalog.writing import Writer, refresh_statistics

BATCH = 1000

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
    if any(report.new for report in reports):
        refresh_statistics()
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
    writer = Writer(source=source)
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
