"""Two measures against each other, the items gathered in cells, a third measure as their class."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from catalog.charts import Cell, Cells, Mark, Tick
from catalog.insights.chart import Chart, Choice, Heading, LeftOut
from catalog.insights.shelf import Shelf
from catalog.insights.words import COLUMN, counted, sentence
from catalog.wording import nouns


@dataclass(frozen=True, slots=True)
class Axis:
    """A column cut at `edges` (k + 1 of them, in the units of `scale`); values outside fall into
    the outer cells. `say` writes a value of the column."""

    column: str
    label: str
    edges: NDArray[np.float64]
    ticks: Sequence[Tick]
    say: Callable[[float], str]
    log: bool = False

    def places(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        scaled = np.log10(values) if self.log else values
        found = np.searchsorted(self.edges, scaled + 1e-9, side="right") - 1
        return np.clip(found, 0, len(self.edges) - 2)

    def bounds(self, place: int) -> tuple[float, float]:
        low, high = self.edges[place], self.edges[place + 1]
        return (float(10**low), float(10**high)) if self.log else (float(low), float(high))

    def middle(self, place: int) -> float:
        """Share of the axis."""
        return (place + 0.5) / (len(self.edges) - 1)

    def words(self, place: int) -> str:
        low, high = map(self.say, self.bounds(place))
        values = {"measure": self.label.lower(), "low": low, "high": high}
        if place == 0:
            return _("%(measure)s under %(high)s") % values
        return _("%(measure)s %(low)s to %(high)s") % values


@dataclass(frozen=True, slots=True)
class Third:
    """The measure whose median is the class of a cell; `label`: "Median score"."""

    column: str
    label: str
    say: Callable[[float], str]


def plane_chart(
    shelf: Shelf,
    across: Axis,
    up: Axis,
    third: Third,
    *,
    name: str,
    title: str,
    takeaway: Callable[[pd.DataFrame], str],
    unknown: str,
    choices: Sequence[Choice] = (),
) -> Chart:
    """`takeaway` is given the items in which all three measures are known; `unknown` is what the
    others are called: "without a known budget, revenue or score"."""
    columns = [across.column, up.column, third.column]
    known = shelf.items[columns].dropna()
    if across.log or up.log:
        known = known[(known[[across.column, up.column]] > 0).all(axis=1)]
    gathered = gather(known, across, up, third)
    borders = class_borders(gathered)
    several = nouns(shelf.kind)
    return Chart(
        name=name,
        title=title,
        takeaway=takeaway(known) if len(known) else "",
        counted=len(known),
        noun=several,
        headings=_headings(across, up, third, shelf),
        rows=[
            (*across.bounds(row.x), *up.bounds(row.y), int(row.number), float(row.middle))
            for row in gathered.itertuples()
        ],
        drawing=Cells(
            label=title,
            cells=_cells(gathered, across, up, third, borders, shelf),
            across=across.ticks,
            up=up.ticks,
            across_name=across.label,
            up_name=up.label,
            level_name=third.label,
            levels=_legend(borders, third.say),
        ),
        left_out=[LeftOut(len(shelf) - len(known), unknown)],
        notes=[
            _("%(kinds)s that are near each other share a mark; its size is their number. "
              "The outer marks hold what lies beyond, too.") % {"kinds": sentence(several)}
        ],
        choices=choices,
        choices_label=_("Axes"),
    )  # fmt: skip


def gather(known: pd.DataFrame, across: Axis, up: Axis, third: Third) -> pd.DataFrame:
    """One row a cell that has items: places x and y, number, median of the third measure."""
    x = across.places(known[across.column].to_numpy(dtype=float))
    y = up.places(known[up.column].to_numpy(dtype=float))
    frame = pd.DataFrame({"x": x, "y": y, "third": known[third.column].to_numpy(dtype=float)})
    cells = frame.groupby(["x", "y"])["third"].agg(number="size", middle="median")
    return cells.reset_index()


def class_borders(cells: pd.DataFrame) -> list[float]:
    """Up to three borders that put about as many items into each class."""
    if cells.empty:
        return []
    by_middle = cells.sort_values("middle")
    reached = by_middle["number"].cumsum().to_numpy() / by_middle["number"].sum()
    middles = by_middle["middle"].to_numpy()
    found = [float(middles[np.searchsorted(reached, share)]) for share in (0.25, 0.5, 0.75)]
    digits = 0 if middles.max() > 2 else 2
    return sorted({round(value, digits) for value in found})


def _cells(
    gathered: pd.DataFrame,
    across: Axis,
    up: Axis,
    third: Third,
    borders: list[float],
    shelf: Shelf,
) -> list[Cell]:
    return [
        Cell(
            across.middle(row.x),
            up.middle(row.y),
            int(row.number),
            int(np.searchsorted(borders, row.middle, side="right")),
            Mark(
                f"{counted(row.number, shelf.kind)}: {across.words(row.x)}, {up.words(row.y)}, "
                f"{third.label.lower()} {third.say(row.middle)}"
            ),
        )
        for row in gathered.itertuples()
    ]


def _legend(borders: list[float], say: Callable[[float], str]) -> list[str]:
    if not borders:
        return [_("all")]
    between = [
        _("%(low)s to under %(high)s") % {"low": say(low), "high": say(high)}
        for low, high in pairwise(borders)
    ]
    first = _("under %(value)s") % {"value": say(borders[0])}
    return [first, *between, _("%(value)s and more") % {"value": say(borders[-1])}]


def _headings(across: Axis, up: Axis, third: Third, shelf: Shelf) -> list[Heading]:
    out = []
    for axis in (across, up):
        form = "money" if axis.column in ("budget", "revenue") else "decimal"
        out += [
            Heading(f"{axis.column}_from", _("%(measure)s from") % {"measure": axis.label}, form),
            Heading(f"{axis.column}_to", _("to"), form),
        ]
    return [
        *out,
        Heading(COLUMN[shelf.kind], sentence(nouns(shelf.kind)), "whole"),
        Heading(f"median_{third.column}", third.label, "decimal"),
    ]
