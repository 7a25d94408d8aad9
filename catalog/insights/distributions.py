"""How the values of one measure are spread: a histogram, with a density line if wanted."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from catalog.charts import Column, Columns, Mark, ticks
from catalog.charts.scales import plain
from catalog.insights.chart import Chart, Heading, LeftOut
from catalog.insights.shelf import Shelf
from catalog.insights.words import COLUMN, counted, sentence, shares_as
from catalog.wording import nouns

_CURVE = 160  # points of the density line
_MOST_COLUMNS = 60


@dataclass(frozen=True, slots=True)
class Spread:
    """`step` is the width of a column. Columns begin at multiples of it, from `low` or the
    smallest value to `high` or the largest; the last one holds its upper end too."""

    column: str
    label: str
    unknown: str  # what items without it are called: "without a known score"
    step: float
    low: float | None = None
    high: float | None = None
    density: bool = False


def spread_chart(shelf: Shelf, spread: Spread, *, name: str, title: str, takeaway: str) -> Chart:
    values = shelf.items[spread.column].dropna().to_numpy(dtype=float)
    several = nouns(shelf.kind)
    numbers, edges = histogram(values, spread)
    rows = [
        (float(low), float(high), int(number), number / len(values))
        for low, high, number in zip(edges, edges[1:], numbers, strict=False)
    ]
    notes = [_edges_note(spread)]
    density: Sequence[tuple[float, float]] = ()
    if spread.density and len(values):
        density = density_line(values, edges)
        notes.append(
            _(
                "The line is a Gaussian kernel density on the scale of the columns: what a smooth "
                "spread of the same number would put into each."
            )
        )
    return Chart(
        name=name,
        title=title,
        takeaway=takeaway,
        counted=len(values),
        noun=several,
        headings=(
            Heading("from", _("From"), "decimal"),
            Heading("to", _("To"), "decimal"),
            Heading(COLUMN[shelf.kind], sentence(several), "whole"),
            Heading("share", _("Share of %(kinds)s") % {"kinds": several}, "share"),
        ),
        rows=rows,
        drawing=Columns(
            label=title,
            columns=[_column(shelf, spread, row, last=row is rows[-1]) for row in rows],
            across=ticks(edges[0], edges[-1], wanted=10),
            across_name=spread.label,
            up_name=sentence(several),
            density=density,
        )
        if rows
        else None,
        left_out=[LeftOut(len(shelf) - len(values), spread.unknown)],
        notes=notes,
    )


def histogram(
    values: NDArray[np.float64], spread: Spread
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(k,) counts and (k + 1,) edges; both empty without values."""
    if not len(values):
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    low = values.min() if spread.low is None else spread.low
    high = values.max() if spread.high is None else spread.high
    first = math.floor(low / spread.step + 1e-9)
    end = max(math.ceil(high / spread.step - 1e-9), first + 1)
    # More than can be told apart on a page: begin later, the first column holds the rest.
    first = max(first, end - _MOST_COLUMNS)
    edges = np.round(np.arange(first, end + 1) * spread.step, 10)
    # Values lie on the edges ("4.10"): a hair above, so that each falls on the same side.
    places = np.searchsorted(edges, values + spread.step * 1e-6, side="right") - 1
    return np.bincount(np.clip(places, 0, len(edges) - 2), minlength=len(edges) - 1), edges


def density_line(
    values: NDArray[np.float64], edges: NDArray[np.float64]
) -> list[tuple[float, float]]:
    """(share of the width, items a column) along a Gaussian kernel density; empty where all
    values are one."""
    from scipy.stats import gaussian_kde

    if len(values) < 3 or values.min() == values.max():
        return []
    grid = np.linspace(edges[0], edges[-1], _CURVE)
    heights = gaussian_kde(values)(grid) * len(values) * (edges[1] - edges[0])
    span = edges[-1] - edges[0]
    return [(float((x - edges[0]) / span), float(y)) for x, y in zip(grid, heights, strict=True)]


def middle_half(values: NDArray[np.float64]) -> tuple[float, float, float]:
    """The quartiles."""
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
    return float(low), float(middle), float(high)


def _column(
    shelf: Shelf, spread: Spread, row: tuple[float, float, int, float], *, last: bool
) -> Column:
    low, high, number, share = row
    if last:
        text = _("%(measure)s %(low)s to %(high)s: %(titles)s, %(share)s")
    else:
        text = _("%(measure)s %(low)s to under %(high)s: %(titles)s, %(share)s")
    values = {
        "measure": spread.label,
        "low": plain(low),
        "high": plain(high),
        "titles": counted(number, shelf.kind),
        "share": shares_as(share),
    }
    return Column(number, Mark(text % values))


def _edges_note(spread: Spread) -> str:
    text = _(
        "A column is %(step)s wide and holds its lower end, not its upper one; the last holds both."
    )
    return text % {"step": plain(spread.step)}
