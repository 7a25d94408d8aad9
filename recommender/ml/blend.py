"""The blend: several models as one mixture, its weights learned on validation sessions.

Each part's scores become a distribution over the vocabulary, p_m; the blend is Σ w_m p_m. A part
that scores in logits is normalised by a softmax, one that votes (counts, similarities) by its sum;
either is sharpened or flattened by an exponent, chosen from a short list by the part's own
likelihood. The weights come from expectation-maximisation on the likelihood of the validation
targets (Dempster, Laird & Rubin, 1977): a weight is the share of the validation clicks that a part
explains best. They depend on two things that anybody can check: how long the session is, and how
often its last item was seen in training; each such context is drawn towards the weights overall.
Then one factor a part moves them to where they rank best, and another one the items that the
session holds already (see `recommender.ml.ranking_weights`).
Last, the kinds are calibrated: after a film, books get as much of the probability as books got of
the validation clicks after a film.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray

from recommender.ml.content import ContentRecommender
from recommender.ml.contract import NotFittedError, Recommender, Session
from recommender.ml.cooccurrence import CooccurrenceRecommender
from recommender.ml.data import FloatArray, IntArray, ItemTable, SessionData
from recommender.ml.markov import MarkovRecommender
from recommender.ml.neighbours import StanRecommender
from recommender.ml.popularity import PopularityRecommender
from recommender.ml.ranking_weights import RankedExamples, factors_that_rank_best
from recommender.ml.returns import ReturnsRecommender
from recommender.ml.voting import Votes, VotingRecommender, Weights, mass_at
from recommender.ml.weighing import (
    POWERS,
    examples,
    mixture_weights,
    rows_to_one,
    target_probabilities,
)

UNIFORM = 0.01  # share of the uniform distribution while fitting: no target has probability 0
# Validation examples that a step of the learning reads at most, evenly spread; on a large catalogue
# fewer, because every one of them costs a score for every item.
MAX_EXAMPLES = 10_000
CALIBRATION_EXAMPLES = 2_000
RANKED_EXAMPLES = 3_000
FEWEST_EXAMPLES = 500
SMALL_CATALOGUE = 50_000  # items up to which all examples are read
CANDIDATES = 60  # of each part, for an example whose ranking is looked at
FLOOR = 0.01  # the least weight from which a part can be raised
KIND_PRIOR = 20.0  # examples of the uncalibrated kinds that each kind starts from
TRENDING_DAYS = 90.0
SMALLEST_WEIGHT = 0.005  # a part below it in every context costs time and changes nothing
BATCH = 256

LENGTHS = (2, 4)  # a session of 1; of 2 or 3; of 4 and more
SUPPORTS = (5, 20)  # last item seen less than 5 times in training; less than 20; more often
N_CONTEXTS = (len(LENGTHS) + 1) * (len(SUPPORTS) + 1)


@dataclass(frozen=True)
class BlendWeights:
    """What the blend learned; plain values, so that it can be saved and read.

    parts         names, in order (M)
    powers        the exponent of each part (M)
    overall       weights over all validation examples (M), sum 1
    by_context    weights a context (N_CONTEXTS, M); the row is length bucket * 3 + support bucket
    kind_factors  kind of the last item -> kind of the next -> factor on its probability
    seen_factor   factor on the probability of the items that the session holds already
    """

    parts: list[str]
    powers: list[float]
    overall: list[float]
    by_context: list[list[float]]
    kind_factors: dict[str, dict[str, float]] = field(default_factory=dict)
    seen_factor: float = 1.0

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; `from_dict` gives the same weights back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Weights from `to_dict`. Raises ValueError where they do not fit together."""
        values = {"seen_factor": 1.0, **values}  # which the first ones that were saved had not
        if set(values) != {entry.name for entry in fields(cls)}:
            raise ValueError(f"Blend weights do not have the entries {sorted(values)}.")
        weights = cls(**values)
        table = np.asarray(weights.by_context, dtype=np.float64)
        count = len(weights.parts)
        if table.shape != (N_CONTEXTS, count) or not (
            count == len(weights.powers) == len(weights.overall)
        ):
            raise ValueError("Blend weights do not have one entry a part and context.")
        return weights


