"""How much of several things there was over time: a wave for each, under one another, on one scale.

Small multiples rather than one stack: each wave stands on its own ground with its own name, so
that nothing hangs on telling colours apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.charts.marks import Mark, joined, marked, short
from catalog.charts.plot import STRETCH
from catalog.charts.scales import Tick

HEIGHT = 58  # pixels of a wave
_HEAD = 4  # above the highest


@dataclass(frozen=True, slots=True)
class Ridge:
    """`values`: one a period, each with what its mark says; `shown` stands under the name."""

    label: str
    shown: str
    css: str
    values: Sequence[tuple[float, Mark]]


@dataclass(frozen=True, slots=True)
class Ridges:
    """All ridges have the same periods; `across` names some of them."""

    label: str
    ridges: Sequence[Ridge]
    across: Sequence[Tick]

    def svg(self) -> SafeString:
        most = max((value for ridge in self.ridges for value, _ in ridge.values), default=0) or 1.0
        ticks = [
            format_html(
                '<text class="plot__text{}" x="{}%" y="14" text-anchor="middle">{}</text>',
                " plot__text--minor" if tick.minor else "",
                short(100 * tick.at),
                tick.label,
            )
            for tick in self.across
        ]
        return format_html(
            '<div class="ridges" role="group" aria-label="{}">{}<div class="ridges__foot">'
            '<svg width="100%" height="20" aria-hidden="true">{}</svg></div></div>',
            self.label,
            joined([_ridge(ridge, most) for ridge in self.ridges]),
            joined(ticks),
        )


def _ridge(ridge: Ridge, most: float) -> SafeString:
    count = max(len(ridge.values), 1)
    heights = [value / most for value, _ in ridge.values]
    marks = [
        _mark(place, count, height, mark)
        for place, (height, (_, mark)) in enumerate(zip(heights, ridge.values, strict=True))
    ]
    return format_html(
        '<div class="ridge {}"><p class="ridge__name"><span class="ridge__label">{}</span>'
        ' <span class="ridge__shown">{}</span></p>'
        '<svg class="ridge__plot" width="100%" height="{}" role="group" aria-label="{}"'
        ' data-marks="row">{}{}</svg></div>',
        ridge.css,
        ridge.label,
        ridge.shown,
        HEIGHT,
        f"{ridge.label}: {ridge.shown}",
        _wave(heights),
        joined(marks),
    )


def _wave(heights: Sequence[float]) -> SafeString:
    """A curve that is level at every period and never goes beyond a value, from nothing to
    nothing."""
    count = max(len(heights), 1)
    tops = [((place + 0.5) / count, height) for place, height in enumerate(heights)]
    path = f"M0 {HEIGHT}"
    for (x, height), (then, next_height) in pairwise([(0.0, 0.0), *tops, (1.0, 0.0)]):
        half, end = short(STRETCH * (x + then) / 2), short(STRETCH * then)
        path += f"C{half} {_down(height)} {half} {_down(next_height)} {end} {_down(next_height)}"
    return format_html(
        '<svg class="plot__stretch" viewBox="0 0 {0} {1}" width="100%" height="{1}"'
        ' preserveAspectRatio="none" aria-hidden="true"><path class="ridge__wave" d="{2}"/></svg>',
        STRETCH,
        HEIGHT,
        path,
    )


def _mark(place: int, count: int, height: float, mark: Mark) -> SafeString:
    shape = format_html(
        '<rect class="plot__hit" x="{}%" width="{}%" height="{}"/>'
        '<circle class="plot__dot ridge__dot" cx="{}%" cy="{}" r="2.6"/>',
        short(100 * place / count),
        short(100 / count),
        HEIGHT,
        short(100 * (place + 0.5) / count),
        _down(height),
    )
    return marked(mark, shape)


def _down(height: float) -> str:
    return short(HEIGHT - height * (HEIGHT - _HEAD))
