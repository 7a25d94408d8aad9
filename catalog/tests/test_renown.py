"""How well known an item is, as far as its source can be believed."""

import numpy as np
import pytest

from catalog import renown

NAN = float("nan")
FILMS = np.array([True, True, True])


def test_a_revenue_that_stands_at_two_films_was_filled_in() -> None:
    found = renown.doubtful(np.array([5.0, 7.0, 5.0, NAN, NAN]))
    assert found.tolist() == [True, False, True, False, False]


def test_a_doubtful_score_is_drawn_half_way_down_and_never_up() -> None:
    scores = np.array([100.0, 60.0, 80.0, 90.0])
    doubted = np.array([True, True, True, False])  # 80 on average
    assert renown.drawn_in(scores, doubted).tolist() == [90.0, 60.0, 80.0, 90.0]


def test_of_two_films_of_one_score_the_one_that_its_source_lists_first_is_better_known() -> None:
    found = renown.known_for(
        np.array([70.0, 70.0, NAN]), np.full(3, NAN), np.array([8, 3, 1]), FILMS
    )
    assert found[1] > found[0]
    assert np.isnan(found[2])
    assert found[1] == 70


def test_between_the_ends_of_a_long_list_lies_half_the_scale() -> None:
    many = 2_000
    scores, films = np.full(many, 70.0), np.ones(many, dtype=bool)
    found = renown.known_for(scores, np.full(many, NAN), np.arange(many), films)
    assert found[0] - found[-1] == pytest.approx(renown.LEAST_SOUGHT, rel=0.01)


def test_the_popularity_of_tracks_and_books_is_what_their_source_tells() -> None:
    popularity = np.array([70.0, 30.0, NAN])
    found = renown.known_for(popularity, np.full(3, NAN), np.arange(3), ~FILMS)
    np.testing.assert_array_equal(found, popularity)


def test_few_ratings_count_little() -> None:
    averages, votes = np.array([5.0, 4.0]), np.array([1.0, 1_000_000.0])
    few, many = renown.weighed(averages, votes)
    assert few == pytest.approx(4.5, abs=0.01)
    assert many == pytest.approx(4.0, abs=0.01)
