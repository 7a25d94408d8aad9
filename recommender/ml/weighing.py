"""What learning the weights of a blend is made of: examples, likelihoods, mixture weights.

See `recommender.ml.blend` for what they are learned for.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from recommender.ml.contract import Recommender
from recommender.ml.data import IntArray, SessionData
from recommender.ml.voting import VotingRecommender

POWERS = (0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0, 3.0)
EM_STEPS = 200
CONTEXT_PRIOR = 100.0  # examples of the overall weights that each context starts from
SCORED_AT_ONCE = 256  # examples whose logits are held in memory together


def mixture_weights(
    likelihood: NDArray[np.float64], *, towards: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Weights (parts,) that make the examples likeliest, from p_m(target) (X, parts) > 0.

    With `towards` (parts,), as many as CONTEXT_PRIOR further examples speak for those weights.
    """
    n_parts = likelihood.shape[1]
    prior = np.zeros(n_parts) if towards is None else CONTEXT_PRIOR * towards
    weights = np.full(n_parts, 1 / n_parts) if towards is None else towards
    for _ in range(EM_STEPS):
        joint = likelihood * weights
        counts = (joint / joint.sum(axis=1, keepdims=True)).sum(axis=0) + prior
        renewed = counts / counts.sum()
        if np.abs(renewed - weights).max() < 1e-6:
            break
        weights = renewed
    return weights


def target_probabilities(
    part: Recommender, prefixes: list[IntArray], targets: IntArray
) -> NDArray[np.float64]:
    """(X, powers) the probability that a part gives each target, for each exponent."""
    found = np.zeros((len(targets), len(POWERS)))
    if not isinstance(part, VotingRecommender):
        for start in range(0, len(targets), SCORED_AT_ONCE):
            rows = slice(start, start + SCORED_AT_ONCE)
            scores = torch.from_numpy(part.scores(prefixes[rows]))  # (B, n)
            reached = scores.gather(1, torch.from_numpy(targets[rows])[:, None])[:, 0]
            for column, power in enumerate(POWERS):
                likely = (power * reached - (power * scores).logsumexp(dim=1)).exp()
                found[rows, column] = likely.double().numpy()
        return found
    sums = [float((part.shares**power).sum()) for power in POWERS]
    for row, (prefix, target) in enumerate(zip(prefixes, targets, strict=True)):
        votes = part.votes(prefix)
        base = votes.prior * part.shares[votes.items]
        mass = votes.prior * part.shares[target] + votes.mass[votes.items == target].sum()
        for column, power in enumerate(POWERS):
            total = (
                votes.prior**power * sums[column]
                + ((base + votes.mass) ** power - base**power).sum()
            )
            found[row, column] = mass**power / total if total > 0 else 0.0
    return found


def examples(data: SessionData, at_most: int) -> tuple[list[IntArray], IntArray]:
    """Up to `at_most` (prefix, target) pairs, evenly spread over the sessions."""
    places = [
        (number, cut) for number in range(len(data)) for cut in range(1, data.lengths[number])
    ]
    if not places:
        raise ValueError("No validation session has two events: there is nothing to learn from.")
    places = places[:: -(-len(places) // at_most)]
    prefixes = [data.session(number)[:cut] for number, cut in places]
    targets = np.array([data.session(number)[cut] for number, cut in places], dtype=np.int64)
    return prefixes, targets


def rows_to_one(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """(rows, parts) each row divided by its sum."""
    divided: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return divided
