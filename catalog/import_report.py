"""What became of the rows of an import: the counts, and the file of rows that failed."""

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from catalog.sources import Values

COUNTS = ("read", "new", "updated", "unchanged", "repeated", "failed")


@dataclass(slots=True)
class ImportReport:
    """What became of the rows of one import."""

    label: str
    read: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    repeated: int = 0
    failed: int = 0
    failed_rows_file: Path | None = None
    missing: Counter[str] = field(default_factory=Counter)  # column → rows in which it was empty

    @property
    def adds_up(self) -> bool:
        """Every row that was read is accounted for, once."""
        return self.read == (self.new + self.updated + self.unchanged + self.repeated + self.failed)

    def __add__(self, other: "ImportReport") -> "ImportReport":
        sums = {name: getattr(self, name) + getattr(other, name) for name in COUNTS}
        return ImportReport(label=self.label, **sums, missing=self.missing + other.missing)

    def count_row(self, values: Values) -> None:
        """One row was read; its empty cells are counted by their column."""
        self.read += 1
        self.missing.update([column for column, cell in values.items() if not cell.strip()])


def as_table(reports: Iterable[ImportReport]) -> str:
    """The reports as a table of text, one line each."""
    lines: list[tuple[str, ...]] = [("", *COUNTS)]
    lines += [(r.label, *(f"{getattr(r, name):,}" for name in COUNTS)) for r in reports]
    wide = max(len(cells[0]) for cells in lines)
    return "\n".join(
        cells[0].ljust(wide) + "".join(cell.rjust(11) for cell in cells[1:]) for cells in lines
    )


class FailedRows:
    """The file of failed rows: the original columns and a `reason`. Made at the first failure."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: TextIO | None = None
        self._writer: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._file:
            self._file.close()

    @property
    def written(self) -> Path | None:
        return self.path if self._file else None

    def add(self, values: Values, reason: str) -> None:
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("w", encoding="utf-8", newline="")
            self._writer = csv.DictWriter(self._file, [*values, "reason"])
            self._writer.writeheader()
        self._writer.writerow({**values, "reason": reason})
