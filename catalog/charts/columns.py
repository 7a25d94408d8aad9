"""Bars that stand: histograms, with a density line where one is given, and panels of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.charts.marks import Mark, joined, marked, short
from catalog.charts.plot import Axes, plot, stretched
from catalog.charts.scales import Tick, ticks, top_of

_GAP = 0.12  # of a column's width


@dataclass(frozen=True, slots=True)
class Column:
    value: float
    mark: Mark


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of one width from left to right.

    `density`: (share of the width, value) pairs of a line over the columns. `top`: where the
    axis ends; the highest value where it is not given. `up`: ticks of another scale than 0 to top.
    """

    label: str
    columns: Sequence[Column]
    across: Sequence[Tick]
    across_name: str
    up_name: str
    density: Sequence[tuple[float, float]] = ()
    top: float | None = None
    up: Sequence[Tick] = ()
    height: int = 250

    def svg(self) -> SafeString:
        highest = max(
            [column.value for column in self.columns] + [value for _, value in self.density],
            default=0,
        )
        top = self.top or top_of(highest)
        up = self.up or ticks(0, top)
        axes = Axes(self.across, up, self.across_name, self.up_name)
        content = joined([self._column(place, top) for place in range(len(self.columns))])
        if self.density:
            line = [(x, self.height * (1 - value / top)) for x, value in self.density]
            content = joined([content, stretched(line, self.height, "plot__density")])
        return plot(self.label, self.height, axes, content, moves="row")

    def _column(self, place: int, top: float) -> SafeString:
        """The column, and a field of the whole height that is easy to hit."""
        column = self.columns[place]
        wide = 100 / len(self.columns)
        high = self.height * column.value / top
        if column.value > 0:
            high = max(high, 1.5)
        shape = format_html(
            '<rect class="plot__hit" x="{}%" width="{}%" height="{}"/>'
            '<rect class="plot__column" x="{}%" y="{}" width="{}%" height="{}"/>',
            short(place * wide),
            short(wide),
            self.height,
            short((place + _GAP / 2) * wide),
            short(self.height - high),
            short(wide * (1 - _GAP)),
            short(high),
        )
        return marked(column.mark, shape)


@dataclass(frozen=True, slots=True)
class Panel:
    heading: str
    css: str
    columns: Columns


@dataclass(frozen=True, slots=True)
class Panels:
    """Charts of one shape under each other, each with its heading."""

    panels: Sequence[Panel]

    def svg(self) -> SafeString:
        return format_html(
            '<div class="panels">{}</div>',
            joined(
                [
                    format_html(
                        '<div class="panel {}"><h3 class="panel__heading">{}</h3>{}</div>',
                        panel.css,
                        panel.heading,
                        panel.columns.svg(),
                    )
                    for panel in self.panels
                ]
            ),
        )
