"""One line through the years, a mark at each point."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.charts.marks import Mark, joined, marked, short
from catalog.charts.plot import Axes, plot, stretched
from catalog.charts.scales import Tick


@dataclass(frozen=True, slots=True)
class Point:
    """`x` and `y` are shares of the axes, 0 to 1."""

    x: float
    y: float
    mark: Mark


@dataclass(frozen=True, slots=True)
class Line:
    """Points in the order of `x`. Each is hit in the whole height around it."""

    label: str
    points: Sequence[Point]
    across: Sequence[Tick]
    up: Sequence[Tick]
    across_name: str
    up_name: str
    height: int = 260

    def svg(self) -> SafeString:
        path = [(point.x, self.height * (1 - point.y)) for point in self.points]
        marks = joined([self._point(place) for place in range(len(self.points))])
        line = stretched(path, self.height, "plot__curve") if len(path) > 1 else joined([])
        axes = Axes(self.across, self.up, self.across_name, self.up_name)
        return plot(self.label, self.height, axes, joined([line, marks]), moves="row")

    def _point(self, place: int) -> SafeString:
        point = self.points[place]
        before = self.points[place - 1].x if place else point.x
        after = self.points[place + 1].x if place + 1 < len(self.points) else point.x
        left, right = (before + point.x) / 2, (point.x + after) / 2
        shape = format_html(
            '<rect class="plot__hit" x="{}%" width="{}%" height="{}"/>'
            '<circle class="plot__dot" cx="{}%" cy="{}" r="2.6"/>',
            short(100 * left),
            short(100 * (right - left)),
            self.height,
            short(100 * point.x),
            short(self.height * (1 - point.y)),
        )
        return marked(point.mark, shape)
