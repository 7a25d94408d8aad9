"""Synthetic sessions with a known answer, and the tests that every recommender passes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from recommender.ml.contract import NotFittedError, Recommender
from recommender.ml.data import ItemTable, SessionData
from recommender.ml.evaluation import EvaluationReport, evaluate

N_ITEMS = 60
GROUPS = (
    *("harbour", "desert", "orchestra", "robot", "garden", "winter"),
    *("detective", "vampire", "football", "railway", "kitchen", "painter"),
)


def item_table(n_items: int = N_ITEMS) -> ItemTable:
    """Items in groups of five that share a word (item i is of group i % 12), of two kinds."""
    return ItemTable(
        ids=[f"item_{i}" for i in range(n_items)],
        kinds=["movie" if i % 2 else "book" for i in range(n_items)],
        texts=[f"{GROUPS[i % len(GROUPS)]} story number{i}" for i in range(n_items)],
    )


def markov_sessions(
    *,
    predictability: float,
    n_sessions: int = 1_200,
    n_items: int = N_ITEMS,
    length: int = 6,
    seed: int = 0,
) -> SessionData:
    """Walks on a fixed random cycle: the next item is the cycle's with probability
    `predictability`, else any item alike. The best possible Recall@1 is therefore
    predictability + (1 - predictability) / n_items; at 0 the sessions are pure noise."""
    rng = np.random.default_rng(seed)
    cycle = np.random.default_rng(99).permutation(n_items)  # the same world for each seed
    follower = np.empty(n_items, dtype=np.int64)
    follower[cycle] = np.roll(cycle, -1)
    sequences = np.empty((n_sessions, length), dtype=np.int64)
    sequences[:, 0] = rng.integers(n_items, size=n_sessions)
    for step in range(1, length):
        anything = rng.integers(n_items, size=n_sessions)
        keeps = rng.random(n_sessions) < predictability
        sequences[:, step] = np.where(keeps, follower[sequences[:, step - 1]], anything)
    return SessionData.from_sequences(sequences.tolist(), n_items=n_items)


def skewed_sessions(*, n_sessions: int = 600, n_items: int = N_ITEMS, seed: int = 0) -> SessionData:
    """No order at all, but half of all events are of items 0 to 4: popularity's own world."""
    rng = np.random.default_rng(seed)
    popular = rng.integers(5, size=(n_sessions, 5))
    anything = rng.integers(n_items, size=(n_sessions, 5))
    chosen = np.where(rng.random((n_sessions, 5)) < 0.5, popular, anything)
    return SessionData.from_sequences(chosen.tolist(), n_items=n_items)


def group_sessions(*, n_sessions: int = 200, n_items: int = N_ITEMS, seed: int = 0) -> SessionData:
    """Each session visits one whole group of `item_table`, in random order: content's world."""
    rng = np.random.default_rng(seed)
    groups = [np.arange(group, n_items, len(GROUPS)) for group in range(len(GROUPS))]
    walks = [rng.permutation(groups[rng.integers(len(GROUPS))]).tolist() for _ in range(n_sessions)]
    return SessionData.from_sequences(walks, n_items=n_items)


class FixedScores(Recommender):
    """Answers the next call with rows given in advance: for tests of the judge."""

    name = "fixed"

    def __init__(self, rows: Sequence[Sequence[float]]) -> None:
        self.rows = np.array(rows, dtype=np.float32)
        self.asked: list[list[int]] = []

    def fit(self, data: SessionData, items: ItemTable) -> FixedScores:
        return self

    def scores(self, sessions: Sequence[Sequence[int] | NDArray[np.int64]]) -> NDArray[np.float32]:
        start = len(self.asked)
        self.asked.extend([int(item) for item in session] for session in sessions)
        return self.rows[start : len(self.asked)]


_FITTED: dict[type, Recommender] = {}


class RecommenderCases:
    """What every recommender keeps. A subclass says how it is made and what it can learn."""

    # The world it learns, and the floors on its Recall@1 and Recall@5 on later sessions of it.
    learnable: SessionData
    later: SessionData
    floor_at_1: float
    floor_at_5: float
    exclude_seen = False

    def make(self) -> Recommender:
        raise NotImplementedError

    def fitted(self) -> Recommender:
        return self.make().fit(self.learnable, item_table(self.learnable.n_items))

    def shared(self) -> Recommender:
        """One fitted model for all tests of a class that only ask it for scores."""
        if type(self) not in _FITTED:
            _FITTED[type(self)] = self.fitted()
        return _FITTED[type(self)]

    def judged(self, model: Recommender, later: SessionData) -> EvaluationReport:
        return evaluate(model, later, ks=(1, 5), exclude_seen=self.exclude_seen)

    def test_it_reaches_the_floor_on_data_with_a_known_answer(self) -> None:
        report = self.judged(self.shared(), self.later)
        assert report.at[1].recall >= self.floor_at_1
        assert report.at[5].recall >= self.floor_at_5

    def test_it_does_not_beat_chance_on_noise(self) -> None:
        noise = markov_sessions(predictability=0.0, seed=3)
        later = markov_sessions(predictability=0.0, seed=4, n_sessions=400)
        report = self.judged(self.make().fit(noise, item_table()), later)
        # 2,000 examples at 5 / 60: three standard errors are 1.9 points.
        assert report.at[5].recall <= 5 / N_ITEMS + 0.02

    def test_its_scores_have_a_row_a_session_and_a_column_an_item(self) -> None:
        found = self.shared().scores([[0], [1, 2, 3], np.array([4, 5])])
        assert found.shape == (3, N_ITEMS)
        assert found.dtype == np.float32
        assert not np.isnan(found).any()
        assert not np.isposinf(found).any()

    def test_no_sessions_give_no_rows(self) -> None:
        assert self.shared().scores([]).shape == (0, N_ITEMS)

    def test_an_empty_session_gets_the_prior_and_leaves_its_neighbours_alone(self) -> None:
        model = self.shared()
        mixed = model.scores([[], [1, 2], []])
        assert np.isfinite(mixed).all()
        np.testing.assert_array_equal(mixed[0], mixed[2])
        np.testing.assert_allclose(mixed[1], model.scores([[1, 2]])[0], rtol=1e-4, atol=1e-5)

    def test_a_session_scores_the_same_alone_and_in_a_batch(self) -> None:
        model = self.shared()
        sessions = [[3], [5, 6, 7, 8], [1, 2], [9, 9, 9]]
        together = model.scores(sessions)
        alone = np.concatenate([model.scores([session]) for session in sessions])
        np.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-5)

    def test_fitting_twice_gives_the_same_scores(self) -> None:
        sessions = [[0, 1], [2]]
        first, second = self.shared().scores(sessions), self.fitted().scores(sessions)
        np.testing.assert_array_equal(first, second)

    def test_fitting_leaves_the_caller_s_arrays_alone(self) -> None:
        before = (self.learnable.items.copy(), self.learnable.offsets.copy())
        self.fitted()
        np.testing.assert_array_equal(self.learnable.items, before[0])
        np.testing.assert_array_equal(self.learnable.offsets, before[1])

    def test_it_refuses_an_item_table_of_another_size(self) -> None:
        with pytest.raises(ValueError, match="item table of 7"):
            self.make().fit(self.learnable, item_table(7))

    def test_it_does_not_score_before_it_is_fitted(self) -> None:
        with pytest.raises(NotFittedError):
            self.make().scores([[0]])
