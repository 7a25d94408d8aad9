"""Catalogues and visits of any size, invented: to measure speed and memory, not quality.

    python -m bench.generate --movies 10000 --tracks 90000 --books 10000 --out FOLDER [--seed 1]

writes three CSV files with the columns of the three sources, for `manage.py import_catalog`.
`generated_items` and `generated_sessions` give the arrays that the models read, without a database.
Results on these sessions say how well a model foresees this generator, not people.
"""

from __future__ import annotations

import argparse
import string
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.invented_catalogue import (
    BASE62,
    codes,
    invented_catalogue,
    item_popularity,
    item_themes,
    stream,
)
from bench.source_columns import write_sources
from recommender.ml.data import FloatArray, IntArray, ItemTable, SessionData

# Rows of the real sources, about.
PROPORTION = {"movie": 10_000, "track": 90_000, "book": 10_000}
SMALLEST = 11  # items that give each kind at least one

MEAN_LENGTH = 5  # events a session, at least 2
NOISE = 0.1  # share of steps that follow nothing but popularity
PREFERENCE = 0.55  # share of the other steps that go to a follower of the last item
FOLLOWERS = 8  # of an item, all of its theme; the first is the most frequent
FIRST_FOLLOWER = 0.4  # its share; the next takes the same share of the rest, and so on

FIRST_DAY = 1_785_542_400  # 2026-08-01, 00:00 UTC
DAYS = 90
BUSIEST_HOUR = 20
MEDIAN_DWELL = {"movie": 45.0, "track": 25.0, "book": 60.0}  # seconds
DWELL_SPREAD = 0.9  # standard deviation of the logarithm


def main() -> None:
    options = parse_options()
    started = time.perf_counter()
    catalogue = invented_catalogue(
        movies=options.movies, tracks=options.tracks, books=options.books, seed=options.seed
    )
    options.out.mkdir(parents=True, exist_ok=True)
    for path, rows in write_sources(catalogue, options.out, seed=options.seed):
        print(f"{path}: {rows:,} rows")
    print(f"{time.perf_counter() - started:.1f} s")


def generated_items(n_items: int, seed: int) -> ItemTable:
    """n_items invented items, movies, tracks and books in the proportion of the real sources.

    An item's text holds its title, genres, people and description, as the site's vocabulary
    does; its theme is `item_themes(n_items, seed)`. Raises ValueError below SMALLEST items.
    """
    movies, tracks, books = kind_counts(n_items)
    made = invented_catalogue(movies=movies, tracks=tracks, books=books, seed=seed)
    rng = stream(seed, "ids")
    ids = [
        *("Movie_" + code for code in codes(movies, 12, string.hexdigits[:16], rng)),
        *("Music_" + code for code in codes(tracks, 22, BASE62, rng)),
        *("Book_" + code for code in codes(books, 12, string.hexdigits[:16], rng)),
    ]
    entries = zip(made.titles, made.genres, made.people, made.descriptions, strict=True)
    texts = [
        "\n".join([title, *("_".join(name.split()) for name in (*genres, *people)), description])
        for title, genres, people, description in entries
    ]
    return ItemTable(ids=ids, kinds=made.kinds, texts=texts)


def kind_counts(n_items: int) -> tuple[int, int, int]:
    """(movies, tracks, books) of a catalogue of n_items. Raises ValueError below SMALLEST."""
    if n_items < SMALLEST:
        raise ValueError(f"Three kinds in their proportion need {SMALLEST} items, not {n_items}.")
    whole = sum(PROPORTION.values())
    movies = n_items * PROPORTION["movie"] // whole
    books = n_items * PROPORTION["book"] // whole
    return movies, n_items - movies - books, books


def generated_sessions(n_events: int, items: ItemTable, seed: int) -> SessionData:
    """Exactly n_events simulated visits to `generated_items(len(items), seed)`, two or more a
    session, over 90 days, with dwell times. Raises ValueError below 2 events.

    A session starts at an item by popularity and stays with that item's theme, over all kinds. A
    step is noise, or goes to a preferred follower of the last item, or anywhere in the theme by
    popularity. No item comes twice in a row.
    """
    rng = stream(seed, "sessions")
    lengths = _lengths(n_events, rng)
    walked = _walk(np.sort(lengths)[::-1], _World(items, seed), rng)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    # The walks are the longest first; each session, in order of time, takes one of its length.
    walk_of = np.empty(len(lengths), dtype=np.int64)
    walk_of[np.argsort(-lengths, kind="stable")] = np.arange(len(lengths))
    place = np.arange(n_events) - np.repeat(offsets[:-1], lengths)
    visited = walked[np.repeat(walk_of, lengths), place].astype(np.int64)
    data = SessionData(
        visited, offsets, _ends(len(lengths), rng), _dwell(visited, items, rng), len(items)
    )
    data.validate()
    return data


