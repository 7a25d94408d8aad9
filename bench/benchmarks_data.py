"""Reads the measured public session logs into the arrays of recommender.ml.

The files are not part of the project: they are looked for in the folder that SEGUE_DATA names,
else in shared/data beside the repository (docs/results.md names their sources).
"""

from __future__ import annotations

import ast
import csv
import os
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np

from recommender.ml.data import ItemTable, SessionData
from recommender.ml.texts import origin_words

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


def load_movie_book(test_fraction: float = 0.1) -> Benchmark:
    """Sessions of reviews of movies and books, known by their numbers alone: nothing to read."""
    rows = list(_rows(data_folder() / "sessions" / "amazon_movie_book.csv"))
    keys = sorted({(row["domain"], int(row["item_id"])) for row in rows})
    number = {key: i for i, key in enumerate(keys)}
    data = _sessions(rows, [number[row["domain"], int(row["item_id"])] for row in rows], len(keys))
    items = ItemTable(
        [f"{domain}_{key}" for domain, key in keys],
        [domain for domain, _ in keys],
        [""] * len(keys),
    )
    return Benchmark(*data.split_by_time(test_fraction), items)


def load_catalogue_linked(test_fraction: float = 0.1) -> Benchmark:
    """The sessions on movies and books of the catalogue; the last tenth by time is the test."""
    rows = list(_rows(data_folder() / "sessions" / "catalogue_linked.csv"))
    keys = sorted({(row["domain"], int(row["catalogue_row"])) for row in rows})
    number = {key: i for i, key in enumerate(keys)}
    named = [number[row["domain"], int(row["catalogue_row"])] for row in rows]
    data = _sessions(rows, named, len(keys))
    train, test = data.split_by_time(test_fraction)
    ids = [f"{domain}_{row}" for domain, row in keys]
    words = {"movie": _movie_words(), "book": _book_words()}
    texts = [words[domain][row] for domain, row in keys]
    return Benchmark(train, test, ItemTable(ids, [domain for domain, _ in keys], texts))


def _movie_words() -> list[str]:
    """One text a row of the movie file: as the site makes them, a name of a person is one word."""
    return [
        _text(
            row["names"],
            row["genre"].replace("\u00a0", " ").split(","),
            row["crew"].split(", ")[::2],  # person, character, person, character, …
            origin_words(int(row["date_x"].split("/")[-1]), row["orig_lang"], row["country"]),
            row["overview"],
        )
        for row in catalogue_rows("imdb_movies.csv")
    ]


def _book_words() -> list[str]:
    """One text a row of the book file."""
    return [
        _text(row["Book"], ast.literal_eval(row["Genres"]), [row["Author"]], [], row["Description"])
        for row in catalogue_rows("goodreads_data.partial.csv")
    ]


def _text(
    title: str,
    genres: Iterable[str],
    people: Iterable[str],
    origin: Iterable[str],
    description: str,
) -> str:
    names = ["_".join(name.split()) for name in (*genres, *people)]
    return "\n".join([title, *names, *origin, description])


def catalogue_rows(name: str) -> Iterator[dict[str, str]]:
    return _rows(data_folder() / "catalogue" / name)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _sessions(rows: list[dict[str, str]], items: list[int], n_items: int) -> SessionData:
    """Rows of events, session by session, with the index of each row's item."""
    sequences: list[list[int]] = []
    ends: list[int] = []
    events = zip(rows, items, strict=True)
    for _, group in groupby(events, key=lambda event: event[0]["session_id"]):
        session = list(group)
        sequences.append([item for _, item in session])
        ends.append(int(session[-1][0]["timestamp"]))
    return SessionData.from_sequences(sequences, ends=ends, n_items=n_items)


def _read_lines(path: Path) -> list[list[int]]:
    with path.open(encoding="ascii") as file:
        return [[int(item) for item in line.split()] for line in file]


def _numbered(sequences: list[list[int]], number: dict[int, int], *, first_end: int) -> SessionData:
    numbered: Iterator[list[int]] = ([number[item] for item in s] for s in sequences)
    ends = np.arange(first_end, first_end + len(sequences))
    return SessionData.from_sequences(list(numbered), ends=ends, n_items=len(number))
