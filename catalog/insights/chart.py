"""One chart as a page, a table and a download know it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from catalog.insights.selection import Selection
from catalog.insights.words import decimal, shares_as, with_commas
from catalog.wording import dollars, year_label

_FORMS: dict[str, Callable[[Any], str]] = {
    "text": str,
    "whole": with_commas,
    "year": year_label,
    "decimal": decimal,
    "share": shares_as,
    "money": dollars,
}


class Heading(NamedTuple):
    """A column: `key` in downloads, `label` on the page, `form` how a value is written."""

    key: str
    label: str
    form: str = "text"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Items that a chart does not count: "73 without a known revenue"."""

    count: int
    why: str


class Choice(NamedTuple):
    label: str
    address: str
    current: bool


class Drawing(Protocol):
    def svg(self) -> SafeString: ...


@dataclass(frozen=True)
class Chart:
    """`name` is the anchor and the file name. `takeaway` is one sentence, made from the data.

    `counted` items of `noun` are in the chart, those of `left_out` are not. `rows` have one
    value a heading, None where unknown. Without rows there is nothing to draw, and `empty` may
    say why.
    """

    name: str
    title: str
    takeaway: str
    counted: int
    noun: str
    headings: Sequence[Heading]
    rows: Sequence[Sequence[Any]]
    drawing: Drawing | None = None
    left_out: Sequence[LeftOut] = ()
    notes: Sequence[str] = ()
    choices: Sequence[Choice] = ()
    choices_label: str = ""
    wide: bool = False
    css: str = ""
    empty: str = ""

    @cached_property
    def picture(self) -> SafeString | str:
        return self.drawing.svg() if self.drawing and self.rows else ""

    @cached_property
    def table(self) -> SafeString:
        """The rows as a table, in their order."""
        head = format_html_join(
            "",
            '<th scope="col"{}>{}</th>',
            ((_aligned(heading), heading.label) for heading in self.headings),
        )
        body = format_html_join("", "<tr>{}</tr>", ((self._cells(row),) for row in self.rows))
        return format_html(
            '<table class="figures"><caption class="unseen">{}</caption>'
            "<thead><tr>{}</tr></thead><tbody>{}</tbody></table>",
            self.title,
            head,
            body,
        )

    def _cells(self, row: Iterable[Any]) -> SafeString:
        return format_html_join(
            "",
            "<td{}>{}</td>",
            (
                (_aligned(heading), "–" if value is None else _FORMS[heading.form](value))
                for heading, value in zip(self.headings, row, strict=True)
            ),
        )

    def as_json(self) -> dict[str, Any]:
        keys = [heading.key for heading in self.headings]
        return {
            "chart": self.name,
            "title": self.title,
            "takeaway": self.takeaway,
            "counted": self.counted,
            "noun": self.noun,
            "left_out": [
                {"count": entry.count, "why": entry.why} for entry in self.left_out if entry.count
            ],
            "rows": [dict(zip(keys, row, strict=True)) for row in self.rows],
        }

    @property
    def counts(self) -> str:
        """ "10,000 movies; left out: 73 without a known revenue"."""
        told = [f"{with_commas(entry.count)} {entry.why}" for entry in self.left_out if entry.count]
        counted = f"{with_commas(self.counted)} {self.noun}"
        if not told:
            return counted
        return _("%(counted)s; left out: %(rest)s") % {"counted": counted, "rest": ", ".join(told)}


def _aligned(heading: Heading) -> SafeString:
    return mark_safe("" if heading.form == "text" else ' class="figures__number"')  # noqa: S308


def choices(
    name: str, options: Sequence[tuple[str, Promise]], selection: Selection
) -> tuple[Choice, ...]:
    """Links that draw the chart another way; `options`: (value, label), the default first."""
    default = options[0][0]
    current = selection.chosen(name, default)
    return tuple(
        Choice(
            str(label),
            f"{selection.with_choice(name, value, default).query or '?'}#{name}",
            value == current,
        )
        for value, label in options
    )
