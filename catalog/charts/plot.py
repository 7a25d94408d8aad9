"""The frame that charts with two axes share. The SVG is the plot area; labels stand around it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.charts.marks import joined, short
from catalog.charts.scales import Tick

STRETCH = 1000  # units across of what is stretched with the page


@dataclass(frozen=True, slots=True)
class Axes:
    """Ticks and names of both axes."""

    across: Sequence[Tick]
    up: Sequence[Tick]
    across_name: str = ""
    up_name: str = ""
    across_lines: bool = False


def plot(
    label: str, height: int, axes: Axes, content: SafeString, *, moves: str, css: str = ""
) -> SafeString:
    """The chart `label`, `height` pixels high. `moves`: "row" or "grid", how arrow keys go."""
    return format_html(
        '<svg class="plot {}" width="100%" height="{}" role="group" aria-label="{}"'
        ' data-marks="{}">{}{}</svg>',
        css,
        height,
        label,
        moves,
        _axes(axes, height),
        content,
    )


def _axes(axes: Axes, height: int) -> SafeString:
    parts = [
        format_html(
            '<line class="plot__line" x2="100%" y1="{0}" y2="{0}"/>'
            '<text class="plot__text" x="-8" y="{0}" dy="0.32em" text-anchor="end">{1}</text>',
            short(height * (1 - tick.at)),
            tick.label,
        )
        for tick in axes.up
    ]
    for tick in axes.across:
        at = f"{short(100 * tick.at)}%"
        if axes.across_lines:
            parts.append(
                format_html('<line class="plot__line" x1="{0}" x2="{0}" y2="{1}"/>', at, height)
            )
        minor = " plot__text--minor" if tick.minor else ""
        parts.append(
            format_html(
                '<text class="plot__text{}" x="{}" y="{}" text-anchor="middle">{}</text>',
                minor,
                at,
                height + 19,
                tick.label,
            )
        )
    names = format_html(
        '<text class="plot__text plot__name plot__up" x="-8" y="-14">{}</text>'
        '<text class="plot__text plot__name" x="100%" y="{}" text-anchor="end">{}</text>',
        axes.up_name,
        height + 38,
        axes.across_name,
    )
    return format_html('<g aria-hidden="true">{}{}</g>', joined(parts), names)


def stretched(points: Sequence[tuple[float, float]], height: int, css: str) -> SafeString:
    """A line through `points`, each share of the width and pixels from the top."""
    path = "M" + "L".join(f"{short(STRETCH * x)} {short(y)}" for x, y in points)
    return format_html(
        '<svg class="plot__stretch" viewBox="0 0 {0} {1}" width="100%" height="{1}"'
        ' preserveAspectRatio="none" aria-hidden="true"><path class="{2}" d="{3}"/></svg>',
        STRETCH,
        height,
        css,
        path,
    )
