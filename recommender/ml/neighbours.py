"""Session neighbours: what the earlier sessions that most resemble this one held.

Two published models on one base, both without any training beyond counting:

- V-SkNN: M. Ludewig, D. Jannach, "Evaluation of session-based recommendation algorithms", 2018.
- STAN: D. Garg et al., "Sequence and Time Aware Neighborhood for Session-based
  Recommendations", SIGIR 2019.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from recommender.ml.contract import NotFittedError, Session, check_vocabulary
from recommender.ml.data import IntArray, ItemTable, SessionData
from recommender.ml.voting import Votes, VotingRecommender, Weights, add_up, popularity_shares


class _Index(NamedTuple):
    """Who visited what, both ways round; an item that a session repeats counts once, at the
    place of its last visit. S sessions, P distinct (session, item) pairs."""

    items: IntArray  # (P,) the items of session 0, then of session 1, …
    places: IntArray  # (P,) where in its session each stands, from 0
    starts: IntArray  # (S + 1,) borders of the sessions in `items`
    visitors: IntArray  # (P,) the sessions of item 0, then of item 1, …; oldest session first
    visited_at: IntArray  # (P,) where in that session the item stands
    item_starts: IntArray  # (n + 1,) borders of the items in `visitors`
    norms: Weights  # (S,) square root of each session's distinct items


class _Matches(NamedTuple):
    """The neighbours of one session, M of them."""

    sessions: IntArray  # (M,)
    similarity: Weights  # (M,)
    step: IntArray  # (M,) age of the newest shared item in the current session: 1 = the last
    place: IntArray  # (M,) where in the neighbour that item stands


class SessionNeighbours(VotingRecommender):
    """The base: find the neighbours, then add up what they held.

    Candidates are the `sample` most recent sessions that share an item; the similarity is the
    weighted overlap divided by the norm of the candidate (that of the session itself is the same
    for all); the `k` most similar remain, the more recent first among equals. The scores of a
    session are shares that sum to 1: `prior` of them goes by popularity, to order ties and the
    items that no neighbour held; without neighbours, popularity is all.
    """

    def __init__(self, *, k: int = 500, sample: int = 2_500, prior: float = 1e-4) -> None:
        if not 1 <= k <= sample:
            raise ValueError(f"k lies between 1 and the sample of {sample} sessions, not {k}.")
        if not 0 < prior < 1:
            raise ValueError(f"prior lies between 0 and 1, not {prior}.")
        self.k = k
        self.sample = sample
        self.prior = prior
        self._index: _Index | None = None
        self._freshness: Weights = np.zeros(0)  # (S,)

    @abstractmethod
    def _step_weights(self, steps: IntArray) -> Weights:
        """Weights of the current session's items, given the age of all of them: 1 = the last."""

    @abstractmethod
    def _fresh(self, ends: IntArray) -> Weights:
        """(S,) factor on the similarity of each training session, from its end time."""

    @abstractmethod
    def _item_weights(self, step: IntArray, distance: IntArray) -> Weights:
        """Weight of a neighbour's item: `step` is the age of the newest shared item in the
        current session, `distance` how many places away from it the item stands."""

    def fit(self, data: SessionData, items: ItemTable) -> Self:
        check_vocabulary(data, items)
        self._index = _index_of(data)
        self._freshness = self._fresh(data.ends)
        self._shares = popularity_shares(data)
        return self

    def votes(self, session: Session) -> Votes:
        if self._index is None:
            raise NotFittedError(f"Fit the model {self.name!r} before asking it for scores.")
        matches = self._matches(self._index, np.asarray(session, dtype=np.int64))
        if matches is None:
            return Votes(np.zeros(0, np.int64), np.zeros(0), 1.0)
        held, weights, _ = self._weighted(self._index, matches)
        return Votes(*add_up(held, weights), self.prior)

    def _matches(self, index: _Index, session: IntArray) -> _Matches | None:
        # Newest first, each item once, at its last visit.
        own, step = np.unique(session[::-1], return_index=True)
        order = np.argsort(step)
        own, step = own[order], step[order] + 1
        weight = self._step_weights(step)
        lasts = index.item_starts[own + 1]
        firsts = np.maximum(index.item_starts[own], lasts - self.sample)
        found = _ranges(firsts, lasts - firsts)
        if len(found) == 0:
            return None
        step, weight = np.repeat(step, lasts - firsts), np.repeat(weight, lasts - firsts)
        # The first time that a session is found is through its newest shared item.
        sessions, first, which = np.unique(
            index.visitors[found], return_index=True, return_inverse=True
        )
        overlap = np.bincount(which, weights=weight)
        recent = slice(None, -self.sample - 1, -1)  # sessions are ordered by time
        sessions, first, overlap = sessions[recent], first[recent], overlap[recent]
        similarity = overlap / index.norms[sessions] * self._freshness[sessions]
        if len(sessions) > self.k:
            best = np.argsort(-similarity, kind="stable")[: self.k]
            sessions, first, similarity = sessions[best], first[best], similarity[best]
        return _Matches(sessions, similarity, step[first], index.visited_at[found[first]])

    def owed(self, session: Session, items: IntArray) -> Weights:
        """A neighbour's votes are owed to the newest item that it shares with the session."""
        owed = np.zeros((len(session), len(items)))
        if self._index is None or not len(session):
            return owed
        matches = self._matches(self._index, np.asarray(session, dtype=np.int64))
        if matches is None:
            return owed
        held, weights, step = self._weighted(self._index, matches)
        distinct, place = np.unique(items, return_inverse=True)
        at = np.searchsorted(distinct, held).clip(max=len(distinct) - 1)
        asked = distinct[at] == held
        cell = (len(session) - step[asked]) * len(distinct) + at[asked]
        size = len(session) * len(distinct)
        sums = np.bincount(cell, weights=weights[asked], minlength=size)
        table = sums.astype(np.float64).reshape(len(session), len(distinct))
        return table[:, place]

    def _weighted(self, index: _Index, matches: _Matches) -> tuple[IntArray, Weights, IntArray]:
        """What the neighbours held, event by event: the item, its weight (they sum to all but the
        prior), and the age of the step that it is owed to."""
        starts = index.starts[matches.sessions]
        lengths = index.starts[matches.sessions + 1] - starts
        held = _ranges(starts, lengths)
        step = np.repeat(matches.step, lengths)
        distance = np.abs(index.places[held] - np.repeat(matches.place, lengths))
        weights = self._item_weights(step, distance)
        weights *= np.repeat(matches.similarity, lengths)
        weights *= (1 - self.prior) / weights.sum()
        return index.items[held], weights, step


