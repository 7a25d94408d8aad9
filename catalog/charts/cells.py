"""Two measures against each other: thousands of points gathered in cells.

The size of a mark is the number of items; its shape and its colour both tell the class of a third
measure, so that neither has to be told apart by colour alone.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from catalog.charts.marks import Mark, joined, marked, short
from catalog.charts.plot import Axes, plot
from catalog.charts.scales import Tick, plain

LARGEST = 7.5  # radius in pixels on a narrow page; a wide one draws larger
SMALLEST = 1.7
LEVELS = 4


@dataclass(frozen=True, slots=True)
class Cell:
    """`x` and `y` are the middle, shares of the axes; `level` is the class, 0 the lowest."""

    x: float
    y: float
    count: int
    level: int
    mark: Mark


@dataclass(frozen=True, slots=True)
class Cells:
    """`levels`: what each class says in the legend, the lowest first."""

    label: str
    cells: Sequence[Cell]
    across: Sequence[Tick]
    up: Sequence[Tick]
    across_name: str
    up_name: str
    level_name: str
    levels: Sequence[str]
    height: int = 360

    def svg(self) -> SafeString:
        most = max((cell.count for cell in self.cells), default=1)
        marks = joined([self._cell(cell, most) for cell in self.cells])
        axes = Axes(self.across, self.up, self.across_name, self.up_name, across_lines=True)
        return format_html(
            "{}{}",
            self._legend(most),
            plot(self.label, self.height, axes, marks, moves="grid", css="plot--cells"),
        )

    def _cell(self, cell: Cell, most: int) -> SafeString:
        return marked(
            cell.mark,
            format_html(
                '<svg x="{}%" y="{}"><path class="cell cell--{}" d="{}"/></svg>',
                short(100 * cell.x),
                short(self.height * (1 - cell.y)),
                cell.level,
                shape(cell.level, radius(cell.count, most)),
            ),
        )

    def _legend(self, most: int) -> SafeString:
        levels = [
            format_html("<li>{}{}</li>", _sample(level, LARGEST), text)
            for level, text in enumerate(self.levels)
        ]
        sizes = [
            format_html("<li>{}{}</li>", _sample(1, radius(count, most)), plain(count))
            for count in sorted({1, max(most // 8, 1), most})
        ]
        return format_html(
            '<div class="legend"><ul aria-label="{0}"><li>{0}</li>{1}</ul>'
            '<ul aria-label="{3}"><li>{4}</li>{2}</ul></div>',
            self.level_name,
            joined(levels),
            joined(sizes),
            _("Size"),
            _("Size: number in the cell"),
        )


def radius(count: int, most: int) -> float:
    """The area grows with the count; the smallest can still be seen."""
    return max(LARGEST * math.sqrt(count / most), SMALLEST)


def shape(level: int, r: float) -> str:
    """A path around the origin: triangle down, circle, square, triangle up, of about one area."""
    if level == 1:
        return f"M{short(-r)} 0a{short(r)} {short(r)} 0 1 0 {short(2 * r)} 0a{short(r)} {short(r)} 0 1 0 {short(-2 * r)} 0"  # noqa: E501
    if level == 2:
        side = short(-0.886 * r)
        return f"M{side} {side}h{short(1.772 * r)}v{short(1.772 * r)}h{short(-1.772 * r)}z"
    sign = -1 if level == 3 else 1
    half, high = 1.347 * r, sign * 2.333 * r
    return f"M{short(-half)} {short(-high / 3)}h{short(2 * half)}l{short(-half)} {short(high)}z"


def _sample(level: int, r: float) -> SafeString:
    return mark_safe(  # noqa: S308 (numbers only)
        '<svg class="legend__sample" width="24" height="22" viewBox="-12 -11 24 22" '
        f'aria-hidden="true"><path class="cell cell--{level}" d="{shape(level, r)}"/></svg>'
    )
