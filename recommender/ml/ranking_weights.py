"""The last step of weighing a blend: from the likeliest mixture to the one that ranks best.

Expectation-maximisation asks how probable the right item is, a list asks whether it is among the
first. So the weights that it gave are moved a little, part by part, where that raises what the gate
measures, the mean of Recall@20 and MRR@20, on validation examples. So is one factor on the items
that the session already holds: in a shop people go back to them, nobody reviews a book twice. Few
examples tempt one to believe in chance: a move is made only where both halves of them agree.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

K = 20
SWEEPS = 4
MOVES = (0.5, 0.7, 1.4, 2.0)  # factors on one part's weight, tried in every sweep
SEEN_MOVES = (0.01, 0.1, 0.5, 2.0)  # the same for the items of the session
SMALLEST_GAIN = 1e-4  # of the measure, 0 to 1


class RankedExamples(NamedTuple):
    """X examples with C candidates each; the right item is candidate 0. Missing ones are 0."""

    given: NDArray[np.float32]  # (X, parts, C) what each part gives to each candidate, weight 1
    weights: NDArray[np.float64]  # (X, parts) the weights that hold for each example
    seen: NDArray[np.bool_]  # (X, C) whether the session holds the candidate


class Moved(NamedTuple):
    """Factors by which the examples rank best."""

    parts: NDArray[np.float64]  # (parts,) on the weights
    seen: float  # on the items that the session holds


def factors_that_rank_best(examples: RankedExamples) -> Moved:
    """Factors by coordinate ascent, all of them 1 at first."""
    half = np.arange(len(examples.given)) % 2 == 0
    n_parts = examples.given.shape[1]
    factors = np.ones(n_parts + 1)  # the last is that of the session's items
    reached = _measures(examples, factors, half)
    for _ in range(SWEEPS):
        before = factors.copy()
        for place in range(n_parts + 1):
            for move in MOVES if place < n_parts else SEEN_MOVES:
                tried = factors.copy()
                tried[place] *= move
                found = _measures(examples, tried, half)
                if (found >= reached).all() and found.sum() > reached.sum() + SMALLEST_GAIN:
                    factors, reached = tried, found
        if (factors == before).all():
            break
    return Moved(factors[:-1], float(factors[-1]))


def _measures(
    examples: RankedExamples, factors: NDArray[np.float64], half: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """(2,) the mean of Recall@K and MRR@K on each half; ties count against the right item."""
    weights = (examples.weights * factors[:-1]).astype(np.float32)
    scores = np.matmul(weights[:, None, :], examples.given)[:, 0]  # (X, C)
    scores[examples.seen] *= np.float32(factors[-1])
    ranks = (scores >= scores[:, :1]).sum(axis=1)
    hit = ranks <= K
    worth = 0.5 * hit + 0.5 * hit / ranks
    return np.array([worth[half].mean(), worth[~half].mean()])
