"""Weights are moved where both halves of the examples rank better, and nowhere else."""

import numpy as np

from recommender.ml.ranking_weights import K, RankedExamples, factors_that_rank_best


def examples(right: float, noise: float, count: int = 400, seed: int = 0) -> RankedExamples:
    """Two parts over 60 candidates: the first gives the right item `right` more than chance, the
    second `noise` more; both weigh the same at first."""
    rng = np.random.default_rng(seed)
    given = rng.random((count, 2, 60)).astype(np.float32)
    given[:, 0, 0] += right
    given[:, 1, 0] += noise
    return RankedExamples(given, np.full((count, 2), 0.5))


def recall(found: RankedExamples, factors: np.ndarray) -> float:
    scores = np.einsum("xp,xpc->xc", found.weights * factors, found.given)
    return float(((scores >= scores[:, :1]).sum(axis=1) <= K).mean())


def test_the_part_that_ranks_better_is_trusted_more() -> None:
    learned, later = examples(0.5, 0.0), examples(0.5, 0.0, seed=1)
    factors = factors_that_rank_best(learned)

    assert factors[0] > factors[1]
    assert recall(later, factors) > recall(later, np.ones(2)) + 0.03


def test_a_measure_that_cannot_be_raised_moves_nothing() -> None:
    found = examples(5.0, 5.0)  # the right item is first with any weights

    assert factors_that_rank_best(found).tolist() == [1.0, 1.0]


def test_a_gain_of_one_half_alone_is_chance() -> None:
    """Even examples gain by the first part exactly what odd ones lose by it."""
    given = np.zeros((200, 2, 30), np.float32)
    given[:, :, 1:] = np.linspace(0.1, 0.9, 29)
    given[::2, 0, 0], given[::2, 1, 0] = 0.9, 0.1
    given[1::2, 0, 0], given[1::2, 1, 0] = 0.1, 0.9
    found = RankedExamples(given, np.full((200, 2), 0.5))

    assert factors_that_rank_best(found).tolist() == [1.0, 1.0]


def test_a_tie_counts_against_the_right_item() -> None:
    given = np.ones((40, 2, K + 1), np.float32)  # every item alike under both parts
    given[:, 0, 0] = 1.0
    found = RankedExamples(given, np.full((40, 2), 0.5))

    assert factors_that_rank_best(found).tolist() == [1.0, 1.0]
