"""How a visitor got here: the steps of the visit, each with what joins it to the one before."""

from dataclasses import dataclass

from catalog.card_cache import cards
from catalog.models import Item
from recommender import reasons
from sessions_app.reading import Step
from sessions_app.visits import Visit

STEPS = 200
FACTS = ("kinship", "creator", "shared", "era")


@dataclass(frozen=True)
class Leg:
    """A step with its item as a card has it, and the fact of the catalogue that joins it to the
    step before, "" where there is none. Why the visitor went there nobody knows; this is what the
    two have in common."""

    step: Step
    item: Item
    joined: str


def legs(visit: Visit) -> list[Leg]:
    """Every step of the visit, the newest first."""
    steps = visit.trail(limit=STEPS).steps
    items = cards.get({step.item.item_id for step in steps})
    known = [step for step in steps if step.item.item_id in items]
    kinships = reasons.kinships_among(list(items.values()))
    found = []
    for before, step in zip([None, *known], known, strict=False):
        joined = ""
        if before is not None:
            reason = reasons.of_step(
                card=items[step.item.item_id],
                step=items[before.item.item_id],
                kinships=kinships,
                lead="",
            )
            joined = reason.text if reason.kind in FACTS else ""
        found.append(Leg(step, items[step.item.item_id], joined))
    return found[::-1]
