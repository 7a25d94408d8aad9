"""An archive → the catalogue: items by their item_id, everything that belongs to them as it was.

Afterwards every item of the archive is here as it is there: all columns but the database's own
key. Items that are only here stay as they are. Written in batches, each in a transaction of its
own; a second time nothing is written.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from django.db import DatabaseError

from catalog.archive.changing import change
from catalog.archive.checking import Archive, ArchiveError, Progress, open_archive
from catalog.archive.joining import import_kinships, import_pairs, import_redirects
from catalog.archive.layout import KIND_TABLES, TABLES
from catalog.archive.vocabulary import import_vocabulary
from catalog.archive.works import Children, Work, stored_works, write_changed, write_new
from catalog.card_cache import cards
from catalog.import_record import recorded
from catalog.import_report import ImportReport
from catalog.models import Creator, Genre, Kind, Merge, creator_key
from catalog.writing import refresh_statistics

SOURCE = "archive"  # in the log of imports; each item keeps the source that it came from
BATCH = 500  # items
_NAMES = 900  # below the number of parameters that any SQLite takes


def import_archive(path: Path, *, progress: bool | None = None) -> list[ImportReport]:
    """Imports an archive; a report for each of its parts.

    Raises ArchiveError, before anything is written, for a file that is no whole archive of this
    version. `progress`: True shows bars on stderr, False none, None only on a terminal.
    """
    from tqdm import tqdm

    hidden = None if progress is None else not progress
    with open_archive(path) as archive:
        total = sum(archive.counts.values())
        with tqdm(total=total, desc="Checking", unit=" rows", disable=hidden) as bar:
            archive.check(bar.update)
        with tqdm(total=total, desc="Importing", unit=" rows", disable=hidden) as bar:
            try:
                return _import(archive, bar.update)
            except DatabaseError as error:
                raise ArchiveError(
                    f"The database refused a part of {path}: {error}".strip()
                    + " What came before it is imported; the part itself left nothing behind."
                ) from error
            finally:
                cards.forget()


def _import(archive: Archive, progress: Progress) -> list[ImportReport]:
    genres = _genres(archive, progress)
    creators = _creators(archive, progress)
    merged = set(Merge.objects.filter(undone_at=None).values_list("gone_item_id", flat=True))
    children = Children(archive, genres=genres, creators=creators, progress=progress)
    reports = []
    keys: dict[str, int] = {}  # item_id → key, of every item of the archive that is here now
    for kind in KIND_TABLES:
        report = ImportReport(label=Kind(kind).label)
        location = str(archive.path)
        with recorded(kind=kind, source=SOURCE, location=location, report=report):
            for batch in _batches(children.works(kind)):
                report.read += len(batch)
                progress(len(batch))
                here = [work for work in batch if work.item_id not in merged]
                report.repeated += len(batch) - len(here)  # of what they were merged into
                keys |= _write(kind, here, report)
        reports.append(report)
    for part in (import_kinships, import_pairs, import_redirects):
        reports.append(part(archive, keys, progress))
    reports.append(import_vocabulary(archive, progress))
    if any(report.new or report.updated for report in reports):
        refresh_statistics()
    return reports


def _write(kind: str, works: list[Work], report: ImportReport) -> dict[str, int]:
    """Writes what is new or differs; item_id → key of all of them."""
    stored = stored_works(kind, [work.item_id for work in works])
    new = [work for work in works if work.item_id not in stored]
    changed = [
        (key, was, work)
        for work in works
        if work.item_id in stored
        for key, was in [stored[work.item_id]]
        if was != work
    ]
    keys = {item_id: key for item_id, (key, _) in stored.items()}
    if new or changed:
        with change():
            keys |= write_new(kind, new)
            write_changed(kind, changed)
    report.new += len(new)
    report.updated += len(changed)
    report.unchanged += len(works) - len(new) - len(changed)
    return keys


def _batches(works: Iterator[Work]) -> Iterator[list[Work]]:
    while batch := list(islice(works, BATCH)):
        yield batch


def _genres(archive: Archive, progress: Progress) -> dict[str, int]:
    """Slug in the archive → key here: of the genre of that slug, else of that name, else a new
    one."""
    rows = [
        dict(zip(TABLES["genres"].columns, row, strict=True)) for row in _all(archive, "genres")
    ]
    by_slug = dict(Genre.objects.values_list("slug", "pk"))
    by_name = dict(Genre.objects.values_list("name", "pk"))
    missing = [
        Genre(**row) for row in rows if row["slug"] not in by_slug and row["name"] not in by_name
    ]
    if missing:
        with change():
            Genre.objects.bulk_create(missing)
        by_slug |= dict(Genre.objects.values_list("slug", "pk"))
    progress(len(rows))
    return {row["slug"]: by_slug.get(row["slug"]) or by_name[row["name"]] for row in rows}


def _creators(archive: Archive, progress: Progress) -> dict[str, int]:
    """Name → key; those who are not here yet are made."""
    keys: dict[str, int] = {}
    names = (row[0] for row in _all(archive, "creators"))
    while chunk := list(islice(names, _NAMES)):
        found = _keys_of(chunk)
        missing = [name for name in chunk if name not in found]
        if missing:
            with change():
                Creator.objects.bulk_create(
                    [Creator(name=name, name_key=creator_key(name)) for name in missing],
                    ignore_conflicts=True,
                )
            found |= _keys_of(missing)
        keys |= found
        progress(len(chunk))
    return keys


def _keys_of(names: Iterable[str]) -> dict[str, int]:
    return dict(Creator.objects.filter(name__in=list(names)).values_list("name", "pk"))


def _all(archive: Archive, name: str) -> Iterator[tuple[str, ...]]:
    return archive.rows(TABLES[name])
