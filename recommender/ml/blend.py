"""The blend: several models as one mixture, its weights learned on validation sessions.

Each part's scores become a distribution over the vocabulary, p_m; the blend is Σ w_m p_m. A part
that scores in counts or similarities is normalised by its sum, one that scores in logits by a
softmax; either may be sharpened or flattened by an exponent. The exponents are chosen from a short
list by the part's own likelihood, the weights by expectation-maximisation on the likelihood of the
validation targets (Dempster, Laird & Rubin, 1977): a weight is the share of the validation clicks
that a part explains best. Nothing else is learned, so the weights can be read.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from recommender.ml.contract import NotFittedError, Recommender, Session
from recommender.ml.data import FloatArray, IntArray, ItemTable, SessionData

Scale = Literal["logits", "mass"]

POWERS = (0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0)
EM_STEPS = 200
UNIFORM = 0.01  # share of the uniform distribution while fitting: no target has probability 0
MAX_EXAMPLES = 10_000  # validation examples that the fit reads, evenly spread
BATCH = 256


@dataclass(frozen=True)
class Part:
    """A fitted model and how its scores are read: as logits, or as non-negative mass."""

    model: Recommender
    scale: Scale


class BlendRecommender(Recommender):
    """A mixture of fitted parts. `learn_weights` fits it; the parts themselves are not touched.

    `weights` and `powers` map a part's name to its weight (they sum to 1) and its exponent.
    `scores` are log probabilities; an item that no part gives any probability scores -inf.
    """

    name = "blend"

    def __init__(self, parts: Sequence[Part]) -> None:
        names = [part.model.name for part in parts]
        if len(set(names)) != len(names) or not names:
            raise ValueError(f"A blend needs parts with different names, not {names}.")
        self.parts = list(parts)
        self.weights: dict[str, float] = {}
        self.powers: dict[str, float] = {}

    def fit(self, data: SessionData, items: ItemTable) -> Self:
        """Fit every part on the same sessions; the weights still have to be learned."""
        for part in self.parts:
            part.model.fit(data, items)
        return self

    def learn_weights(self, validation: SessionData) -> Self:
        """Choose exponents and weights on sessions that no part has learned from.

        Raises ValueError where no validation session has two events.
        """
        prefixes, targets = _examples(validation)
        likelihood = np.empty((len(targets), len(self.parts)))  # (X, parts)
        for column, part in enumerate(self.parts):
            by_power = self._target_probabilities(part, prefixes, targets)  # (X, powers)
            smoothed = (1 - UNIFORM) * by_power + UNIFORM / validation.n_items
            best = int(np.log(smoothed).mean(axis=0).argmax())
            self.powers[part.model.name] = POWERS[best]
            likelihood[:, column] = smoothed[:, best]
        for part, weight in zip(self.parts, mixture_weights(likelihood), strict=True):
            self.weights[part.model.name] = float(weight)
        return self

    def scores(self, sessions: Sequence[Session]) -> FloatArray:
        if not self.weights:
            raise NotFittedError("Learn the weights of the blend before asking it for scores.")
        shares = (
            np.float32(self.weights[part.model.name])
            * distribution(part.model.scores(sessions), part.scale, self.powers[part.model.name])
            for part in self.parts
            if self.weights[part.model.name] > 0
        )
        total = functools.reduce(operator.iadd, shares)  # (B, n), one part in memory at a time
        with np.errstate(divide="ignore"):
            found: FloatArray = np.log(total)
        return found

    def _target_probabilities(
        self, part: Part, prefixes: list[IntArray], targets: IntArray
    ) -> NDArray[np.float64]:
        """(X, powers) the probability that a part gives each target, for each exponent."""
        found = np.empty((len(targets), len(POWERS)))
        for start in range(0, len(targets), BATCH):
            rows = slice(start, start + BATCH)
            scores = part.model.scores(prefixes[rows])
            here = np.arange(len(scores))
            for column, power in enumerate(POWERS):
                found[rows, column] = distribution(scores, part.scale, power)[here, targets[rows]]
        return found


def distribution(scores: FloatArray, scale: Scale, power: float) -> FloatArray:
    """Scores (B, n) as distributions (B, n), sharpened by `power`; a row without mass stays 0."""
    if scale == "logits":
        mass = np.exp(np.float32(power) * (scores - scores.max(axis=1, keepdims=True)))
    else:
        mass = np.where(np.isfinite(scores) & (scores > 0), scores, np.float32(0))
        if power != 1.0:
            # Relative to the row's greatest, so that small numbers do not vanish.
            mass /= np.maximum(mass.max(axis=1, keepdims=True), np.float32(1e-30))
            np.power(mass, np.float32(power), out=mass)
    sums = mass.sum(axis=1, keepdims=True)
    return np.divide(mass, sums, out=np.zeros_like(mass), where=sums > 0)


def mixture_weights(likelihood: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights (parts,) that make the examples likeliest, from p_m(target) (X, parts) > 0."""
    n_parts = likelihood.shape[1]
    weights = np.full(n_parts, 1 / n_parts)
    for _ in range(EM_STEPS):
        joint = likelihood * weights
        renewed = (joint / joint.sum(axis=1, keepdims=True)).mean(axis=0)
        if np.abs(renewed - weights).max() < 1e-6:
            break
        weights = renewed
    return weights


def _examples(data: SessionData) -> tuple[list[IntArray], IntArray]:
    """Up to MAX_EXAMPLES (prefix, target) pairs, evenly spread over the sessions."""
    places = [
        (number, cut) for number in range(len(data)) for cut in range(1, data.lengths[number])
    ]
    if not places:
        raise ValueError("No validation session has two events: there is nothing to learn from.")
    places = places[:: -(-len(places) // MAX_EXAMPLES)]
    prefixes = [data.session(number)[:cut] for number, cut in places]
    targets = np.array([data.session(number)[cut] for number, cut in places], dtype=np.int64)
    return prefixes, targets
