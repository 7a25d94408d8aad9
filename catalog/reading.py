"""From a location to raw rows: a CSV or Parquet file here, or a data set's name on the hub.

All bytes come through the `datasets` library. CSV is read as lines and cut into rows here: the
library's own CSV reader gives up ten thousand rows for one stray quote, and guesses types (a
track called "NA" would become nothing). Every cell is text until a cleaning rule reads it.
"""

import codecs
import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

BATCH = 1000  # rows held in memory at a time
_HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")


class SourceError(ValueError):
    """A source that cannot be imported at all. The message is one sentence for a person."""


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as the file has it: column → text. `problem` says why it is no proper row."""

    values: Mapping[str, str]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A file that has been looked over: encoding and header are fine, nothing is read yet."""

    path: Path
    location: str
    columns: tuple[str, ...]

    def rows(self) -> Iterator[RawRow]:
        return _parquet_rows(self) if _is_parquet(self.path) else _csv_rows(self)


def open_table(location: str, required: tuple[str, ...]) -> Table:
    """Finds the file, checks its encoding and that no `required` column is missing.

    Raises `SourceError`. Nothing is written anywhere but the download cache.
    """
    path = find_file(location)
    columns = _parquet_columns(path) if _is_parquet(path) else _csv_columns(path)
    missing = [name for name in required if name not in columns]
    if missing:
        raise SourceError(
            f"{location} has no column {', '.join(missing)}; it has: {', '.join(columns)}."
        )
    return Table(path=path, location=location, columns=columns)


def find_file(location: str) -> Path:
    """A local file as it is; a hub name (or a folder of one data set) → its one data file."""
    path = Path(location).expanduser()
    if path.is_file():
        if path.suffix.lower() not in (".csv", ".parquet"):
            raise SourceError(f"{location} is neither a .csv nor a .parquet file.")
        return path
    if path.is_dir() or (_HUB_NAME.fullmatch(location) and path.suffix.lower() != ".csv"):
        return _fetch(location)
    raise SourceError(f"There is no file {location}.")


def _fetch(name: str) -> Path:
    datasets = _datasets()
    config = datasets.DownloadConfig(cache_dir=str(settings.HF_CACHE_DIR))
    try:
        builder = datasets.load_dataset_builder(
            name, cache_dir=str(settings.HF_CACHE_DIR), download_config=config
        )
        files = [
            str(file) for split in (builder.config.data_files or {}).values() for file in split
        ]
        if len(files) != 1:
            raise SourceError(f"{name} holds {len(files)} data files; one was expected.")
        fetched = Path(datasets.DownloadManager(download_config=config).download(files[0]))
    except datasets.exceptions.DatasetNotFoundError as error:
        raise SourceError(f"There is no data set {name} that can be read: {error}") from error
    except OSError as error:  # the hub's connection errors are OSErrors
        raise SourceError(
            f"The data set {name} could not be fetched from the Hugging Face hub ({error}). "
            "Without the internet, download its CSV file elsewhere and give the file's path: "
            "manage.py import_catalog --movies file.csv --tracks file.csv --books file.csv"
        ) from error
    return fetched


def _datasets() -> Any:
    """The library. Loaded late: it takes a second, and only an import needs it."""
    import datasets
    import datasets.exceptions
    import huggingface_hub.constants

    # Downloads stay with the site's own data, not in the home directory of who runs it.
    huggingface_hub.constants.HF_HUB_CACHE = str(settings.HF_CACHE_DIR)
    # Otherwise each file that is read, local ones too, is reported to the library's makers.
    datasets.config.HF_UPDATE_DOWNLOAD_COUNTS = False
    return datasets


def _is_parquet(path: Path) -> bool:
    # By content: a file in the download cache has no suffix.
    with path.open("rb") as file:
        return path.suffix.lower() == ".parquet" or file.read(4) == b"PAR1"


# --- CSV ------------------------------------------------------------------------------------


