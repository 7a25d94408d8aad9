"""From candidates to a list: a share for every kind, the rest by score."""

from collections.abc import Sequence

from recommender.candidates import Candidate

SHARE_OF_A_KIND = 4  # in an unfiltered list each kind gets at least k // 4 cards


def select(
    chosen: list[Candidate], candidates: list[Candidate], *, k: int, kinds: Sequence[str]
) -> list[Candidate]:
    """Add candidates to what better tiers chose: a share for each kind, the rest by score.

    The first of each kind come first, so that every kind is seen without scrolling. A list that
    is too short for every kind has no shares: the best tier fills it.
    """
    taken = {c.item_id for c in chosen}
    pool = [c for c in candidates if c.item_id not in taken]
    share = max(k // SHARE_OF_A_KIND, 1) if 1 < len(kinds) <= k else 0
    reserved: list[Candidate] = []
    for kind in kinds:
        missing = share - sum(c.kind == kind for c in chosen)
        reserved += [c for c in pool if c.kind == kind][: max(missing, 0)]
    ranked = sorted(pool, key=lambda c: -c.score)
    rest = [c for c in ranked if c not in reserved]
    room = max(k - len(chosen) - len(reserved), 0)
    added = sorted([*reserved, *rest[:room]], key=lambda c: -c.score)
    kept = chosen[: max(k - len(reserved), 0)] if len(chosen) + len(reserved) > k else chosen
    return _one_of_each_kind_first([*kept, *added])[:k]


def _one_of_each_kind_first(ranked: list[Candidate]) -> list[Candidate]:
    firsts: dict[str, Candidate] = {}
    for candidate in ranked:
        firsts.setdefault(candidate.kind, candidate)
    lead = list(firsts.values())
    return lead + [c for c in ranked if c not in lead]


def is_complete(chosen: list[Candidate], *, k: int, kinds: Sequence[str]) -> bool:
    """Full, and with every kind where there is room for it: no further tier is needed."""
    return len(chosen) >= k and (k < len(kinds) or {c.kind for c in chosen} >= set(kinds))
