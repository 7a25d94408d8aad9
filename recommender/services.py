"""What to show next: `recommend(...)` is the one function behind page, fragment and API.

Tiers: the engine first (the blend of a trained version; while there is none, the catalogue's words
alone), what is popular last. Rules come before the cut, so a list does not shrink: what was seen,
hidden or excluded is never a candidate.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from django.conf import settings

from catalog import card_cache
from catalog.merging import current_ids
from catalog.models import Item, Kind
from recommender import exploration, reasons
from recommender.candidates import SPARE, Candidate, Tier, popular_ones, ranked
from recommender.loader import Loaded, loader
from recommender.selection import diversify, is_complete, select
from sessions_app import reading
from sessions_app.models import BrowsingSession

MAX_STEPS = 50

Explore = Callable[[list[Candidate], list[Candidate]], list[Candidate]]


@dataclass(frozen=True)
class Card:
    """One recommended item, the reason for it, and the step of the session that it owes.

    `parts` is the share of the score that each part of the blend gives, by its name.
    """

    item: Item
    score: float
    tier: Tier
    reason: str
    because: Item | None
    parts: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """A ranked list. `tier` is where its first card comes from; `unknown` ids were skipped."""

    cards: list[Card]
    tier: Tier
    model_version: str | None
    steps: int
    unknown: list[str] = field(default_factory=list)


def recommend(
    *,
    steps: Sequence[str],
    k: int = 12,
    kind: str | None = None,
    exclude: Collection[str] = (),
    explore: Explore | None = None,
) -> Answer:
    """Up to `k` items that follow `steps`, item ids in the order they were opened.

    `kind` limits the list to one kind; without it at least two other kinds than the last step's
    are in it when the catalogue has them. `steps` and `exclude` are never in the answer. Unknown
    ids are skipped and named; the id of an item that was merged away means the one that it is
    now. `explore` may exchange a chosen candidate for another one. Raises ValueError where `k` is
    not between 1 and 100 or `kind` is not a kind.
    """
    if not 1 <= k <= 100:
        raise ValueError(f"k must be between 1 and 100, not {k}.")
    if kind is not None and kind not in Kind.values:
        raise ValueError(f"There is no kind {kind!r}; there are {', '.join(Kind.values)}.")
    loader.start()
    loaded = loader.current
    opened = _known(steps, loaded)
    steps, exclude = _under_todays_ids(steps, exclude, opened, loaded)
    known = [item_id for item_id in steps if item_id in opened][-MAX_STEPS:]
    barred = {*steps, *exclude}
    kinds = [kind] if kind else list(Kind.values)

    pool: list[Candidate] = []
    if loaded is not None and known:
        pool = ranked(loaded, known, kinds, k, barred)
        vectors = loaded.engine.vectors(np.array([one.index for one in pool], dtype=np.int64))
        pool = diversify(pool, vectors, strength=settings.DIVERSITY)
    chosen = select([], pool, k=k, kinds=kinds)
    items = card_cache.cards.get(_named(chosen))
    gone = {candidate.item_id for candidate in chosen} - set(items)
    if gone:  # left the catalogue since the engine was made
        pool = [candidate for candidate in pool if candidate.item_id not in gone]
        chosen = select([], pool, k=k, kinds=kinds)
        items |= card_cache.cards.get(_named(chosen) - set(items))
        chosen = [candidate for candidate in chosen if candidate.item_id in items]
    if explore is not None:
        chosen = explore(chosen, pool)
        items |= card_cache.cards.get(_named(chosen) - set(items))
    if not is_complete(chosen, k=k, kinds=kinds):
        more = popular_ones(kinds, k, barred)
        items |= card_cache.cards.get({candidate.item_id for candidate in more} - set(items))
        more = [candidate for candidate in more if candidate.item_id in items]
        chosen = select(chosen, more, k=k, kinds=kinds)
    return Answer(
        cards=_cards(chosen, items, simulated=loaded.simulated if loaded else False),
        tier=chosen[0].tier if chosen else "popular",
        model_version=loaded.version if loaded else None,
        steps=len(known),
        unknown=[item_id for item_id in dict.fromkeys(steps) if item_id not in opened],
    )


def recommend_for(
    session: BrowsingSession | None,
    *,
    k: int = 12,
    kind: str | None = None,
    exclude: Collection[str] = (),
) -> Answer:
    """`recommend` for a visitor: their steps, without what they saw, hid or did not like.

    Now and then a place of the list goes to something less sure (`recommender.exploration`).
    """
    known_to_visitor = (
        reading.seen_item_ids(session)
        | reading.hidden_item_ids(session)
        | reading.disliked_item_ids(session)
    )
    steps = reading.step_item_ids(session, limit=MAX_STEPS)
    explore = None
    if session is not None and steps and not session.is_bot:
        explore = partial(exploration.explore, session, steps, loader.version)
    return recommend(
        steps=steps, k=k, kind=kind, exclude={*exclude, *known_to_visitor}, explore=explore
    )


def _known(steps: Sequence[str], loaded: Loaded | None) -> set[str]:
    """The steps that are in the catalogue; the database is asked about those that the engine does
    not know."""
    known = {item_id for item_id in steps if loaded and item_id in loaded.items.index_of}
    others = set(steps) - known
    if others:
        known |= set(Item.objects.filter(item_id__in=others).values_list("item_id", flat=True))
    return known


def _under_todays_ids(
    steps: Sequence[str], exclude: Collection[str], opened: set[str], loaded: Loaded | None
) -> tuple[Sequence[str], Collection[str]]:
    """Both with the ids that were merged away replaced, which are then among `opened`; one query
    where there is an id that nobody knows."""
    strange = {*steps, *exclude} - opened
    if loaded:
        strange = {item_id for item_id in strange if item_id not in loaded.items.index_of}
    moved = current_ids(strange) if strange else {}
    if not moved:
        return steps, exclude
    opened.update(moved[item_id] for item_id in steps if item_id in moved)
    return [moved.get(i, i) for i in steps], {moved.get(i, i) for i in exclude}


def _named(chosen: list[Candidate]) -> set[str]:
    """The items that the cards of these candidates speak of."""
    return {c.item_id for c in chosen} | {c.because for c in chosen if c.because}


def _cards(chosen: list[Candidate], items: dict[str, Item], *, simulated: bool) -> list[Card]:
    steps = [c.because for c in chosen if c.because in items]
    kinships = reasons.kinships_among([items[i] for i in {*(c.item_id for c in chosen), *steps}])
    cards = []
    for candidate in chosen:
        item, step = items[candidate.item_id], items.get(candidate.because or "")
        text = candidate.note
        if step is not None:
            text = reasons.sentence(
                card=item, step=step, kinships=kinships, lead=candidate.lead, simulated=simulated
            )
        if candidate.tier == "exploring":
            text = f"Exploring beyond your path: {text[:1].lower()}{text[1:]}"
        shares = _shares(candidate.parts)
        cards.append(Card(item, candidate.score, candidate.tier, text, step, shares))
    return cards


def _shares(parts: dict[str, float]) -> dict[str, float]:
    total = sum(parts.values()) or 1.0
    return {name: round(given / total, 3) for name, given in parts.items() if given > 0}


def similar(*, item: Item, k: int = 8, kind: str | None = None) -> list[Card]:
    """The k items whose words are most like the item's, by content alone, with a reason each.

    Empty where the item has no words in common with any, or while no engine is loaded yet.
    """
    loader.start()
    loaded = loader.current
    content = loaded.engine.content if loaded else None
    if loaded is None or content is None or item.item_id not in loaded.items.index_of:
        return []
    index, table = loaded.items.index_of[item.item_id], loaded.items
    allowed = None if kind is None else table.kind_array == kind
    found = [
        Candidate(
            table.ids[other],
            table.kinds[other],
            float(cosine),
            "content",
            because=item.item_id,
            lead="content",
        )
        for other, cosine in zip(*content.similar(index, k + SPARE, allowed), strict=True)
    ]
    items = card_cache.cards.get({item.item_id, *(candidate.item_id for candidate in found)})
    fresh = [candidate for candidate in found if candidate.item_id in items][:k]
    return _cards(fresh, items, simulated=False)
