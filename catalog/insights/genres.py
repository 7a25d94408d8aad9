"""Genres of one kind: how many items each has, and how they fare in one measure."""

from dataclasses import dataclass

import pandas as pd

from catalog.charts import Bar, Bars, Mark
from catalog.insights import links
from catalog.insights.chart import Chart, Heading, LeftOut, choices
from catalog.insights.selection import Selection
from catalog.insights.shelf import Shelf
from catalog.insights.words import counted, listed, sentence, shares_as, with_commas
from catalog.wording import NOUNS

SHOWN = 20
_ENOUGH = 0.002  # of the items: a genre below has too few for its middle to mean anything


@dataclass(frozen=True, slots=True)
class Measure:
    """What genres can be compared by: the median of a column."""

    column: str
    label: str
    form: str = "{:.0f}"


def options(measure: Measure) -> tuple[tuple[str, str], ...]:
    return (
        ("number", "by number"),
        (measure.column, f"by median {measure.label}"),
        ("name", "by name"),
    )


def genre_chart(
    shelf: Shelf, selection: Selection, *, name: str, title: str, measure: Measure
) -> Chart:
    """The first genres by number, or in the order that was chosen."""
    order = selection.chosen(name, "number")
    genres = _genres(shelf, measure)
    several, one = NOUNS[shelf.kind][1], NOUNS[shelf.kind][0]
    with_genre = int(shelf.genres["item"].nunique())
    shown = _ordered(genres, order, measure, with_genre).head(SHOWN)
    rows = [
        (row.name, int(row.number), row.number / with_genre, _known(row.middle))
        for row in shown.itertuples()
    ]
    notes = [f"A {one} with several genres counts in each of them."]
    if len(genres) > len(shown):
        notes.append(f"{len(shown)} of {len(genres)} genres are shown.")
    return Chart(
        name=name,
        title=title,
        takeaway=_takeaway(shelf, shown, with_genre, order, measure),
        counted=with_genre,
        noun=several,
        headings=(
            Heading("genre", "Genre"),
            Heading(several, several.capitalize(), "whole"),
            Heading("share", f"Share of {several}", "share"),
            Heading(f"median_{measure.column}", f"Median {measure.label}", "decimal"),
        ),
        rows=rows,
        drawing=Bars(title, _bars(shelf, shown, order, measure, with_genre)),
        left_out=[LeftOut(len(shelf) - with_genre, "without any genre")],
        notes=notes,
        choices=choices(name, options(measure), selection),
        choices_label="Order",
    )


def _genres(shelf: Shelf, measure: Measure) -> pd.DataFrame:
    """One row a genre: name, slug, number of items, median of the measure."""
    values = shelf.genres["item"].map(shelf.items[measure.column])
    found = values.groupby(shelf.genres["genre"]).agg(number="size", middle="median")
    names = [shelf.genre_names.get(key, (str(key), "")) for key in found.index]
    return found.assign(name=[entry[0] for entry in names], slug=[entry[1] for entry in names])


def _ordered(genres: pd.DataFrame, order: str, measure: Measure, items: int) -> pd.DataFrame:
    by_number = genres.sort_values(["number", "name"], ascending=[False, True])
    if order == "name":
        return by_number.head(SHOWN).sort_values("name")
    if order == measure.column:
        enough = by_number[by_number["number"] >= max(10, _ENOUGH * items)]
        return enough.dropna(subset="middle").sort_values(
            ["middle", "number", "name"], ascending=[False, False, True]
        )
    return by_number


def _bars(shelf: Shelf, shown: pd.DataFrame, order: str, measure: Measure, items: int) -> list[Bar]:
    by_measure = order == measure.column
    bars = []
    for row in shown.itertuples():
        share = shares_as(row.number / items)
        name = f"{row.name}: {counted(row.number, shelf.kind)}, {share}"
        told = f"{with_commas(row.number)} · {share}"
        if row.middle == row.middle:
            middle = measure.form.format(row.middle)
            name += f", median {measure.label} {middle}"
            told = middle if by_measure else told
        address = links.browse(shelf.kind.value, genre=row.slug)
        value = float(row.middle if by_measure else row.number)
        bars.append(Bar(row.name, value, told, Mark(name, address)))
    return bars


def _takeaway(shelf: Shelf, shown: pd.DataFrame, items: int, order: str, measure: Measure) -> str:
    if shown.empty:
        return ""
    several = NOUNS[shelf.kind][1]
    if order == measure.column:
        first = shown.iloc[0]
        return sentence(
            f"{first['name']} has the highest median {measure.label}, "
            f"{measure.form.format(first['middle'])}, of the genres with enough {several} to tell."
        )
    ranked = shown.sort_values(["number", "name"], ascending=[False, True])
    first = ranked.iloc[0]
    level = ranked[ranked["number"] == first["number"]]
    if len(level) > 2:
        return (
            f"{len(level)} genres are the largest alike, with {with_commas(first['number'])} "
            f"{several} each."
        )
    start = (
        f"{first['name']} is the commonest genre: {shares_as(first['number'] / items)} "
        f"of the {several} have it"
    )
    others = list(ranked["name"].iloc[1:3])
    return sentence(f"{start}; {listed(others)} follow." if len(others) == 2 else f"{start}.")


def _known(value: float) -> float | None:
    return None if value != value else float(value)
