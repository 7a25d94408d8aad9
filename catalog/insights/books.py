"""Charts of the books."""

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.insights.chart import Chart
from catalog.insights.distributions import Spread, middle_half, spread_chart
from catalog.insights.genres import Measure, genre_chart
from catalog.insights.genres import options as genre_options
from catalog.insights.ranking import top_people, top_titles
from catalog.insights.selection import Selection
from catalog.insights.shelf import Shelf
from catalog.insights.words import decimal, shares_as, with_commas

_RATING = Measure(
    "rating",
    gettext_lazy("Median rating"),
    gettext_lazy("by median rating"),
    gettext_lazy(
        "%(genre)s has the highest median rating, %(middle)s, of the genres with enough books to "
        "tell."
    ),
    places=2,
)
_AUTHORS_SAY = gettext_lazy(
    "%(name)s wrote %(titles)s, more than anyone else; %(alone)s of the %(everyone)s authors have "
    "one only."
)
OPTIONS = {"book-genres": tuple(value for value, _ in genre_options(_RATING))}


def charts(shelf: Shelf, selection: Selection) -> list[Chart]:
    """`shelf` holds what the selection left of the books."""
    return [
        ratings(shelf),
        top_titles(
            shelf, "num_ratings", name="book-most-rated", title=_("The ten most rated"),
            label=_("Number of ratings"), unknown=_("without a known number of ratings"),
            form="whole", say=_ratings, takeaway=_rated_takeaway,
        ),
        genre_chart(
            shelf, selection, name="book-genres", title=_("Shares of the 20 largest genres"),
            measure=_RATING,
        ),
        top_people(
            shelf, name="book-authors", title=_("The 20 most frequent authors"), label=_("Author"),
            says=_AUTHORS_SAY,
            note=_("Two spellings of one name are one author."),
        ),
    ]  # fmt: skip


def ratings(shelf: Shelf) -> Chart:
    values = shelf.items["rating"].dropna().to_numpy(dtype=float)
    takeaway = ""
    if len(values):
        low, middle, high = middle_half(values)
        takeaway = _(
            "The middle half of the books is rated %(low)s to %(high)s; the median is %(middle)s "
            "of 5, and %(share)s have 3 or more."
        ) % {
            "low": decimal(low),
            "high": decimal(high),
            "middle": decimal(middle),
            "share": shares_as(float((values >= 3).mean())),
        }
    unknown = _("without a known average rating")
    spread = Spread("rating", _("Average rating"), unknown, step=0.1, high=5, density=True)
    return spread_chart(
        shelf, spread, name="book-ratings", title=_("How ratings are spread"), takeaway=takeaway
    )


def _ratings(value: float) -> str:
    if value >= 1e6:
        return _("%(number)s million") % {"number": decimal(value / 1e6)}
    return with_commas(value)


def _rated_takeaway(title: str, values: pd.Series) -> str:
    share = values.iloc[:10].sum() / values.sum()
    text = _(
        "%(title)s has been rated %(number)s times; the ten together have %(share)s of all ratings."
    )
    number = _ratings(values.iloc[0])
    return text % {"title": title, "number": number, "share": shares_as(float(share))}
