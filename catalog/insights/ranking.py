"""The first titles by a measure, and the people with the most titles."""

from collections.abc import Callable

import pandas as pd

from catalog.charts import Bar, Bars, Mark
from catalog.insights import links
from catalog.insights.chart import Chart, Heading, LeftOut
from catalog.insights.shelf import Shelf, person_names
from catalog.insights.words import counted, shares_as, with_commas
from catalog.wording import NOUNS

Say = Callable[[float], str]


def top_titles(
    shelf: Shelf,
    column: str,
    *,
    name: str,
    title: str,
    label: str,
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
        noun=NOUNS[shelf.kind][1],
        headings=(
            Heading("title", "Title"), Heading("year", "Year", "year"), Heading(column, label, form)
        ),
        rows=[
            (one.bare, one.year, int(value) if form == "whole" else value)
            for value, one in ranked
        ],
        drawing=Bars(title, [
            Bar(one.full, value, say(value), Mark(f"{one.full}: {say(value)}", one.address))
            for value, one in ranked
        ]),
        left_out=[LeftOut(len(shelf) - len(values), f"without a known {label.lower()}")],
        notes=[f"The first {len(ranked)} of {with_commas(len(values))}.", *filter(None, [note])],
    )  # fmt: skip


def top_people(
    shelf: Shelf,
    *,
    name: str,
    title: str,
    label: str,
    verb: str,
    once: str,
    note: str,
    first: int = 20,
) -> Chart:
    """Who has a part in the most items; ties in the order of names."""
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
    several = NOUNS[shelf.kind][1]
    return Chart(
        name=name,
        title=title,
        takeaway=_people_takeaway(shelf, people, len(numbers), verb, once),
        counted=with_people,
        noun=several,
        headings=(
            Heading("name", label),
            Heading(several, several.capitalize(), "whole"),
            Heading("share", f"Share of {several}", "share"),
        ),
        rows=[(name, number, number / with_people) for name, _, number in people],
        drawing=Bars(title, [
            Bar(name, number, with_commas(number),
                Mark(f"{name}: {counted(number, shelf.kind)}", links.person(key)))
            for name, key, number in people
        ]),
        left_out=[LeftOut(len(shelf) - with_people, "without any known person")],
        notes=[note, f"{len(people)} of {with_commas(len(numbers))} people are shown."],
    )  # fmt: skip


def _people_takeaway(
    shelf: Shelf, people: list[tuple[str, str, int]], everyone: int, verb: str, once: str
) -> str:
    if not people:
        return ""
    name, _, number = people[0]
    alone = int((shelf.people["person"].value_counts() == 1).sum())
    return (
        f"{name} {verb} {counted(number, shelf.kind)}, more than anyone else; "
        f"{shares_as(alone / everyone)} of the {with_commas(everyone)} {once}."
    )
