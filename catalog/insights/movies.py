"""Charts of the movies."""

import math

import numpy as np
import pandas as pd

from catalog.charts import Line, Mark, Point, log_ticks, ticks
from catalog.charts.scales import top_of
from catalog.insights import links
from catalog.insights.chart import Chart, Heading, LeftOut, choices
from catalog.insights.correlations import correlation_chart
from catalog.insights.distributions import Spread, middle_half, spread_chart
from catalog.insights.genres import Measure, genre_chart
from catalog.insights.genres import options as genre_options
from catalog.insights.plane import Axis, Third, plane_chart
from catalog.insights.ranking import top_people, top_titles
from catalog.insights.selection import Selection
from catalog.insights.shelf import Shelf
from catalog.insights.words import counted, shares_as, with_commas
from catalog.models import Kind
from catalog.wording import dollars

_SCORE = Measure("score", "score")
_SCALES = (("linear", "linear"), ("log", "logarithmic"))
_MONEY_SCALES = (("log", "logarithmic"), ("linear", "linear"))
OPTIONS = {
    "movie-genres": tuple(value for value, _ in genre_options(_SCORE)),
    "movie-releases": tuple(value for value, _ in _SCALES),
    "movie-money": tuple(value for value, _ in _MONEY_SCALES),
}


def charts(shelf: Shelf, selection: Selection) -> list[Chart]:
    """`shelf` holds what the selection left of the movies."""
    return [
        genre_chart(
            shelf, selection, name="movie-genres", title="The 20 largest genres", measure=_SCORE
        ),
        top_people(
            shelf, name="movie-people", title="The 20 most frequent people", label="Person",
            verb="plays in", once="people are in one only",
            note="People in front of the camera, never the characters they play.",
        ),
        releases(shelf, selection),
        scores(shelf),
        money(shelf, selection),
        top_titles(
            shelf, "revenue", name="movie-top-revenue", title="The ten with the highest revenue",
            label="Revenue", form="money", say=dollars, takeaway=_revenue_takeaway,
            note="Money as the source tells it, the doubtful with the sound.",
        ),
        correlation_chart(
            shelf, _measures(shelf), _LABELS, name="movie-correlations",
            title="What goes together", wide=True,
        ),
    ]  # fmt: skip


def releases(shelf: Shelf, selection: Selection) -> Chart:
    """One point a year, years without a release among them."""
    name = "movie-releases"
    numbers = shelf.years.value_counts()
    years = range(int(numbers.index.min()), int(numbers.index.max()) + 1) if len(numbers) else []
    rows = [(year, int(numbers.get(year, 0))) for year in years]
    log = selection.chosen(name, "linear") == "log"
    return Chart(
        name=name,
        title="Releases a year",
        takeaway=_releases_takeaway(shelf, rows),
        counted=len(shelf.years),
        noun="movies",
        headings=(Heading("year", "Year", "year"), Heading("movies", "Movies", "whole")),
        rows=rows,
        drawing=_release_line(rows, log=log) if rows else None,
        left_out=[LeftOut(len(shelf) - len(shelf.years), "without a known year")],
        notes=["Years without a release have no mark."] if log else [],
        choices=choices(name, _SCALES, selection),
        choices_label="Scale",
    )


def _release_line(rows: list[tuple[int, int]], *, log: bool) -> Line:
    most = max(number for _, number in rows)
    first, last = rows[0][0], rows[-1][0]
    span = (last - first) or 1
    if log:
        top = math.log10(most) * 1.02 or 1.0
        up = log_ticks(0, top, with_commas)
        drawn = [(year, math.log10(number) / top, number) for year, number in rows if number]
    else:
        end = top_of(most)
        up = ticks(0, end)
        drawn = [(year, number / end, number) for year, number in rows]
    return Line(
        label="Releases a year",
        points=[
            Point(
                (year - first) / span, height,
                Mark(f"{year}: {counted_movies(number)}", links.decade_of("movie", year)),
            )
            for year, height, number in drawn
        ],
        across=ticks(first, last, wanted=8, label=lambda year: f"{year:.0f}"),
        up=up,
        across_name="Year",
        up_name="Movies",
    )  # fmt: skip


