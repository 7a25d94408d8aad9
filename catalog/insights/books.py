"""Charts of the books."""

import pandas as pd

from catalog.insights.chart import Chart
from catalog.insights.distributions import Spread, middle_half, spread_chart
from catalog.insights.genres import Measure, genre_chart
from catalog.insights.genres import options as genre_options
from catalog.insights.ranking import top_people, top_titles
from catalog.insights.selection import Selection
from catalog.insights.shelf import Shelf
from catalog.insights.words import shares_as, with_commas

_RATING = Measure("rating", "rating", "{:.2f}")
OPTIONS = {"book-genres": tuple(value for value, _ in genre_options(_RATING))}


def charts(shelf: Shelf, selection: Selection) -> list[Chart]:
    """`shelf` holds what the selection left of the books."""
    return [
        ratings(shelf),
        top_titles(
            shelf, "num_ratings", name="book-most-rated", title="The ten most rated",
            label="Number of ratings", form="whole", say=_ratings, takeaway=_rated_takeaway,
        ),
        genre_chart(
            shelf, selection, name="book-genres", title="Shares of the 20 largest genres",
            measure=_RATING,
        ),
        top_people(
            shelf, name="book-authors", title="The 20 most frequent authors", label="Author",
            verb="wrote", once="authors have one only",
            note="Two spellings of one name are one author.",
        ),
    ]  # fmt: skip


def ratings(shelf: Shelf) -> Chart:
    values = shelf.items["rating"].dropna().to_numpy(dtype=float)
    takeaway = ""
    if len(values):
        low, middle, high = middle_half(values)
        takeaway = (
            f"The middle half of the books is rated {low:.2f} to {high:.2f}; the median is "
            f"{middle:.2f} of 5, and {shares_as(float((values >= 3).mean()))} have 3 or more."
        )
    spread = Spread("rating", "Average rating", step=0.1, high=5, density=True)
    return spread_chart(
        shelf, spread, name="book-ratings", title="How ratings are spread", takeaway=takeaway
    )


def _ratings(value: float) -> str:
    if value >= 1e6:
        return f"{value / 1e6:.2f} million"
    return with_commas(value)


def _rated_takeaway(title: str, values: pd.Series) -> str:
    share = values.iloc[:10].sum() / values.sum()
    return (
        f"{title} has been rated {_ratings(values.iloc[0])} times; the ten together have "
        f"{shares_as(float(share))} of all ratings."
    )
