"""An invented catalogue as CSV files with the columns of the three sources (catalog/sources.py)."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.invented_catalogue import BASE62, InventedCatalogue, codes, stream

Row = list[str]

FIRST_RELEASE = date(1950, 1, 1)
RELEASE_DAYS = 27_000  # until 2023
LANGUAGES = ("English", "French", "Japanese", "Korean", "Spanish")
COUNTRIES = ("AU", "FR", "GB", "JP", "KR", "US")

MOVIE_COLUMNS = (
    *("names", "date_x", "score", "genre", "overview", "crew", "orig_title", "status"),
    *("orig_lang", "budget_x", "revenue", "country"),
)
# The first column of the other two has no name: it is the row's number.
TRACK_COLUMNS = (
    *("", "track_id", "artists", "album_name", "track_name", "popularity", "duration_ms"),
    *("explicit", "danceability", "energy", "key", "loudness", "mode", "speechiness"),
    *("acousticness", "instrumentalness", "liveness", "valence", "tempo", "time_signature"),
    "track_genre",
)
BOOK_COLUMNS = ("", "Book", "Author", "Description", "Genres", "Avg_Rating", "Num_Ratings", "URL")

Lines = Callable[[InventedCatalogue, list[int], np.random.Generator], Iterator[Row]]


def write_sources(
    catalogue: InventedCatalogue, folder: Path, *, seed: int
) -> Iterator[tuple[Path, int]]:
    """Write movies.csv, tracks.csv and books.csv; yield each file's path and number of rows."""
    layouts: list[tuple[str, tuple[str, ...], Lines]] = [
        ("movie", MOVIE_COLUMNS, movie_lines),
        ("track", TRACK_COLUMNS, track_lines),
        ("book", BOOK_COLUMNS, book_lines),
    ]
    for kind, columns, lines in layouts:
        path = folder / f"{kind}s.csv"
        of_kind = [index for index, other in enumerate(catalogue.kinds) if other == kind]
        _write(path, columns, lines(catalogue, of_kind, stream(seed, path.name)))
        yield path, len(of_kind)


def movie_lines(
    made: InventedCatalogue, which: list[int], rng: np.random.Generator
) -> Iterator[Row]:
    """One row a movie of `which`, in the columns MOVIE_COLUMNS, with the source's own quirks:
    spaces around dates, status and language, U+00A0 in genres, person and character in turn."""
    days = rng.integers(RELEASE_DAYS, size=len(which)).tolist()
    budgets = np.exp(rng.normal(16.5, 1.2, len(which))).round()
    revenues = (budgets * rng.lognormal(0.5, 1, len(which))).round()
    languages = rng.choice(LANGUAGES, len(which), p=(0.7, 0.1, 0.08, 0.05, 0.07)).tolist()
    countries = rng.choice(COUNTRIES, len(which)).tolist()
    scores = (30 + 65 * _prominence(made, which)).round()
    for row, index in enumerate(which):
        title = made.titles[index]
        characters = title.split()
        cast = zip(made.people[index], characters, strict=True)
        yield [
            title,
            f"{FIRST_RELEASE + timedelta(days[row]):%m/%d/%Y} ",
            f"{scores[row]:.1f}",
            ",\u00a0".join(made.genres[index]),
            made.descriptions[index],
            ", ".join(name for pair in cast for name in pair),
            title,
            " Released",
            f" {languages[row]}",
            f"{budgets[row]:.1f}",
            f"{revenues[row]:.1f}",
            countries[row],
        ]


def track_lines(
    made: InventedCatalogue, which: list[int], rng: np.random.Generator
) -> Iterator[Row]:
    """One row a track of `which`, in the columns TRACK_COLUMNS. Sound goes with the theme."""
    ids = codes(len(which), 22, BASE62, rng)
    popularity = (100 * _prominence(made, which)).round().astype(int)
    milliseconds = (np.exp(rng.normal(12.25, 0.3, len(which)))).astype(int)
    # danceability, energy, speechiness, acousticness, instrumentalness, liveness, valence
    centres = stream(0, "sound of a theme").random((made.themes.max() + 1, 7))
    spread = rng.normal(0, 0.1, (len(which), 7))
    shares = np.clip(centres[made.themes[which]] + spread, 0, 1).round(4)
    keys, modes = rng.integers(-1, 12, len(which)), rng.integers(2, size=len(which))
    tempi, loudness = rng.normal(120, 25, len(which)), rng.normal(-8, 4, len(which))
    for row, index in enumerate(which):
        dance, energy, speech, acoustic, instrumental, live, valence = map(str, shares[row])
        yield [
            str(row),
            ids[row],
            ";".join(made.people[index][:2]),
            made.titles[index].split(maxsplit=1)[1],
            made.titles[index],
            str(popularity[row]),
            str(milliseconds[row]),
            str(index % 12 == 0),
            dance,
            energy,
            str(keys[row]),
            f"{loudness[row]:.3f}",
            str(modes[row]),
            speech,
            acoustic,
            instrumental,
            live,
            valence,
            f"{max(tempi[row], 40):.3f}",
            "4",
            made.genres[index][0],
        ]


def book_lines(
    made: InventedCatalogue, which: list[int], rng: np.random.Generator
) -> Iterator[Row]:
    """One row a book of `which`, in the columns BOOK_COLUMNS."""
    ratings = np.clip(rng.normal(4, 0.25, len(which)), 1, 5).tolist()
    counts = np.exp(2 + 13 * _prominence(made, which)).astype(int).tolist()
    for row, index in enumerate(which):
        yield [
            str(row),
            made.titles[index],
            made.people[index][0],
            made.descriptions[index],
            str(list(made.genres[index])),
            f"{ratings[row]:.2f}",
            f"{counts[row]:,}",
            f"https://books.example/{index}",
        ]


def _prominence(made: InventedCatalogue, which: list[int]) -> NDArray[np.float64]:
    """0 to 1 by the logarithm of the popularity, 1 the most popular possible."""
    popularity = np.log(made.popularity)
    low, high = popularity.min(), np.log(1 / 10)
    share: NDArray[np.float64] = (popularity[which] - low) / max(high - low, 1e-9)
    return share


def _write(path: Path, columns: Iterable[str], lines: Iterator[Row]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(lines)