class _World:
    """Where a visitor can go: items in the order of their themes, with running popularity."""

    def __init__(self, items: ItemTable, seed: int) -> None:
        self.themes = item_themes(len(items), seed)
        self.order = np.argsort(self.themes, kind="stable")  # item at each place
        self.place = np.argsort(self.order)  # place of each item
        popularity = item_popularity(items.kinds, seed)[self.order]
        self.reached = np.concatenate([[0.0], np.cumsum(popularity)])  # before each place
        self.borders = np.searchsorted(self.themes[self.order], np.arange(self.themes.max() + 2))
        points = stream(seed, "followers").random((len(items), FOLLOWERS))
        self.followers = self.of_theme(self.themes[:, None], points)  # (n, FOLLOWERS)

    def anywhere(self, points: NDArray[np.float64]) -> IntArray:
        """The items at these shares, 0 to 1, of all popularity."""
        found = np.searchsorted(self.reached, points * self.reached[-1], side="right") - 1
        return self.order[np.minimum(found, len(self.order) - 1)]

    def of_theme(self, themes: IntArray, points: NDArray[np.float64]) -> IntArray:
        """The items at these shares, 0 to 1, of the popularity of each theme."""
        first, end = self.borders[themes], self.borders[themes + 1]
        low, high = self.reached[first], self.reached[end]
        found = np.searchsorted(self.reached, low + points * (high - low), side="right") - 1
        return self.order[np.clip(found, first, end - 1)]

    def neighbour(self, items: IntArray) -> IntArray:
        """Another item each, nearly always of the same theme."""
        return self.order[(self.place[items] + 1) % len(self.order)]


def _lengths(n_events: int, rng: np.random.Generator) -> IntArray:
    """Events a session: at least 2, geometric with mean MEAN_LENGTH, n_events together."""
    if n_events < 2:
        raise ValueError(f"A session has at least 2 events; {n_events} make none.")
    drawn = 1 + rng.geometric(1 / (MEAN_LENGTH - 1), size=n_events // 2)
    count = int(np.searchsorted(np.cumsum(drawn), n_events - 1)) + 1
    lengths = drawn[:count]
    lengths[-1] += n_events - lengths.sum()
    if lengths[-1] < 2:
        lengths[-2] += lengths[-1]
        lengths = lengths[:-1]
    return lengths


def _walk(lengths: IntArray, world: _World, rng: np.random.Generator) -> NDArray[np.int32]:
    """(S, longest) the visited items of S sessions, given the longest first; 0 beyond the end."""
    walked = np.zeros((len(lengths), lengths[0]), dtype=np.int32)
    now = world.anywhere(rng.random(len(lengths)))
    themes = world.themes[now]
    walked[:, 0] = now
    for step in range(1, lengths[0]):
        going = int(np.searchsorted(-lengths, -step, side="left"))
        now = _next(now[:going], themes[:going], world, rng)
        walked[:going, step] = now
    return walked


def _next(now: IntArray, themes: IntArray, world: _World, rng: np.random.Generator) -> IntArray:
    """(B,) the item after each of `now` (B,)."""
    points = rng.random(len(now))
    follower = np.minimum(rng.geometric(FIRST_FOLLOWER, size=len(now)), FOLLOWERS) - 1
    preferred = world.followers[now, follower]
    steady = np.where(rng.random(len(now)) < PREFERENCE, preferred, world.of_theme(themes, points))
    found = np.where(rng.random(len(now)) < NOISE, world.anywhere(points), steady)
    return np.where(found == now, world.neighbour(now), found)


def _ends(sessions: int, rng: np.random.Generator) -> IntArray:
    """(S,) unix seconds over DAYS days, rising, more of them in the evening than at night."""
    hours = 1 + 0.8 * np.cos(2 * np.pi * (np.arange(24) - BUSIEST_HOUR) / 24)
    day = rng.integers(DAYS, size=sessions)
    hour = rng.choice(24, size=sessions, p=hours / hours.sum())
    ends: IntArray = FIRST_DAY + 86_400 * day + 3_600 * hour + rng.integers(3_600, size=sessions)
    return np.sort(ends)


def _dwell(visited: IntArray, items: ItemTable, rng: np.random.Generator) -> FloatArray:
    """(E,) seconds, log-normal around the median of the item's kind."""
    median = np.array([MEDIAN_DWELL[kind] for kind in items.kinds])[visited]
    seconds: FloatArray = (median * rng.lognormal(0, DWELL_SPREAD, len(visited))).astype(np.float32)
    return seconds


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    for kind, count in zip(("movies", "tracks", "books"), PROPORTION.values(), strict=True):
        parser.add_argument(f"--{kind}", type=int, default=count, metavar="N")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