def default_blend(network: Recommender, items: ItemTable) -> BlendRecommender:
    """The one blend for every data set: the network, all that counts, and content where there are
    texts. The parts that vote still have to be fitted, and the weights learned."""
    counting: list[Recommender] = [
        StanRecommender(),
        CooccurrenceRecommender(),
        MarkovRecommender(),
        ReturnsRecommender(),
        PopularityRecommender(),
        PopularityRecommender(half_life_days=TRENDING_DAYS),
    ]
    if any(items.texts):
        counting.append(ContentRecommender())
    return BlendRecommender([network, *counting])


class _Share(NamedTuple):
    """One part's distribution for one session, times its weight."""

    dense: NDArray[np.floating[Any]] | None  # (n,) of a part with logits
    background: float  # factor on the part's background
    items: IntArray  # (V,)
    extra: Weights  # (V,) on top of the background


class BlendRecommender(Recommender):
    """A mixture of parts: at most the network scores in logits, the others vote.

    `fit` fits every part; `fit_counting` only those that count, which takes seconds, so that a
    trained network stays. `learn_weights`, or `adopt` with weights learned before, makes it ready.
    `scores` are log probabilities; an item that no part gives any probability scores -inf.
    """

    name = "blend"

    def __init__(self, parts: Sequence[Recommender]) -> None:
        names = [part.name for part in parts]
        if len(set(names)) != len(names) or not names:
            raise ValueError(f"A blend needs parts with different names, not {names}.")
        self.parts = list(parts)
        self.learned: BlendWeights | None = None
        self.counts: IntArray = np.zeros(0, np.int64)  # (n,) training events
        self._kinds: list[str] = []
        self._kind_code: IntArray = np.zeros(0, np.int64)  # (n,) position in `_kinds`
        # Per part; empty arrays for one that scores in logits.
        self._shares: list[Weights] = []
        self._backgrounds: list[Weights] = []  # shares ** power
        # Most parts have the same background: each distinct one once, as (distinct, n) float32,
        # and which of them each part has.
        self._distinct: FloatArray = np.zeros((0, 0), np.float32)
        self._which: IntArray = np.zeros(0, np.int64)
        self._sums: list[float] = []
        self._factors: NDArray[np.float32] | None = None  # (kinds, n) by the last item's kind

    # Learning

    def fit(self, data: SessionData, items: ItemTable) -> Self:
        """Fit every part on the same sessions; the weights still have to be learned."""
        for part in self.parts:
            if not isinstance(part, VotingRecommender):
                part.fit(data, items)
        return self.fit_counting(data, items)

    def fit_counting(self, data: SessionData, items: ItemTable) -> Self:
        """Fit the parts that vote, and leave a trained network as it is."""
        for part in self.parts:
            if isinstance(part, VotingRecommender):
                part.fit(data, items)
        self.counts = data.counts()
        self._kinds = sorted(set(items.kinds))
        code = {kind: number for number, kind in enumerate(self._kinds)}
        self._kind_code = np.array([code[kind] for kind in items.kinds], dtype=np.int64)
        return self if self.learned is None else self.adopt(self.learned)

    def learn_weights(self, validation: SessionData) -> Self:
        """Choose exponents and weights on sessions that no part has learned from.

        Raises ValueError where no validation session has two events, NotFittedError before the
        parts were fitted.
        """
        if not len(self.counts):
            raise NotFittedError("Fit the parts before learning how to weigh them.")
        prefixes, targets = examples(validation, affordable(MAX_EXAMPLES, validation.n_items))
        powers = []
        likelihood = np.empty((len(targets), len(self.parts)))  # (X, parts)
        for column, part in enumerate(self.parts):
            by_power = target_probabilities(part, prefixes, targets)  # (X, powers)
            smoothed = (1 - UNIFORM) * by_power + UNIFORM / validation.n_items
            best = int(np.log(smoothed).mean(axis=0).argmax())
            powers.append(POWERS[best])
            likelihood[:, column] = smoothed[:, best]
        overall = mixture_weights(likelihood)
        contexts = np.array([self.context(prefix) for prefix in prefixes])
        table = [
            mixture_weights(likelihood[contexts == context], towards=overall)
            for context in range(N_CONTEXTS)
        ]
        weights = BlendWeights(
            parts=[part.name for part in self.parts],
            powers=powers,
            overall=overall.tolist(),
            by_context=[row.tolist() for row in table],
        )
        moved = self._moved(weights, validation)
        return self.adopt(replace(moved, kind_factors=self.adopt(moved)._learn_kinds(validation)))

    def adopt(self, learned: BlendWeights) -> Self:
        """Take weights that were learned before, and make the fitted parts ready to score.

        Raises ValueError where the weights speak of other parts.
        """
        if learned.parts != [part.name for part in self.parts]:
            raise ValueError(f"The weights are of {learned.parts}, not of these parts.")
        self.learned = learned
        self._shares = [
            part.shares if isinstance(part, VotingRecommender) else np.zeros(0)
            for part in self.parts
        ]
        self._backgrounds = [
            shares**power for shares, power in zip(self._shares, learned.powers, strict=True)
        ]
        self._sums = [float(background.sum()) for background in self._backgrounds]
        self._distinct, self._which = _distinct(self._backgrounds, len(self.counts))
        self._factors = None
        if learned.kind_factors and self._kinds:
            by_kind = np.array(
                [
                    [learned.kind_factors.get(last, {}).get(kind, 1.0) for kind in self._kinds]
                    for last in self._kinds
                ],
                dtype=np.float32,
            )
            self._factors = by_kind[:, self._kind_code]
        return self

    @property
    def weights(self) -> dict[str, float]:
        """Weight overall by part. Raises NotFittedError before they are learned."""
        learned = self._ready()
        return dict(zip(learned.parts, learned.overall, strict=True))

    @property
    def powers(self) -> dict[str, float]:
        """Exponent by part. Raises NotFittedError before they are learned."""
        learned = self._ready()
        return dict(zip(learned.parts, learned.powers, strict=True))

    def _ready(self) -> BlendWeights:
        if self.learned is None:
            raise NotFittedError("Learn the weights of the blend before asking it for scores.")
        return self.learned

    def context(self, session: Session) -> int:
        """Which row of the weights holds for a session: by its length and its last item."""
        length = int(np.searchsorted(LENGTHS, len(session), side="right"))
        seen = int(self.counts[session[-1]]) if len(session) else 0
        return length * (len(SUPPORTS) + 1) + int(np.searchsorted(SUPPORTS, seen, side="right"))

    # Scoring

    def scores(self, sessions: Sequence[Session]) -> FloatArray:
        found = np.empty((len(sessions), len(self.counts)), dtype=np.float32)
        self._ready()
        for start in range(0, len(sessions), BATCH):
            some = sessions[start : start + BATCH]
            for row, (session, logits) in enumerate(zip(some, self._logits(some), strict=True)):
                found[start + row] = self.total(self.shares(session, logits), session)
        with np.errstate(divide="ignore"):
            return np.log(found, out=found)

    def shares(
        self, session: Session, logits: Sequence[FloatArray | None] | None = None
    ) -> list[_Share]:
        """Each part's weighted distribution for one session; `logits` (n,) where already known."""
        learned = self._ready()
        weights = learned.by_context[self.context(session)]
        found = []
        for number, (part, power) in enumerate(zip(self.parts, learned.powers, strict=True)):
            weight = weights[number]
            if weight < SMALLEST_WEIGHT:
                found.append(_Share(None, 0.0, np.zeros(0, np.int64), np.zeros(0)))
            elif isinstance(part, VotingRecommender):
                found.append(self._voted(number, part.votes(session), power, weight))
            else:
                own = None if logits is None else logits[number]
                scores = part.scores([session])[0] if own is None else own
                found.append(_Share(_softmax(scores, power, weight), 0.0, *_NO_VOTES))
        return found

    def total(self, shares: Sequence[_Share], session: Session) -> FloatArray:
        """(n,) the mixture of the parts, calibrated by kind and by what the session holds already:
        probabilities, up to a factor."""
        learned = self._ready()
        factors = np.zeros(len(self._distinct), dtype=np.float32)
        np.add.at(factors, self._which, [share.background for share in shares])
        out: FloatArray = factors @ self._distinct
        for share in shares:
            if share.dense is not None:
                out += share.dense
            out[share.items] += share.extra
        if learned.seen_factor != 1 and len(session):
            out[np.unique(session)] *= np.float32(learned.seen_factor)
        if self._factors is not None and len(session):
            out *= self._factors[self._kind_code[session[-1]]]
        return out

    def of_parts(self, shares: Sequence[_Share], items: IntArray) -> Weights:
        """(parts, C) what each part gives to each of the C items, before the kinds' factors."""
        return np.stack(
            [
                _at(share, background, items)
                for share, background in zip(shares, self._backgrounds, strict=True)
            ]
        )

    def owed_by_part(self, session: Session, items: IntArray, given: Weights) -> Weights:
        """(parts, L, C) how much of the score of each of the C items each part gives because of
        each of the L steps.

        What a part gives to an item, `given` (parts, C) from `of_parts`, is spread over the steps
        in proportion to what that part would lose without each; a part that would lose nothing
        (popularity) owes nothing to any step.
        """
        owed = np.zeros((len(self.parts), len(session), len(items)))
        for spread, part, gives in zip(owed, self.parts, given, strict=True):
            if not gives.any():
                continue
            lost = part.owed(session, items)
            sums = lost.sum(axis=0)
            np.divide(lost * gives, sums, out=spread, where=sums > 0)
        return owed

    def _voted(self, number: int, votes: Votes, power: float, weight: float) -> _Share:
        shares, background = self._shares[number], self._backgrounds[number]
        own = votes.prior**power * background[votes.items]
        full = (votes.prior * shares[votes.items] + votes.mass) ** power
        normaliser = votes.prior**power * self._sums[number] - own.sum() + full.sum()
        if normaliser <= 0:
            return _Share(None, 0.0, *_NO_VOTES)
        scale = weight / normaliser
        return _Share(None, scale * votes.prior**power, votes.items, scale * (full - own))

    def _moved(self, weights: BlendWeights, validation: SessionData) -> BlendWeights:
        """The weights, moved to where they rank best (see `recommender.ml.ranking_weights`)."""
        count = len(self.parts)
        if count < 2:
            return weights
        prefixes, targets = examples(validation, affordable(RANKED_EXAMPLES, validation.n_items))
        # A part that the likelihood left out may come back.
        table = rows_to_one(np.array(weights.by_context) + FLOOR)
        alone = replace(weights, by_context=[[1.0] * count] * N_CONTEXTS)
        candidates, given = self.adopt(alone)._given_to_candidates(prefixes, targets)
        contexts = [self.context(prefix) for prefix in prefixes]
        seen = np.stack(
            [np.isin(row, prefix) for row, prefix in zip(candidates, prefixes, strict=True)]
        )
        factors = factors_that_rank_best(RankedExamples(given, table[contexts], seen))
        overall = rows_to_one((np.array([weights.overall]) + FLOOR) * factors.parts)[0]
        return replace(
            weights,
            overall=overall.tolist(),
            by_context=rows_to_one(table * factors.parts).tolist(),
            seen_factor=factors.seen,
        )

    def _given_to_candidates(
        self, prefixes: list[IntArray], targets: IntArray
    ) -> tuple[IntArray, NDArray[np.float32]]:
        """(X, C) the target, first, and every item that some part has among its CANDIDATES best,
        as no other can be among the first of the mixture; -1 where there are fewer. And (X, parts,
        C) what each part gives to them."""
        popular = [np.argsort(-shares)[:CANDIDATES] for shares in self._shares if len(shares)]
        named, rows = [], []
        for start in range(0, len(prefixes), BATCH):
            some = slice(start, start + BATCH)
            for session, target, logits in zip(
                prefixes[some], targets[some], self._logits(prefixes[some]), strict=True
            ):
                shares = self.shares(session, logits)
                best = np.unique(np.concatenate([*popular, *(_best(share) for share in shares)]))
                candidates = np.concatenate([[target], best[best != target]]).astype(np.int64)
                named.append(candidates)
                rows.append(self.of_parts(shares, candidates).astype(np.float32))
        most = max(len(row) for row in named)
        items = np.full((len(rows), most), -1, dtype=np.int64)
        given = np.zeros((len(rows), len(self.parts), most), np.float32)
        for place, row in enumerate(named):
            items[place, : len(row)] = row
            given[place, :, : len(row)] = rows[place]
        return items, given

    def _logits(self, sessions: Sequence[Session]) -> list[list[FloatArray | None]]:
        """For each session the scores of each part that scores in logits, computed together."""
        found = [
            None if isinstance(part, VotingRecommender) else part.scores(sessions)
            for part in self.parts
        ]
        return [
            [None if scores is None else scores[row] for scores in found]
            for row in range(len(sessions))
        ]

    def _learn_kinds(self, validation: SessionData) -> dict[str, dict[str, float]]:
        """Observed over expected probability of each kind after each kind, between 1/4 and 4."""
        if len(self._kinds) < 2:
            return {}
        prefixes, targets = examples(
            validation, affordable(CALIBRATION_EXAMPLES, validation.n_items)
        )
        size = len(self._kinds)
        expected, observed = np.zeros((size, size)), np.zeros((size, size))
        for prefix, target in zip(prefixes, targets, strict=True):
            last = self._kind_code[prefix[-1]]
            found = self.total(self.shares(prefix), prefix)
            of_kind = np.bincount(self._kind_code, weights=found, minlength=size)
            expected[last] += of_kind / max(of_kind.sum(), 1e-12)
            observed[last, self._kind_code[target]] += 1
        prior = KIND_PRIOR * expected / np.maximum(expected.sum(axis=1, keepdims=True), 1e-12)
        factors = np.clip((observed + prior) / np.maximum(expected + prior, 1e-12), 0.25, 4.0)
        return {
            last: {kind: float(factors[row, column]) for column, kind in enumerate(self._kinds)}
            for row, last in enumerate(self._kinds)
            if expected[row].sum() > 0
        }