def _csv_columns(path: Path) -> tuple[str, ...]:
    check_utf8(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            header = next(csv.reader(file), [])
        except csv.Error as error:
            raise SourceError(f"{path} has no readable header line: {error}.") from error
    if not header:
        raise SourceError(f"{path} is empty.")
    return tuple(name.strip() for name in header)


def check_utf8(path: Path) -> None:
    """Reads the whole file once; raises `SourceError` at the first byte that is not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            pending = len(decoder.getstate()[0])
            try:
                decoded = decoder.decode(block)
            except UnicodeDecodeError as error:
                at = offset - pending + error.start
                raise SourceError(
                    f"{path} is not UTF-8 text (byte {at}): save it as UTF-8 and import it again."
                ) from error
            if "\0" in decoded:
                raise SourceError(
                    f"{path} is not UTF-8 text (it holds NUL characters, as UTF-16 does): "
                    "save it as UTF-8 and import it again."
                )
            offset += len(block)
    if decoder.getstate()[0]:
        raise SourceError(f"{path} ends in the middle of a character: get the whole file again.")


def _csv_rows(table: Table) -> Iterator[RawRow]:
    records = cut_records(_lines(table.path), len(table.columns))
    next(records, None)  # the header
    for fields, problem in records:
        width = len(table.columns)
        if len(fields) > width:  # kept whole for the file of failed rows
            fields = [*fields[: width - 1], ",".join(fields[width - 1 :])]
        fields += [""] * (width - len(fields))
        yield RawRow(dict(zip(table.columns, fields, strict=True)), problem)


def _lines(path: Path) -> Iterator[str]:
    for batch in _stream("text", path, encoding="utf-8-sig", chunksize=1 << 20):
        yield from batch["text"]


def cut_records(lines: Iterator[str], width: int) -> Iterator[tuple[list[str], str]]:
    """Lines → (fields, problem). A row may span lines while a quote is open.

    Lines that make no row of `width` fields are given as one bad row, up to the next line that
    is a whole row by itself: a stray quote or a cut end never takes the rows after it along.
    """
    source = _Lines(lines)
    reader = csv.reader(source, strict=True)  # strict: no text after a closing quote
    while True:
        source.taken.clear()
        try:
            fields, problem = next(reader), ""
        except StopIteration:
            return
        except csv.Error as error:
            fields, problem = [], f"the row cannot be read: {error}"
        if source.ended:
            problem = "a quote is never closed: the row is cut or garbled"
        elif fields and len(fields) != width:
            problem = f"the row has {len(fields)} fields where the header has {width}"
        if problem:
            kept = source.give_back(width)
            whole_line = fields and len(kept) == 1 and not source.ended
            yield (fields if whole_line else "\n".join(kept).split(",", width - 1)), problem
        elif fields:  # a blank line is no row
            yield fields, ""


class _Lines:
    """Lines that remember what was taken for the current row, and can be given back."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: list[str] = []
        self.taken: list[str] = []
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._again:
            line = self._again.pop()
        else:
            try:
                line = next(self._lines)
            except StopIteration:
                self.ended = True
                raise
        self.taken.append(line)
        return line + "\n"

    def give_back(self, width: int) -> list[str]:
        """The taken lines before the next one that is a whole row; from there on they will be
        read again."""
        others = range(1, len(self.taken))
        start = next((n for n in others if _whole(self.taken[n], width)), len(self.taken))
        if start < len(self.taken):
            self._again.extend(reversed(self.taken[start:]))
            self.ended = False
        return self.taken[:start]


def _whole(line: str, width: int) -> bool:
    return line.count('"') % 2 == 0 and len(next(csv.reader([line]), [])) == width


# --- Parquet --------------------------------------------------------------------------------


def _parquet_columns(path: Path) -> tuple[str, ...]:
    from pyarrow import ArrowException
    from pyarrow.parquet import read_schema

    try:
        return tuple(read_schema(path).names)
    except (ArrowException, OSError) as error:
        raise SourceError(f"{path} is not a whole Parquet file: {error}") from error


def _parquet_rows(table: Table) -> Iterator[RawRow]:
    from pyarrow import ArrowException

    try:
        for batch in _stream("parquet", table.path):
            for cells in zip(*(batch[name] for name in table.columns), strict=True):
                yield RawRow(dict(zip(table.columns, map(_as_text, cells), strict=True)))
    except ArrowException as error:
        raise SourceError(
            f"{table.location} is damaged and cannot be read to its end ({error}); "
            "what came before is imported."
        ) from error


def _as_text(cell: object) -> str:
    """A typed cell as a CSV file would have it: nothing and not-a-number are empty."""
    if cell is None or cell != cell:
        return ""
    return str(cell)


def _stream(builder: str, path: Path, **options: Any) -> Iterator[dict[str, list[Any]]]:
    """Batches of at most `BATCH` rows, column → values: memory stays small."""
    dataset = _datasets().load_dataset(
        builder,
        data_files=[str(path)],
        split="train",
        streaming=True,
        cache_dir=str(settings.HF_CACHE_DIR),
        **options,
    )
    yield from dataset.iter(batch_size=BATCH)
