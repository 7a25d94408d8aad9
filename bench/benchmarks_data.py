"""Reads the measured public session logs into the arrays of recommender.ml.

The files are not part of the project: they are looked for in the folder that SEGUE_DATA names,
else in shared/data beside the repository (docs/results.md names their sources).
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np

from recommender.ml.data import ItemTable, SessionData

BENCHMARKS = ("diginetica", "yoochoose_1_64")


class Benchmark(NamedTuple):
    """Training and test sessions over one vocabulary; test items may be unseen in training."""

    train: SessionData
    test: SessionData
    items: ItemTable


def data_folder() -> Path:
    """The folder of the data files. Raises FileNotFoundError, saying where it looked."""
    folder = os.environ.get("SEGUE_DATA")
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    path = Path(folder) if folder else beside
    if not path.is_dir():
        raise FileNotFoundError(f"No benchmark data in {path}; set SEGUE_DATA to its folder.")
    return path


def load_benchmark(name: str) -> Benchmark:
    """One of BENCHMARKS: a session a line, in time order, so line numbers serve as end times."""
    if name not in BENCHMARKS:
        raise ValueError(f"There is no benchmark {name!r}; choose one of {', '.join(BENCHMARKS)}.")
    folder = data_folder() / "benchmarks" / name
    train = _read_lines(folder / "train_sessions.txt")
    test = _read_lines(folder / "test_sessions.txt")
    number = {item: i for i, item in enumerate(sorted({i for s in train + test for i in s}))}
    train_data = _numbered(train, number, first_end=0)
    items = ItemTable(
        ids=[str(item) for item in number], kinds=["item"] * len(number), texts=[""] * len(number)
    )
    return Benchmark(train_data, _numbered(test, number, first_end=len(train)), items)


def load_catalogue_linked(test_fraction: float = 0.1) -> Benchmark:
    """The sessions on movies and books of the catalogue; the last tenth by time is the test."""
    path = data_folder() / "sessions" / "catalogue_linked.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    keys = sorted({(row["domain"], int(row["catalogue_row"])) for row in rows})
    number = {key: i for i, key in enumerate(keys)}
    sequences: list[list[int]] = []
    ends: list[int] = []
    for _, group in groupby(rows, key=lambda row: row["session_id"]):
        events = list(group)
        sequences.append([number[event["domain"], int(event["catalogue_row"])] for event in events])
        ends.append(int(events[-1]["timestamp"]))
    data = SessionData.from_sequences(sequences, ends=ends, n_items=len(number))
    train, test = data.split_by_time(test_fraction)
    ids = [f"{domain}_{row}" for domain, row in keys]
    words = {
        "movie": _words("imdb_movies.csv", ("names", "genre", "overview", "crew")),
        "book": _words("goodreads_data.partial.csv", ("Book", "Author", "Genres", "Description")),
    }
    texts = [words[domain][row] for domain, row in keys]
    return Benchmark(train, test, ItemTable(ids, [domain for domain, _ in keys], texts))


def _words(name: str, columns: tuple[str, ...]) -> list[str]:
    """One text a row of a catalogue file, in its order."""
    path = data_folder() / "catalogue" / name
    with path.open(newline="", encoding="utf-8") as file:
        return [" ".join(row[column] for column in columns) for row in csv.DictReader(file)]


def _read_lines(path: Path) -> list[list[int]]:
    with path.open(encoding="ascii") as file:
        return [[int(item) for item in line.split()] for line in file]


def _numbered(sequences: list[list[int]], number: dict[int, int], *, first_end: int) -> SessionData:
    numbered: Iterator[list[int]] = ([number[item] for item in s] for s in sequences)
    ends = np.arange(first_end, first_end + len(sequences))
    return SessionData.from_sequences(list(numbered), ends=ends, n_items=len(number))
