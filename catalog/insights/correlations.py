"""How the measures of a kind go together, pair by pair."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from catalog.charts import Heat, Mark, Pair
from catalog.charts.heat import signed
from catalog.insights.chart import Chart, Heading, LeftOut
from catalog.insights.shelf import Shelf
from catalog.insights.words import counted
from catalog.wording import NOUNS

_FEW = 10  # pairs of values below which a correlation says nothing
_STRENGTHS = ((0.7, "strong"), (0.5, "clear"), (0.3, "moderate"), (0.1, "weak"))


def correlation_chart(
    shelf: Shelf,
    measures: pd.DataFrame,
    labels: Mapping[str, str],
    *,
    name: str,
    title: str,
    wide: bool = False,
) -> Chart:
    """`measures`: index as the shelf's items, one column a measure of `labels`."""
    columns = list(labels)
    found = correlations(measures[columns])
    rows = [(labels[a], labels[b], None if r is None else round(r, 4), n) for a, b, r, n in found]
    pairs = [
        Pair(
            columns.index(b), columns.index(a), r,
            Mark(f"{labels[a]} and {labels[b].lower()}: {signed(r)}, {strength(r)}, "
                 f"{counted(n, shelf.kind)}"),
        )
        for a, b, r, n in found
    ]  # fmt: skip
    several = NOUNS[shelf.kind][1]
    some = int((measures[columns].notna().sum(axis=1) >= 2).sum())
    return Chart(
        name=name,
        title=title,
        takeaway=_takeaway(rows),
        counted=some,
        noun=several,
        headings=(
            Heading("first", "Measure"),
            Heading("second", "and"),
            Heading("correlation", "Correlation", "decimal"),
            Heading(several, several.capitalize(), "whole"),
        ),
        rows=rows if some else [],
        drawing=Heat(title, list(labels.values()), pairs),
        left_out=[LeftOut(len(shelf) - some, "with fewer than two known measures")],
        notes=[
            f"Pearson’s correlation. Each pair counts the {several} in which both are known; the "
            "table says how many. From −1 to +1; 0 where one says nothing about the other.",
        ],
        wide=wide,
    )


def correlations(measures: pd.DataFrame) -> list[tuple[str, str, float | None, int]]:
    """(column, later column, r, n) of every pair, over the n rows in which both are known.

    r is None where fewer than ten are, or where one of the two never changes.
    """
    values = measures.to_numpy(dtype=float)
    out = []
    for a, b in combinations(range(values.shape[1]), 2):
        both = ~np.isnan(values[:, a]) & ~np.isnan(values[:, b])
        x, y = values[both, a], values[both, b]
        n = int(both.sum())
        steady = n < _FEW or x.min() == x.max() or y.min() == y.max()
        r = None if steady else float(np.corrcoef(x, y)[0, 1])
        out.append((measures.columns[a], measures.columns[b], r, n))
    return out


def strength(r: float | None) -> str:
    """A correlation in words; those that are common for its size, no test of anything."""
    if r is None:
        return "too few known to say"
    word = next((word for border, word in _STRENGTHS if abs(r) >= border), "next to none")
    return word if word == "next to none" else f"{word}, {'together' if r > 0 else 'opposite'}"


def _takeaway(rows: list[tuple[str, str, float | None, int]]) -> str:
    known = [(a, b, r) for a, b, r, _ in rows if r is not None]
    if not known:
        return ""
    up = max(known, key=lambda entry: entry[2])
    down = min(known, key=lambda entry: entry[2])
    said = [f"{up[0]} and {up[1].lower()} rise together most ({signed(up[2])})"]
    if down[2] <= -0.1:
        said.append(f"{down[1].lower()} falls most as {down[0].lower()} rises ({signed(down[2])})")
    return "; ".join(said) + "."
