"""Charts of the music."""

import numpy as np
import pandas as pd
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.charts import ticks
from catalog.charts.heat import signed
from catalog.insights.chart import Chart
from catalog.insights.correlations import correlation_chart, strength
from catalog.insights.distributions import Spread, middle_half, spread_chart
from catalog.insights.genres import Measure, genre_chart
from catalog.insights.genres import options as genre_options
from catalog.insights.plane import Axis, Third, plane_chart
from catalog.insights.selection import Selection
from catalog.insights.shelf import Shelf
from catalog.insights.words import decimal, shares_as

_POPULARITY = Measure(
    "popularity",
    gettext_lazy("Median popularity"),
    gettext_lazy("by median popularity"),
    gettext_lazy(
        "%(genre)s has the highest median popularity, %(middle)s, of the genres with enough tracks "
        "to tell."
    ),
)
OPTIONS = {"music-genres": tuple(value for value, _ in genre_options(_POPULARITY))}

_LABELS: dict[str, Promise] = {
    "popularity": gettext_lazy("Popularity"),
    "danceability": gettext_lazy("Danceability"),
    "energy": gettext_lazy("Energy"),
    "loudness": gettext_lazy("Loudness"),
    "valence": gettext_lazy("Valence"),
    "tempo": gettext_lazy("Tempo"),
    "acousticness": gettext_lazy("Acousticness"),
    "instrumentalness": gettext_lazy("Instrumental"),
    "liveness": gettext_lazy("Liveness"),
    "speechiness": gettext_lazy("Speechiness"),
    "duration_minutes": gettext_lazy("Duration"),
    "mode": gettext_lazy("Major key"),
}


def charts(shelf: Shelf, selection: Selection) -> list[Chart]:
    """`shelf` holds what the selection left of the tracks."""
    return [
        popularity(shelf),
        genre_chart(
            shelf, selection, name="music-genres", title=_("The 20 largest genres"),
            measure=_POPULARITY,
        ),
        dance_and_energy(shelf),
        correlation_chart(
            shelf, shelf.items, _LABELS, name="music-correlations",
            title=_("Which features of the sound go together"),
        ),
    ]  # fmt: skip


def popularity(shelf: Shelf) -> Chart:
    values = shelf.items["popularity"].dropna().to_numpy(dtype=float)
    takeaway = ""
    if len(values):
        low, middle, high = middle_half(values)
        takeaway = _(
            "Half of the tracks have a popularity of %(middle)s or less, the middle half %(low)s "
            "to %(high)s; %(none)s have none at all."
        ) % {
            "low": f"{low:.0f}",
            "high": f"{high:.0f}",
            "middle": f"{middle:.0f}",
            "none": shares_as(float((values == 0).mean())),
        }
    unknown = _("without a known popularity")
    spread = Spread("popularity", _("Popularity"), unknown, step=5, low=0, high=100)
    return spread_chart(
        shelf,
        spread,
        name="music-popularity",
        title=_("How popularity is spread"),
        takeaway=takeaway,
    )


def dance_and_energy(shelf: Shelf) -> Chart:
    edges = np.linspace(0, 1, 17)
    marks = ticks(0, 1, wanted=5)
    return plane_chart(
        shelf,
        Axis("danceability", _("Danceability"), np.linspace(0, 1, 21), marks, decimal),
        Axis("energy", _("Energy"), edges, marks, decimal),
        Third("valence", _("Median valence"), decimal),
        name="music-dance-energy",
        title=_("Danceability against energy"),
        takeaway=_dance_takeaway,
        unknown=_("without a known danceability, energy or valence"),
    )


def _dance_takeaway(known: pd.DataFrame) -> str:
    both = known[["danceability", "energy"]]
    if len(both) < 10 or (both.nunique() == 1).any():
        return _("Too few tracks to say more.")
    r = float(both.corr().iloc[0, 1])
    lively = ((both >= 0.5).all(axis=1)).mean()
    return _how_much(r) % {
        "share": shares_as(float(lively)),
        "strength": strength(r),
        "r": signed(r),
    }


def _how_much(r: float) -> str:
    if abs(r) >= 0.5:
        return _(
            "%(share)s of the tracks are in the upper half of both; a track’s energy says much "
            "about how well one can dance to it (correlation %(strength)s, %(r)s)."
        )
    if abs(r) >= 0.2:
        return _(
            "%(share)s of the tracks are in the upper half of both; a track’s energy says "
            "something about how well one can dance to it (correlation %(strength)s, %(r)s)."
        )
    return _(
        "%(share)s of the tracks are in the upper half of both; a track’s energy says little about "
        "how well one can dance to it (correlation %(strength)s, %(r)s)."
    )