class VSkNNRecommender(SessionNeighbours):
    """V-SkNN: the items of the current session weigh linearly less with age in the similarity,
    and a neighbour's items count 1 / the age of the newest item that it shares."""

    name = "vsknn"

    def _step_weights(self, steps: IntArray) -> Weights:
        # 1 for the newest, 1 / L for the oldest of L.
        oldest = steps.max(initial=1)
        weights: Weights = (oldest + 1 - steps) / oldest
        return weights

    def _fresh(self, ends: IntArray) -> Weights:
        return np.ones(len(ends))

    def _item_weights(self, step: IntArray, distance: IntArray) -> Weights:
        weights: Weights = 1.0 / step
        return weights


class StanRecommender(SessionNeighbours):
    """STAN: three exponential decays over V-SkNN's neighbours.

    position_decay   steps back in the current session until an item weighs 1 / e
    recency_decay    age of a neighbour session until it weighs 1 / e, as a share of the time
                     that the training sessions span; None counts all ages alike
    distance_decay   places from the newest shared item until a neighbour's item weighs 1 / e

    The age runs to the end of training: a later "now" would scale all neighbours alike.
    """

    name = "stan"

    def __init__(
        self,
        *,
        k: int = 500,
        sample: int = 2_500,
        prior: float = 1e-4,
        position_decay: float = 1.0,
        recency_decay: float | None = 0.5,
        distance_decay: float = 4.0,
    ) -> None:
        super().__init__(k=k, sample=sample, prior=prior)
        for decay in (position_decay, recency_decay, distance_decay):
            if decay is not None and not decay > 0:
                raise ValueError(f"A decay of STAN is a positive number, not {decay}.")
        self.position_decay = position_decay
        self.recency_decay = recency_decay
        self.distance_decay = distance_decay

    def _step_weights(self, steps: IntArray) -> Weights:
        return _decay(steps - 1, self.position_decay)

    def _fresh(self, ends: IntArray) -> Weights:
        if self.recency_decay is None or len(ends) == 0 or ends[0] == ends[-1]:
            return np.ones(len(ends))
        return _decay((ends[-1] - ends) / (ends[-1] - ends[0]), self.recency_decay)

    def _item_weights(self, step: IntArray, distance: IntArray) -> Weights:
        return _decay(distance, self.distance_decay)


def _decay(age: NDArray[Any], scale: float) -> Weights:
    """exp(-age / scale), never quite 0: the smallest weights must still have a sum."""
    weights: Weights = np.exp(np.maximum(-age / scale, -100.0))
    return weights


def _ranges(starts: IntArray, lengths: IntArray) -> IntArray:
    """starts[0], starts[0] + 1, … for lengths[0] numbers, then those of starts[1], …"""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    found: IntArray = np.arange(total, dtype=np.int64) + np.repeat(starts - ends + lengths, lengths)
    return found


def _index_of(data: SessionData) -> _Index:
    owner = np.repeat(np.arange(len(data), dtype=np.int64), data.lengths)
    place = np.arange(data.n_events, dtype=np.int64) - data.offsets[owner]
    pair = owner * data.n_items + data.items
    # The last of each pair, in the order of the events: the first one from behind.
    _, from_behind = np.unique(pair[::-1], return_index=True)
    kept = np.sort(data.n_events - 1 - from_behind)
    owner, place, items = owner[kept], place[kept], data.items[kept]
    sizes = np.bincount(owner, minlength=len(data))
    by_item = np.argsort(items, kind="stable")
    return _Index(
        items=items,
        places=place,
        starts=_borders(sizes),
        visitors=owner[by_item],
        visited_at=place[by_item],
        item_starts=_borders(np.bincount(items, minlength=data.n_items)),
        norms=np.sqrt(sizes),
    )


def _borders(sizes: IntArray) -> IntArray:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
