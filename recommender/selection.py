"""From candidates to a list: variety, a share for every kind, the rest in the order given."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from recommender.candidates import Candidate

if TYPE_CHECKING:
    from recommender.ml.data import FloatArray

SHARE_OF_A_KIND = 4  # in an unfiltered list each kind gets at least k // 4 cards


def diversify(
    candidates: list[Candidate], vectors: "FloatArray | None", *, strength: float
) -> list[Candidate]:
    """Reorder by maximal marginal relevance (Carbonell & Goldstein, SIGIR 1998).

    Each place goes to the candidate with the greatest (1 - strength) * relevance - strength *
    likeness to what stands before it; relevance is the score, from 0 (the last) to 1 (the first),
    likeness the greatest cosine of the candidates' `vectors` (C, D). At strength 0 the order
    stays, and so it does without vectors.
    """
    if vectors is None or strength == 0 or len(candidates) < 3:
        return candidates
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    cosines = unit @ unit.T  # (C, C)
    scores = np.array([candidate.score for candidate in candidates])
    span = scores.max() - scores.min()
    relevance = (scores - scores.min()) / span if span > 0 else np.zeros(len(scores))
    order = [int(relevance.argmax())]
    likeness = cosines[order[0]].copy()
    open_still = np.ones(len(candidates), dtype=bool)
    open_still[order[0]] = False
    for _ in range(len(candidates) - 1):
        worth = np.where(open_still, (1 - strength) * relevance - strength * likeness, -np.inf)
        best = int(worth.argmax())
        order.append(best)
        open_still[best] = False
        likeness = np.maximum(likeness, cosines[best])
    return [candidates[place] for place in order]


def select(
    chosen: list[Candidate],
    candidates: list[Candidate],
    *,
    k: int,
    kinds: Sequence[str],
    quotas: Mapping[str, int] | None = None,
) -> list[Candidate]:
    """Add candidates, best first, to what better tiers chose: a share for each kind, then the rest.

    The first of each kind come first, so that every kind is seen without scrolling. A list that
    is too short for every kind has no shares: the best tier fills it. With `quotas` each kind has
    so many places, and what one cannot fill goes to the best of the others.
    """
    taken = {c.item_id for c in chosen}
    pool = [c for c in candidates if c.item_id not in taken]
    share = max(k // SHARE_OF_A_KIND, 1) if 1 < len(kinds) <= k else 0
    wanted = dict.fromkeys(kinds, share) if quotas is None else quotas
    reserved: set[str] = set()
    for kind in kinds:
        missing = wanted.get(kind, 0) - sum(c.kind == kind for c in chosen)
        reserved |= {c.item_id for c in [c for c in pool if c.kind == kind][: max(missing, 0)]}
    room = max(k - len(chosen) - len(reserved), 0)
    rest = [c.item_id for c in pool if c.item_id not in reserved][:room]
    added = [c for c in pool if c.item_id in reserved or c.item_id in rest]
    kept = _kept(chosen, len(chosen) + len(reserved) - k, quotas)
    return _one_of_each_kind_first([*kept, *added])[:k]


def _kept(
    chosen: list[Candidate], too_many: int, quotas: Mapping[str, int] | None
) -> list[Candidate]:
    """`chosen` without the last `too_many`; with quotas, of the kinds that are over theirs."""
    if too_many <= 0:
        return chosen
    if quotas is None:
        return chosen[: max(len(chosen) - too_many, 0)]
    over = Counter(c.kind for c in chosen)
    over.subtract(quotas)
    kept = []
    for candidate in reversed(chosen):
        if too_many and over[candidate.kind] > 0:
            over[candidate.kind] -= 1
            too_many -= 1
        else:
            kept.append(candidate)
    return kept[::-1]


def _one_of_each_kind_first(ordered: list[Candidate]) -> list[Candidate]:
    firsts: dict[str, Candidate] = {}
    for candidate in ordered:
        firsts.setdefault(candidate.kind, candidate)
    lead = list(firsts.values())
    return lead + [c for c in ordered if c not in lead]


def is_complete(
    chosen: list[Candidate],
    *,
    k: int,
    kinds: Sequence[str],
    quotas: Mapping[str, int] | None = None,
) -> bool:
    """Full, and with every kind where there is room for it, or with so many of each as `quotas`
    say: no further tier is needed."""
    counts = Counter(c.kind for c in chosen)
    if quotas is not None:
        return all(counts[kind] >= number for kind, number in quotas.items())
    return len(chosen) >= k and (k < len(kinds) or set(counts) >= set(kinds))
