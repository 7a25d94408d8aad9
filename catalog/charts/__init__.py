"""Charts as SVG, made on the server: no script, no inline style, every mark with a name.

A drawing is a dataclass that holds what is drawn and draws itself with `svg()`. Horizontal places
are percentages and vertical ones pixels, so that a chart is as wide as its page and its text keeps
its size. Looks are in static/css/insights.css, movement between the marks in static/js/charts.js.
See docs/adr/0017-charts.md.
"""

from catalog.charts.bars import Bar, Bars, SharesRow, SharesTable
from catalog.charts.cells import Cell, Cells
from catalog.charts.columns import Column, Columns, Panel, Panels
from catalog.charts.heat import Heat, Pair
from catalog.charts.line import Line, Point
from catalog.charts.marks import Mark
from catalog.charts.ridges import Ridge, Ridges
from catalog.charts.scales import Tick, log_ticks, ticks
from catalog.charts.stack import Part, Stack

__all__ = [
    "Bar",
    "Bars",
    "Cell",
    "Cells",
    "Column",
    "Columns",
    "Heat",
    "Line",
    "Mark",
    "Pair",
    "Panel",
    "Panels",
    "Part",
    "Point",
    "Ridge",
    "Ridges",
    "SharesRow",
    "SharesTable",
    "Stack",
    "Tick",
    "log_ticks",
    "ticks",
]
