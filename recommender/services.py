"""What to show next: `recommend(...)` is the one function behind page, fragment and API.

Tiers: the session model (GRU4Rec) first; content similarity where the model does not know the
session's items or runs out of candidates; what is popular last. Rules come before the cut, so a
list does not shrink: what was seen, hidden or excluded is never a candidate.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from catalog.models import Item, Kind
from recommender import reasons
from recommender.candidates import Candidate, Tier, popular_ones, scored
from recommender.loader import loader
from recommender.selection import is_complete, select
from sessions_app import reading
from sessions_app.models import BrowsingSession

MAX_STEPS = 50


@dataclass(frozen=True)
class Card:
    """One recommended item, the reason for it, and the step of the session that it owes."""

    item: Item
    score: float
    tier: Tier
    reason: str
    because: Item | None


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
) -> Answer:
    """Up to `k` items that follow `steps`, item ids in the order they were opened.

    `kind` limits the list to one kind; without it at least two other kinds than the last step's
    are in it when the catalogue has them. `steps` and `exclude` are never in the answer. Unknown
    ids are skipped and named. Raises ValueError where `k` is not between 1 and 100 or `kind` is
    not a kind.
    """
    if not 1 <= k <= 100:
        raise ValueError(f"k must be between 1 and 100, not {k}.")
    if kind is not None and kind not in Kind.values:
        raise ValueError(f"There is no kind {kind!r}; there are {', '.join(Kind.values)}.")
    opened = {item.item_id: item for item in _fetch(set(steps))}
    known = [item_id for item_id in steps if item_id in opened][-MAX_STEPS:]
    barred = {*steps, *exclude}
    kinds = [kind] if kind else list(Kind.values)

    loader.start()
    model = loader.model
    chosen: list[Candidate] = []
    items: dict[str, Item] = {}
    for candidates in _tiers(known, kinds, k, barred):
        found = _fetch({candidate.item_id for candidate in candidates})
        items |= {item.item_id: item for item in found}
        fresh = [c for c in candidates if c.item_id in items]
        chosen = select(chosen, fresh, k=k, kinds=kinds)
        if is_complete(chosen, k=k, kinds=kinds):
            break
    return Answer(
        cards=_cards(chosen, items, opened),
        tier=chosen[0].tier if chosen else "popular",
        model_version=model.version if model else None,
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
    """`recommend` for a visitor: their steps, without what they saw, hid or did not like."""
    known_to_visitor = (
        reading.seen_item_ids(session)
        | reading.hidden_item_ids(session)
        | reading.disliked_item_ids(session)
    )
    return recommend(
        steps=reading.step_item_ids(session, limit=MAX_STEPS),
        k=k,
        kind=kind,
        exclude={*exclude, *known_to_visitor},
    )


def _tiers(
    steps: Sequence[str], kinds: Sequence[str], k: int, barred: set[str]
) -> Iterator[list[Candidate]]:
    """Each tier's candidates, best tier first; a later one is only computed when needed."""
    for tier, holder in (("gru4rec", loader.model), ("content", loader.content)):
        if holder is not None and steps:
            yield scored(tier, holder.model, holder.items, steps, kinds, k, barred)  # type: ignore[arg-type]
    yield popular_ones(kinds, k, barred)


def _cards(chosen: list[Candidate], items: dict[str, Item], opened: dict[str, Item]) -> list[Card]:
    kinships = reasons.kinships_among(
        [*(items[c.item_id] for c in chosen), *(opened[c.because] for c in chosen if c.because)]
    )
    cards = []
    for candidate in chosen:
        item = items[candidate.item_id]
        step = opened[candidate.because] if candidate.because else None
        text = (
            reasons.sentence(card=item, step=step, kinships=kinships, tier=candidate.tier)
            if step
            else candidate.note
        )
        cards.append(Card(item, candidate.score, candidate.tier, text, step))
    return cards


def _fetch(item_ids: set[str]) -> list[Item]:
    return list(Item.objects.with_cards().filter(item_id__in=item_ids)) if item_ids else []


def similar(*, item: Item, k: int = 8, kind: str | None = None) -> list[Card]:
    """The k items whose words are most like the item's, by content alone, with a reason each.

    Empty where the item has no words in common with any, or while the content model is not
    loaded yet.
    """
    loader.start()
    content = loader.content
    if content is None or item.item_id not in content.items.index_of:
        return []
    kinds = [kind] if kind else list(Kind.values)
    candidates = scored(
        "content", content.model, content.items, [item.item_id], kinds, k, {item.item_id}
    )
    items = {found.item_id: found for found in _fetch({c.item_id for c in candidates})}
    fresh = sorted((c for c in candidates if c.item_id in items), key=lambda c: -c.score)[:k]
    (step,) = _fetch({item.item_id})
    return _cards(fresh, items, {item.item_id: step})
