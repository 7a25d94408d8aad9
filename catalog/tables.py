"""Tables as files: rows → CSV or Parquet, as bytes that leave while the rows are still read.

Memory holds one batch of rows, however long the table is. Both formats have the same values.
"""

import csv
import datetime
import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

ROWS_A_PIECE = 1_000  # of CSV
ROWS_A_GROUP = 10_000  # of Parquet: a row group is compressed, and sent, as a whole

Cell = str | float | datetime.datetime | None
Rows = Iterable[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Layout:
    """A table's name and its columns in their order, each with the type of its cells: str, float
    or datetime. `about` is written into a Parquet file; a CSV file has no place for it."""

    name: str
    columns: Mapping[str, type]
    about: Mapping[str, str] = field(default_factory=dict)


def csv_bytes(layout: Layout, rows: Rows) -> Iterator[bytes]:
    """UTF-8 without a mark, RFC 4180: CRLF, quotes where they are needed, a header.

    Values are written as they are, also those that a spreadsheet would take for a formula
    (docs/adr/0018): what is read back is what was there.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(layout.columns)
    rows = iter(rows)
    while True:
        written = 0
        for row in islice(rows, ROWS_A_PIECE):
            writer.writerow([csv_cell(cell) for cell in row])
            written += 1
        piece = text.getvalue()
        if piece:
            yield piece.encode()
        if written < ROWS_A_PIECE:
            return
        text.seek(0)
        text.truncate()


def csv_cell(cell: Cell) -> str:
    """Nothing is an empty cell; a number has as many digits as tell it from any other."""
    if cell is None:
        return ""
    if isinstance(cell, datetime.datetime):
        return (
            cell.astimezone(datetime.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        )
    return str(cell)


def parquet_bytes(layout: Layout, rows: Rows) -> Iterator[bytes]:
    """Typed columns, compressed with Zstandard; each row group leaves as soon as it is made."""
    import pyarrow as pa  # here: it takes a third of a second, and only an export needs it
    from pyarrow.parquet import ParquetWriter

    types = {str: pa.string(), float: pa.float64(), datetime.datetime: pa.timestamp("us", tz="UTC")}
    schema = pa.schema(
        [(name, types[kind]) for name, kind in layout.columns.items()],
        metadata=dict(layout.about) or None,
    )
    pipe = _Pipe()
    rows = iter(rows)
    with ParquetWriter(pipe, schema, compression="zstd") as writer:
        while group := list(islice(rows, ROWS_A_GROUP)):
            columns = [
                pa.array(cells, type=column.type)
                for cells, column in zip(zip(*group, strict=True), schema, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
            yield pipe.taken()
    yield pipe.taken()  # what ends the file, written when the writer was closed


class _Pipe(io.RawIOBase):
    """A file that can only be written; what was written is taken out piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._at = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def write(self, data: bytes) -> int:  # type: ignore[override]
        piece = bytes(data)
        self._pieces.append(piece)
        self._at += len(piece)
        return len(piece)

    def taken(self) -> bytes:
        whole = b"".join(self._pieces)
        self._pieces.clear()
        return whole


@dataclass(frozen=True, slots=True)
class Format:
    """How a table becomes a file. The key in `FORMATS` is the ending of the file's name."""

    label: str
    content_type: str
    pieces: Callable[[Layout, Rows], Iterator[bytes]]


FORMATS: Mapping[str, Format] = {
    "csv": Format("CSV", "text/csv; charset=utf-8", csv_bytes),
    "parquet": Format("Parquet", "application/vnd.apache.parquet", parquet_bytes),
}


def write_file(path: Path, pieces: Iterable[bytes]) -> int:
    """Writes the pieces and returns the number of bytes. The file has its name only when it is
    whole: one of that name stays as it was until then."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with unfinished.open("wb") as file:
            size = sum(file.write(piece) for piece in pieces)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return size
