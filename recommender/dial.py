"""What the visitor's dial does to the blend's probabilities; see docs/adr/0019-the-dial.md.

    p' = (p + floor)^(1 - SOFTEN |v|) · exp(v (VIBE · vibe - GENRE · genre))
         · exp(KNOWN · s · (1 - 2 · known))

v and s are the positions of vibe and surprise from -1 to 1; `vibe` is how like the session an item
is by theme, mood and sound, `genre` by genre, creator and decade, both from 0 to 1 and over the
whole catalogue; `known` is how well known an item is among its kind. Then each kind gets back the
probability that it had: how much there is of a kind is the matter of the other three positions. In
the middle nothing is computed at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from catalog.models import Kind
from recommender.facets import Facets, Hidden
from recommender.ml.data import FloatArray, IntArray
from sessions_app.preferences import MIDDLE, Dial

if TYPE_CHECKING:
    from recommender.ml.engine import Wish
    from recommender.ml.voting import Weights

# Works that share a genre mostly share themes too: each end pushes away what the other one seeks.
VIBE = 6.0
GENRE = 9.0
SOFTEN = 0.4  # at an end the blend's own preferences count so much less
KNOWN = 2.5
FLOOR = 0.01  # of the probability, spread over what is like the session though no part names it
RECENCY = 0.7  # a step's weight, of that of the one after it
STEPS = 8  # the most recent ones are those that a list is drawn to


@dataclass(frozen=True)
class Turn:
    """A dial that is not in the middle; `vibe` and `surprise` from -1 to 1."""

    facets: Facets
    vibe: float
    surprise: float

    def reweigh(self, total: FloatArray, session: Sequence[int]) -> FloatArray:
        """(n,) the probabilities of the blend, (n,), moved; see the head of this module."""
        moved = total.astype(np.float32)
        if self.vibe:
            recent = _recent(session)
            weights = _weights(len(recent))
            vibe = self.facets.by_vibe.to_profile(recent, weights)
            genre = self.facets.by_genre.to_profile(recent, weights)
            near = vibe if self.vibe > 0 else genre
            moved += FLOOR * moved.mean() * (near > 0)
            with np.errstate(divide="ignore"):
                moved = np.log(moved) * np.float32(1 - SOFTEN * abs(self.vibe))
            moved = np.exp(moved + self.vibe * (VIBE * vibe - GENRE * genre))
        if self.surprise:
            moved = moved * np.exp(KNOWN * self.surprise * (1 - 2 * self.facets.known))
        return self.facets.with_the_kinds_of(total, moved)

    def drawn_by(self, session: Sequence[int], items: IntArray) -> "Weights":
        """(L, C) each step's part in the likeness that the vibe looks for; columns sum to how far
        it is turned, or to 0 where nothing is alike."""
        drawn = np.zeros((len(session), len(items)))
        if self.vibe:
            recent = _recent(session)
            near = self.facets.by_vibe if self.vibe > 0 else self.facets.by_genre
            alike = near.to_each(recent, items) * _weights(len(recent))[:, None]
            sums = alike.sum(axis=0)
            drawn[-len(recent) :] = abs(self.vibe) * alike / np.where(sums > 0, sums, 1.0)
        return drawn


def wish_of(facets: Facets | None, dial: Dial, hidden: Hidden | None) -> "Wish":
    """What the engine is asked for beside the session; nothing where there are no facets."""
    from recommender.ml.engine import NO_WISH, Wish

    if facets is None:
        return NO_WISH
    turn = Turn(facets, _position(dial.vibe), _position(dial.surprise)) if is_turned(dial) else None
    return Wish(
        name=(facets.number, dial.vibe, dial.surprise, hidden.name if hidden else None),
        hidden=hidden.in_engine if hidden else None,
        turned=turn,
    )


def is_turned(dial: Dial) -> bool:
    """Whether the dial asks for another order than the blend's; the kinds are counted later."""
    return (dial.vibe, dial.surprise) != (MIDDLE, MIDDLE)


def quotas_of(dial: Dial, k: int) -> dict[str, int] | None:
    """How many of k cards each kind has, by the largest remainder, the earlier kind first among
    equals; None where all kinds are turned alike, and the blend may choose."""
    weights = {kind: int(getattr(dial, kind)) for kind in dial.kinds}
    if len(weights) == len(Kind.values) and len(set(weights.values())) == 1:
        return None
    total = sum(weights.values())
    counts = {kind: k * weight // total for kind, weight in weights.items()}
    by_rest = sorted(weights, key=lambda kind: -(k * weights[kind] % total))
    for kind in by_rest[: k - sum(counts.values())]:
        counts[kind] += 1
    return counts


def _position(value: int) -> float:
    return (value - MIDDLE) / MIDDLE


def _recent(session: Sequence[int]) -> IntArray:
    return np.asarray(session[-STEPS:], dtype=np.int64)


def _weights(length: int) -> FloatArray:
    weights = np.float32(RECENCY) ** np.arange(length, dtype=np.float32)[::-1]
    found: FloatArray = weights / weights.sum()
    return found
