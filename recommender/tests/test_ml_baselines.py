"""Popularity, Markov and content: the mixin, and what each alone promises."""

import numpy as np
import pytest

from recommender.ml.content import ContentRecommender
from recommender.ml.contract import Recommender
from recommender.ml.data import ItemTable, SessionData
from recommender.ml.markov import MarkovRecommender
from recommender.ml.popularity import PopularityRecommender
from recommender.tests.ml_cases import (
    GROUPS,
    RecommenderCases,
    group_sessions,
    item_table,
    markov_sessions,
    skewed_sessions,
)

DAY = 86_400


class TestPopularity(RecommenderCases):
    learnable = skewed_sessions(seed=1)
    later = skewed_sessions(seed=2)
    floor_at_1 = 0.08  # each popular item has 0.1 + 0.5 / 60 of the events
    floor_at_5 = 0.50  # all five of them: 0.5 + 0.5 * 5 / 60 = 0.54

    def make(self) -> Recommender:
        return PopularityRecommender()


class TestTrending(TestPopularity):
    def make(self) -> Recommender:
        return PopularityRecommender(half_life_days=1.0)


class TestMarkov(RecommenderCases):
    learnable = markov_sessions(predictability=0.8, seed=1)
    later = markov_sessions(predictability=0.8, seed=2, n_sessions=300)
    floor_at_1 = 0.77  # best possible: 0.803
    floor_at_5 = 0.78  # best possible: 0.8 + 0.2 * 5 / 60 = 0.817

    def make(self) -> Recommender:
        return MarkovRecommender()


class TestContent(RecommenderCases):
    learnable = group_sessions(seed=1)
    later = group_sessions(seed=2)
    # 4, 3, 2, 1 items of the group of five are left, all alike, and ties count against the
    # model: the target ranks 4, 3, 2, 1.
    floor_at_1 = 0.25
    floor_at_5 = 1.0
    exclude_seen = True

    def make(self) -> Recommender:
        return ContentRecommender()

    def test_it_ranks_the_rest_of_the_group_before_all_other_items(self) -> None:
        model = self.shared()
        for session in self.later.sequences():
            found = model.scores([session])[0]
            own = np.arange(len(found)) % len(GROUPS) == session[0] % len(GROUPS)
            assert found[own].min() > found[~own].max()


def test_trending_prefers_what_is_new_and_popularity_what_is_many() -> None:
    data = SessionData.from_sequences([[0], [0], [0], [1]], ends=[0, 0, 0, 10 * DAY], n_items=3)
    ever = PopularityRecommender().fit(data, item_table(3)).scores([[]])[0]
    lately = PopularityRecommender(half_life_days=2.0).fit(data, item_table(3)).scores([[]])[0]
    np.testing.assert_allclose(ever, [0.75, 0.25, 0.0])
    # Five half-lives: three old events weigh 3 / 32 of the new one.
    np.testing.assert_allclose(lately[0] / lately[1], 3 / 32, rtol=1e-5)


def test_a_half_life_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="positive number of days"):
        PopularityRecommender(half_life_days=0)


def test_markov_scores_are_smoothed_follower_shares() -> None:
    # After 0 came 1 twice and 2 once; popularity is 3, 2, 1, 2 of 8 events.
    data = SessionData.from_sequences([[0, 1], [0, 1], [0, 2], [3], [3]], n_items=4)
    model = MarkovRecommender(prior_events=0.5).fit(data, item_table(4))
    prior = 0.5 * np.array([3, 2, 1, 2]) / 8
    np.testing.assert_allclose(
        model.scores([[3, 0]])[0], (np.array([0, 2, 1, 0]) + prior) / 3.5, rtol=1e-6
    )


def test_markov_falls_back_to_popularity_where_nothing_followed() -> None:
    data = SessionData.from_sequences([[0, 1], [0, 1], [2]], n_items=3)
    found = MarkovRecommender().fit(data, item_table(3)).scores([[2], []])
    for row in found:
        np.testing.assert_allclose(row / row.sum(), [0.4, 0.4, 0.2], rtol=1e-6)


def test_markov_popularity_never_overtakes_a_follower_that_was_seen() -> None:
    data = SessionData.from_sequences([[0, 1], *[[2]] * 500], n_items=3)
    found = MarkovRecommender().fit(data, item_table(3)).scores([[0]])[0]
    assert found.argmax() == 1


def content_of(*texts: str) -> ContentRecommender:
    table = ItemTable([str(i) for i in range(len(texts))], ["book"] * len(texts), list(texts))
    return ContentRecommender().fit(SessionData.from_sequences([], n_items=len(texts)), table)


def test_content_scores_an_item_that_no_session_ever_held() -> None:
    found = content_of("dragon castle", "dragon sword", "tax law").scores([[0]])[0]
    assert found[1] > found[2] == 0.0


def test_content_weighs_the_last_click_most() -> None:
    model = content_of("dragon", "comet", "dragon tale", "comet tale")
    found = model.scores([[0, 1], [1, 0]])
    assert found[0, 3] > found[0, 2]
    assert found[1, 2] > found[1, 3]


def test_content_votes_for_no_item_of_the_session() -> None:
    model = content_of("dragon castle", "dragon sword", "castle law")
    votes = model.votes([0, 1])
    assert votes.items.tolist() == [2]
    assert votes.mass[0] > 0


def test_content_compares_across_accents_and_scores_the_same_text_1() -> None:
    found = content_of("Amélie café", "amelie cafe", "other").scores([[0]])[0]
    np.testing.assert_allclose(found, [1.0, 1.0, 0.0], atol=1e-6)


def test_content_neighbours_never_hold_the_item_itself_nor_strangers() -> None:
    model = content_of("dragon castle", "dragon castle", "dragon sea", "tax law", "")
    neighbours, cosines = model.similar(0, 10)
    assert neighbours.tolist() == [1, 2]
    assert cosines[0] == pytest.approx(1.0)
    assert cosines[0] > cosines[1] > 0
    assert model.similar(0, 1)[0].tolist() == [1]
    assert model.similar(4, 3)[0].tolist() == []


def test_content_refuses_items_without_a_single_word() -> None:
    with pytest.raises(ValueError, match="none has a word"):
        content_of("", " ")