def counted_movies(number: int) -> str:
    return counted(number, Kind.MOVIE)


def _releases_takeaway(shelf: Shelf, rows: list[tuple[int, int]]) -> str:
    if not rows:
        return ""
    year, number = max(rows, key=lambda row: row[1])
    return (
        f"{year} has the most, {counted_movies(number)}; half of all came out in "
        f"{int(shelf.years.median())} or later."
    )


def money(shelf: Shelf, selection: Selection) -> Chart:
    name = "movie-money"
    log = selection.chosen(name, "log") == "log"
    return plane_chart(
        shelf,
        _money_axis(shelf, "budget", 22, log=log),
        _money_axis(shelf, "revenue", 16, log=log),
        Third("score", "Score", lambda value: f"{value:.0f}"),
        name=name,
        title="Budget against revenue",
        takeaway=_money_takeaway,
        choices=choices(name, _MONEY_SCALES, selection),
    )


def _money_axis(shelf: Shelf, column: str, cells: int, *, log: bool) -> Axis:
    """From half a power of ten below nearly all values (log) or from 0, to the largest."""
    values = shelf.items[column].dropna()
    values = values[values > 0]
    most = float(values.max()) if len(values) else 10.0
    if log:
        low = math.floor(2 * math.log10(values.quantile(0.05))) / 2 if len(values) else 0.0
        high = max(math.log10(most), low + 1)
        marks = log_ticks(low, high, short_dollars)
    else:
        low, high = 0.0, most
        marks = ticks(low, high, label=short_dollars)
    edges = np.linspace(low, high, cells + 1)
    return Axis(column, column.capitalize(), edges, marks, dollars, log=log)


def short_dollars(amount: float) -> str:
    """As an axis says it: 1e7 → "$10M"."""
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if amount >= size:
            return f"${amount / size:.3g}{letter}"
    return f"${amount:.3g}"


def _money_takeaway(known: pd.DataFrame) -> str:
    times = known["revenue"] / known["budget"]
    return (
        f"Half of the movies took in at least {times.median():.1f} times their budget; "
        f"{shares_as(float((times < 1).mean()))} took in less than they cost."
    )


def _revenue_takeaway(title: str, values: pd.Series) -> str:
    share = values.iloc[:10].sum() / values.sum()
    return (
        f"{title} took in the most, {dollars(values.iloc[0])}; the first ten together have "
        f"{shares_as(float(share))} of all known revenue."
    )


def scores(shelf: Shelf) -> Chart:
    values = shelf.items["score"].dropna().to_numpy(dtype=float)
    takeaway = ""
    if len(values):
        low, middle, high = middle_half(values)
        takeaway = (
            f"The middle half of the movies scores {low:.0f} to {high:.0f}; the median is "
            f"{middle:.0f} of 100."
        )
    spread = Spread("score", "Score", step=5, low=0, high=100, density=True)
    return spread_chart(
        shelf, spread, name="movie-scores", title="How scores are spread", takeaway=takeaway
    )


_LABELS = {
    "score": "Score",
    "budget": "Budget",
    "revenue": "Revenue",
    "year": "Year",
    "people": "People credited",
    "genres": "Number of genres",
}


def _measures(shelf: Shelf) -> pd.DataFrame:
    """A movie's popularity is its score in the source, and is therefore not among them."""
    items = shelf.items[["score", "budget", "revenue", "year"]]
    people = shelf.people["item"].value_counts()
    genres = shelf.genres["item"].value_counts()
    return items.assign(
        people=people.reindex(items.index).astype(float),
        genres=genres.reindex(items.index).astype(float),
    )
