"""The first titles by a measure, and the people with the most titles."""

from collections.abc import Callable

import pandas as pd
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from catalog.charts import Bar, Bars, Mark
from catalog.insights import links
from catalog.insights.chart import Chart, Heading, LeftOut
from catalog.insights.shelf import Shelf, person_names
from catalog.insights.words import COLUMN, counted, sentence, shares_as, with_commas
from catalog.wording import nouns

Say = Callable[[float], str]


def top_titles(
    shelf: Shelf,
    column: str,
    *,
    name: str,
    title: str,
    label: str,
    unknown: str,
    form: str,
    say: Say,
    takeaway: Callable[[str, pd.Series], str],
    note: str = "",
    first: int = 10,
) -> Chart:
    """`takeaway` is given the first title and all known values, the largest first."""
    values = shelf.items[column].dropna().sort_values(ascending=False)
    # All that share the last place are fetched: titles decide between them, not keys.
    border = values.iloc[min(first, len(values)) - 1] if len(values) else 0
    candidates = values[values >= border]
    found = links.titles(candidates.index)
    ranked = sorted(
        ((value, found[pk]) for pk, value in candidates.items() if pk in found),
        key=lambda entry: (-entry[0], entry[1]),
    )[:first]
    return Chart(
        name=name,
        title=title,
        takeaway=takeaway(ranked[0][1].bare, values) if ranked else "",
        counted=len(values),
        noun=nouns(shelf.kind),
        headings=(
            Heading("title", _("Title")),
            Heading("year", _("Year"), "year"),
            Heading(column, label, form),
        ),
        rows=[
            (one.bare, one.year, int(value) if form == "whole" else value)
            for value, one in ranked
        ],
        drawing=Bars(title, [
            Bar(one.full, value, say(value), Mark(f"{one.full}: {say(value)}", one.address))
            for value, one in ranked
        ]),
        left_out=[LeftOut(len(shelf) - len(values), unknown)],
        notes=[
            _("The first %(shown)s of %(all)s.")
            % {"shown": len(ranked), "all": with_commas(len(values))},
            *filter(None, [note]),
        ],
    )  # fmt: skip


def top_people(
    shelf: Shelf,
    *,
    name: str,
    title: str,
    label: str,
    says: Promise,
    note: str,
    first: int = 20,
) -> Chart:
    """Who has a part in the most items; ties in the order of names. `says` is the takeaway, with
    places for a name, their titles, the share of those with one, and how many there are."""
    numbers = shelf.people["person"].value_counts()
    border = numbers.iloc[min(first, len(numbers)) - 1] if len(numbers) else 0
    tied = sorted(
        ((int(number), shelf.person_keys[code]) for code, number in numbers.items()
         if number >= border),
        key=lambda entry: (-entry[0], entry[1]),
    )[:first]  # fmt: skip
    names = person_names([key for _, key in tied])
    people = [(names.get(key, key), key, number) for number, key in tied]
    with_people = int(shelf.people["item"].nunique())
    several, column = nouns(shelf.kind), COLUMN[shelf.kind]
    return Chart(
        name=name,
        title=title,
        takeaway=_people_takeaway(shelf, people, len(numbers), says),
        counted=with_people,
        noun=several,
        headings=(
            Heading("name", label),
            Heading(column, sentence(several), "whole"),
            Heading("share", _("Share of %(kinds)s") % {"kinds": several}, "share"),
        ),
        rows=[(name, number, number / with_people) for name, _key, number in people],
        drawing=Bars(title, [
            Bar(name, number, with_commas(number),
                Mark(f"{name}: {counted(number, shelf.kind)}", links.person(key)))
            for name, key, number in people
        ]),
        left_out=[LeftOut(len(shelf) - with_people, _("without any known person"))],
        notes=[
            note,
            _("%(shown)s of %(all)s people are shown.")
            % {"shown": len(people), "all": with_commas(len(numbers))},
        ],
    )  # fmt: skip


def _people_takeaway(
    shelf: Shelf, people: list[tuple[str, str, int]], everyone: int, says: Promise
) -> str:
    if not people:
        return ""
    name, _key, number = people[0]
    alone = int((shelf.people["person"].value_counts() == 1).sum())
    return str(says) % {
        "name": name,
        "titles": counted(number, shelf.kind),
        "alone": shares_as(alone / everyone),
        "everyone": with_commas(everyone),
    }
