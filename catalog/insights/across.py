"""Charts across the three kinds, on one scale: themes, moods, decades."""

import json
from collections import Counter
from collections.abc import Sequence

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.charts import Bar, Column, Columns, Mark, Panel, Panels, SharesRow, SharesTable, Tick
from catalog.charts.scales import percent, ticks, top_of
from catalog.insights import links
from catalog.insights.chart import Chart, Heading, LeftOut, choices
from catalog.insights.selection import Selection
from catalog.insights.shelf import Shelf
from catalog.insights.sorts import MOODS, THEMES, UNDATED, Sort
from catalog.insights.words import COLUMN, counted, listed, sentence, shares_as, with_commas
from catalog.models import Kind
from catalog.wording import decade_label, nouns, plural

SHOWN = 20
_ORDERS = (
    ("all", gettext_lazy("by all kinds")),
    ("difference", gettext_lazy("by difference")),
    ("name", gettext_lazy("by name")),
)
_SCALES = (("share", gettext_lazy("shares")), ("number", gettext_lazy("numbers")))
OPTIONS = {
    "themes-by-kind": tuple(value for value, _ in _ORDERS),
    "moods-by-kind": tuple(value for value, _ in _ORDERS),
    "decades-by-kind": tuple(value for value, _ in _SCALES),
}
_OLDEST = 1900  # decades before it are gathered in one


def charts(shelves: Sequence[Shelf], selection: Selection) -> list[Chart]:
    """`shelves` hold what the selection left of the kinds that were chosen."""
    return [
        word_shares(shelves, selection, THEMES),
        decades(shelves, selection),
        word_shares(shelves, selection, MOODS),
    ]


def word_shares(shelves: Sequence[Shelf], selection: Selection, sort: Sort) -> Chart:
    """The share of each kind's items that have a theme, or a mood."""
    name = f"{sort.column}-by-kind"
    told = {shelf.kind: tally(shelf.items[sort.column]) for shelf in shelves}
    having = {kind: number for kind, (_counts, number) in told.items()}
    words = sorted({term for counts, _number in told.values() for term in counts})
    table = {
        term: [
            told[shelf.kind][0][term] / having[shelf.kind] if having[shelf.kind] else 0.0
            for shelf in shelves
        ]
        for term in words
    }
    shown = _first_words(table, selection.chosen(name, "all"))
    rows: list[tuple[object, ...]] = []
    for term in shown:
        numbers = [told[shelf.kind][0][term] for shelf in shelves]
        rows.append((term, *(cell for pair in zip(numbers, table[term], strict=True)
                             for cell in pair)))  # fmt: skip
    headings = [Heading(sort.word, str(sort.heading)), *_headings(shelves)]
    notes = [str(sort.counts)]
    if len(words) > len(shown):
        notes.append(str(sort.shown) % {"shown": len(shown), "all": len(words)})
    return Chart(
        name=name,
        title=str(sort.title),
        takeaway=_words_takeaway(shelves, shown, table, having, sort),
        counted=sum(having.values()),
        noun=_("items"),
        headings=headings,
        rows=rows,
        drawing=_shares_table(shelves, shown, table, told, sort),
        left_out=[
            LeftOut(len(shelf) - having[shelf.kind], str(sort.without[shelf.kind]))
            for shelf in shelves
        ],
        notes=notes,
        choices=choices(name, _ORDERS, selection),
        choices_label=_("Order"),
        wide=True,
        empty=str(sort.empty),
    )


def _headings(shelves: Sequence[Shelf]) -> list[Heading]:
    """Two columns a kind: how many, and which share."""
    found = []
    for shelf in shelves:
        column = COLUMN[shelf.kind]
        found += [
            Heading(column, sentence(nouns(shelf.kind)), "whole"),
            Heading(f"share_of_{column}", _("Share"), "share"),
        ]
    return found


def tally(column: pd.Series) -> tuple[Counter[str], int]:
    """How many items have each word of a column of JSON lists, and how many have any."""
    counts: Counter[str] = Counter()
    having = 0
    for text, number in column.value_counts().items():
        words = set(json.loads(str(text)) or []) if number else set()
        counts.update(dict.fromkeys(words, int(number)))
        having += int(number) if words else 0
    return counts, having


def _first_words(table: dict[str, list[float]], order: str) -> list[str]:
    by_all = sorted(table, key=lambda term: (-sum(table[term]), term))
    if order == "difference":
        by_all.sort(key=lambda term: (min(table[term]) - max(table[term]), term))
    shown = by_all[:SHOWN]
    return sorted(shown) if order == "name" else shown


def _shares_table(
    shelves: Sequence[Shelf],
    shown: Sequence[str],
    table: dict[str, list[float]],
    told: dict[Kind, tuple[Counter[str], int]],
    sort: Sort,
) -> SharesTable:
    return SharesTable(
        label=str(sort.title),
        heading=str(sort.heading),
        groups=[(plural(shelf.kind), f"kind-{shelf.kind.value}") for shelf in shelves],
        rows=[
            SharesRow(
                term,
                [
                    _share_bar(shelf, term, share, told[shelf.kind][0][term], sort.word)
                    for shelf, share in zip(shelves, table[term], strict=True)
                ],
            )
            for term in shown
        ],
    )


def _share_bar(shelf: Shelf, term: str, share: float, number: int, word: str) -> Bar | None:
    if not number:
        return None
    said = shares_as(share)
    name = f"{term}, {plural(shelf.kind).lower()}: {said}, {counted(number, shelf.kind)}"
    return Bar(term, share, said, Mark(name, links.browse(shelf.kind.value, **{word: term})))


