"""The engine: one session in, the best of each kind out, with what made them so.

Everything that does not depend on the session is computed once, when the engine is made; a new
model version or a changed catalogue makes a new engine. So nothing that is remembered here can
outlive what it was computed from.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from recommender.ml.blend import BlendRecommender
from recommender.ml.content import ContentRecommender
from recommender.ml.cooccurrence import CooccurrenceRecommender
from recommender.ml.data import FloatArray, IntArray, ItemTable
from recommender.ml.gru4rec import GRU4RecRecommender
from recommender.ml.markov import MarkovRecommender
from recommender.ml.voting import Weights

RANKINGS_KEPT = 5_000
STEPS_WEIGHED = 8  # the most recent steps are the ones that can be named as a reason


@dataclass(frozen=True, slots=True)
class Ranked:
    """One candidate. `parts` sums to the probability that the parts give it (before the kinds'
    calibration and the popularity discount); `step` is the position in the session that it owes
    most to, -1 where it owes nothing to any; `lead` the part that gives most because of that step,
    or most of all where there is none, and empty where a wish alone brought the candidate here."""

    index: int
    score: float  # log probability, up to a constant of the session
    parts: dict[str, float]
    step: int
    lead: str


class Turned(Protocol):
    """What moves the blend's probabilities for one visitor; see `recommender.dial`."""

    def reweigh(self, total: FloatArray, session: Sequence[int]) -> FloatArray:
        """(n,) the mixture `total` (n,) of a session, moved; nothing negative."""
        ...

    def drawn_by(self, session: Sequence[int], items: IntArray) -> Weights:
        """(L, C) how much each step draws each item by what this asks for; columns sum to the
        weight that it has beside the blend, or to 0 where no step draws the item."""
        ...


@dataclass(frozen=True)
class Wish:
    """What a visitor asks for beside the session. Two are one when their names are.

    `hidden` (n,) are items that are never ranked.
    """

    name: Hashable = None
    hidden: NDArray[np.bool_] | None = field(default=None, compare=False)
    turned: Turned | None = field(default=None, compare=False)


NO_WISH = Wish()


class _Owed(NamedTuple):
    """For each of C candidates."""

    steps: IntArray  # position in the session, -1 where it owes nothing to any
    leads: IntArray  # position among the parts, -1 where none gives anything


