"""First-order Markov: what followed the last item before."""

from __future__ import annotations

from typing import Self

import numpy as np
from scipy import sparse

from recommender.ml.contract import NotFittedError, Session, check_vocabulary
from recommender.ml.data import IntArray, ItemTable, SessionData
from recommender.ml.voting import (
    Votes,
    VotingRecommender,
    Weights,
    mass_at,
    popularity_shares,
)


class MarkovRecommender(VotingRecommender):
    """P(next | last item), smoothed towards popularity.

    The smoothing adds `prior_events` events spread by popularity to each row. Below one event it
    orders the items that never followed, and ties, without ever overtaking a follower that was
    seen. An item without followers, and an empty session, fall back to popularity alone.
    """

    name = "markov"

    def __init__(self, *, prior_events: float = 0.5) -> None:
        if not 0 < prior_events < 1:
            raise ValueError(f"prior_events lies between 0 and 1, not {prior_events}.")
        self.prior_events = prior_events
        self._followers: sparse.csr_array | None = None  # (n, n) counts
        self._totals = np.zeros(0)  # (n,) events that followed each item

    def fit(self, data: SessionData, items: ItemTable) -> Self:
        check_vocabulary(data, items)
        previous, following = data.transitions()
        ones = np.ones(len(previous), dtype=np.float32)
        shape = (data.n_items, data.n_items)
        self._followers = sparse.coo_array((ones, (previous, following)), shape=shape).tocsr()
        self._totals = np.bincount(previous, minlength=data.n_items).astype(np.float64)
        self._shares = popularity_shares(data)
        return self

    def votes(self, session: Session) -> Votes:
        if self._followers is None:
            raise NotFittedError("Fit the Markov model before asking it for scores.")
        if len(session) == 0:
            return Votes(np.zeros(0, np.int64), np.zeros(0), 1.0)
        last, table = int(session[-1]), self._followers
        span = slice(table.indptr[last], table.indptr[last + 1])
        events = self._totals[last] + self.prior_events
        return Votes(table.indices[span], table.data[span] / events, self.prior_events / events)

    def owed(self, session: Session, items: IntArray) -> Weights:
        """All to the last step: no other is looked at."""
        owed = np.zeros((len(session), len(items)))
        if len(session):
            votes = self.votes(session)
            owed[-1] = mass_at(votes.items, votes.mass, items)
        return owed

    def followed(self, first: int, then: int) -> bool:
        """Whether `then` was ever the next item after `first`."""
        if self._followers is None:
            raise NotFittedError("Fit the Markov model before asking it for scores.")
        table = self._followers
        return bool((table.indices[table.indptr[first] : table.indptr[first + 1]] == then).any())
