"""Tables as CSV and Parquet: the same values in both, sent while they are read."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from catalog import tables
from catalog.tables import FORMATS, Cell, Layout, csv_bytes, parquet_bytes, write_file

LAYOUT = Layout("test", {"name": str, "share": float, "at": datetime}, {"origin": "live"})
NOON = datetime(2026, 1, 31, 12, 0, 0, 250_000, tzinfo=UTC)
ROWS: list[Sequence[Cell]] = [
    ("plain", 0.1, NOON),
    ('She said: "go",\r\nand went', None, NOON.astimezone(timezone(timedelta(hours=2)))),
    ("=SUM(A1)", 1e-17, None),
    ("東京 🎬", 100.0, None),
    ("", None, None),
]


def as_csv(rows: Sequence[Sequence[Cell]]) -> bytes:
    return b"".join(csv_bytes(LAYOUT, rows))


def test_a_csv_file_has_a_header_crlf_and_quotes_only_where_they_are_needed() -> None:
    assert as_csv(ROWS[:2]).decode() == (
        "name,share,at\r\n"
        "plain,0.1,2026-01-31T12:00:00.250000Z\r\n"
        '"She said: ""go"",\r\nand went",,2026-01-31T12:00:00.250000Z\r\n'
    )


def test_a_csv_file_read_back_is_what_was_written_a_formula_too() -> None:
    read = list(csv.reader(io.StringIO(as_csv(ROWS).decode(), newline="")))[1:]
    assert [row[0] for row in read] == [row[0] for row in ROWS]
    assert [float(row[1]) if row[1] else None for row in read] == [row[1] for row in ROWS]


def test_parquet_is_typed_and_has_the_values_of_the_csv(tmp_path: Path) -> None:
    write_file(tmp_path / "t.parquet", parquet_bytes(LAYOUT, ROWS))
    table = pq.read_table(tmp_path / "t.parquet")
    assert [str(field.type) for field in table.schema] == [
        "string",
        "double",
        "timestamp[us, tz=UTC]",
    ]
    assert table.schema.metadata == {b"origin": b"live"}
    again = [tuple(row.values()) for row in table.to_pylist()]
    assert as_csv(again) == as_csv(ROWS)


@pytest.mark.parametrize("format", FORMATS)
def test_a_table_without_rows_is_still_a_table(tmp_path: Path, format: str) -> None:
    write_file(tmp_path / "t", FORMATS[format].pieces(LAYOUT, []))
    if format == "csv":
        assert (tmp_path / "t").read_text() == "name,share,at\n"
    else:
        assert pq.read_table(tmp_path / "t").column_names == list(LAYOUT.columns)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("number", [99, 100, 101])
def test_pieces_leave_before_the_next_rows_are_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, format: str, number: int
) -> None:
    monkeypatch.setattr(tables, "ROWS_A_PIECE", 50)
    monkeypatch.setattr(tables, "ROWS_A_GROUP", 50)
    read = 0

    def rows() -> Iterator[Sequence[Cell]]:
        nonlocal read
        for at in range(number):
            read += 1
            yield (f"row {at}", float(at), NOON)

    pieces = FORMATS[format].pieces(LAYOUT, rows())
    first = next(pieces)
    assert first
    assert read == 50
    path = tmp_path / f"t.{format}"
    write_file(path, [first, *pieces])
    if format == "csv":
        assert path.read_text().count("\n") == 1 + number
    else:
        file = pq.ParquetFile(path)
        assert file.metadata.num_rows == number
        assert file.metadata.num_row_groups == (3 if number > 100 else 2)
        assert file.read()["share"].to_pylist() == [float(at) for at in range(number)]


def test_a_file_that_breaks_off_leaves_the_one_that_was_there(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionError("the database went away")

    path = tmp_path / "t.csv"
    path.write_bytes(b"whole")
    with pytest.raises(ConnectionError):
        write_file(path, broken())
    assert path.read_bytes() == b"whole"
    assert [file.name for file in tmp_path.iterdir()] == ["t.csv"]
