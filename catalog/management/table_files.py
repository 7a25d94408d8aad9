"""What the commands that export a table have in common: where to, in which format, a bar."""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from django.conf import settings
from tqdm import tqdm

from catalog.downloads import file_name
from catalog.tables import FORMATS, Cell, Layout, Rows, write_file


class TableFileError(ValueError):
    """A file that cannot be written. The message is one sentence for a person."""


def add_file_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="a .csv or .parquet file (default: exports/ in the data directory, named after the "
        "table and the day)",
    )
    parser.add_argument("--format", choices=list(FORMATS), help="default: csv, or as --out ends")
    parser.add_argument("--progress", action="store_true", help="show a bar in any case")


@dataclass(frozen=True, slots=True)
class TableFile:
    layout: Layout
    path: Path
    format: str

    @classmethod
    def chosen(cls, layout: Layout, *, out: Path | None, format: str | None) -> Self:
        """The file that the options ask for. Raises TableFileError where they disagree."""
        if out is None:
            format = format or "csv"
            return cls(layout, exports_folder() / file_name(layout, format), format)
        ending = out.suffix.lower().removeprefix(".")
        if (format or ending) not in FORMATS:
            raise TableFileError(f"{out} ends neither in .csv nor in .parquet: add --format.")
        return cls(layout, out, format or ending)

    def write(self, rows: Rows, *, total: int | None, progress: bool | None) -> str:
        """Writes the file and says so. `progress`: None shows a bar on a terminal only."""
        started = time.monotonic()
        hidden = None if progress is None else not progress
        with tqdm(rows, total=total, desc=self.layout.name, unit=" rows", disable=hidden) as bar:
            counted = _Counted(bar)
            try:
                size = write_file(self.path, FORMATS[self.format].pieces(self.layout, counted))
            except OSError as error:
                raise TableFileError(f"{self.path} cannot be written: {error}.") from error
        seconds = time.monotonic() - started
        return f"{counted.number:,} rows, {size / 1e6:,.1f} MB, in {seconds:.1f} s: {self.path}"


def exports_folder() -> Path:
    return Path(settings.DATA_DIR) / "exports"


@dataclass(slots=True)
class _Counted:
    """The same rows; `number` is how many have gone by."""

    source: Rows
    number: int = 0

    def __iter__(self) -> Iterator[Sequence[Cell]]:
        for row in self.source:
            self.number += 1
            yield row
