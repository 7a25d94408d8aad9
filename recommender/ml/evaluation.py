"""Full-ranking evaluation of next-item prediction, one judge for every model.

Every position of a hold-out session after its first is one example: the prefix goes in, the next
item is the only right answer. The target's rank is the number of items that score at least as
much, itself included, over the whole vocabulary: ties count against the model, and a model that
scores all items alike is right nowhere. Nothing is sampled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from recommender.ml.contract import Recommender
from recommender.ml.data import IntArray, SessionData

NEVER = np.iinfo(np.int64).max  # the rank of a target without a score: beyond any K


@dataclass(frozen=True)
class MetricsAtK:
    """Means over the examples; each has one right item, so precision = recall / K and
    F1 = 2 * recall / (K + 1). Coverage and popularity speak of the top-K lists themselves."""

    recall: float  # = hit rate
    mrr: float  # 1 / rank, 0 beyond K
    ndcg: float  # 1 / log2(rank + 1), 0 beyond K
    precision: float
    f1: float
    coverage: float  # share of the vocabulary that is in a top-K at least once
    popularity: float | None  # mean popularity percentile (0 to 1) of what was recommended


@dataclass(frozen=True)
class EvaluationReport:
    """Metrics by K, overall and, where item kinds were given, by the kind of the target and for
    the examples whose target is of another kind than the last clicked item; where training counts
    were given, also for the examples whose target was never seen in training."""

    n_examples: int
    at: dict[int, MetricsAtK]
    per_kind: dict[str, EvaluationReport] = field(default_factory=dict)
    cross_kind: EvaluationReport | None = None
    unseen: EvaluationReport | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; the K become text keys."""
        return {
            "n_examples": self.n_examples,
            "at": {str(k): asdict(metrics) for k, metrics in self.at.items()},
            "per_kind": {kind: report.to_dict() for kind, report in self.per_kind.items()},
            "cross_kind": self.cross_kind.to_dict() if self.cross_kind else None,
            "unseen": self.unseen.to_dict() if self.unseen else None,
        }


class _Outcomes(NamedTuple):
    """What happened to each of X examples; lists are cut at the greatest K."""

    targets: IntArray  # (X,)
    last: IntArray  # (X,) the last clicked item
    ranks: IntArray  # (X,) from 1; NEVER for a target without a score
    top: IntArray  # (X, K) item indices, -1 where the model recommends no more


