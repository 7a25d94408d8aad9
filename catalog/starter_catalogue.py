"""The embedded starter catalogue: our own CSV files → the same import path as the sources.

It gives a machine without the internet a real site. No figures are invented: starter items have
no popularity and no audio features.
"""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import transaction

from catalog import cleaning as clean
from catalog.import_record import recorded
from catalog.import_report import FailedRows, ImportReport
from catalog.importing import import_rows
from catalog.merging import items_by_id
from catalog.models import Item, Kind, Kinship, Relation, Role
from catalog.reading import Table, open_table
from catalog.rows import BookRow, CreditEntry, MovieRow, Row, TrackRow
from catalog.sources import CleanRow, FailedRow, Values, credited

FOLDER = Path(__file__).parent / "starter"
SOURCE = "starter"
_ID_PREFIX = {Kind.MOVIE: "Movie", Kind.TRACK: "Music", Kind.BOOK: "Book"}
_FILES = {Kind.MOVIE: "movies.csv", Kind.TRACK: "tracks.csv", Kind.BOOK: "books.csv"}
_CREDITS = {
    Kind.MOVIE: {"directors": Role.DIRECTOR, "actors": Role.ACTOR},
    Kind.TRACK: {"artists": Role.ARTIST, "composers": Role.COMPOSER},
    Kind.BOOK: {"authors": Role.AUTHOR},
}
_SHARED = ("key", "title", "year", "genres", "language", "country", "description", "moods")
_KINSHIP_COLUMNS = ("derived_kind", "derived_key", "relation", "origin_kind", "origin_key")


class StarterError(ValueError):
    """The starter files contradict themselves. The message names the file, line and key."""


def item_id(kind: Kind, key: str) -> str:
    """`blade-runner-1982` → `Movie_blade-runner-1982`."""
    return f"{_ID_PREFIX[kind]}_{key}"


def seed(*, progress: bool | None = None, folder: Path = FOLDER) -> ImportReport:
    """Imports the starter catalogue; a second time changes nothing. Returns the sum report.

    Everything is checked before the first write: raises `StarterError` for a row that cannot be
    read or a kinship with an unknown key, `reading.SourceError` for a missing file or column.
    """
    rows = {kind: _checked(kind, folder) for kind in _FILES}
    kinships = _kinships(folder, {row.item_id for entries in rows.values() for row in entries})
    total = ImportReport(label="Starter")
    for kind, entries in rows.items():
        report = ImportReport(label=kind.label)
        path = Path(settings.DATA_DIR) / "imports" / f"starter-{kind.value}-failed.csv"
        record = recorded(kind=kind, source=SOURCE, location=_FILES[kind], report=report)
        with record, FailedRows(path) as failed:
            import_rows(
                (CleanRow(row, {"key": row.item_id}) for row in entries),
                source=SOURCE,
                report=report,
                failed=failed,
                progress=progress,
            )
        total = total + report
    _write_kinships(kinships)
    return total


def read(kind: Kind, folder: Path = FOLDER) -> Iterator[CleanRow | FailedRow]:
    """The rows of one starter file."""
    table = _table(kind, folder)
    for raw in table.rows():
        if raw.problem:
            yield FailedRow(raw.values, raw.problem)
            continue
        try:
            yield CleanRow(_clean(kind, raw.values), raw.values)
        except clean.BadCellError as error:
            yield FailedRow(raw.values, str(error))


def _table(kind: Kind, folder: Path) -> Table:
    extra = ("album",) if kind == Kind.TRACK else ()
    return open_table(str(folder / _FILES[kind]), (*_SHARED, *_CREDITS[kind], *extra))


def _checked(kind: Kind, folder: Path) -> list[Row]:
    rows: dict[str, Row] = {}
    for entry in read(kind, folder):
        key = entry.values.get("key", "")
        if isinstance(entry, FailedRow):
            raise StarterError(f"{_FILES[kind]}, key {key}: {entry.reason}.")
        if entry.row.item_id in rows:
            raise StarterError(f"{_FILES[kind]} has the key {key} twice.")
        rows[entry.row.item_id] = entry.row
    return list(rows.values())


def _clean(kind: Kind, cells: Values) -> Row:
    credits: list[CreditEntry] = []
    for column, role in _CREDITS[kind].items():
        credits += credited(clean.split_names(cells[column], ";", column, 300), role)
    key = clean.required_line(cells["key"], "key", 74)
    values = {
        "item_id": item_id(kind, key),
        "title": clean.required_line(cells["title"], "title", 500),
        "description": clean.text(cells["description"]),
        "year": clean.whole_number(cells["year"], "year", -3000, 2100),
        "language": clean.line(cells["language"], "language", 120),
        "country": clean.line(cells["country"], "country", 80),
        "moods": clean.split_names(cells["moods"], ";", "moods", 40),
        "genres": clean.split_names(cells["genres"], ";", "genres", 80),
        "credits": tuple(credits),
    }
    if kind == Kind.TRACK:
        return TrackRow(**values, album=clean.line(cells["album"], "album", 500))  # type: ignore[arg-type]
    return (MovieRow if kind == Kind.MOVIE else BookRow)(**values)  # type: ignore[arg-type]


def _kinships(folder: Path, known: set[str]) -> list[tuple[str, str, str]]:
    """(derived item_id, relation, origin item_id) of kinships.csv, checked."""
    path = folder / "kinships.csv"
    if not path.exists():
        return []
    found = []
    for number, raw in enumerate(open_table(str(path), _KINSHIP_COLUMNS).rows(), start=2):
        where = f"kinships.csv, line {number}"
        if raw.problem:
            raise StarterError(f"{where}: {raw.problem}.")
        cells = raw.values
        if cells["relation"] not in Relation.values:
            raise StarterError(f"{where}: there is no relation {cells['relation']!r}.")
        ends = []
        for end in ("derived", "origin"):
            kind, key = cells[f"{end}_kind"], cells[f"{end}_key"]
            if kind not in Kind.values or item_id(Kind(kind), key) not in known:
                raise StarterError(f"{where}: there is no {kind} with the key {key!r}.")
            ends.append(item_id(Kind(kind), key))
        found.append((ends[0], cells["relation"], ends[1]))
    return found


@transaction.atomic
def _write_kinships(kinships: list[tuple[str, str, str]]) -> None:
    """Makes the kinships between starter items exactly those of the file."""
    starter = Item.objects.filter(source=SOURCE)
    keys = dict(starter.values_list("item_id", "pk"))
    ends = {end for derived, _, origin in kinships for end in (derived, origin)}
    merged = items_by_id(ends - keys.keys())  # into others, which may be of another source
    keys |= {item_id: item.pk for item_id, item in merged.items()}
    wanted = {
        (keys[derived], relation, keys[origin])
        for derived, relation, origin in kinships
        if keys[derived] != keys[origin]
    }
    stored = Kinship.objects.filter(derived__source=SOURCE, origin__source=SOURCE)
    there = {(k.derived_id, k.relation, k.origin_id): k.pk for k in stored}
    Kinship.objects.filter(pk__in=[pk for key, pk in there.items() if key not in wanted]).delete()
    Kinship.objects.bulk_create(
        (
            Kinship(derived_id=derived, relation=relation, origin_id=origin)
            for derived, relation, origin in sorted(wanted - there.keys())
        ),
        ignore_conflicts=True,  # what an item had before a merge may be there already
    )
