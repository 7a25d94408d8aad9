"""The insights over the real files, against the same figures counted straight from the files."""

import ast
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from catalog.importing import import_sources
from catalog.insights import pages
from catalog.insights.chart import Chart
from catalog.insights.selection import Selection
from catalog.models import ImportRun

pytestmark = pytest.mark.django_db


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def movies(real: Path) -> pd.DataFrame:
    """The file's rows, the first of those that have one original title, date and overview."""
    rows = read(real / "imdb_movies.csv")
    rows = rows[~rows.duplicated(["orig_title", "date_x", "overview"])]
    for column in ("score", "budget_x", "revenue"):
        rows[column] = rows[column].astype(float).replace(0, float("nan"))
    return rows.assign(year=rows["date_x"].str.strip().str[-4:].astype(int))


@pytest.fixture(scope="module")
def tracks(real: Path) -> pd.DataFrame:
    """One row a track id, with all genres that the id stands under."""
    rows = read(real / "spotify_tracks.sample.csv")
    rows = rows[(rows[["artists", "album_name", "track_name"]] != "").all(axis=1)]
    genres = rows.groupby("track_id")["track_genre"].agg(lambda found: sorted(set(found)))
    return rows.drop_duplicates("track_id").assign(genres=lambda r: r["track_id"].map(genres))


@pytest.fixture(scope="module")
def books(real: Path) -> pd.DataFrame:
    rows = read(real / "goodreads_data.partial.csv")
    rows = rows[~rows.duplicated(["Book", "Author"])]
    return rows.assign(
        rating=rows["Avg_Rating"].astype(float).replace(0, float("nan")),
        votes=rows["Num_Ratings"].str.replace(",", "").astype(int),
    )


@pytest.fixture
def charts(real: Path, tmp_path: Path) -> dict[str, Chart]:
    """Every chart of the imported files, by name."""
    locations = {
        "movie": str(real / "imdb_movies.csv"),
        "track": str(real / "spotify_tracks.sample.csv"),
        "book": str(real / "goodreads_data.partial.csv"),
    }
    failed = {kind: tmp_path / f"{kind}.csv" for kind in locations}
    import_sources(locations, failed_rows=failed, progress=False)
    return {name: _chart(name) for page in pages.PAGES.values() for name in page.names} | {
        name: _chart(name) for name in pages.HEALTH
    }


def _chart(name: str) -> Chart:
    found = pages.chart(name, Selection())
    assert found is not None
    return found


def test_the_charts_of_the_real_files_say_what_the_files_say(
    charts: dict[str, Chart], movies: pd.DataFrame, tracks: pd.DataFrame, books: pd.DataFrame
) -> None:
    """One test, for the import takes most of its time."""
    _check_import_runs(charts)
    _check_movies(charts, movies)
    _check_money(charts, movies)
    _check_tracks(charts, tracks)
    _check_books(charts, books)
    _check_health(charts, movies)


def _check_import_runs(charts: dict[str, Chart]) -> None:
    """The facts that the earlier notebook began with."""
    run = ImportRun.objects.get(kind="movie")
    assert (run.read, run.missing["genre"], run.missing["crew"]) == (10_178, 85, 56)
    assert (run.new, run.repeated) == (10_000, 178)
    rows = {row[0]: dict(zip([h.key for h in charts["imports"].headings], row, strict=True))
            for row in charts["imports"].rows}  # fmt: skip
    assert rows["movie"]["read"] == 10_178
    assert "genre 85" in rows["movie"]["missing"]


