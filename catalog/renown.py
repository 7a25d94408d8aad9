"""How well known and how well liked an item is, as far as its source can be believed."""

import numpy as np
from numpy.typing import NDArray

from catalog.columnar import Floats

# How much less known the last film of its source is than one of the same score that comes first,
# of 100; in a list of fewer films the last is not so far from the first.
LEAST_SOUGHT = 54.0
LONG_LIST = 1_000
FEW_RATINGS = 1_000  # a book's own average counts as much as that of all books at so many
DOUBT = 0.5  # a doubtful score is drawn so far towards the average

Mask = NDArray[np.bool_]


def on_one_scale(score: Floats, rating: Floats) -> Floats:
    """Films' scores (0 to 100) and books' ratings (0 to 5) as 0 to 5; NaN where nobody voted."""
    told = np.where(score > 0, score / 20, np.nan)  # 0 stands for "no vote" in both sources
    return np.where(rating > 0, rating, told)


def doubtful(revenue: Floats) -> Mask:
    """Films whose revenue is that of another one to the cent.

    Real figures do not repeat: this one was filled in by the source, which then knows little of
    the film. Its score is that of a handful of votes; all films with 100 of 100 are among them.
    """
    _, where, counts = np.unique(revenue, return_inverse=True, return_counts=True, equal_nan=True)
    repeated: Mask = (counts[where] > 1) & ~np.isnan(revenue)
    return repeated


def drawn_in(values: Floats, doubted: Mask) -> Floats:
    """The values; where doubted and above the average of the doubted, drawn towards it."""
    drawn = values.copy()
    known = doubted & ~np.isnan(values)
    if known.any():
        usual = values[known].mean()
        drawn[known] = np.minimum(values[known], usual + DOUBT * (values[known] - usual))
    return drawn


def known_for(popularity: Floats, revenue: Floats, keys: NDArray[np.int64], films: Mask) -> Floats:
    """(n,) how well known items are, at most 100, NaN where no source tells; all arrays (n,).

    Films' popularity is a score, which says how well they are liked by whoever voted. Their source
    lists them the most sought after first, and keys are given in that order: it has a part too.
    """
    found = drawn_in(popularity, doubtful(revenue))
    told = np.flatnonzero(films & ~np.isnan(popularity))
    in_order = told[np.argsort(keys[told])]
    places = np.arange(len(told)) / max(len(told), LONG_LIST)
    found[in_order] -= LEAST_SOUGHT * places
    return found


def weighed(ratings: Floats, votes: Floats) -> Floats:
    """Ratings with `votes` told, drawn towards their average the more, the fewer the votes."""
    known = ~np.isnan(ratings) & ~np.isnan(votes)
    if not known.any():
        return ratings
    found = ratings.copy()
    usual = ratings[known].mean() * FEW_RATINGS
    found[known] = (ratings[known] * votes[known] + usual) / (votes[known] + FEW_RATINGS)
    return found
