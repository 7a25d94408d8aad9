"""The blend: distributions, learned weights, and that it is no worse than its parts."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pytest

from recommender.ml.blend import BlendRecommender, Part, distribution, mixture_weights
from recommender.ml.contract import NotFittedError, Recommender
from recommender.ml.data import FloatArray, ItemTable, SessionData
from recommender.ml.evaluation import evaluate
from recommender.ml.markov import MarkovRecommender
from recommender.ml.popularity import PopularityRecommender


class Fixed(Recommender):
    """Gives every session the same scores."""

    def __init__(self, name: str, scores: Sequence[float]) -> None:
        self.name = name
        self._scores = np.array(scores, dtype=np.float32)

    def fit(self, data: SessionData, items: ItemTable) -> Self:
        return self

    def scores(self, sessions: Sequence[Any]) -> FloatArray:
        return np.tile(self._scores, (len(sessions), 1))


def items(n: int) -> ItemTable:
    return ItemTable([str(i) for i in range(n)], ["item"] * n, [""] * n)


def test_logits_become_a_softmax_and_minus_infinity_no_probability() -> None:
    scores = np.array([[0.0, np.log(3.0), -np.inf]], dtype=np.float32)

    np.testing.assert_allclose(distribution(scores, "logits", 1.0), [[0.25, 0.75, 0.0]], rtol=1e-6)
    # Squared odds: 1 to 9.
    np.testing.assert_allclose(distribution(scores, "logits", 2.0), [[0.1, 0.9, 0.0]], rtol=1e-6)


def test_mass_is_normalised_and_a_row_without_any_stays_empty() -> None:
    scores = np.array([[1.0, 3.0, 0.0], [0.0, 0.0, -np.inf]], dtype=np.float32)

    found = distribution(scores, "mass", 1.0)
    np.testing.assert_allclose(found, [[0.25, 0.75, 0.0], [0.0, 0.0, 0.0]], rtol=1e-6)
    np.testing.assert_allclose(distribution(scores, "mass", 2.0)[0], [0.1, 0.9, 0.0], rtol=1e-6)


def test_the_scores_given_are_not_changed() -> None:
    scores = np.array([[1.0, 3.0, 0.0]], dtype=np.float32)
    distribution(scores, "mass", 2.0)
    distribution(scores, "logits", 2.0)
    assert scores.tolist() == [[1.0, 3.0, 0.0]]


def test_weights_are_the_shares_that_each_part_explains() -> None:
    # Three examples only the first part knows, one only the second: the weights are 3/4 and 1/4.
    likelihood = np.array([[1.0, 1e-9]] * 3 + [[1e-9, 1.0]])

    np.testing.assert_allclose(mixture_weights(likelihood), [0.75, 0.25], atol=1e-6)


def test_a_part_that_explains_nothing_gets_no_weight() -> None:
    likelihood = np.array([[0.5, 0.01], [0.4, 0.02], [0.6, 0.01]])

    assert mixture_weights(likelihood)[1] < 1e-3


def test_the_blend_finds_how_often_each_part_is_right() -> None:
    sure_of_one = Fixed("one", [0, 1, 0, 0])
    sure_of_two = Fixed("two", [0, 0, 1, 0])
    sessions = SessionData.from_sequences([[0, 1]] * 80 + [[0, 2]] * 20, n_items=4)

    blend = BlendRecommender([Part(sure_of_one, "mass"), Part(sure_of_two, "mass")])
    blend.learn_weights(sessions)

    assert blend.weights["one"] == pytest.approx(0.8, abs=0.01)
    assert blend.weights["two"] == pytest.approx(0.2, abs=0.01)
    scores = blend.scores([[0]])[0]
    assert np.exp(scores[1]) == pytest.approx(0.8, abs=0.01)
    assert scores[3] == -np.inf


def chain(n_sessions: int, seed: int) -> SessionData:
    """Half of the clicks follow a cycle, the other half go to one popular item of three."""
    rng = np.random.default_rng(seed)
    sequences = []
    for _ in range(n_sessions):
        at = int(rng.integers(30))
        walk = [at]
        for _ in range(5):
            at = (at + 1) % 30 if rng.random() < 0.5 else int(rng.integers(3))
            walk.append(at)
        sequences.append(walk)
    return SessionData.from_sequences(sequences, n_items=30)


def test_the_blend_is_as_good_as_its_best_part_on_sessions_that_nobody_saw() -> None:
    train, validation, test = chain(40, 1), chain(100, 2), chain(200, 3)
    table = items(30)
    markov = MarkovRecommender(prior_events=0.01).fit(train, table)
    popular = PopularityRecommender().fit(train, table)

    blend = BlendRecommender([Part(markov, "mass"), Part(popular, "mass")])
    blend.learn_weights(validation)

    parts = [evaluate(part, test, ks=(5,)).at[5].mrr for part in (markov, popular)]
    assert evaluate(blend, test, ks=(5,)).at[5].mrr >= max(parts) - 0.005
    assert min(blend.weights.values()) > 0.05
    assert sum(blend.weights.values()) == pytest.approx(1.0)


def test_an_empty_session_gets_what_the_parts_give_it() -> None:
    train = chain(40, 1)
    popular = PopularityRecommender().fit(train, items(30))
    blend = BlendRecommender([Part(popular, "mass")]).learn_weights(chain(20, 2))

    assert blend.scores([[]])[0].argmax() == train.counts().argmax()


def test_a_blend_without_weights_refuses_to_score() -> None:
    with pytest.raises(NotFittedError, match="Learn the weights"):
        BlendRecommender([Part(Fixed("one", [1]), "mass")]).scores([[0]])


def test_two_parts_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="different names"):
        BlendRecommender([Part(Fixed("one", [1]), "mass"), Part(Fixed("one", [1]), "mass")])


def test_validation_without_a_prediction_is_refused() -> None:
    blend = BlendRecommender([Part(Fixed("one", [1, 1]), "mass")])
    with pytest.raises(ValueError, match="nothing to learn from"):
        blend.learn_weights(SessionData.from_sequences([[0], [1]], n_items=2))
