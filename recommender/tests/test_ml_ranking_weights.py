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
    return ranked(given)


def ranked(given: np.ndarray, seen: np.ndarray | None = None) -> RankedExamples:
    """Both parts weigh the same; without `seen` the session holds no candidate."""
    nothing = np.zeros((len(given), given.shape[2]), dtype=bool)
    return RankedExamples(given, np.full((len(given), 2), 0.5), nothing if seen is None else seen)


def unmoved(found: RankedExamples) -> bool:
    moved = factors_that_rank_best(found)
    return moved.parts.tolist() == [1.0, 1.0] and moved.seen == 1.0


def recall(found: RankedExamples, factors: np.ndarray) -> float:
    scores = np.einsum("xp,xpc->xc", found.weights * factors, found.given)
    return float(((scores >= scores[:, :1]).sum(axis=1) <= K).mean())


def test_the_part_that_ranks_better_is_trusted_more() -> None:
    learned, later = examples(0.5, 0.0), examples(0.5, 0.0, seed=1)
    factors = factors_that_rank_best(learned).parts

    assert factors[0] > factors[1]
    assert recall(later, factors) > recall(later, np.ones(2)) + 0.03


def test_a_measure_that_cannot_be_raised_moves_nothing() -> None:
    found = examples(5.0, 5.0)  # the right item is first with any weights

    assert unmoved(found)


def test_a_gain_of_one_half_alone_is_chance() -> None:
    """Even examples gain by the first part exactly what odd ones lose by it."""
    given = np.zeros((200, 2, 30), np.float32)
    given[:, :, 1:] = np.linspace(0.1, 0.9, 29)
    given[::2, 0, 0], given[::2, 1, 0] = 0.9, 0.1
    given[1::2, 0, 0], given[1::2, 1, 0] = 0.1, 0.9
    found = ranked(given)

    assert unmoved(found)


def test_a_tie_counts_against_the_right_item() -> None:
    given = np.ones((40, 2, K + 1), np.float32)  # every item alike under both parts
    given[:, 0, 0] = 1.0
    found = ranked(given)

    assert unmoved(found)


def test_items_of_the_session_are_put_down_where_nobody_goes_back_to_them() -> None:
    """Thirty items of each session stand above the right one, which is a new one."""
    given = np.zeros((400, 2, 60), np.float32)
    given[:, :, 0], given[:, :, 1:31], given[:, :, 31:] = 0.5, 0.9, 0.4
    seen = np.zeros((400, 60), dtype=bool)
    seen[:, 1:31] = True

    moved = factors_that_rank_best(ranked(given, seen))
    assert moved.seen * 0.9 < 0.5


def test_items_of_the_session_are_put_up_where_people_go_back_to_them() -> None:
    given = np.zeros((400, 2, 60), np.float32)
    given[:, :, 0], given[:, :, 1:] = 0.5, 0.9
    seen = np.zeros((400, 60), dtype=bool)
    seen[:, 0] = True

    moved = factors_that_rank_best(ranked(given, seen))
    assert moved.seen * 0.5 > 0.9
