"""Cards: the items of a list as pages and the API show them, each with its reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from catalog import card_cache
from catalog.models import Item
from recommender import reasons
from recommender.candidates import Candidate, Tier
from recommender.reasons import Lean, Reason

if TYPE_CHECKING:
    from recommender.loader import Loaded


@dataclass(frozen=True)
class Card:
    """One recommended item, the reason for it, and the step of the session that it owes.

    `parts` is the share of the score that each part of the blend gives, by its name; `why` is the
    reason with what it claims, where it can be checked.
    """

    item: Item
    score: float
    tier: Tier
    reason: str
    because: Item | None
    parts: dict[str, float] = field(default_factory=dict)
    why: Reason | None = None


def named(chosen: Iterable[Candidate]) -> set[str]:
    """The items that the cards of these candidates speak of."""
    ids: set[str] = set()
    for candidate in chosen:
        ids |= {candidate.item_id, candidate.because or candidate.item_id}
    return ids


def first_that_exist(candidates: Sequence[Candidate], k: int) -> list[Card]:
    """Cards of the first k candidates that are in the catalogue, for lists that follow no step."""
    items = card_cache.cards.get(named(candidates))
    return cards_of([c for c in candidates if c.item_id in items][:k], items)


def cards_of(
    chosen: Sequence[Candidate],
    items: dict[str, Item],
    *,
    loaded: "Loaded | None" = None,
    lean: Lean = "",
) -> list[Card]:
    """`items` holds what the candidates speak of; `loaded` is what ranked them."""
    steps = [c.because for c in chosen if c.because in items]
    kinships = reasons.kinships_among([items[i] for i in {*(c.item_id for c in chosen), *steps}])
    cards = []
    for candidate in chosen:
        item, step = items[candidate.item_id], items.get(candidate.because or "")
        if step is not None:
            why = reasons.of_step(
                card=item,
                step=step,
                kinships=kinships,
                lead=candidate.lead,
                seen=_seen(candidate, loaded),
                traffic=loaded.traffic if loaded else "people",
                lean=lean,
            )
        else:
            why = candidate.why or reasons.beside()
        if candidate.tier == "exploring":
            why = reasons.exploring(why)
        shares = _shares(candidate.parts)
        cards.append(Card(item, candidate.score, candidate.tier, why.text, step, shares, why))
    return cards


def _seen(candidate: Candidate, loaded: "Loaded | None") -> reasons.Seen:
    """What the visits that were learned from tell of a candidate and its step."""
    if loaded is None or candidate.index < 0 or candidate.lead not in reasons.LEARNED_FROM_VISITS:
        return ""
    step = loaded.items.index_of.get(candidate.because or "")
    return "" if step is None else loaded.engine.followed(step, candidate.index)


def _shares(parts: dict[str, float]) -> dict[str, float]:
    total = sum(parts.values()) or 1.0
    return {name: round(given / total, 3) for name, given in parts.items() if given > 0}
