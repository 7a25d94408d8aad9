"""Co-occurrence: the mixin, and a small example worked by hand."""

from typing import Any

import numpy as np
import pytest

from recommender.ml.contract import Recommender
from recommender.ml.cooccurrence import CooccurrenceRecommender
from recommender.ml.data import SessionData
from recommender.tests.ml_cases import RecommenderCases, item_table, markov_sessions


class TestCooccurrence(RecommenderCases):
    learnable = markov_sessions(predictability=0.8, seed=1)
    later = markov_sessions(predictability=0.8, seed=2, n_sessions=300)
    # It counts both directions: after a single item, the one before and the one after it on
    # the cycle look alike, so that a fifth of the examples is a toss-up at rank 1.
    floor_at_1 = 0.60
    floor_at_5 = 0.78
    exclude_seen = True

    def make(self) -> Recommender:
        return CooccurrenceRecommender()


def fitted(sequences: list[list[int]], n_items: int, **settings: Any) -> CooccurrenceRecommender:
    data = SessionData.from_sequences(sequences, n_items=n_items)
    return CooccurrenceRecommender(**settings).fit(data, item_table(n_items))


def test_scores_are_near_visits_over_the_shrunk_cosine_as_worked_by_hand() -> None:
    model = fitted([[0, 1, 2], [2, 0], [3]], 4, shrinkage=2.0, recency=0.5, prior=1e-9)
    found = model.scores([[1, 0]])[0]
    # Pairs: 0-1 once next to each other, 1-2 too; 0-2 at distance 2 and, turned, at distance 1.
    near_01, near_12, near_02 = 1.0, 1.0, 0.5 + 1.0
    # Events are 2, 1, 2, 1; with 2 more each, the norms are 4, 3, 4, 3.
    cosine_01, cosine_12 = near_01 / np.sqrt(12), near_12 / np.sqrt(12)
    cosine_02 = near_02 / 4
    expected = [0.5 * cosine_01, cosine_01, cosine_02 + 0.5 * cosine_12, 0]
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)


def test_both_directions_count_alike() -> None:
    found = fitted([[0, 1], [2, 0]], 3).scores([[0]])[0]
    assert found[1] == found[2] > found[0]


def test_visits_beyond_the_window_and_in_other_sessions_are_not_near() -> None:
    model = fitted([[0, 1, 2], [3]], 4, window=1, prior=1e-9)
    found = model.scores([[0], [2]])
    assert found[0, 1] > 0.01 > found[0, 2]
    assert found[1, 1] > 0.01 > found[1, 3]


def test_a_repeated_visit_is_no_neighbour_of_itself() -> None:
    found = fitted([[0, 0, 0, 1]], 2, prior=1e-9).scores([[0]])[0]
    assert found[0] < 1e-6 < found[1]


def test_shrinkage_keeps_a_single_coincidence_below_a_habit() -> None:
    sequences = [[0, 1], *[[0, 2]] * 10]  # item 1 was only ever seen with 0, and once
    habit, single = fitted(sequences, 3, shrinkage=10.0).scores([[0]])[0][[2, 1]]
    assert habit > 3 * single


def test_popularity_orders_what_was_never_near() -> None:
    found = fitted([[0, 1], [2], [2], [3]], 4).scores([[0], []])
    assert found[0, 1] > found[0, 2] > found[0, 3] > 0
    np.testing.assert_allclose(found[1] / found[1].sum(), [0.2, 0.2, 0.4, 0.2], rtol=1e-6)


def test_training_on_no_sessions_scores_all_items_alike() -> None:
    assert fitted([], 3).scores([[0, 1]])[0].tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"window": 0}, "at least 1 event"),
        ({"shrinkage": -1.0}, "no negative number"),
        ({"recency": 0.0}, "recency lies above 0"),
        ({"prior": 0.0}, "positive number"),
    ],
)
def test_settings_without_meaning_are_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        CooccurrenceRecommender(**options)
