"""Charts across the three kinds, on one scale: themes, moods, decades."""

import json
from collections import Counter
from collections.abc import Sequence

import pandas as pd

from catalog.charts import Bar, Column, Columns, Mark, Panel, Panels, SharesRow, SharesTable, Tick
from catalog.charts.scales import percent, ticks, top_of
from catalog.insights import links
from catalog.insights.chart import Chart, Heading, LeftOut, choices
from catalog.insights.selection import Selection
from catalog.insights.shelf import Shelf
from catalog.insights.words import counted, listed, shares_as, with_commas
from catalog.models import Kind
from catalog.wording import NOUNS, PLURAL, decade_label

SHOWN = 20
_ORDERS = (("all", "by all kinds"), ("difference", "by difference"), ("name", "by name"))
_SCALES = (("share", "shares"), ("number", "numbers"))
OPTIONS = {
    "themes-by-kind": tuple(value for value, _ in _ORDERS),
    "moods-by-kind": tuple(value for value, _ in _ORDERS),
    "decades-by-kind": tuple(value for value, _ in _SCALES),
}
_OLDEST = 1900  # decades before it are gathered in one


def charts(shelves: Sequence[Shelf], selection: Selection) -> list[Chart]:
    """`shelves` hold what the selection left of the kinds that were chosen."""
    return [
        word_shares(shelves, selection, column="themes", name="themes-by-kind",
                    title="Themes by kind", word="theme"),
        decades(shelves, selection),
        word_shares(shelves, selection, column="moods", name="moods-by-kind",
                    title="Moods by kind", word="mood"),
    ]  # fmt: skip


def word_shares(
    shelves: Sequence[Shelf], selection: Selection, *, column: str, name: str, title: str, word: str
) -> Chart:
    """The share of each kind's items that have a theme, or a mood."""
    told = {shelf.kind: tally(shelf.items[column]) for shelf in shelves}
    having = {kind: number for kind, (_, number) in told.items()}
    words = sorted({term for counts, _ in told.values() for term in counts})
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
    headings = [Heading(word, word.capitalize())]
    for shelf in shelves:
        noun = NOUNS[shelf.kind][1]
        headings += [
            Heading(noun, noun.capitalize(), "whole"),
            Heading(f"share_of_{noun}", "Share", "share"),
        ]
    notes = [f"An item with several {word}s counts in each; shares are of the items that have any."]
    if len(words) > len(shown):
        notes.append(f"{len(shown)} of {len(words)} {word}s are shown.")
    return Chart(
        name=name,
        title=title,
        takeaway=_words_takeaway(shelves, shown, table, having, word),
        counted=sum(having.values()),
        noun="items",
        headings=headings,
        rows=rows,
        drawing=_shares_table(shelves, shown, table, told, title, word),
        left_out=[
            LeftOut(len(shelf) - having[shelf.kind], f"{NOUNS[shelf.kind][1]} without any {word}")
            for shelf in shelves
        ],
        notes=notes,
        choices=choices(name, _ORDERS, selection),
        choices_label="Order",
        wide=True,
        empty=f"None of these items has a {word} yet. The rules of the vocabulary give them.",
    )


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
    title: str,
    word: str,
) -> SharesTable:
    return SharesTable(
        label=title,
        heading=word.capitalize(),
        groups=[(PLURAL[shelf.kind], f"kind-{shelf.kind.value}") for shelf in shelves],
        rows=[
            SharesRow(
                term,
                [
                    _share_bar(shelf, term, share, told[shelf.kind][0][term], word)
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
    name = f"{term}, {PLURAL[shelf.kind].lower()}: {said}, {counted(number, shelf.kind)}"
    return Bar(term, share, said, Mark(name, links.browse(shelf.kind.value, **{word: term})))


def _words_takeaway(
    shelves: Sequence[Shelf],
    shown: Sequence[str],
    table: dict[str, list[float]],
    having: dict[Kind, int],
    word: str,
) -> str:
    firsts = []
    for place, shelf in enumerate(shelves):
        if having[shelf.kind]:
            term = max(table, key=lambda term: (table[term][place], term))
            share = shares_as(table[term][place])
            firsts.append(f"“{term}” in {PLURAL[shelf.kind].lower()} ({share})")
    if not firsts or not shown:
        return ""
    if len(firsts) == 1:
        return f"The commonest {word} is {firsts[0]}."
    widest = max(table, key=lambda term: (max(table[term]) - min(table[term]), term))
    return f"The commonest {word} is {listed(firsts)}; the kinds differ most in “{widest}”."


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
    headings = [Heading("decade", "Decade")]
    for shelf in shelves:
        noun = NOUNS[shelf.kind][1]
        headings += [
            Heading(noun, noun.capitalize(), "whole"),
            Heading(f"share_of_{noun}", "Share", "share"),
        ]
    return Chart(
        name=name,
        title="Releases by decade",
        takeaway=_decades_takeaway(shelves),
        counted=sum(dated.values()),
        noun="items",
        headings=headings,
        rows=rows,
        drawing=_panels(shelves, counts, dated, span, as_share=as_share),
        left_out=[
            LeftOut(len(shelf) - dated[shelf.kind] + shelf.undated,
                    f"{NOUNS[shelf.kind][1]} without a known year")
            for shelf in shelves
        ],
        notes=["Shares are of the kind’s items whose year is known."] if as_share else [],
        choices=choices(name, _SCALES, selection),
        choices_label="Show",
        wide=True,
    )  # fmt: skip


def _by_decade(shelf: Shelf) -> pd.Series:
    """Decade's first year → items; what is older than 1900 stands at 1890."""
    found: pd.Series = (shelf.years // 10 * 10).clip(lower=_OLDEST - 10).value_counts()
    return found


def _decade_name(decade: int) -> str:
    return decade_label(decade) if decade >= _OLDEST else f"before {_OLDEST}"


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
            f"{PLURAL[shelf.kind]}, {with_commas(dated[shelf.kind])} dated",
            f"kind-{shelf.kind.value}",
            Columns(
                label=f"{PLURAL[shelf.kind]} by decade",
                columns=[
                    _decade_column(shelf, decade, value, counts[shelf.kind], dated[shelf.kind])
                    for decade, value in zip(span, values[shelf.kind], strict=True)
                ],
                across=across,
                across_name="Decade",
                up_name="Share" if as_share else "Items",
                top=top,
                up=ticks(0, top, wanted=3, label=percent) if as_share else ticks(0, top, wanted=3),
                height=130,
            ),
        )
        for shelf in shelves
    ])  # fmt: skip


def _decade_tick(decade: int) -> str:
    return f"{decade}s" if decade >= _OLDEST else "earlier"


def _decade_column(
    shelf: Shelf, decade: int, value: float, counts: pd.Series, dated: int
) -> Column:
    number = int(counts.get(decade, 0))
    share = shares_as(number / dated) if dated else "0 %"
    name = f"{_decade_name(decade).capitalize()}: {counted(number, shelf.kind)}, {share}"
    href = links.decade_of(shelf.kind.value, decade) if number and decade >= _OLDEST else ""
    return Column(value, Mark(name, href))


def _decades_takeaway(shelves: Sequence[Shelf]) -> str:
    said = [
        f"{NOUNS[shelf.kind][1]} {int(shelf.years.median())}"
        for shelf in shelves
        if len(shelf.years)
    ]
    return f"The middle year of what is dated: {listed(said)}." if said else ""
