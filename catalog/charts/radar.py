"""Several measures of one thing around a middle, against those of others.

A radar has one size, unlike the charts that are as wide as their page: its labels stand around it,
and have to stay readable on the narrowest one. Looks are in static/css/item.css.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.charts.marks import joined, short

LEAST = 3  # fewer axes make no shape

_WIDTH, _HEIGHT = 360, 306
_MIDDLE_X, _MIDDLE_Y, _RADIUS = _WIDTH / 2, 156, 104
_RINGS = (0.25, 0.5, 0.75, 1.0)
_GAP = 13  # between the outermost ring and a label
_LINE = 17  # from a label to its figure below


@dataclass(frozen=True, slots=True)
class Axis:
    """`value` and `other` are shares, 0 in the middle and 1 outside; `shown` stands with the label.

    `other` is what `value` is held against; None where nothing is known.
    """

    label: str
    value: float
    shown: str
    other: float | None = None


@dataclass(frozen=True, slots=True)
class Radar:
    """`title` names the drawing and `description` says its values; `name` begins its ids."""

    name: str
    title: str
    description: str
    axes: Sequence[Axis]

    def svg(self) -> SafeString:
        """Nothing below `LEAST` axes."""
        if len(self.axes) < LEAST:
            return SafeString("")
        return format_html(
            '<svg class="radar" viewBox="0 0 {1} {2}" role="img"'
            ' aria-labelledby="{0}-title {0}-description">'
            '<title id="{0}-title">{3}</title><desc id="{0}-description">{4}</desc>{5}{6}{7}</svg>',
            self.name,
            _WIDTH,
            _HEIGHT,
            self.title,
            self.description,
            self._web(),
            self._shapes(),
            joined([self._label(place) for place in range(len(self.axes))]),
        )

    def _web(self) -> SafeString:
        every = range(len(self.axes))
        rings = [_shape([self._at(place, share) for place in every], "ring") for share in _RINGS]
        spokes = [
            format_html(
                '<line class="radar__spoke" x1="{}" y1="{}" x2="{}" y2="{}"/>',
                short(_MIDDLE_X),
                short(_MIDDLE_Y),
                *map(short, self._at(place, 1.0)),
            )
            for place in every
        ]
        return joined([*rings, *spokes])

    def _shapes(self) -> SafeString:
        """What it is held against lies below; it is drawn only where it is known on every axis."""
        others = [axis.other for axis in self.axes if axis.other is not None]
        parts = []
        if len(others) == len(self.axes):
            parts.append(_shape([self._at(n, value) for n, value in enumerate(others)], "other"))
        corners = [self._at(place, axis.value) for place, axis in enumerate(self.axes)]
        parts.append(_shape(corners, "value"))
        for x, y in corners:
            parts.append(
                format_html(
                    '<circle class="radar__dot" cx="{}" cy="{}" r="3.5"/>', short(x), short(y)
                )
            )
        return joined(parts)

    def _label(self, place: int) -> SafeString:
        axis = self.axes[place]
        x, y = self._at(place, 1 + _GAP / _RADIUS)
        side = (x - _MIDDLE_X) / _RADIUS
        anchor = "middle" if abs(side) < 0.2 else "start" if side > 0 else "end"
        # Two lines: above the drawing they end at its edge, below it they begin there.
        up = (y - _MIDDLE_Y) / _RADIUS
        first = y - _LINE + 2 if up < -0.9 else y + 10 if up > 0.7 else y - 4
        return format_html(
            '<text class="radar__label" x="{0}" y="{1}" text-anchor="{2}">{3}'
            '<tspan class="radar__value" x="{0}" dy="{4}">{5}</tspan></text>',
            short(x),
            short(first),
            anchor,
            axis.label,
            _LINE,
            axis.shown,
        )

    def _at(self, place: int, share: float) -> tuple[float, float]:
        """The first axis points up, the others follow clockwise."""
        angle = 2 * math.pi * place / len(self.axes)
        reach = _RADIUS * max(share, 0.0)
        return _MIDDLE_X + reach * math.sin(angle), _MIDDLE_Y - reach * math.cos(angle)


def _shape(corners: Sequence[tuple[float, float]], name: str) -> SafeString:
    points = " ".join(f"{short(x)},{short(y)}" for x, y in corners)
    return format_html('<polygon class="radar__{}" points="{}"/>', name, points)
