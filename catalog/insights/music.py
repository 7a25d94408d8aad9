"""Charts of the music."""

import numpy as np
import pandas as pd

from catalog.charts import ticks
from catalog.insights.chart import Chart
from catalog.insights.correlations import correlation_chart, strength
from catalog.insights.distributions import Spread, middle_half, spread_chart
from catalog.insights.genres import Measure, genre_chart
from catalog.insights.genres import options as genre_options
from catalog.insights.plane import Axis, Third, plane_chart
from catalog.insights.selection import Selection
from catalog.insights.shelf import Shelf
from catalog.insights.words import shares_as

_POPULARITY = Measure("popularity", "popularity")
OPTIONS = {"music-genres": tuple(value for value, _ in genre_options(_POPULARITY))}

_LABELS = {
    "popularity": "Popularity",
    "danceability": "Danceability",
    "energy": "Energy",
    "loudness": "Loudness",
    "valence": "Valence",
    "tempo": "Tempo",
    "acousticness": "Acousticness",
    "instrumentalness": "Instrumental",
    "liveness": "Liveness",
    "speechiness": "Speechiness",
    "duration_minutes": "Duration",
    "mode": "Major key",
}


def charts(shelf: Shelf, selection: Selection) -> list[Chart]:
    """`shelf` holds what the selection left of the tracks."""
    return [
        popularity(shelf),
        genre_chart(
            shelf, selection, name="music-genres", title="The 20 largest genres",
            measure=_POPULARITY,
        ),
        dance_and_energy(shelf),
        correlation_chart(
            shelf, shelf.items, _LABELS, name="music-correlations",
            title="Which features of the sound go together",
        ),
    ]  # fmt: skip


def popularity(shelf: Shelf) -> Chart:
    values = shelf.items["popularity"].dropna().to_numpy(dtype=float)
    takeaway = ""
    if len(values):
        low, middle, high = middle_half(values)
        takeaway = (
            f"Half of the tracks have a popularity of {middle:.0f} or less, the middle half "
            f"{low:.0f} to {high:.0f}; {shares_as(float((values == 0).mean()))} have none at all."
        )
    spread = Spread("popularity", "Popularity", step=5, low=0, high=100)
    return spread_chart(
        shelf, spread, name="music-popularity", title="How popularity is spread", takeaway=takeaway
    )


def dance_and_energy(shelf: Shelf) -> Chart:
    edges = np.linspace(0, 1, 17)
    marks = ticks(0, 1, wanted=5)
    return plane_chart(
        shelf,
        Axis("danceability", "Danceability", np.linspace(0, 1, 21), marks, _two),
        Axis("energy", "Energy", edges, marks, _two),
        Third("valence", "Valence", _two),
        name="music-dance-energy",
        title="Danceability against energy",
        takeaway=_dance_takeaway,
    )


def _two(value: float) -> str:
    return f"{value:.2f}"


def _dance_takeaway(known: pd.DataFrame) -> str:
    both = known[["danceability", "energy"]]
    if len(both) < 10 or (both.nunique() == 1).any():
        return "Too few tracks to say more."
    r = float(both.corr().iloc[0, 1])
    lively = ((both >= 0.5).all(axis=1)).mean()
    return (
        f"{shares_as(float(lively))} of the tracks are in the upper half of both; a track’s "
        f"energy says {_how_much(r)} about how well one can dance to it (correlation "
        f"{strength(r)}, {r:+.2f})."
    ).replace("-", "−")


def _how_much(r: float) -> str:
    return "much" if abs(r) >= 0.5 else "something" if abs(r) >= 0.2 else "little"
