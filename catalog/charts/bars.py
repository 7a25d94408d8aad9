"""Bars that lie: a list of links with a bar each, and a table of bars for several groups.

The words are HTML, so that long titles wrap; only the bars are SVG.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.charts.marks import Mark, joined, short


@dataclass(frozen=True, slots=True)
class Bar:
    """`value` is drawn, `shown` stands beside it; `css` is a class for a bar that stands out."""

    label: str
    value: float
    shown: str
    mark: Mark
    css: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """The longest bar fills the width, or `full` does."""

    label: str
    bars: Sequence[Bar]
    full: float | None = None

    def svg(self) -> SafeString:
        most = self.full or max((bar.value for bar in self.bars), default=0)
        rows = [
            format_html(
                "<li>{}</li>",
                _html_mark(
                    bar.mark,
                    f"bars__row {bar.css}".rstrip(),
                    format_html(
                        '<span class="bars__label">{}</span>{}<span class="bars__value">{}</span>',
                        bar.label,
                        _bar(bar.value / most if most else 0.0),
                        bar.shown,
                    ),
                ),
            )
            for bar in self.bars
        ]
        return format_html(
            '<ol class="bars" aria-label="{}" data-marks="list">{}</ol>', self.label, joined(rows)
        )


@dataclass(frozen=True, slots=True)
class SharesRow:
    """One thing, and its bar in each group; None where the group does not have it at all."""

    label: str
    bars: Sequence[Bar | None]


@dataclass(frozen=True, slots=True)
class SharesTable:
    """Groups side by side, all on one scale. `groups`: (heading, css class)."""

    label: str
    heading: str
    groups: Sequence[tuple[str, str]]
    rows: Sequence[SharesRow]

    def svg(self) -> SafeString:
        most = max((bar.value for row in self.rows for bar in row.bars if bar), default=0) or 1.0
        heads = joined(
            [
                format_html('<th scope="col" class="{}">{}</th>', css, name)
                for name, css in self.groups
            ]
        )
        return format_html(
            '<table class="shares" data-marks="grid"><caption class="unseen">{}</caption>'
            '<thead><tr><th scope="col">{}</th>{}</tr></thead><tbody>{}</tbody></table>',
            self.label,
            self.heading,
            heads,
            joined([self._row(row, most) for row in self.rows]),
        )

    def _row(self, row: SharesRow, most: float) -> SafeString:
        cells = [
            format_html('<td class="{}">{}</td>', css, _cell(bar, most))
            for bar, (_, css) in zip(row.bars, self.groups, strict=True)
        ]
        return format_html('<tr><th scope="row">{}</th>{}</tr>', row.label, joined(cells))


_NONE = SafeString('<span class="shares__none">–</span>')


def _cell(bar: Bar | None, most: float) -> SafeString:
    if bar is None:
        return _NONE
    return _html_mark(
        bar.mark,
        "shares__mark",
        format_html('<span class="shares__value">{}</span>{}', bar.shown, _bar(bar.value / most)),
    )


def _bar(share: float) -> SafeString:
    width = short(max(100 * share, 0.4) if share > 0 else 0)
    return format_html(
        '<svg class="bar" width="100%" height="16" aria-hidden="true">'
        '<rect class="bar__rail" width="100%" height="16"/>'
        '<rect class="bar__fill" width="{}%" height="16"/></svg>',
        width,
    )


def _html_mark(mark: Mark, css: str, inner: SafeString) -> SafeString:
    if mark.href:
        return format_html(
            '<a class="mark {}" href="{}" aria-label="{}">{}</a>', css, mark.href, mark.name, inner
        )
    return format_html(
        '<span class="mark {}" role="img" aria-label="{}">{}</span>', css, mark.name, inner
    )
