"""Candidates: what each tier would show, with the step of the session that it comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from recommender import popular, reasons
from recommender.ml.contract import Recommender
from recommender.ml.data import ItemTable

Tier = Literal["gru4rec", "content", "popular"]

# Candidates beyond those asked for: an item may have left the catalogue since the training.
SPARE = 8


@dataclass(frozen=True)
class Candidate:
    item_id: str
    kind: str
    score: float  # comparable within one tier only
    tier: Tier
    because: str | None = None  # item id of the decisive step
    note: str = ""  # the reason, where it does not come from a step


def scored(
    tier: Tier,
    model: Recommender,
    table: ItemTable,
    steps: Sequence[str],
    kinds: Sequence[str],
    k: int,
    barred: set[str],
) -> list[Candidate]:
    """The best of each kind by a model, with the step that each one owes its score to."""
    index_of = table.index_of
    session = [index_of[item_id] for item_id in steps if item_id in index_of]
    if not session:
        return []
    scores = model.scores([session])[0]  # (n,)
    scores[[index_of[item_id] for item_id in barred if item_id in index_of]] = -np.inf
    of_kind = table.kind_array
    best = np.concatenate([best_of(scores, of_kind == kind, k + SPARE) for kind in kinds])
    if tier == "content":
        best = best[scores[best] > 0]  # no common word is no similarity
    if len(best) == 0:
        return []
    decisive, _ = reasons.decisive_steps(model, session, best)
    return [
        Candidate(
            item_id=table.ids[index],
            kind=table.kinds[index],
            score=float(scores[index]),
            tier=tier,
            because=table.ids[session[position]],
        )
        for index, position in zip(best, decisive, strict=True)
    ]


def best_of(scores: NDArray[np.float32], mask: NDArray[np.bool_], k: int) -> NDArray[np.int64]:
    """Indices of the k best finite scores within the mask, best first, ties by index."""
    inside = np.flatnonzero(mask & np.isfinite(scores))
    if len(inside) > k:
        inside = inside[np.argpartition(-scores[inside], k - 1)[:k]]
    return inside[np.lexsort((inside, -scores[inside]))]


def popular_ones(kinds: Sequence[str], k: int, barred: set[str]) -> list[Candidate]:
    """What is opened most, the kinds in turn."""
    opened = [o for o in popular.most_opened_of(list(kinds)) if o.item_id not in barred]
    return [
        Candidate(o.item_id, o.kind, 0.0, "popular", note=popular_note(o))
        for o in opened[: 3 * (k + SPARE)]
    ]


def popular_note(opened: popular.Opened) -> str:
    if opened.by_people:
        times = "once" if opened.by_people == 1 else f"in {opened.by_people} sessions"
        return f"Opened {times} by visitors this month"
    if opened.simulated:
        return f"Opened in {opened.simulated} simulated sessions"
    return "A place to start"