def affordable(examples: int, n_items: int) -> int:
    """How many of the examples are read for a catalogue of that size."""
    return max(min(examples, examples * SMALL_CATALOGUE // max(n_items, 1)), FEWEST_EXAMPLES)


_NO_VOTES = (np.zeros(0, np.int64), np.zeros(0))


def even_weights(blend: BlendRecommender) -> BlendWeights:
    """Every part alike, nothing sharpened: for a blend that has no sessions to learn from."""
    count = len(blend.parts)
    return BlendWeights(
        parts=[part.name for part in blend.parts],
        powers=[1.0] * count,
        overall=[1 / count] * count,
        by_context=[[1 / count] * count] * N_CONTEXTS,
    )


def _softmax(scores: FloatArray, power: float, weight: float) -> FloatArray:
    """(n,) weight * softmax(power * scores)."""
    mass: FloatArray = torch.from_numpy(scores).mul(power).softmax(dim=0).mul_(weight).numpy()
    return mass


def _distinct(backgrounds: Sequence[Weights], n_items: int) -> tuple[FloatArray, IntArray]:
    """The distinct ones among the backgrounds (n,), at least one row, and the row of each; one
    without entries, of a part that scores in logits, has row 0, by which nothing is ever scaled."""
    rows: list[FloatArray] = []
    which = np.zeros(len(backgrounds), dtype=np.int64)
    for number, background in enumerate(backgrounds):
        if not len(background):
            continue
        row = background.astype(np.float32)
        same = [place for place, other in enumerate(rows) if np.array_equal(row, other)]
        which[number] = same[0] if same else len(rows)
        if not same:
            rows.append(row)
    return np.stack(rows or [np.zeros(n_items, np.float32)]), which


def _best(share: _Share) -> IntArray:
    """(up to CANDIDATES,) the items that a part gives most to, beside its background."""
    mass: NDArray[Any] = share.extra if share.dense is None else share.dense
    best = np.arange(len(mass))
    if len(mass) > CANDIDATES:
        best = np.argpartition(-mass, CANDIDATES - 1)[:CANDIDATES]
    return best if share.dense is not None else share.items[best]


def _at(share: _Share, background: Weights, items: IntArray) -> Weights:
    if share.dense is not None:
        return share.dense[items].astype(np.float64)
    found = share.background * background[items] if share.background else np.zeros(len(items))
    return found + mass_at(share.items, share.extra, items)
