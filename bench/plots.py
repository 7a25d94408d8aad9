"""Figures of the benches in one style: bars, and lines on two logarithmic axes.

Colours are those of Okabe & Ito, "Color universal design", 2008, which people with any colour
vision tell apart; each line has a marker of its own too. Needs matplotlib, as nothing else does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
STYLE: dict[Any, Any] = {  # settings of matplotlib
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "lines.markersize": 6,
}
PANEL_INCHES = (5.0, 3.6)
PANELS_A_ROW = 2
DOTS_AN_INCH = 150

Series = Mapping[str, tuple[Sequence[float], Sequence[float]]]


@dataclass(frozen=True)
class Panel:
    """One pair of logarithmic axes: name of a line -> its x values and y values, all positive."""

    title: str
    x_label: str
    y_label: str
    series: Series


def loglog(panels: Sequence[Panel], path: Path) -> None:
    """Write the panels, two a row, as one picture with one legend, that of the first.

    Raises ValueError without panels, or on more lines than there are colours.
    """
    if not panels:
        raise ValueError("A figure needs at least one panel.")
    names = list(dict.fromkeys(name for panel in panels for name in panel.series))
    looks = dict(zip(names, _looks(len(names)), strict=True))
    columns = min(len(panels), PANELS_A_ROW)
    rows = -(-len(panels) // columns)
    with matplotlib.rc_context(STYLE):
        figure = _figure(columns, rows)
        for place, panel in enumerate(panels, start=1):
            axes = figure.add_subplot(rows, columns, place)
            for name, (x, y) in panel.series.items():
                colour, marker = looks[name]
                axes.plot(x, y, color=colour, marker=marker, label=name)
            axes.set_xscale("log")
            axes.set_yscale("log")
            _label(axes, panel.title, panel.x_label, panel.y_label)
        lines, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(lines, labels, loc="outside upper center", ncols=len(names))
        figure.savefig(path, dpi=DOTS_AN_INCH)


def bars(
    groups: Sequence[str],
    series: Mapping[str, Sequence[float]],
    path: Path,
    *,
    title: str,
    y_label: str,
    number_format: str = "{:.1f}",
) -> None:
    """Write one picture of bars: a cluster a group, a bar a series, each with its value above.

    Raises ValueError where a series has not one value a group, or on too many series.
    """
    for name, values in series.items():
        if len(values) != len(groups):
            raise ValueError(f"{name} has {len(values)} values for {len(groups)} groups.")
    width = 0.8 / max(len(series), 1)
    places = np.arange(len(groups))
    with matplotlib.rc_context(STYLE | {"axes.grid.axis": "y"}):
        figure = _figure(max(1.0, len(groups) * len(series) / 8), 1)
        axes = figure.add_subplot()
        looks = _looks(len(series))
        for number, ((name, values), (colour, _)) in enumerate(
            zip(series.items(), looks, strict=True)
        ):
            offset = (number - (len(series) - 1) / 2) * width
            drawn = axes.bar(places + offset, values, 0.9 * width, color=colour, label=name)
            axes.bar_label(drawn, fmt=number_format, fontsize=8, padding=2)
        axes.set_xticks(places, groups)
        axes.tick_params(axis="x", length=0)
        _label(axes, title, "", y_label)
        if len(series) > 1:
            figure.legend(loc="outside upper center", ncols=len(series))
        figure.savefig(path, dpi=DOTS_AN_INCH)


def _looks(count: int) -> list[tuple[str, str]]:
    """(colour, marker) of each line or bar."""
    if count > len(COLOURS):
        raise ValueError(f"{count} series are more than the {len(COLOURS)} colours.")
    return list(zip(COLOURS, MARKERS, strict=True))[:count]


def _figure(columns: float, rows: int) -> Figure:
    size = (PANEL_INCHES[0] * columns, PANEL_INCHES[1] * rows)
    return Figure(figsize=size, layout="constrained")


def _label(axes: Axes, title: str, x_label: str, y_label: str) -> None:
    axes.set_title(title)
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
