"""How the measures of a kind go together, pair by pair."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.charts import Heat, Mark, Pair
from catalog.charts.heat import signed
from catalog.insights.chart import Chart, Heading, LeftOut
from catalog.insights.shelf import Shelf
from catalog.insights.words import COLUMN, counted, sentence
from catalog.wording import nouns

_FEW = 10  # pairs of values below which a correlation says nothing
# From which size on, and what it is called: rising together, opposite.
_STRENGTHS: tuple[tuple[float, Promise, Promise], ...] = (
    (0.7, gettext_lazy("strong, together"), gettext_lazy("strong, opposite")),
    (0.5, gettext_lazy("clear, together"), gettext_lazy("clear, opposite")),
    (0.3, gettext_lazy("moderate, together"), gettext_lazy("moderate, opposite")),
    (0.1, gettext_lazy("weak, together"), gettext_lazy("weak, opposite")),
)


def correlation_chart(
    shelf: Shelf,
    measures: pd.DataFrame,
    names: Mapping[str, Promise],
    *,
    name: str,
    title: str,
    wide: bool = False,
) -> Chart:
    """`measures`: index as the shelf's items, one column a measure of `labels`."""
    labels = {column: str(label) for column, label in names.items()}
    columns = list(labels)
    found = correlations(measures[columns])
    rows = [(labels[a], labels[b], None if r is None else round(r, 4), n) for a, b, r, n in found]
    pairs = [
        Pair(
            columns.index(b), columns.index(a), r,
            Mark(_("%(first)s and %(second)s: %(r)s, %(strength)s, %(titles)s") % {
                "first": labels[a], "second": labels[b].lower(), "r": signed(r),
                "strength": strength(r), "titles": counted(n, shelf.kind),
            }),
        )
        for a, b, r, n in found
    ]  # fmt: skip
    several = nouns(shelf.kind)
    some = int((measures[columns].notna().sum(axis=1) >= 2).sum())
    return Chart(
        name=name,
        title=title,
        takeaway=_takeaway(rows),
        counted=some,
        noun=several,
        headings=(
            Heading("first", _("Measure")),
            Heading("second", _("and")),
            Heading("correlation", _("Correlation"), "decimal"),
            Heading(COLUMN[shelf.kind], sentence(several), "whole"),
        ),
        rows=rows if some else [],
        drawing=Heat(title, list(labels.values()), pairs),
        left_out=[LeftOut(len(shelf) - some, _("with fewer than two known measures"))],
        notes=[
            _(
                "Pearson’s correlation. Each pair counts the %(kinds)s in which both are known; "
                "the table says how many. From −1 to +1; 0 where one says nothing about the other."
            )
            % {"kinds": several},
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
        return _("too few known to say")
    for border, together, opposite in _STRENGTHS:
        if abs(r) >= border:
            return str(together if r > 0 else opposite)
    return _("next to none")


def _takeaway(rows: list[tuple[str, str, float | None, int]]) -> str:
    known = [(a, b, r) for a, b, r, _n in rows if r is not None]
    if not known:
        return ""
    up = max(known, key=lambda entry: entry[2])
    down = min(known, key=lambda entry: entry[2])
    values = {"first": up[0], "second": up[1].lower(), "r": signed(up[2])}
    if down[2] > -0.1:
        return _("%(first)s and %(second)s rise together most (%(r)s).") % values
    values |= {"falls": down[1].lower(), "rises": down[0].lower(), "opposite": signed(down[2])}
    text = _(
        "%(first)s and %(second)s rise together most (%(r)s); %(falls)s falls most as %(rises)s "
        "rises (%(opposite)s)."
    )
    return text % values