def _check_movies(charts: dict[str, Chart], movies: pd.DataFrame) -> None:
    assert len(movies) == 10_000
    genres = Counter(
        name.replace("\u00a0", " ").strip() or "Unknown"
        for cell in movies["genre"]
        for name in cell.split(",")
    )
    found = charts["movie-genres"]
    assert found.counted == 10_000
    assert {row[0]: row[1] for row in found.rows} == dict(
        sorted(genres.items(), key=lambda entry: (-entry[1], entry[0]))[:20]
    )
    years = movies["year"].value_counts()
    found = charts["movie-releases"]
    assert {year: n for year, n in found.rows if n} == years.to_dict()
    assert found.counted == sum(n for _, n in found.rows) == 10_000
    scores = movies["score"].dropna()
    bins = (scores // 5 * 5).clip(upper=95).value_counts()
    found = charts["movie-scores"]
    assert {row[0]: row[2] for row in found.rows if row[2]} == bins.to_dict()
    assert (found.counted, found.left_out[0].count) == (len(scores), 10_000 - len(scores))
    _check_people(charts["movie-people"], movies)


def _check_people(found: Chart, movies: pd.DataFrame) -> None:
    """Plain cells only: in the others a comma inside a name is the importer's business."""
    plain = Counter[str]()
    for cell in movies["crew"]:
        names = [" ".join(part.replace("\u00a0", " ").split()) for part in cell.split(", ")]
        if cell and len(names) % 2 == 0:
            plain.update(set(names[::2]))
    shown = {row[0]: row[1] for row in found.rows}
    assert len(shown) == 20
    for name, number in shown.items():
        assert number == pytest.approx(plain[name], abs=6), name
    least = min(shown.values())
    assert {name for name, number in plain.items() if number > least + 6} <= set(shown)


def _check_money(charts: dict[str, Chart], movies: pd.DataFrame) -> None:
    known = movies.dropna(subset=["revenue", "budget_x", "score"])
    found = charts["movie-money"]
    assert found.counted == sum(row[4] for row in found.rows) == len(known)
    assert f"at least {(known['revenue'] / known['budget_x']).median():.1f} times" in found.takeaway
    top = movies.sort_values("revenue", ascending=False).head(10)
    assert [row[2] for row in charts["movie-top-revenue"].rows] == top["revenue"].to_list()
    assert {row[0] for row in charts["movie-top-revenue"].rows} == set(top["names"])
    expected = movies[["score", "budget_x", "revenue", "year"]].corr()
    expected.index = expected.columns = ["Score", "Budget", "Revenue", "Year"]
    for first, second, r, n in charts["movie-correlations"].rows:
        if {first, second} <= set(expected.columns):
            assert r == pytest.approx(expected.loc[first, second], abs=1e-4), (first, second)
            assert n > 9_000


def _check_tracks(charts: dict[str, Chart], tracks: pd.DataFrame) -> None:
    assert len(tracks) == 10_943
    popularity = tracks["popularity"].astype(int)
    bins = (popularity // 5 * 5).clip(upper=95).value_counts()
    assert {row[0]: row[2] for row in charts["music-popularity"].rows if row[2]} == bins.to_dict()
    genres = Counter(genre for found in tracks["genres"] for genre in found)
    shown = charts["music-genres"].rows
    assert [row[1] for row in shown] == sorted(genres.values(), reverse=True)[:20]
    assert all(genres[row[0]] == row[1] for row in shown)
    assert charts["music-dance-energy"].counted == 10_943
    columns = {"energy": "Energy", "loudness": "Loudness", "valence": "Valence"}
    expected = tracks[list(columns)].astype(float).rename(columns=columns).corr()
    for first, second, r, n in charts["music-correlations"].rows:
        if {first, second} <= set(expected.columns):
            assert r == pytest.approx(expected.loc[first, second], abs=1e-4)
            assert n == 10_943


def _check_books(charts: dict[str, Chart], books: pd.DataFrame) -> None:
    assert len(books) == 9_896
    ratings = books["rating"].dropna()
    tenths = ((ratings * 100).round().astype(int) // 10).clip(upper=49).value_counts()
    rows = charts["book-ratings"].rows
    assert {round(row[0] * 10): row[2] for row in rows if row[2]} == tenths.to_dict()
    assert charts["book-ratings"].counted == len(ratings)
    top = books.sort_values("votes", ascending=False).head(10)
    assert [row[2] for row in charts["book-most-rated"].rows] == top["votes"].to_list()
    genres = Counter(name for cell in books["Genres"] for name in set(ast.literal_eval(cell)))
    shown = {row[0]: row[1] for row in charts["book-genres"].rows}
    assert shown == {name: genres[name] for name in shown}
    assert sorted(shown.values()) == sorted(sorted(genres.values(), reverse=True)[:20])
    authors = Counter(books["Author"].str.split().str.join(" "))
    for name, number, _ in charts["book-authors"].rows:
        # Other spellings of the name are the same author.
        assert number >= authors[name] > 0
    assert charts["book-authors"].rows[0][0] == authors.most_common(1)[0][0]


def _check_health(charts: dict[str, Chart], movies: pd.DataFrame) -> None:
    missing: dict[str, Any] = {row[0]: row[1] for row in charts["missing-movies"].rows}
    assert missing["Genre"] == (movies["genre"] == "").sum()
    assert missing["People"] == (movies["crew"] == "").sum()
    assert missing["Score"] == movies["score"].isna().sum()
    assert missing["Revenue"] == movies["revenue"].isna().sum()
    assert missing["Year"] == 0
