"""What to show next: `recommend(...)` is the one function behind page, fragment and API.

Tiers: the session model (GRU4Rec) first; content similarity where the model does not know the
session's items or runs out of candidates; what is popular last. Rules come before the cut, so a
list does not shrink: what was seen, hidden or excluded is never a candidate.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from catalog.models import Item, Kind
from recommender import popular, reasons
from recommender.loader import loader
from recommender.ml.contract import Recommender
from recommender.ml.data import ItemTable
from sessions_app import reading
from sessions_app.models import BrowsingSession

Tier = Literal["gru4rec", "content", "popular"]

MAX_STEPS = 50
SHARE_OF_OTHER_KINDS = 4  # in an unfiltered list each kind gets at least k // 4 cards


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


@dataclass(frozen=True)
class _Candidate:
    item_id: str
    kind: str
    score: float
    tier: Tier
    because: str | None = None  # item id of the decisive step
    note: str = ""  # the reason, where it does not come from a step


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
    chosen: list[_Candidate] = []
    items: dict[str, Item] = {}
    for candidates in _tiers(known, kinds, k, barred):
        found = _fetch({candidate.item_id for candidate in candidates})
        items |= {item.item_id: item for item in found}
        fresh = [c for c in candidates if c.item_id in items]
        chosen = _select(chosen, fresh, k=k, kinds=kinds)
        if len(chosen) >= k and _has_every_kind(chosen, kinds):
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
) -> Iterator[list[_Candidate]]:
    """Each tier's candidates, best tier first; a later one is only computed when needed."""
    for tier, holder in (("gru4rec", loader.model), ("content", loader.content)):
        if holder is not None and steps:
            yield _scored(tier, holder.model, holder.items, steps, kinds, k, barred)  # type: ignore[arg-type]
    yield [
        _Candidate(o.item_id, o.kind, 0.0, "popular", note=_popular_note(o))
        for o in popular.most_opened_of(list(kinds))
        if o.item_id not in barred
    ][: 3 * k + 30]


def _scored(
    tier: Tier,
    model: Recommender,
    table: ItemTable,
    steps: Sequence[str],
    kinds: Sequence[str],
    k: int,
    barred: set[str],
) -> list[_Candidate]:
    """The best of each kind by a model, with the step that each one owes its score to."""
    index_of = table.index_of
    session = [index_of[item_id] for item_id in steps if item_id in index_of]
    if not session:
        return []
    scores = model.scores([session])[0]  # (n,)
    scores[[index_of[item_id] for item_id in barred if item_id in index_of]] = -np.inf
    all_kinds = np.asarray(table.kinds)
    # Over-fetched: an item may have left the catalogue since the model was trained.
    best = np.concatenate([_top(scores, all_kinds == kind, k + 8) for kind in kinds])
    if tier == "content":
        best = best[scores[best] > 0]  # no common word is no similarity
    if len(best) == 0:
        return []
    decisive, _ = reasons.decisive_steps(model, session, best)
    return [
        _Candidate(
            item_id=table.ids[index],
            kind=table.kinds[index],
            score=float(scores[index]),
            tier=tier,
            because=table.ids[session[position]],
        )
        for index, position in zip(best, decisive, strict=True)
    ]


def _top(scores: NDArray[np.float32], mask: NDArray[np.bool_], k: int) -> NDArray[np.int64]:
    """Indices of the k best finite scores within the mask, best first, ties by index."""
    inside = np.flatnonzero(mask & np.isfinite(scores))
    if len(inside) > k:
        inside = inside[np.argpartition(-scores[inside], k - 1)[:k]]
    return inside[np.lexsort((inside, -scores[inside]))]


def _select(
    chosen: list[_Candidate], candidates: list[_Candidate], *, k: int, kinds: Sequence[str]
) -> list[_Candidate]:
    """Add candidates to what better tiers chose: a share for each kind, the rest by score.

    The first of each kind come first, so that every kind is seen without scrolling.
    """
    taken = {c.item_id for c in chosen}
    pool = [c for c in candidates if c.item_id not in taken]
    share = max(k // SHARE_OF_OTHER_KINDS, 1) if len(kinds) > 1 else 0
    reserved: list[_Candidate] = []
    for kind in kinds:
        missing = share - sum(c.kind == kind for c in chosen)
        reserved += [c for c in pool if c.kind == kind][: max(missing, 0)]
    ranked = sorted(pool, key=lambda c: -c.score)
    rest = [c for c in ranked if c not in reserved]
    room = max(k - len(chosen) - len(reserved), 0)
    added = sorted([*reserved, *rest[:room]], key=lambda c: -c.score)
    kept = chosen[: max(k - len(reserved), 0)] if len(chosen) + len(reserved) > k else chosen
    return _one_of_each_kind_first([*kept, *added])[:k]


def _one_of_each_kind_first(ranked: list[_Candidate]) -> list[_Candidate]:
    firsts: dict[str, _Candidate] = {}
    for candidate in ranked:
        firsts.setdefault(candidate.kind, candidate)
    lead = list(firsts.values())
    return lead + [c for c in ranked if c not in lead]


def _has_every_kind(chosen: list[_Candidate], kinds: Sequence[str]) -> bool:
    return {c.kind for c in chosen} >= set(kinds)


def _cards(chosen: list[_Candidate], items: dict[str, Item], opened: dict[str, Item]) -> list[Card]:
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


def _popular_note(opened: popular.Opened) -> str:
    if opened.by_people:
        times = "once" if opened.by_people == 1 else f"in {opened.by_people} sessions"
        return f"Opened {times} by visitors this month"
    if opened.simulated:
        return f"Opened in {opened.simulated} simulated sessions"
    return "A place to start"


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
    candidates = _scored(
        "content", content.model, content.items, [item.item_id], kinds, k, {item.item_id}
    )
    items = {found.item_id: found for found in _fetch({c.item_id for c in candidates})}
    fresh = sorted((c for c in candidates if c.item_id in items), key=lambda c: -c.score)[:k]
    (step,) = _fetch({item.item_id})
    return _cards(fresh, items, {item.item_id: step})
