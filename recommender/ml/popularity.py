"""Popularity and, with a half-life, trending: the floor that every other model must beat."""

from __future__ import annotations

from typing import Self

import numpy as np

from recommender.ml.contract import Session, check_vocabulary
from recommender.ml.data import ItemTable, SessionData
from recommender.ml.voting import Votes, VotingRecommender, popularity_shares

SECONDS_A_DAY = 86_400.0


class PopularityRecommender(VotingRecommender):
    """Scores each item by its share of the events, whatever the session is.

    With `half_life_days`, an event counts half as much for each such span between the end of
    its session and the end of the newest one: what is trending rather than what ever sold.
    """

    def __init__(self, *, half_life_days: float | None = None) -> None:
        if half_life_days is not None and half_life_days <= 0:
            raise ValueError(f"A half-life is a positive number of days, not {half_life_days}.")
        self.half_life_days = half_life_days
        self.name = "popularity" if half_life_days is None else "trending"

    def fit(self, data: SessionData, items: ItemTable) -> Self:
        check_vocabulary(data, items)
        if self.half_life_days is None or len(data) == 0:
            self._shares = popularity_shares(data)
            return self
        age = (data.ends[-1] - data.ends) / (self.half_life_days * SECONDS_A_DAY)
        weights = np.repeat(np.exp2(-age), data.lengths)
        counts = np.bincount(data.items, weights, data.n_items).astype(np.float64)
        self._shares = counts / max(counts.sum(), 1e-12)
        return self

    def votes(self, session: Session) -> Votes:
        return Votes(np.zeros(0, np.int64), np.zeros(0), 1.0)