def _words_takeaway(
    shelves: Sequence[Shelf],
    shown: Sequence[str],
    table: dict[str, list[float]],
    having: dict[Kind, int],
    sort: Sort,
) -> str:
    firsts = []
    for place, shelf in enumerate(shelves):
        if having[shelf.kind]:
            term = max(table, key=lambda term: (table[term][place], term))
            share = shares_as(table[term][place])
            values = {"word": term, "kinds": plural(shelf.kind).lower(), "share": share}
            firsts.append(_("“%(word)s” in %(kinds)s (%(share)s)") % values)
    if not firsts or not shown:
        return ""
    if len(firsts) == 1:
        return str(sort.commonest) % {"first": firsts[0]}
    widest = max(table, key=lambda term: (max(table[term]) - min(table[term]), term))
    return str(sort.commonest_of_all) % {"first": listed(firsts), "widest": widest}


def decades(shelves: Sequence[Shelf], selection: Selection) -> Chart:
    """Releases by decade, the kinds under each other on one axis."""
    name = "decades-by-kind"
    as_share = selection.chosen(name, "share") == "share"
    counts = {shelf.kind: _by_decade(shelf) for shelf in shelves}
    dated = {kind: int(found.sum()) for kind, found in counts.items()}
    known = sorted({decade for found in counts.values() for decade in found.index})
    span = list(range(known[0], known[-1] + 10, 10)) if known else []
    rows: list[tuple[object, ...]] = []
    for decade in span:
        numbers = [int(counts[shelf.kind].get(decade, 0)) for shelf in shelves]
        shares = [n / dated[s.kind] if dated[s.kind] else 0.0
                  for n, s in zip(numbers, shelves, strict=True)]  # fmt: skip
        rows.append((_decade_name(decade), *(cell for pair in zip(numbers, shares, strict=True)
                                             for cell in pair)))  # fmt: skip
    headings = [Heading("decade", _("Decade")), *_headings(shelves)]
    return Chart(
        name=name,
        title=_("Releases by decade"),
        takeaway=_decades_takeaway(shelves),
        counted=sum(dated.values()),
        noun=_("items"),
        headings=headings,
        rows=rows,
        drawing=_panels(shelves, counts, dated, span, as_share=as_share),
        left_out=[
            LeftOut(len(shelf) - dated[shelf.kind] + shelf.undated,
                    str(UNDATED[shelf.kind]))
            for shelf in shelves
        ],
        notes=[_("Shares are of the kind’s items whose year is known.")] if as_share else [],
        choices=choices(name, _SCALES, selection),
        choices_label=_("Show"),
        wide=True,
    )  # fmt: skip


def _by_decade(shelf: Shelf) -> pd.Series:
    """Decade's first year → items; what is older than 1900 stands at 1890."""
    found: pd.Series = (shelf.years // 10 * 10).clip(lower=_OLDEST - 10).value_counts()
    return found


def _decade_name(decade: int) -> str:
    if decade >= _OLDEST:
        return decade_label(decade)
    return _("before %(year)s") % {"year": _OLDEST}


def _panels(
    shelves: Sequence[Shelf],
    counts: dict[Kind, pd.Series],
    dated: dict[Kind, int],
    span: Sequence[int],
    *,
    as_share: bool,
) -> Panels:
    values = {
        kind: [float(found.get(d, 0)) / (dated[kind] or 1 if as_share else 1) for d in span]
        for kind, found in counts.items()
    }
    top = top_of(max((max(row) for row in values.values() if row), default=1.0), 3)
    across = [
        Tick((place + 0.5) / len(span), _decade_tick(decade), minor=place % 2 == 1)
        for place, decade in enumerate(span)
    ]
    return Panels([
        Panel(
            _("%(kinds)s, %(number)s dated")
            % {"kinds": plural(shelf.kind), "number": with_commas(dated[shelf.kind])},
            f"kind-{shelf.kind.value}",
            Columns(
                label=_("%(kinds)s by decade") % {"kinds": plural(shelf.kind)},
                columns=[
                    _decade_column(shelf, decade, value, counts[shelf.kind], dated[shelf.kind])
                    for decade, value in zip(span, values[shelf.kind], strict=True)
                ],
                across=across,
                across_name=_("Decade"),
                up_name=_("Share") if as_share else _("Items"),
                top=top,
                up=ticks(0, top, wanted=3, label=percent) if as_share else ticks(0, top, wanted=3),
                height=130,
            ),
        )
        for shelf in shelves
    ])  # fmt: skip


def _decade_tick(decade: int) -> str:
    return decade_label(decade) if decade >= _OLDEST else _("earlier")


def _decade_column(
    shelf: Shelf, decade: int, value: float, counts: pd.Series, dated: int
) -> Column:
    number = int(counts.get(decade, 0))
    share = shares_as(number / dated if dated else 0)
    name = f"{sentence(_decade_name(decade))}: {counted(number, shelf.kind)}, {share}"
    href = links.decade_of(shelf.kind.value, decade) if number and decade >= _OLDEST else ""
    return Column(value, Mark(name, href))


def _decades_takeaway(shelves: Sequence[Shelf]) -> str:
    said = [
        _("%(kinds)s %(year)s") % {"kinds": nouns(shelf.kind), "year": int(shelf.years.median())}
        for shelf in shelves
        if len(shelf.years)
    ]
    if not said:
        return ""
    return _("The middle year of what is dated: %(years)s.") % {"years": listed(said)}
