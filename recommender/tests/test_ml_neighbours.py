"""STAN and V-SkNN: the mixin, and small examples worked by hand."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from recommender.ml.contract import Recommender
from recommender.ml.data import SessionData
from recommender.ml.neighbours import SessionNeighbours, StanRecommender, VSkNNRecommender
from recommender.tests.ml_cases import RecommenderCases, item_table, markov_sessions

E = np.e
TINY_PRIOR = 1e-9


class TestVSkNN(RecommenderCases):
    learnable = markov_sessions(predictability=0.8, seed=1)
    later = markov_sessions(predictability=0.8, seed=2, n_sessions=300)
    # A neighbourhood knows no direction: after a single item, the one before and the one after
    # it on the cycle look alike, so a fifth of the examples is a toss-up at rank 1, not at 5.
    floor_at_1 = 0.60
    floor_at_5 = 0.76
    exclude_seen = True

    def make(self) -> Recommender:
        return VSkNNRecommender()


class TestStan(TestVSkNN):
    floor_at_1 = 0.62

    def make(self) -> Recommender:
        return StanRecommender()


def shares(model: SessionNeighbours, data: SessionData, session: list[int]) -> NDArray[Any]:
    """The scores for one session; each row sums to 1."""
    return model.fit(data, item_table(data.n_items)).scores([session])[0]


def test_vsknn_adds_up_the_neighbours_as_worked_by_hand() -> None:
    data = SessionData.from_sequences([[0, 2], [1, 3], [0, 1, 4, 5], [5]], n_items=6)
    found = shares(VSkNNRecommender(prior=TINY_PRIOR), data, [0, 1])
    # The weights of items 0 and 1 in the session are 1/2 and 1. Session 0 shares item 0:
    # similarity 0.5 / sqrt(2), and its items count 1/2, since item 0 is two steps old.
    a = 0.5 / np.sqrt(2) / 2
    b = 1 / np.sqrt(2)  # session 1 shares item 1, the last
    c = 1.5 / np.sqrt(4)  # session 2 shares both; the newest of them is the last
    votes = np.array([a + c, b + c, a, b, c, c])  # session 3 shares nothing
    np.testing.assert_allclose(found, votes / votes.sum(), rtol=1e-6)


def test_stan_adds_up_the_neighbours_as_worked_by_hand() -> None:
    data = SessionData.from_sequences(
        [[0, 2], [1, 3, 0], [5]], ends=[1_000, 1_050, 1_100], n_items=6
    )
    model = StanRecommender(
        prior=TINY_PRIOR, position_decay=1.0, recency_decay=0.5, distance_decay=2.0
    )
    found = shares(model, data, [0, 1])
    # Ages at the end of training are 1, 1/2 and 0 of the span: factors e^-2, e^-1 and 1.
    a = E**-1 / np.sqrt(2) * E**-2  # item 0 is one step back: e^-1
    b = (1 + E**-1) / np.sqrt(3) * E**-1
    # Session 0 is met at item 0 (item 2 one place away), session 1 at item 1, its first.
    votes = np.array([a + b * E**-1, b, a * E**-0.5, b * E**-0.5, 0, 0])
    np.testing.assert_allclose(found, votes / votes.sum(), rtol=1e-5, atol=1e-8)


def test_the_prior_is_spread_by_popularity() -> None:
    data = SessionData.from_sequences([[0, 1], [2], [2], [3]], n_items=4)
    found = shares(VSkNNRecommender(prior=0.1), data, [0])
    np.testing.assert_allclose(
        found, 0.9 * np.array([0.5, 0.5, 0, 0]) + 0.1 * np.array([1, 1, 2, 1]) / 5, rtol=1e-6
    )


@pytest.mark.parametrize("session", [[], [3]])
def test_a_session_without_neighbours_gets_popularity(session: list[int]) -> None:
    data = SessionData.from_sequences([[0, 1], [0], [2]], n_items=4)
    found = shares(StanRecommender(), data, session)
    np.testing.assert_allclose(found, [0.5, 0.25, 0.25, 0], rtol=1e-6)


def test_an_item_that_a_session_repeats_counts_once_at_its_last_place() -> None:
    repeated = SessionData.from_sequences([[0, 1, 0, 2]], n_items=3)
    found = shares(StanRecommender(prior=TINY_PRIOR, distance_decay=1.0), repeated, [0])
    votes = np.array([1, E**-1, E**-1])  # both others are one place from the last visit of 0
    np.testing.assert_allclose(found, votes / votes.sum(), rtol=1e-6)


@pytest.mark.parametrize(
    ("sequences", "session"),
    [
        ([[0, 1], [0, 2, 3], [0, 2, 3]], [0]),  # too many visitors of one item
        ([[0, 1], [0, 2, 3], [1, 2, 3]], [0, 1]),  # too many of two items together
    ],
)
def test_only_the_most_recent_candidates_are_considered(
    sequences: list[list[int]], session: list[int]
) -> None:
    # The oldest session is the most similar, but two more recent ones fill the sample.
    data = SessionData.from_sequences(sequences, n_items=4)
    sampled = shares(VSkNNRecommender(k=2, sample=2, prior=TINY_PRIOR), data, session)
    without = SessionData.from_sequences(sequences[1:], n_items=4)
    np.testing.assert_allclose(
        sampled, shares(VSkNNRecommender(prior=TINY_PRIOR), without, session), atol=1e-6
    )


def test_only_the_most_similar_neighbours_vote_and_the_recent_one_of_equals() -> None:
    data = SessionData.from_sequences([[0, 1], [0, 2], [0, 3, 4]], n_items=5)
    found = shares(VSkNNRecommender(k=1, sample=10, prior=TINY_PRIOR), data, [0])
    np.testing.assert_allclose(found, [0.5, 0, 0.5, 0, 0], atol=1e-6)


def test_stan_without_recency_counts_all_ages_alike() -> None:
    data = SessionData.from_sequences([[0, 1], [0, 2]], n_items=3)
    ageless = shares(StanRecommender(recency_decay=None), data, [0])
    aged = shares(StanRecommender(recency_decay=0.5), data, [0])
    np.testing.assert_allclose(ageless[1], ageless[2], rtol=1e-6)
    assert aged[2] > 5 * aged[1]


def test_sessions_that_all_end_at_once_have_no_age() -> None:
    data = SessionData.from_sequences([[0, 1], [0, 2]], ends=[7, 7], n_items=3)
    found = shares(StanRecommender(recency_decay=0.01), data, [0])
    np.testing.assert_allclose(found[1], found[2], rtol=1e-6)


def test_training_on_no_sessions_scores_all_items_alike() -> None:
    data = SessionData.from_sequences([], n_items=3)
    assert shares(StanRecommender(), data, [0, 1]).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"k": 0}, "k lies between 1"),
        ({"k": 20, "sample": 10}, "sample of 10"),
        ({"prior": 0.0}, "prior lies between"),
        ({"distance_decay": 0.0}, "positive number"),
        ({"recency_decay": -1.0}, "positive number"),
    ],
)
def test_settings_without_meaning_are_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        StanRecommender(**options)
