"""Exploration: a small share of lists gives one place to something less sure, and keeps a record.

Without it, items that the model does not yet believe in are never shown, so nobody can prove it
wrong. The record has what counterfactual evaluation needs: the probability with which the item was
shown (the propensity).
"""

import random
from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings

from catalog.models import Item
from recommender.candidates import Candidate
from recommender.models import Exploration
from sessions_app.models import BrowsingSession

SHORTEST = 6  # cards of a list that can spare one


def explore(
    session: BrowsingSession,
    steps: Sequence[str],
    version: str | None,
    chosen: list[Candidate],
    pool: list[Candidate],
) -> list[Candidate]:
    """With probability `settings.EXPLORE`, exchange the last card for a candidate drawn evenly
    from the rest of the pool, and record it.

    The draw depends on session, steps and version alone: a list that is asked for again is the
    same, and is recorded once.
    """
    names = {candidate.item_id for candidate in chosen}
    others = [candidate for candidate in pool if candidate.item_id not in names]
    if len(chosen) < SHORTEST or not others:
        return chosen
    draw = random.Random(f"{session.public_id} {version} {' '.join(steps)}")  # noqa: S311
    if draw.random() >= settings.EXPLORE:
        return chosen
    lucky = draw.choice(others)
    item = Item.objects.filter(item_id=lucky.item_id).first()
    if item is None:  # left the catalogue since the engine was made
        return chosen
    Exploration.objects.get_or_create(
        session=session,
        item=item,
        model_version=version or "",
        defaults={"position": len(chosen), "propensity": settings.EXPLORE / len(others)},
    )
    return [*chosen[:-1], replace(lucky, tier="exploring")]
