"""Charts of the movies."""

import math

import numpy as np
import pandas as pd
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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
from catalog.insights.words import counted, decimal, shares_as, with_commas
from catalog.models import Kind
from catalog.wording import dollars, nouns

_SCORE = Measure(
    "score",
    gettext_lazy("Median score"),
    gettext_lazy("by median score"),
    gettext_lazy(
        "%(genre)s has the highest median score, %(middle)s, of the genres with enough movies to "
        "tell."
    ),
)
_PEOPLE_SAY = gettext_lazy(
    "%(name)s plays in %(titles)s, more than anyone else; %(alone)s of the %(everyone)s people are "
    "in one only."
)
_SCALES = (("linear", gettext_lazy("linear")), ("log", gettext_lazy("logarithmic")))
_MONEY_SCALES = (("log", gettext_lazy("logarithmic")), ("linear", gettext_lazy("linear")))
OPTIONS = {
    "movie-genres": tuple(value for value, _ in genre_options(_SCORE)),
    "movie-releases": tuple(value for value, _ in _SCALES),
    "movie-money": tuple(value for value, _ in _MONEY_SCALES),
}


def charts(shelf: Shelf, selection: Selection) -> list[Chart]:
    """`shelf` holds what the selection left of the movies."""
    return [
        genre_chart(
            shelf, selection, name="movie-genres", title=_("The 20 largest genres"), measure=_SCORE
        ),
        top_people(
            shelf, name="movie-people", title=_("The 20 most frequent people"), label=_("Person"),
            says=_PEOPLE_SAY,
            note=_("People in front of the camera, never the characters they play."),
        ),
        releases(shelf, selection),
        scores(shelf),
        money(shelf, selection),
        top_titles(
            shelf, "revenue", name="movie-top-revenue", title=_("The ten with the highest revenue"),
            label=_("Revenue"), unknown=_("without a known revenue"), form="money",
            say=dollars, takeaway=_revenue_takeaway,
            note=_("Money as the source tells it, the doubtful with the sound."),
        ),
        correlation_chart(
            shelf, _measures(shelf), _LABELS, name="movie-correlations",
            title=_("What goes together"), wide=True,
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
        title=_("Releases a year"),
        takeaway=_releases_takeaway(shelf, rows),
        counted=len(shelf.years),
        noun=nouns(Kind.MOVIE),
        headings=(Heading("year", _("Year"), "year"), Heading("movies", _("Movies"), "whole")),
        rows=rows,
        drawing=_release_line(rows, log=log) if rows else None,
        left_out=[LeftOut(len(shelf) - len(shelf.years), _("without a known year"))],
        notes=[_("Years without a release have no mark.")] if log else [],
        choices=choices(name, _SCALES, selection),
        choices_label=_("Scale"),
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
        label=_("Releases a year"),
        points=[
            Point(
                (year - first) / span, height,
                Mark(f"{year}: {counted_movies(number)}", links.decade_of("movie", year)),
            )
            for year, height, number in drawn
        ],
        across=ticks(first, last, wanted=8, label=lambda year: f"{year:.0f}"),
        up=up,
        across_name=_("Year"),
        up_name=_("Movies"),
    )  # fmt: skip


def counted_movies(number: int) -> str:
    return counted(number, Kind.MOVIE)


def _releases_takeaway(shelf: Shelf, rows: list[tuple[int, int]]) -> str:
    if not rows:
        return ""
    year, number = max(rows, key=lambda row: row[1])
    return _("%(year)s has the most, %(movies)s; half of all came out in %(middle)s or later.") % {
        "year": year,
        "movies": counted_movies(number),
        "middle": int(shelf.years.median()),
    }


def money(shelf: Shelf, selection: Selection) -> Chart:
    name = "movie-money"
    log = selection.chosen(name, "log") == "log"
    return plane_chart(
        shelf,
        _money_axis(shelf, "budget", _("Budget"), 22, log=log),
        _money_axis(shelf, "revenue", _("Revenue"), 16, log=log),
        Third("score", _("Median score"), lambda value: f"{value:.0f}"),
        name=name,
        title=_("Budget against revenue"),
        takeaway=_money_takeaway,
        unknown=_("without a known budget, revenue or score"),
        choices=choices(name, _MONEY_SCALES, selection),
    )


def _money_axis(shelf: Shelf, column: str, label: str, cells: int, *, log: bool) -> Axis:
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
    return Axis(column, label, edges, marks, dollars, log=log)


def short_dollars(amount: float) -> str:
    """As an axis says it: 1e7 → "$10M"."""
    for size, text in (
        (1e9, _("$%(amount)sB")),
        (1e6, _("$%(amount)sM")),
        (1e3, _("$%(amount)sK")),
        (1.0, _("$%(amount)s")),
    ):
        if amount >= size:
            return text % {"amount": number_format(f"{amount / size:.3g}")}
    return _("$%(amount)s") % {"amount": number_format(f"{amount:.3g}")}


def _money_takeaway(known: pd.DataFrame) -> str:
    times = known["revenue"] / known["budget"]
    text = _(
        "Half of the movies took in at least %(times)s times their budget; %(share)s took in less "
        "than they cost."
    )
    share = shares_as(float((times < 1).mean()))
    return text % {"times": decimal(times.median(), 1), "share": share}


def _revenue_takeaway(title: str, values: pd.Series) -> str:
    share = values.iloc[:10].sum() / values.sum()
    text = _(
        "%(title)s took in the most, %(money)s; the first ten together have %(share)s of all known "
        "revenue."
    )
    values_of = {"title": title, "money": dollars(values.iloc[0]), "share": shares_as(float(share))}
    return text % values_of


def scores(shelf: Shelf) -> Chart:
    values = shelf.items["score"].dropna().to_numpy(dtype=float)
    takeaway = ""
    if len(values):
        low, middle, high = middle_half(values)
        takeaway = _(
            "The middle half of the movies scores %(low)s to %(high)s; the median is %(middle)s "
            "of 100."
        ) % {"low": f"{low:.0f}", "high": f"{high:.0f}", "middle": f"{middle:.0f}"}
    unknown = _("without a known score")
    spread = Spread("score", _("Score"), unknown, step=5, low=0, high=100, density=True)
    return spread_chart(
        shelf, spread, name="movie-scores", title=_("How scores are spread"), takeaway=takeaway
    )


_LABELS: dict[str, Promise] = {
    "score": gettext_lazy("Score"),
    "budget": gettext_lazy("Budget"),
    "revenue": gettext_lazy("Revenue"),
    "year": gettext_lazy("Year"),
    "people": gettext_lazy("People credited"),
    "genres": gettext_lazy("Number of genres"),
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
