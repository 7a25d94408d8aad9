"""The last step of weighing a blend: from the likeliest mixture to the one that ranks best.

Expectation-maximisation asks how probable the right item is, a list asks whether it is among the
first. So the weights that it gave are moved a little, part by part, where that raises what the gate
measures, the mean of Recall@20 and MRR@20, on validation examples. Few examples tempt one to
believe in chance: a move is made only where both halves of the examples agree.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

K = 20
SWEEPS = 4
MOVES = (0.5, 0.7, 1.4, 2.0)  # factors on one part's weight, tried in every sweep
SMALLEST_GAIN = 1e-4  # of the measure, 0 to 1


class RankedExamples(NamedTuple):
    """X examples with C candidates each; the right item is candidate 0. Missing ones are 0."""

    given: NDArray[np.float32]  # (X, parts, C) what each part gives to each candidate, weight 1
    weights: NDArray[np.float64]  # (X, parts) the weights that hold for each example


def factors_that_rank_best(examples: RankedExamples) -> NDArray[np.float64]:
    """(parts,) factors on the weights, by coordinate ascent from 1."""
    half = np.arange(len(examples.given)) % 2 == 0
    factors = np.ones(examples.given.shape[1])
    reached = _measures(examples, factors, half)
    for _ in range(SWEEPS):
        before = factors.copy()
        for part in range(len(factors)):
            for move in MOVES:
                tried = factors.copy()
                tried[part] *= move
                found = _measures(examples, tried, half)
                if (found >= reached).all() and found.sum() > reached.sum() + SMALLEST_GAIN:
                    factors, reached = tried, found
        if (factors == before).all():
            break
    return factors


def _measures(
    examples: RankedExamples, factors: NDArray[np.float64], half: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """(2,) the mean of Recall@K and MRR@K on each half; ties count against the right item."""
    weights = (examples.weights * factors).astype(np.float32)
    scores = np.matmul(weights[:, None, :], examples.given)[:, 0]  # (X, C)
    ranks = (scores >= scores[:, :1]).sum(axis=1)
    hit = ranks <= K
    worth = 0.5 * hit + 0.5 * hit / ranks
    return np.array([worth[half].mean(), worth[~half].mean()])
