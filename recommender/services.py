"""What to show next: `recommend(...)` is the one function behind page, fragment and API.

Tiers: the engine first (the blend of a trained version; while there is none, the catalogue's words
alone), what is popular last. Rules come before the cut, so a list does not shrink: what was seen,
hidden or excluded is never a candidate.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from django.conf import settings

from catalog import card_cache
from catalog.merging import current_ids
from catalog.models import Item, Kind
from recommender import exploration
from recommender.barring import barred_for
from recommender.candidates import SPARE, Candidate, Tier, popular_ones, ranked
from recommender.cards import Card as Card
from recommender.cards import cards_of, first_that_exist, named
from recommender.dial import is_turned, quotas_of, wish_of
from recommender.facets import Facets, facets_of
from recommender.loader import Loaded, loader
from recommender.reasons import Lean
from recommender.selection import diversify, is_complete, select
from sessions_app.preferences import MIDDLE, Dial, Preferences
from sessions_app.visits import Visit

if TYPE_CHECKING:
    from recommender.facets import Hidden

MAX_STEPS = 50
MIDDLE_DIAL = Dial()

Explore = Callable[[list[Candidate], list[Candidate]], list[Candidate]]


@dataclass(frozen=True)
class Answer:
    """A ranked list. `tier` is where its first card comes from; `unknown` ids were skipped."""

    cards: list[Card]
    tier: Tier
    model_version: str | None
    steps: int
    unknown: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Question:
    """What a list is asked for, checked."""

    k: int
    kinds: Sequence[str]
    quotas: Mapping[str, int] | None
    barred: set[str]
    facets: Facets | None  # where the dial or a hidden genre needs them
    hidden: "Hidden | None"
    dial: Dial

    @property
    def lean(self) -> Lean:
        if self.dial.vibe == MIDDLE:
            return ""
        return "genre" if self.dial.vibe < MIDDLE else "vibe"

    def select(self, chosen: list[Candidate], more: list[Candidate]) -> list[Candidate]:
        return select(chosen, more, k=self.k, kinds=self.kinds, quotas=self.quotas)


def recommend(
    *,
    steps: Sequence[str],
    k: int = 12,
    kind: str | None = None,
    exclude: Collection[str] = (),
    explore: Explore | None = None,
    dial: Dial = MIDDLE_DIAL,
    hidden_genres: Collection[str] = (),
) -> Answer:
    """Up to `k` items that follow `steps`, item ids in the order they were opened.

    `kind` limits the list to one kind; without it the dial's kinds are in it, by their shares
    where they are not turned alike, else at least two other kinds than the last step's, when the
    catalogue has them. `steps`, `exclude` and what is of a hidden genre (slugs) are never in the
    answer. Unknown ids are skipped and named; the id of an item that was merged away means the one
    that it is now. `explore` may exchange a chosen candidate for another one. Raises ValueError
    where `k` is not between 1 and 100 or `kind` is not a kind.
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
    facets = facets_of(loaded) if hidden_genres or is_turned(dial) else None
    question = _Question(
        k=k,
        kinds=[kind] if kind else dial.kinds,
        quotas=None if kind else quotas_of(dial, k),
        barred={*steps, *exclude},
        facets=facets,
        hidden=facets.hidden(hidden_genres) if facets and hidden_genres else None,
        dial=dial,
    )
    chosen, items = _chosen(question, known, loaded, explore)
    return Answer(
        cards=cards_of(chosen, items, loaded=loaded, lean=question.lean),
        tier=chosen[0].tier if chosen else "popular",
        model_version=loaded.version if loaded else None,
        steps=len(known),
        unknown=[item_id for item_id in dict.fromkeys(steps) if item_id not in opened],
    )


def _chosen(
    question: _Question, steps: Sequence[str], loaded: Loaded | None, explore: Explore | None
) -> tuple[list[Candidate], dict[str, Item]]:
    """The list, and all items that it speaks of."""
    pool: list[Candidate] = []
    if loaded is not None and steps:
        pool = _ranked(question, steps, loaded)
    chosen = question.select([], pool)
    items = card_cache.cards.get(named(chosen))
    gone = {candidate.item_id for candidate in chosen} - set(items)
    if gone:  # left the catalogue since the engine was made
        pool = [candidate for candidate in pool if candidate.item_id not in gone]
        chosen = question.select([], pool)
        items |= card_cache.cards.get(named(chosen) - set(items))
        chosen = [candidate for candidate in chosen if candidate.item_id in items]
    is_whole = is_complete(chosen, k=question.k, kinds=question.kinds, quotas=question.quotas)
    if explore is not None:
        chosen = explore(chosen, pool)
        items |= card_cache.cards.get(named(chosen) - set(items))
    if not is_whole:
        more = popular_ones(question.kinds, question.k, question.barred, question.hidden)
        items |= card_cache.cards.get({candidate.item_id for candidate in more} - set(items))
        chosen = question.select(chosen, [one for one in more if one.item_id in items])
    return chosen, items


def _ranked(question: _Question, steps: Sequence[str], loaded: Loaded) -> list[Candidate]:
    """The engine's candidates, drawn apart."""
    wish = wish_of(question.facets, question.dial, question.hidden)
    pool = ranked(loaded, steps, question.kinds, question.k, question.barred, wish)
    vectors = loaded.engine.vectors(np.array([one.index for one in pool], dtype=np.int64))
    return diversify(pool, vectors, strength=settings.DIVERSITY)


def recommend_for(
    visit: Visit,
    *,
    preferences: Preferences,
    k: int = 12,
    kind: str | None = None,
    exclude: Collection[str] = (),
    dial: Dial | None = None,
) -> Answer:
    """`recommend` for a visitor: their steps, their dial unless another one is given, without what
    they hid, did not like, or saw and do not want to see again.

    Now and then a place of a stored visit's list goes to something less sure
    (`recommender.exploration`).
    """
    steps = visit.step_item_ids(limit=MAX_STEPS)
    session = visit.session
    explore = None
    if session is not None and steps:
        explore = partial(exploration.explore, session, steps, loader.version)
    return recommend(
        steps=steps,
        k=k,
        kind=kind,
        exclude={*exclude, *barred_for(visit, preferences)},
        explore=explore,
        dial=preferences.dial if dial is None else dial,
        hidden_genres=preferences.hidden_genres,
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


def similar(
    *,
    item: Item,
    k: int = 8,
    kind: str | None = None,
    exclude: Collection[str] = (),
    hidden_genres: Collection[str] = (),
) -> list[Card]:
    """The k items whose words are most like the item's, by content alone, with a reason each;
    none that is excluded (public ids) or of a hidden genre (slugs).

    Empty where the item has no words in common with any, or while no engine is loaded yet.
    """
    loader.start()
    loaded = loader.current
    content = loaded.engine.content if loaded else None
    if loaded is None or content is None or item.item_id not in loaded.items.index_of:
        return []
    index, table = loaded.items.index_of[item.item_id], loaded.items
    allowed = np.ones(len(table), dtype=bool) if kind is None else table.kind_array == kind
    allowed[[table.index_of[barred] for barred in exclude if barred in table.index_of]] = False
    if hidden_genres:
        allowed &= ~facets_of(loaded).hidden(hidden_genres).in_engine
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
    return first_that_exist(found, k)
