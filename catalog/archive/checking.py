"""An archive is read to its end and found whole, or refused with a sentence, before anything is
written: the file itself, checksums, columns, every cell, and that what is named is there."""

import contextlib
import csv
import hashlib
import io
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from catalog.archive.cells import to_value
from catalog.archive.layout import FORMAT, MANIFEST, TABLES, VERSION, ArchiveTable
from catalog.cleaning import BadCellError

LONGEST_CELL = 1 << 24  # characters; a description can be longer than Python's own limit
_BLOCK = 1 << 20

Progress = Callable[[int], object]
_OF_TWO = {"kinships": ("derived", "origin"), "distinct_pairs": ("first", "second")}
Values = tuple[Any, ...]


class ArchiveError(ValueError):
    """An archive that cannot be imported. The message is one sentence for a person."""


@dataclass(frozen=True, slots=True)
class Archive:
    """An open archive. `counts` is table name → rows, as the manifest has them."""

    path: Path
    zip: ZipFile
    counts: dict[str, int]
    checksums: dict[str, str]

    def rows(self, table: ArchiveTable) -> Iterator[Values]:
        """The values of each row, in the order of the table's columns. Raises ArchiveError."""
        columns = list(table.columns.items())
        for number, cells in enumerate(self._records(table), start=1):
            where = f"{table.file}, row {number}"
            if len(cells) != len(columns):
                raise ArchiveError(f"{where} has {len(cells)} cells instead of {len(columns)}.")
            values = []
            for (name, column), cell in zip(columns, cells, strict=True):
                try:
                    values.append(to_value(cell, column.field))
                except BadCellError as error:
                    raise ArchiveError(f"{where}: {name} {error}.") from error
            yield tuple(values)

    def _records(self, table: ArchiveTable) -> Iterator[list[str]]:
        csv.field_size_limit(max(csv.field_size_limit(), LONGEST_CELL))
        with _readable(self.path), self.zip.open(table.file) as raw:
            reader = csv.reader(io.TextIOWrapper(raw, "utf-8", newline=""), strict=True)
            header = next(reader, [])
            if header != list(table.columns):
                raise ArchiveError(
                    f"{table.file} has the columns {', '.join(header) or '(none)'} instead of "
                    f"{', '.join(table.columns)}."
                )
            yield from reader

    def check(self, progress: Progress) -> None:
        """Reads everything once. `progress` is told of rows that were read."""
        for table in TABLES.values():
            self._check_sum(table)
        seen = _Seen()
        for table in TABLES.values():
            rows = 0
            for row in self.rows(table):
                rows += 1
                seen.check(table, row, rows)
                progress(1)
            if rows != self.counts[table.name]:
                told = self.counts[table.name]
                raise ArchiveError(f"{table.file} has {rows:,} rows; the manifest says {told:,}.")

    def _check_sum(self, table: ArchiveTable) -> None:
        digest = hashlib.sha256()
        with _readable(self.path), self.zip.open(table.file) as file:
            while block := file.read(_BLOCK):
                digest.update(block)
        if digest.hexdigest() != self.checksums[table.name]:
            raise ArchiveError(
                f"{table.file} is not what was exported: its checksum is not the manifest's. "
                "Get the archive again, or export it again."
            )


@contextlib.contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Raises ArchiveError, here or while it is read, for a file that is no whole archive."""
    with _readable(path):
        file = ZipFile(path)
    with file:
        with _readable(path):
            entries = _tables_of(path, file)
        counts = {name: rows for name, (rows, _) in entries.items()}
        yield Archive(path, file, counts, {name: sums for name, (_, sums) in entries.items()})


@contextlib.contextmanager
def _readable(path: Path) -> Iterator[None]:
    """What goes wrong while a file is read, as one sentence."""
    try:
        yield
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise ArchiveError(f"{path} is damaged: it holds text that is not UTF-8.") from error
    except (BadZipFile, zlib.error, EOFError, RuntimeError, csv.Error) as error:
        # RuntimeError: encrypted, or compressed in a way that Python does not know.
        raise ArchiveError(f"{path} is damaged, or no archive of Segue: {error}.") from error


def _tables_of(path: Path, file: ZipFile) -> dict[str, tuple[int, str]]:
    """Table name → (rows, checksum) of the manifest, if it is one that this Segue reads."""
    names = set(file.namelist())
    if MANIFEST not in names:
        raise ArchiveError(f"{path} is no archive of Segue: it has no {MANIFEST}.")
    try:
        manifest = json.loads(file.read(MANIFEST))
        kind, version = manifest["format"], manifest["version"]
        tables = {
            name: (int(e["rows"]), str(e["sha256"])) for name, e in manifest["tables"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArchiveError(f"The {MANIFEST} of {path} cannot be read: {error!r}.") from error
    if kind != FORMAT:
        raise ArchiveError(f"{path} is no archive of Segue: its format is {kind!r}.")
    if version != VERSION:
        raise ArchiveError(f"{path} has version {version!r}; this Segue reads version {VERSION}.")
    for table in TABLES.values():
        if table.file not in names or table.file not in tables:
            raise ArchiveError(f"{path} is not whole: {table.file} is missing.")
    return {name: tables[table.file] for name, table in TABLES.items()}


@dataclass(slots=True)
class _Seen:
    """What rows have named so far: a row can only name what came before it."""

    places: dict[str, dict[str, int]] = field(default_factory=dict)  # group → name → place
    keys: set[Values] = field(default_factory=set)  # of the table, or of the item, being read
    table: str = ""
    item: str = ""

    def check(self, table: ArchiveTable, row: Values, number: int) -> None:
        """Raises ArchiveError for a row that is there twice or names what is not there."""
        where = f"{table.file}, row {number}"
        values = dict(zip(table.columns, row, strict=True))
        for name, column in table.columns.items():
            if column.of and values[name] not in self.places.get(column.of, {}):
                raise ArchiveError(
                    f"{where}: {name} is {values[name]!r}, which is not among the {column.of}."
                )
        self._turn(table, values, where)
        key = tuple(values[name] for name in table.unique)
        named = self.places.setdefault(table.group, {}) if table.group else {}
        if key and (key in self.keys or key[0] in named):
            raise ArchiveError(f"{where} is there twice: {', '.join(map(str, key))}.")
        if table.group:
            named[key[0]] = len(named)
        else:
            self.keys.add(key)
        if table.name in _OF_TWO and len({values[name] for name in _OF_TWO[table.name]}) == 1:
            raise ArchiveError(f"{where} joins an item with itself.")

    def _turn(self, table: ArchiveTable, values: dict[str, Any], where: str) -> None:
        """Forgets the keys of the table, or of the item, before this one."""
        item = values["item_id"] if table.of_items else ""
        if table.name != self.table:
            self.table, self.item = table.name, item
            self.keys.clear()
        elif item != self.item:
            if self.places["items"][item] < self.places["items"][self.item]:
                raise ArchiveError(f"{where} is not in the order of the items.")
            self.item = item
            self.keys.clear()
