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
BARS_A_ROW = 3
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


def bars(panels: Mapping[str, Mapping[str, float]], path: Path, *, title: str) -> None:
    """Write one picture of horizontal bars: a panel a title, a bar a name, each with its value and
    its own scale; the last bar of each panel is in the second colour.

    Raises ValueError without panels.
    """
    if not panels:
        raise ValueError("A figure needs at least one panel.")
    rows = -(-len(panels) // BARS_A_ROW)
    with matplotlib.rc_context(STYLE | {"axes.grid": False}):
        figure = Figure(figsize=(3.4 * BARS_A_ROW, 2.5 * rows), layout="constrained")
        figure.suptitle(title, x=0.01, ha="left", fontsize=12)
        for place, (name, values) in enumerate(panels.items(), start=1):
            axes = figure.add_subplot(rows, BARS_A_ROW, place)
            colours = [COLOURS[0]] * (len(values) - 1) + [COLOURS[1]]
            drawn = axes.barh(list(values), list(values.values()), color=colours)
            axes.bar_label(drawn, fmt="{:.1f}", fontsize=9, padding=3)
            axes.invert_yaxis()
            axes.set_xlim(0, 1.18 * max(values.values()))
            axes.set_xticks([])
            axes.tick_params(axis="y", length=0)
            axes.spines["bottom"].set_visible(False)
            axes.set_title(name)
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
