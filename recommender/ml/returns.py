"""Returns: visitors go back to what they looked at a few clicks ago."""

from __future__ import annotations

from typing import Self

import numpy as np

from recommender.ml.contract import NotFittedError, Session, check_vocabulary
from recommender.ml.data import IntArray, ItemTable, SessionData
from recommender.ml.voting import Votes, VotingRecommender, Weights, popularity_shares


class ReturnsRecommender(VotingRecommender):
    """P(next item = the one seen j steps ago), as often as training sessions went back by j.

    j counts from 1 = the last item to `furthest`; of an item seen several times the newest visit
    counts. `prior` of the probability goes by popularity, all of it where a session is empty.
    The idea of a mode of its own for repeated items is RepeatNet's (Ren et al., AAAI 2019).
    """

    name = "returns"

    def __init__(self, *, furthest: int = 20, prior: float = 1e-3) -> None:
        if furthest < 1:
            raise ValueError(f"furthest is at least 1 step, not {furthest}.")
        if not 0 < prior < 1:
            raise ValueError(f"prior lies between 0 and 1, not {prior}.")
        self.furthest = furthest
        self.prior = prior
        self._rates: Weights | None = None  # (furthest,) by steps back - 1

    def fit(self, data: SessionData, items: ItemTable) -> Self:
        check_vocabulary(data, items)
        self._rates = _return_rates(data, self.furthest)
        self._shares = popularity_shares(data)
        return self

    def votes(self, session: Session) -> Votes:
        if self._rates is None:
            raise NotFittedError("Fit the model of returns before asking it for scores.")
        recent = np.asarray(session[-self.furthest :], dtype=np.int64)[::-1]
        own, newest = np.unique(recent, return_index=True)
        mass = self._rates[newest]
        total = mass.sum()
        if total == 0:
            return Votes(own[:0], mass[:0], 1.0)
        return Votes(own, (1 - self.prior) * mass / total, self.prior)


def _return_rates(data: SessionData, furthest: int) -> Weights:
    """(furthest,) share of the clicks with j items before them that went back to the j-th, and
    to no nearer one."""
    owner = np.repeat(np.arange(len(data)), data.lengths)
    open_still = np.ones(data.n_events, dtype=bool)  # not yet explained by a nearer visit
    rates = np.zeros(furthest)
    longest: int = max(data.lengths, default=0)
    for back in range(1, min(furthest, longest - 1) + 1):
        possible: IntArray = np.flatnonzero(owner[back:] == owner[:-back]) + back
        went_back = possible[open_still[possible]]
        went_back = went_back[data.items[went_back] == data.items[went_back - back]]
        open_still[went_back] = False
        rates[back - 1] = len(went_back) / max(len(possible), 1)
    return rates
