"""Genres of one kind: how many items each has, and how they fare in one measure."""

from dataclasses import dataclass

import pandas as pd
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.charts import Bar, Bars, Mark
from catalog.insights import links
from catalog.insights.chart import Chart, Heading, LeftOut, choices
from catalog.insights.selection import Selection
from catalog.insights.shelf import Shelf
from catalog.insights.words import (
    COLUMN,
    counted,
    decimal,
    listed,
    sentence,
    shares_as,
    with_commas,
)
from catalog.models import Kind
from catalog.wording import nouns

SHOWN = 20
_ENOUGH = 0.002  # of the items: a genre below has too few for its middle to mean anything


@dataclass(frozen=True, slots=True)
class Measure:
    """What genres can be compared by: the median of a column, written with so many `places`.

    `order` is what the order by it is called, `highest` says which genre has most of it.
    """

    column: str
    label: Promise
    order: Promise
    highest: Promise
    places: int = 0


_COUNTS_IN_EACH: dict[Kind, Promise] = {
    Kind.MOVIE: gettext_lazy("A movie with several genres counts in each of them."),
    Kind.TRACK: gettext_lazy("A track with several genres counts in each of them."),
    Kind.BOOK: gettext_lazy("A book with several genres counts in each of them."),
}


def options(measure: Measure) -> tuple[tuple[str, Promise], ...]:
    return (
        ("number", gettext_lazy("by number")),
        (measure.column, measure.order),
        ("name", gettext_lazy("by name")),
    )


def genre_chart(
    shelf: Shelf, selection: Selection, *, name: str, title: str, measure: Measure
) -> Chart:
    """The first genres by number, or in the order that was chosen."""
    order = selection.chosen(name, "number")
    genres = _genres(shelf, measure)
    several, column = nouns(shelf.kind), COLUMN[shelf.kind]
    with_genre = int(shelf.genres["item"].nunique())
    shown = _ordered(genres, order, measure, with_genre).head(SHOWN)
    rows = [
        (row.name, int(row.number), row.number / with_genre, _known(row.middle))
        for row in shown.itertuples()
    ]
    notes = [str(_COUNTS_IN_EACH[shelf.kind])]
    if len(genres) > len(shown):
        values = {"shown": len(shown), "all": len(genres)}
        notes.append(_("%(shown)s of %(all)s genres are shown.") % values)
    return Chart(
        name=name,
        title=title,
        takeaway=_takeaway(shelf, shown, with_genre, order, measure),
        counted=with_genre,
        noun=several,
        headings=(
            Heading("genre", _("Genre")),
            Heading(column, sentence(several), "whole"),
            Heading("share", _("Share of %(kinds)s") % {"kinds": several}, "share"),
            Heading(f"median_{measure.column}", str(measure.label), "decimal"),
        ),
        rows=rows,
        drawing=Bars(title, _bars(shelf, shown, order, measure, with_genre)),
        left_out=[LeftOut(len(shelf) - with_genre, _("without any genre"))],
        notes=notes,
        choices=choices(name, options(measure), selection),
        choices_label=_("Order"),
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
            middle = decimal(row.middle, measure.places)
            name += f", {str(measure.label).lower()} {middle}"
            told = middle if by_measure else told
        address = links.browse(shelf.kind.value, genre=row.slug)
        value = float(row.middle if by_measure else row.number)
        bars.append(Bar(row.name, value, told, Mark(name, address)))
    return bars


def _takeaway(shelf: Shelf, shown: pd.DataFrame, items: int, order: str, measure: Measure) -> str:
    if shown.empty:
        return ""
    if order == measure.column:
        first = shown.iloc[0]
        values = {"genre": first["name"], "middle": decimal(first["middle"], measure.places)}
        return sentence(str(measure.highest) % values)
    ranked = shown.sort_values(["number", "name"], ascending=[False, True])
    first = ranked.iloc[0]
    level = ranked[ranked["number"] == first["number"]]
    if len(level) > 2:
        each = counted(int(first["number"]), shelf.kind)
        text = _("%(number)s genres are the largest alike, with %(each)s each.")
        return text % {"number": len(level), "each": each}
    others = list(ranked["name"].iloc[1:3])
    values = {
        "genre": first["name"],
        "share": shares_as(first["number"] / items),
        "kinds": nouns(shelf.kind),
        "others": listed(others),
    }
    if len(others) < 2:
        text = _("%(genre)s is the commonest genre: %(share)s of the %(kinds)s have it.")
    else:
        text = _(
            "%(genre)s is the commonest genre: %(share)s of the %(kinds)s have it; "
            "%(others)s follow."
        )
    return sentence(text % values)


def _known(value: float) -> float | None:
    return None if value != value else float(value)
