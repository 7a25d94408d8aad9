"""First-order Markov: what followed the last item before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from scipy import sparse

from recommender.ml.contract import NotFittedError, Recommender, Session, check_vocabulary
from recommender.ml.data import FloatArray, ItemTable, SessionData


class MarkovRecommender(Recommender):
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
        self._shares = np.zeros(0)  # (n,) popularity, sums to 1

    def fit(self, data: SessionData, items: ItemTable) -> Self:
        check_vocabulary(data, items)
        previous, following = data.transitions()
        ones = np.ones(len(previous), dtype=np.float32)
        shape = (data.n_items, data.n_items)
        self._followers = sparse.coo_array((ones, (previous, following)), shape=shape).tocsr()
        self._totals = np.bincount(previous, minlength=data.n_items).astype(np.float64)
        counts = data.counts()
        self._shares = counts / max(counts.sum(), 1)
        return self

    def scores(self, sessions: Sequence[Session]) -> FloatArray:
        if self._followers is None:
            raise NotFittedError("Fit the Markov model before asking it for scores.")
        table = self._followers
        out = np.tile(self.prior_events * self._shares, (len(sessions), 1))  # (B, n)
        for row, session in enumerate(sessions):
            if len(session) == 0:
                continue
            last = int(session[-1])
            span = slice(table.indptr[last], table.indptr[last + 1])
            out[row, table.indices[span]] += table.data[span]
            out[row] /= self._totals[last] + self.prior_events
        return out.astype(np.float32)