def evaluate(
    recommender: Recommender,
    holdout: SessionData,
    *,
    kinds: Sequence[str] | None = None,
    ks: Sequence[int] = (5, 10, 20),
    batch: int = 256,
    train_popularity: NDArray[Any] | None = None,
    exclude_seen: bool = False,
) -> EvaluationReport:
    """Judge a fitted recommender on later sessions.

    `kinds` names each item's kind, (n_items,); `train_popularity` counts each item's training
    events, (n_items,), for the popularity percentile. With `exclude_seen` the items of the
    prefix are not recommended, and a target that repeats one of them is a miss. Raises
    ValueError where no session has two events, or where a score is NaN.
    """
    if not ks or min(ks) < 1:
        raise ValueError(f"Metrics need cut-offs of at least 1, not {list(ks)}.")
    depth = min(max(ks), holdout.n_items)
    parts = [
        _outcomes(recommender, prefixes, np.array(targets), depth, exclude_seen)
        for prefixes, targets in _examples(holdout, batch)
    ]
    if not parts:
        raise ValueError("The hold-out has no session of two events: there is nothing to judge.")
    outcomes = _Outcomes(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    percentile = None if train_popularity is None else popularity_percentile(train_popularity)
    everything = np.ones(len(outcomes.targets), dtype=bool)
    at = _summary(outcomes, everything, ks, holdout.n_items, percentile)

    def part(mask: NDArray[np.bool_]) -> EvaluationReport | None:
        if not mask.any():
            return None
        metrics = _summary(outcomes, mask, ks, holdout.n_items, percentile)
        return EvaluationReport(int(mask.sum()), metrics)

    report = EvaluationReport(len(everything), at)
    if train_popularity is not None:
        report = replace(report, unseen=part(np.asarray(train_popularity)[outcomes.targets] == 0))
    if kinds is None:
        return report
    kind_of = np.asarray(kinds)
    of_target = kind_of[outcomes.targets]
    per_kind = {str(kind): part(of_target == kind) for kind in np.unique(of_target)}
    return replace(
        report,
        per_kind={kind: found for kind, found in per_kind.items() if found is not None},
        cross_kind=part(of_target != kind_of[outcomes.last]),
    )


def self_overlap(recommender: Recommender, data: SessionData, k: int = 10) -> dict[str, float]:
    """How much of a whole session comes back in its own top-k: precision, recall and F1.

    For comparison with figures that were published this way, and for nothing else: the model
    has been given every item that it is asked for, usually after training on the same sessions,
    so a model that repeats its input scores best. It says nothing about predicting a next item;
    `evaluate` does.
    """
    chosen = [session for session in data.sequences() if len(session) >= 2]
    if not chosen:
        raise ValueError("No session has two events: there is nothing to compare.")
    precisions, recalls, f1s = [], [], []
    for start in range(0, len(chosen), 256):
        sessions = chosen[start : start + 256]
        top = _top(recommender.scores(sessions), min(k, data.n_items))
        for session, row in zip(sessions, top, strict=True):
            own = np.unique(session)
            found = int(np.isin(own, row).sum())
            precisions.append(found / k)
            recalls.append(found / len(own))
            f1s.append(2 * found / (k + len(own)))
    means = {"precision": precisions, "recall": recalls, "f1": f1s}
    return {name: float(np.mean(values)) for name, values in means.items()}


def popularity_percentile(counts: NDArray[Any]) -> NDArray[np.float64]:
    """(n,) share of the items that are at most as popular, ties at their middle: 1 is the top."""
    ordered = np.sort(counts)
    below = np.searchsorted(ordered, counts, side="left")
    not_above = np.searchsorted(ordered, counts, side="right")
    middle: NDArray[np.float64] = (below + not_above) / (2 * len(counts))
    return middle


def _examples(data: SessionData, batch: int) -> Iterator[tuple[list[IntArray], list[int]]]:
    """(prefixes, targets) of up to `batch` examples at a time."""
    prefixes: list[IntArray] = []
    targets: list[int] = []
    for session in data.sequences():
        for cut in range(1, len(session)):
            prefixes.append(session[:cut])
            targets.append(int(session[cut]))
            if len(targets) == batch:
                yield prefixes, targets
                prefixes, targets = [], []
    if targets:
        yield prefixes, targets


def _outcomes(
    recommender: Recommender,
    prefixes: list[IntArray],
    targets: IntArray,
    depth: int,
    exclude_seen: bool,
) -> _Outcomes:
    scores = recommender.scores(prefixes)
    if np.isnan(scores).any():
        raise ValueError(f"The model {recommender.name!r} gave a score that is not a number.")
    if exclude_seen:
        scores = scores.copy()
        for row, prefix in enumerate(prefixes):
            scores[row, prefix] = -np.inf
    reached = scores[np.arange(len(targets)), targets]
    ranks = (scores >= reached[:, None]).sum(axis=1, dtype=np.int64)
    ranks[np.isneginf(reached)] = NEVER
    last = np.array([prefix[-1] for prefix in prefixes])
    return _Outcomes(targets, last, ranks, _top(scores, depth))


def _top(scores: NDArray[np.float32], k: int) -> IntArray:
    """(B, k) best items, best first; -1 in place of an item that the model does not score."""
    best = torch.from_numpy(scores).topk(k, dim=1)
    top: IntArray = torch.where(torch.isneginf(best.values), -1, best.indices).numpy()
    return top


def _summary(
    outcomes: _Outcomes,
    mask: NDArray[np.bool_],
    ks: Sequence[int],
    n_items: int,
    percentile: NDArray[np.float64] | None,
) -> dict[int, MetricsAtK]:
    ranks = outcomes.ranks[mask]
    metrics = {}
    for k in sorted(ks):
        hit = ranks <= k
        recall = float(hit.mean())
        listed = outcomes.top[mask][:, :k]
        listed = listed[listed >= 0]
        metrics[k] = MetricsAtK(
            recall=recall,
            mrr=float((hit / ranks).mean()),
            ndcg=float((hit / np.log2(ranks + 1.0)).mean()),
            precision=recall / k,
            f1=2 * recall / (k + 1),
            coverage=len(np.unique(listed)) / n_items,
            popularity=None
            if percentile is None or len(listed) == 0
            else float(percentile[listed].mean()),
        )
    return metrics
