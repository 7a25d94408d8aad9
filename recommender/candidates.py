"""Candidates: what each tier would show, with the step of the session that it comes from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from recommender import popular

if TYPE_CHECKING:
    from recommender.loader import Loaded

Tier = Literal["blend", "content", "popular", "exploring"]

# Candidates beyond those asked for: an item may have left the catalogue since the engine was made.
SPARE = 8


@dataclass(frozen=True)
class Candidate:
    item_id: str
    kind: str
    score: float  # comparable within one tier only
    tier: Tier
    because: str | None = None  # item id of the decisive step
    note: str = ""  # the reason, where it does not come from a step
    lead: str = ""  # the part of the blend that gives most because of the step
    parts: dict[str, float] = field(default_factory=dict)  # what each part of the blend gives
    index: int = -1  # in the engine's vocabulary


def ranked(
    loaded: "Loaded", steps: Sequence[str], kinds: Sequence[str], k: int, barred: set[str]
) -> list[Candidate]:
    """The best of each kind by the engine, best first; empty where it knows none of the steps."""
    items = loaded.items
    session = [items.index_of[item_id] for item_id in steps if item_id in items.index_of]
    if not session:
        return []
    without = [items.index_of[item_id] for item_id in barred if item_id in items.index_of]
    tier: Tier = "blend" if loaded.version else "content"
    found = [
        Candidate(
            item_id=items.ids[one.index],
            kind=items.kinds[one.index],
            score=one.score,
            tier=tier,
            because=items.ids[session[one.step]] if one.step >= 0 else None,
            note="Beside your path",
            lead=one.lead,
            parts=one.parts,
            index=one.index,
        )
        for one in loaded.engine.rank(session, kinds=kinds, each=k + SPARE, barred=without)
    ]
    return sorted(found, key=lambda candidate: -candidate.score)


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
