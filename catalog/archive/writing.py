"""The catalogue → an archive."""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.db import connection, transaction
from django.utils import timezone

from catalog.archive.cells import to_text
from catalog.archive.layout import FORMAT, LEFT_OUT, MANIFEST, TABLES, VERSION, ArchiveTable
from catalog.tables import Layout, csv_bytes


def write_archive(path: Path, *, progress: bool | None = None) -> dict[str, int]:
    """Writes the catalogue of one moment; returns the number of rows of each table.

    `progress`: True shows a bar on stderr, False none, None only on a terminal. The file has its
    name only when it is whole. Memory holds a page of rows.
    """
    from tqdm import tqdm

    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    hidden = None if progress is None else not progress
    try:
        with one_moment(), ZipFile(unfinished, "w", ZIP_DEFLATED) as archive:
            total = sum(table.count() for table in TABLES.values())
            with tqdm(total=total, desc="Archive", unit=" rows", disable=hidden) as bar:
                told = {table.file: _write(archive, table, bar) for table in TABLES.values()}
            archive.writestr(MANIFEST, _manifest(told))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return {file: entry["rows"] for file, entry in told.items()}


def _write(archive: ZipFile, table: ArchiveTable, bar: Any) -> dict[str, Any]:
    """Writes one table; its entry in the manifest."""
    rows = 0

    def texts() -> Iterator[list[str]]:
        nonlocal rows
        for row in table.rows():
            rows += 1
            bar.update()
            yield [to_text(value) for value in row]

    digest = hashlib.sha256()
    with archive.open(table.file, "w", force_zip64=True) as file:
        for piece in csv_bytes(Layout(table.name, dict.fromkeys(table.columns, str)), texts()):
            digest.update(piece)
            file.write(piece)
    return {"rows": rows, "sha256": digest.hexdigest()}


def _manifest(tables: dict[str, dict[str, Any]]) -> str:
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "left_out": list(LEFT_OUT),
        "tables": tables,
    }
    return json.dumps(manifest, indent=2) + "\n"


@contextlib.contextmanager
def one_moment() -> Iterator[None]:
    """All that is read inside is the catalogue of one moment, whoever writes meanwhile. For
    reading only; inside a transaction it is that transaction that counts."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        # Not atomic(): on SQLite that takes the lock for writing, and visitors would wait.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