class Engine:
    """A blend, ready to rank single sessions over `items`.

    `popularity_discount` d divides each probability by (training events + 1) ** d: 0 ranks by
    what is likeliest, more gives rarer items a chance.
    """

    def __init__(
        self, blend: BlendRecommender, items: ItemTable, *, popularity_discount: float = 0.0
    ) -> None:
        if popularity_discount < 0:
            raise ValueError(f"A popularity discount is not negative: {popularity_discount}.")
        self.blend = blend
        self.items = items
        self.members = {
            kind: np.flatnonzero(items.kind_array == kind) for kind in sorted(set(items.kinds))
        }
        self._discount: FloatArray | None = None
        if popularity_discount:
            rarity = (blend.counts + 1.0) ** -popularity_discount
            self._discount = rarity.astype(np.float32)
        self._rankings: OrderedDict[tuple[object, ...], list[Ranked]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def content(self) -> ContentRecommender | None:
        """The content part, if there is one."""
        found = [part for part in self.blend.parts if isinstance(part, ContentRecommender)]
        return found[0] if found else None

    def vectors(self, items: IntArray) -> FloatArray | None:
        """(C, D) some items as the network sees them; None where there is no network."""
        for part in self.blend.parts:
            if isinstance(part, GRU4RecRecommender):
                return part.item_vectors(items)
        return None

    def followed(self, step: int, item: int) -> Literal["next", "near", ""]:
        """What the sessions that were learned from tell of two items: "next" where `item` was
        opened right after `step`, "near" where both were opened in one session, else ""."""
        for part in self.blend.parts:
            if isinstance(part, MarkovRecommender) and part.followed(step, item):
                return "next"
        for part in self.blend.parts:
            if isinstance(part, CooccurrenceRecommender) and part.together(step, item):
                return "near"
        return ""

    def rank(
        self,
        session: Sequence[int],
        *,
        kinds: Sequence[str],
        each: int,
        barred: Iterable[int] = (),
        wish: Wish = NO_WISH,
    ) -> list[Ranked]:
        """The `each` best items of each kind, kind after kind, best first.

        `session` holds item indices, oldest first, at least one; neither its items nor `barred`
        are ranked. Exact: every item of the catalogue is scored. The answer is remembered.
        """
        without = frozenset((*session, *barred))
        key = (tuple(session), without, tuple(kinds), each, wish)
        with self._lock:
            known = self._rankings.get(key)
            if known is not None:
                self._rankings.move_to_end(key)
                return known
        found = self._rank(session, kinds, each, without, wish)
        with self._lock:
            self._rankings[key] = found
            if len(self._rankings) > RANKINGS_KEPT:
                self._rankings.popitem(last=False)
        return found

    def _rank(
        self,
        session: Sequence[int],
        kinds: Sequence[str],
        each: int,
        without: frozenset[int],
        wish: Wish,
    ) -> list[Ranked]:
        shares = self.blend.shares(session)
        total = self.blend.total(shares, session)  # (n,)
        if self._discount is not None:
            total *= self._discount
        if wish.turned is not None:
            total = wish.turned.reweigh(total, session)
        total[list(without)] = 0.0
        if wish.hidden is not None:
            total[wish.hidden] = 0.0
        best = [best_of(total, self.members[kind], each) for kind in kinds if kind in self.members]
        chosen = np.concatenate([np.zeros(0, np.int64), *best])
        if len(chosen) == 0:
            return []
        given = self.blend.of_parts(shares, chosen)  # (parts, C)
        owed = self._owed(session, chosen, given, wish)
        names = [part.name for part in self.blend.parts]
        return [
            Ranked(
                index=int(index),
                score=float(np.log(total[index])),
                parts=dict(zip(names, given[:, column].tolist(), strict=True)),
                step=int(owed.steps[column]),
                lead=names[owed.leads[column]] if owed.leads[column] >= 0 else "",
            )
            for column, index in enumerate(chosen)
        ]

    def _owed(self, session: Sequence[int], chosen: IntArray, given: Weights, wish: Wish) -> _Owed:
        recent = list(session[-STEPS_WEIGHED:])
        owed = self.blend.owed_by_part(recent, chosen, given)  # (parts, L, C)
        by_step = owed.sum(axis=0)
        if wish.turned is not None:
            sums = by_step.sum(axis=0)
            by_step = by_step / np.where(sums > 0, sums, 1.0)
            by_step += wish.turned.drawn_by(session, chosen)[-len(recent) :]
        decisive = by_step.argmax(axis=0)  # (C,)
        named = by_step.any(axis=0)
        because = owed[:, decisive, np.arange(len(chosen))]  # (parts, C)
        gives = np.where(because.any(axis=0), because, given)
        leads = np.where(gives.any(axis=0), gives.argmax(axis=0), -1)
        return _Owed(np.where(named, decisive + len(session) - len(recent), -1), leads)


def best_of(scores: FloatArray, members: IntArray, k: int) -> NDArray[np.int64]:
    """Indices of the k best positive scores among the members, best first, ties by index."""
    inside = scores[members]
    if len(members) > k:
        # The k-th best as a threshold, so that ties at the border are settled by index as well.
        threshold = torch.from_numpy(inside).topk(k).values[-1].item()
        kept = np.flatnonzero(inside >= threshold)
    else:
        kept = np.arange(len(members))
    kept = kept[inside[kept] > 0]
    order = np.lexsort((members[kept], -inside[kept]))[:k]
    best: NDArray[np.int64] = members[kept[order]]
    return best
