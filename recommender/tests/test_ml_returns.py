"""Returns: the mixin in a world of visitors who go back, and small examples worked by hand."""

from typing import Any

import numpy as np
import pytest

from recommender.ml.contract import Recommender
from recommender.ml.data import SessionData
from recommender.ml.returns import ReturnsRecommender
from recommender.ml.voting import Votes
from recommender.tests.ml_cases import N_ITEMS, RecommenderCases, item_table


def returning_sessions(*, often: float = 0.8, n_sessions: int = 600, seed: int = 0) -> SessionData:
    """From the third click on, visitors go back to the item of two clicks ago with probability
    `often`, else to any item alike; the first two clicks are any item."""
    chance = np.random.default_rng(seed)
    clicks = chance.integers(N_ITEMS, size=(n_sessions, 8))
    for step in range(2, 8):
        goes_back = chance.random(n_sessions) < often
        clicks[:, step] = np.where(goes_back, clicks[:, step - 2], clicks[:, step])
    return SessionData.from_sequences(clicks.tolist(), n_items=N_ITEMS)


class TestReturns(RecommenderCases):
    learnable = returning_sessions(seed=1)
    later = returning_sessions(seed=2, n_sessions=300)
    # Of seven predictions a session six can be known, with probability 0.8: 0.69. The second
    # click is anything, and the item seen last would be a guess for it.
    floor_at_1 = 0.65
    floor_at_5 = 0.66

    def make(self) -> Recommender:
        return ReturnsRecommender()

    def test_it_finds_how_far_back_visitors_go(self) -> None:
        found = self.shared().scores([[3, 11]])[0]
        assert found[3] > 10 * found[11]


def fitted(sequences: list[list[int]], n_items: int, **settings: Any) -> ReturnsRecommender:
    data = SessionData.from_sequences(sequences, n_items=n_items)
    return ReturnsRecommender(**settings).fit(data, item_table(n_items))


def mass_by_item(votes: Votes) -> Any:
    return pytest.approx(dict(zip(votes.items.tolist(), votes.mass.tolist(), strict=True)))


def test_votes_are_the_shares_of_the_rates_as_worked_by_hand() -> None:
    # a b a b goes back by two twice, of two chances; a a c by one once, of its two chances and
    # of the three of a b a b; nothing is left for the third step back.
    model = fitted([[0, 1, 0, 1], [0, 0, 2]], 3, furthest=3, prior=0.1)
    by_one, by_two = 1 / 5, 2 / 3  # a a c has one chance to go back by two, and does not

    votes = model.votes([2, 1])

    expected = {1: by_one, 2: by_two}
    total = by_one + by_two
    assert votes.items.tolist() == [1, 2]
    np.testing.assert_allclose(votes.mass, [0.9 * expected[i] / total for i in (1, 2)])
    assert votes.prior == 0.1
    np.testing.assert_allclose(model.shares, [4 / 7, 2 / 7, 1 / 7])


def test_visitors_who_alternate_always_go_back_by_two() -> None:
    model = fitted([[0, 1, 0, 1]], 2, prior=0.01)
    votes = model.votes([0, 1])
    assert mass_by_item(votes) == {0: 0.99, 1: 0.0}


def test_of_an_item_seen_several_times_the_newest_visit_counts() -> None:
    # Back by two always, by one and by three never.
    model = fitted([[0, 1, 0, 1]], 4, prior=0.01)
    votes = model.votes([2, 3, 2])
    assert mass_by_item(votes) == {2: 0.0, 3: 0.99}


def test_a_click_is_a_return_to_its_nearest_visit_alone() -> None:
    # The last 0 of 0 0 0 is one step from a visit and two from another: it counts once, by one.
    model = fitted([[0, 0, 0], [1, 2]], 3, prior=0.01)
    votes = model.votes([1, 2])
    assert mass_by_item(votes) == {1: 0.0, 2: 0.99}


def test_sessions_do_not_run_into_each_other() -> None:
    # Item 0 ends one session and begins the next: no return.
    model = fitted([[1, 0], [0, 2]], 3)
    assert len(model.votes([1]).items) == 0
    np.testing.assert_allclose(model.scores([[1]])[0], [0.5, 0.25, 0.25])


def test_what_lies_further_back_than_the_settings_say_is_not_seen() -> None:
    sequences = [[0, 1, 2, 0]] * 3
    assert fitted(sequences, 3, furthest=3).votes([0, 1, 2]).mass.max() > 0.9
    assert len(fitted(sequences, 3, furthest=2).votes([0, 1, 2]).items) == 0


def test_an_empty_session_goes_by_popularity_alone() -> None:
    found = fitted([[0, 1, 0, 1, 0]], 3).scores([[]])[0]
    np.testing.assert_allclose(found, [0.6, 0.4, 0.0])


def test_training_on_no_sessions_scores_all_items_alike() -> None:
    assert fitted([], 3).scores([[0, 1]])[0].tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"furthest": 0}, "at least 1 step"),
        ({"prior": 0.0}, "between 0 and 1"),
        ({"prior": 1.0}, "between 0 and 1"),
    ],
)
def test_settings_without_meaning_are_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        ReturnsRecommender(**options)
