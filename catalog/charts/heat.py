"""How measures go together: each pair once, below the diagonal on which their names stand."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from catalog.charts.marks import Mark, joined, marked, short

ROW = 28  # pixels
_STEPS = (0.1, 0.3, 0.5, 0.7)


@dataclass(frozen=True, slots=True)
class Pair:
    """`row` > `column` are places in the names; `value` from -1 to 1, None where unknown."""

    row: int
    column: int
    value: float | None
    mark: Mark


@dataclass(frozen=True, slots=True)
class Heat:
    label: str
    names: Sequence[str]
    pairs: Sequence[Pair]

    def svg(self) -> SafeString:
        wide = 100 / max(len(self.names), 1)
        names = [
            format_html(
                '<text class="heat__name" x="{}%" dx="6" y="{}" dy="0.35em">{}</text>',
                short(place * wide),
                short((place + 0.5) * ROW),
                name,
            )
            for place, name in enumerate(self.names)
        ]
        return format_html(
            '{}<svg class="heat" width="100%" height="{}" role="group" aria-label="{}"'
            ' data-marks="grid">{}<g aria-hidden="true">{}</g></svg>',
            _legend(),
            ROW * len(self.names),
            self.label,
            joined([_cell(pair, wide) for pair in self.pairs]),
            joined(names),
        )


def _cell(pair: Pair, wide: float) -> SafeString:
    value = pair.value or 0.0
    shape = format_html(
        '<rect class="heat__cell {0}" x="{1}%" y="{2}" width="{3}%" height="{4}"/>'
        '<circle class="heat__dot {0}" cx="{5}%" cy="{6}" r="{7}"/>'
        '<text class="heat__number" x="{5}%" y="{6}" dy="0.35em" text-anchor="middle">{8}</text>',
        strength(pair.value),
        short(pair.column * wide),
        pair.row * ROW,
        short(wide),
        ROW,
        short((pair.column + 0.5) * wide),
        short((pair.row + 0.5) * ROW),
        short(max(9.5 * abs(value) ** 0.5, 1.2)),
        signed(pair.value),
    )
    return marked(pair.mark, shape)


def strength(value: float | None) -> str:
    """The class of a correlation: "up-0" (almost none) to "up-4", and "down-…" below zero."""
    if value is None:
        return "heat--none"
    step = sum(abs(value) >= border for border in _STEPS)
    return f"heat--{'down' if value < 0 else 'up'}-{step}"


def signed(value: float | None) -> str:
    """0.756 → "+0.76", -0.4 → "−0.40"."""
    if value is None:
        return "–"
    return number_format(f"{value:+.2f}").replace("-", "−")


def _dot(css: str, r: float) -> SafeString:
    return format_html(
        '<svg class="legend__sample" width="24" height="22" viewBox="-12 -11 24 22"'
        ' aria-hidden="true"><rect class="heat__cell {0}" x="-12" y="-11" width="24" height="22"/>'
        '<circle class="heat__dot {0}" r="{1}"/></svg>',
        css,
        short(r),
    )


def _legend() -> SafeString:
    return format_html(
        '<div class="legend"><ul aria-label="{}"><li>{}{}</li><li>{}{}</li>'
        "<li>{}{}</li></ul></div>",
        _("Colour and dot"),
        _dot("heat--up-4", 9),
        _("rise together"),
        _dot("heat--down-4", 9),
        _("one rises as the other falls"),
        _dot("heat--up-0", 2),
        _("next to nothing"),
    )
