"""Co-occurrence: items that were visited near each other in the same sessions."""

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
    add_up,
    mass_at,
    popularity_shares,
)


class CooccurrenceRecommender(VotingRecommender):
    """Item-to-item similarity from nearness inside sessions, in both directions.

    Two visits of one session that lie d events apart (d <= window) add 1 / d to their pair. The
    similarity of items i and j is c_ij / sqrt((n_i + shrinkage) (n_j + shrinkage)), n the events
    of an item: the cosine, drawn towards 0 where there is little to go by. An item is no
    neighbour of its own. A session scores the sum over its items, each step back times `recency`,
    plus `prior` times popularity, which orders ties and what was never near.
    """

    name = "cooccurrence"

    def __init__(
        self,
        *,
        window: int = 10,
        shrinkage: float = 10.0,
        recency: float = 0.5,
        prior: float = 1e-6,
    ) -> None:
        if window < 1:
            raise ValueError(f"The window is at least 1 event, not {window}.")
        if not shrinkage >= 0:
            raise ValueError(f"The shrinkage is no negative number of events: {shrinkage}.")
        if not 0 < recency <= 1:
            raise ValueError(f"recency lies above 0 and up to 1, not {recency}.")
        if not prior > 0:
            raise ValueError(f"prior is a positive number, not {prior}.")
        self.window = window
        self.shrinkage = shrinkage
        self.recency = recency
        self.prior = prior
        self._similarity: sparse.csr_array | None = None  # (n, n), symmetric

    def fit(self, data: SessionData, items: ItemTable) -> Self:
        check_vocabulary(data, items)
        self._similarity = cooccurrence_similarity(
            data, window=self.window, shrinkage=self.shrinkage
        )
        self._shares = popularity_shares(data)
        return self

    def votes(self, session: Session) -> Votes:
        if self._similarity is None:
            raise NotFittedError("Fit the co-occurrence model before asking it for scores.")
        if len(session) == 0:
            return Votes(np.zeros(0, np.int64), np.zeros(0), self.prior)
        table = self._similarity
        spans = [slice(table.indptr[item], table.indptr[item + 1]) for item in session[::-1]]
        near = np.concatenate([table.indices[span] for span in spans])
        mass = [self.recency**back * table.data[span] for back, span in enumerate(spans)]
        return Votes(*add_up(near, np.concatenate(mass)), self.prior)

    def owed(self, session: Session, items: IntArray) -> Weights:
        """What each step adds to the sum."""
        if self._similarity is None:
            raise NotFittedError("Fit the co-occurrence model before asking it for scores.")
        table, owed = self._similarity, np.zeros((len(session), len(items)))
        for step, item in enumerate(session):
            span = slice(table.indptr[item], table.indptr[item + 1])
            near = mass_at(table.indices[span], table.data[span], items)
            owed[step] = self.recency ** (len(session) - 1 - step) * near
        return owed

    def together(self, one: int, other: int) -> bool:
        """Whether two items were ever visited in one session, within the window."""
        if self._similarity is None:
            raise NotFittedError("Fit the co-occurrence model before asking it for scores.")
        table = self._similarity
        return bool((table.indices[table.indptr[one] : table.indptr[one + 1]] == other).any())


def cooccurrence_similarity(
    data: SessionData, *, window: int, shrinkage: float = 10.0
) -> sparse.csr_array:
    """(n, n) symmetric, an empty diagonal: see CooccurrenceRecommender."""
    nearness = _nearness(data, window)
    # max: an item without events has no pair either, its row is empty at any scale.
    scale = 1 / np.sqrt(np.maximum(data.counts() + shrinkage, 1))
    rows = np.repeat(np.arange(data.n_items), np.diff(nearness.indptr))
    nearness.data *= scale[rows] * scale[nearness.indices]
    return nearness


def _nearness(data: SessionData, window: int) -> sparse.csr_array:
    """(n, n) symmetric: the sum of 1 / d over the pairs of visits d <= window events apart."""
    shape = (data.n_items, data.n_items)
    owner = np.repeat(np.arange(len(data)), data.lengths)
    total = sparse.csr_array(shape, dtype=np.float64)
    for distance in range(1, min(window, max(data.lengths, default=0) - 1) + 1):
        one, other = data.items[:-distance], data.items[distance:]
        paired = (owner[:-distance] == owner[distance:]) & (one != other)
        weights = np.full(int(paired.sum()), 1 / distance)
        total = total + sparse.coo_array((weights, (one[paired], other[paired])), shape=shape)
    return (total + total.T).tocsr()
