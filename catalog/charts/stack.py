"""One bar cut into parts that make up a whole, and a legend with each part's number.

A part has a class for its look; the legend has the same look, name and number, in the same order,
so that nothing hangs on telling colours apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.charts.marks import Mark, joined, marked, short

HEIGHT = 26
_LEAST = 0.6  # per cent of the width: a part that is there can be seen


@dataclass(frozen=True, slots=True)
class Part:
    """`shown` stands in the legend; `css` is the look, in the bar and in the legend."""

    label: str
    value: float
    shown: str
    css: str


@dataclass(frozen=True, slots=True)
class Stack:
    label: str
    parts: Sequence[Part]

    def svg(self) -> SafeString:
        """Parts of nothing are in the legend alone."""
        there = [part for part in self.parts if part.value > 0]
        total = sum(part.value for part in there)
        widths = [max(100 * part.value / total, _LEAST) for part in there]
        scale = 100 / sum(widths) if widths else 0.0
        marks, left = [], 0.0
        for part, width in zip(there, widths, strict=True):
            marks.append(_piece(part, left, width * scale))
            left += width * scale
        return format_html(
            '<div class="stack"><svg class="stack__bar" width="100%" height="{}" role="group"'
            ' aria-label="{}" data-marks="row"><rect class="stack__rail" width="100%"'
            ' height="{}"/>{}</svg><ul class="stack__legend">{}</ul></div>',
            HEIGHT,
            self.label,
            HEIGHT,
            joined(marks),
            joined([_entry(part) for part in self.parts]),
        )


def _piece(part: Part, left: float, width: float) -> SafeString:
    shape = format_html(
        '<rect class="stack__part {}" x="{}%" width="{}%" height="{}"/>',
        part.css,
        short(left),
        short(width),
        HEIGHT,
    )
    return marked(Mark(f"{part.label}: {part.shown}"), shape)


def _entry(part: Part) -> SafeString:
    return format_html(
        '<li><svg class="stack__sample" width="16" height="16" aria-hidden="true">'
        '<rect class="stack__part {}" width="16" height="16"/></svg>'
        '<span class="stack__label">{}</span> <span class="stack__value">{}</span></li>',
        part.css,
        part.label,
        part.shown,
    )
