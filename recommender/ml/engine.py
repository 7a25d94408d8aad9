"""The engine: one session in, the best of each kind out, with what made them so.

Everything that does not depend on the session is computed once, when the engine is made; a new
model version or a changed catalogue makes a new engine. So nothing that is remembered here can
outlive what it was computed from.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from recommender.ml.blend import BlendRecommender
from recommender.ml.content import ContentRecommender
from recommender.ml.data import FloatArray, IntArray, ItemTable
from recommender.ml.gru4rec import GRU4RecRecommender

RANKINGS_KEPT = 5_000
STEPS_WEIGHED = 8  # the most recent steps are the ones that can be named as a reason


@dataclass(frozen=True, slots=True)
class Ranked:
    """One candidate. `parts` sums to the probability that the parts give it (before the kinds'
    calibration and the popularity discount); `step` is the position in the session that it owes
    most to, -1 where it owes nothing to any; `lead` the part that gives most because of that step,
    or most of all where there is none."""

    index: int
    score: float  # log probability, up to a constant of the session
    parts: dict[str, float]
    step: int
    lead: str


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
        self._members = {
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

    def rank(
        self, session: Sequence[int], *, kinds: Sequence[str], each: int, barred: Iterable[int] = ()
    ) -> list[Ranked]:
        """The `each` best items of each kind, kind after kind, best first.

        `session` holds item indices, oldest first, at least one; neither its items nor `barred`
        are ranked. Exact: every item of the catalogue is scored. The answer is remembered.
        """
        without = frozenset((*session, *barred))
        key = (tuple(session), without, tuple(kinds), each)
        with self._lock:
            known = self._rankings.get(key)
            if known is not None:
                self._rankings.move_to_end(key)
                return known
        found = self._rank(session, kinds, each, without)
        with self._lock:
            self._rankings[key] = found
            if len(self._rankings) > RANKINGS_KEPT:
                self._rankings.popitem(last=False)
        return found

    def _rank(
        self, session: Sequence[int], kinds: Sequence[str], each: int, without: frozenset[int]
    ) -> list[Ranked]:
        shares = self.blend.shares(session)
        total = self.blend.total(shares, session)  # (n,)
        if self._discount is not None:
            total *= self._discount
        total[list(without)] = 0.0
        best = [
            best_of(total, self._members[kind], each) for kind in kinds if kind in self._members
        ]
        chosen = np.concatenate([np.zeros(0, np.int64), *best])
        if len(chosen) == 0:
            return []
        given = self.blend.of_parts(shares, chosen)  # (parts, C)
        recent = list(session[-STEPS_WEIGHED:])
        owed = self.blend.owed_by_part(recent, chosen, given)  # (parts, L, C)
        by_step = owed.sum(axis=0)
        decisive = by_step.argmax(axis=0)  # (C,)
        named = by_step.any(axis=0)
        because = owed[:, decisive, np.arange(len(chosen))]  # (parts, C)
        leads = np.where(named, because, given).argmax(axis=0)
        steps = np.where(named, decisive + len(session) - len(recent), -1)
        names = [part.name for part in self.blend.parts]
        return [
            Ranked(
                index=int(index),
                score=float(np.log(total[index])),
                parts=dict(zip(names, given[:, column].tolist(), strict=True)),
                step=int(steps[column]),
                lead=names[leads[column]],
            )
            for column, index in enumerate(chosen)
        ]


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
