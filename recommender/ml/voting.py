"""Models that count: what they know of a session is a few votes over a background of popularity.

Keeping the two apart makes a score cheap at any size of catalogue: only the items with a vote have
to be visited, the background is the same for every session.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.ml.contract import NotFittedError, Recommender, Session
from recommender.ml.data import FloatArray, IntArray, SessionData

Weights = NDArray[np.float64]


class Votes(NamedTuple):
    """What a model says of one session: item i gets `prior * shares[i]`, the V items that are
    named get their `mass` on top. Nothing is negative."""

    items: IntArray  # (V,) distinct
    mass: Weights  # (V,)
    prior: float


class VotingRecommender(Recommender):
    """The base of models whose scores are votes over a background.

    `shares` (n,) is the background, which sums to 1, or to 0 where there is none.
    """

    _shares: Weights | None = None

    @abstractmethod
    def votes(self, session: Session) -> Votes:
        """The votes for one session, which may be empty. Raises NotFittedError before `fit`."""

    @property
    def shares(self) -> Weights:
        """(n,) the background. Raises NotFittedError before `fit`."""
        if self._shares is None:
            raise NotFittedError(f"Fit the model {self.name!r} before asking it for scores.")
        return self._shares

    def scores(self, sessions: Sequence[Session]) -> FloatArray:
        shares = self.shares
        out = np.empty((len(sessions), len(shares)), dtype=np.float32)
        for row, session in enumerate(sessions):
            found = self.votes(session)
            out[row] = found.prior * shares
            # In double until the end: a small prior beside a large vote still breaks ties.
            out[row, found.items] = found.prior * shares[found.items] + found.mass
        return out

    def owed(self, session: Session, items: IntArray) -> Weights:
        """(L, C) how much of the mass of each of the C items is lost without each of the L steps
        of the session; never negative, and all 0 where a step alone loses nothing.

        A model whose votes are a sum over the steps says directly what each one adds.
        """
        votes = self.votes(session)
        whole = mass_at(votes.items, votes.mass, items)
        lost = np.zeros((len(session), len(items)))
        for step in range(len(session)):
            votes = self.votes([*session[:step], *session[step + 1 :]])
            lost[step] = whole - mass_at(votes.items, votes.mass, items)
        return np.maximum(lost, 0.0)


def mass_at(voted: IntArray, mass: Weights, items: IntArray) -> Weights:
    """(C,) the mass of some items, 0 where they got no vote; `voted` and `mass` are (V,)."""
    found = np.zeros(len(items))
    if len(voted):
        order = np.argsort(voted)
        place = np.searchsorted(voted[order], items).clip(max=len(order) - 1)
        named = voted[order[place]] == items
        found[named] = mass[order[place[named]]]
    return found


def popularity_shares(data: SessionData) -> Weights:
    """(n,) each item's share of the events; all 0 where there are none."""
    counts = data.counts()
    shares: Weights = counts / max(counts.sum(), 1)
    return shares


def add_up(items: IntArray, mass: Weights) -> tuple[IntArray, Weights]:
    """Votes with each item once: the distinct items, ascending, and the sums of their mass."""
    distinct, which = np.unique(items, return_inverse=True)
    sums: Weights = np.bincount(which, weights=mass, minlength=len(distinct)).astype(np.float64)
    return distinct, sums
