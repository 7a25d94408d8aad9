"""Small charts as inline SVG, made on the server: no script, no style, readable as text."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
_WIDTH, _HEIGHT = 560, 220
_LEFT, _FOOT = 46, 30


@register.simple_tag
def line_chart(rows: Sequence[Mapping[str, Any]], x: str, y: str, label: str) -> SafeString | str:
    """One line through `y` over `x`; rows without a `y` are left out; nothing below two points."""
    points = [(float(row[x]), float(row[y])) for row in rows if row.get(y) is not None]
    if len(points) < 2:
        return ""
    low_x, high_x = min(p[0] for p in points), max(p[0] for p in points)
    low, high = min(p[1] for p in points), max(p[1] for p in points)
    span = (high - low) or 1.0

    def place(point: tuple[float, float]) -> tuple[float, float]:
        across = (point[0] - low_x) / ((high_x - low_x) or 1.0)
        up = (point[1] - low) / span
        return _LEFT + across * (_WIDTH - _LEFT - 14), 14 + (1 - up) * (_HEIGHT - 14 - _FOOT)

    placed = [place(point) for point in points]
    corners = " ".join(f"{px:.1f},{py:.1f}" for px, py in placed)
    dots = format_html_join(
        "",
        '<circle class="chart__dot" cx="{}" cy="{}" r="3.5"><title>{} {}: {}</title></circle>',
        (
            (f"{px:.1f}", f"{py:.1f}", x, f"{value[0]:g}", f"{value[1]:.4g}")
            for (px, py), value in zip(placed, points, strict=True)
        ),
    )
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}'
        '<polyline class="chart__line" points="{}"/>{}</svg>',
        _WIDTH,
        _HEIGHT,
        f"{label}: from {points[0][1]:.4g} to {points[-1][1]:.4g} in {len(points)} steps",
        _axes(low, high, f"{low_x:g}", f"{high_x:g}", x),
        corners,
        dots,
    )


def _axes(low: float, high: float, first: str, last: str, name: str) -> SafeString:
    foot = _HEIGHT - _FOOT
    return format_html(
        '<path class="chart__axis" d="M{0} 10V{1}H{2}"/>'
        '<text class="chart__text" x="{3}" y="20" text-anchor="end">{4}</text>'
        '<text class="chart__text" x="{3}" y="{1}" text-anchor="end">{5}</text>'
        '<text class="chart__text" x="{0}" y="{6}">{7} {8}</text>'
        '<text class="chart__text" x="{2}" y="{6}" text-anchor="end">{9}</text>',
        _LEFT,
        foot,
        _WIDTH - 14,
        _LEFT - 6,
        f"{high:.3g}",
        f"{low:.3g}",
        _HEIGHT - 10,
        name,
        first,
        last,
    )


@register.simple_tag
def bar_chart(
    first: Any, first_name: str, others: Mapping[str, Any], path: str, label: str
) -> SafeString | str:
    """A bar for `first` and each of `others`, read at the dotted `path`, e.g. `at.20.recall`."""
    named = [(first_name, _at(first, path))]
    named += sorted(((name, _at(row, path)) for name, row in others.items()), key=_by_value)
    bars = [(name, value) for name, value in named if value is not None]
    if not bars:
        return ""
    most = max(value for _, value in bars) or 1.0
    rows = format_html_join(
        "",
        '<text class="chart__text" x="0" y="{}">{}</text>'
        '<rect class="chart__bar{}" x="130" y="{}" width="{}" height="20"/>'
        '<text class="chart__text chart__value" x="{}" y="{}">{}</text>',
        (
            (
                index * 34 + 20,
                name,
                " chart__bar--first" if name == first_name else "",
                index * 34 + 5,
                f"{max(value / most * 350, 1):.1f}",
                f"{138 + max(value / most * 350, 1):.1f}",
                index * 34 + 20,
                f"{value * 100:.1f} %",
            )
            for index, (name, value) in enumerate(bars)
        ),
    )
    spoken = "; ".join(f"{name} {value * 100:.1f} %" for name, value in bars)
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        _WIDTH,
        len(bars) * 34 + 4,
        f"{label}: {spoken}",
        rows,
    )


@register.filter
def get_key(row: Mapping[str, Any] | None, key: str) -> Any:
    """`row[key]` for keys that a template cannot write, such as "20"."""
    return row.get(key) if row else None


@register.simple_tag
def level_bar(percent: int, label: str) -> SafeString:
    """A thin bar from 0 to 100."""
    return format_html(
        '<svg class="level" viewBox="0 0 100 6" preserveAspectRatio="none" role="img" '
        'aria-label="{0}: {1} of 100"><rect class="level__track" width="100" height="6" rx="3"/>'
        '<rect class="level__fill" width="{1}" height="6" rx="3"/></svg>',
        label,
        percent,
    )


def _at(row: Any, path: str) -> float | None:
    for step in path.split("."):
        if not isinstance(row, Mapping) or step not in row:
            return None
        row = row[step]
    return float(row) if isinstance(row, int | float) else None


def _by_value(named: tuple[str, float | None]) -> float:
    return -(named[1] or 0.0)
