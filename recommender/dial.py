"""What the visitor's dial does to the blend's probabilities; see docs/adr/0019-the-dial.md.

    p' = (p + floor)^(1 - SOFTEN |v|) · exp(|v| (TOWARDS · same - AWAY · other))
         · exp(KNOWN · s · (1 - 2 · known))

v and s are the positions of vibe and surprise from -1 to 1; `same` is the likeness to the session
on the side that the dial is turned to (genre, creator, decade; or theme, mood, sound), `other`
that on the far side, both from 0 to 1 and over the whole catalogue; `known` is how well known an
item is among its kind. Then each kind gets back the probability that it had: how much there is of
a kind is the matter of the other three positions. In the middle nothing is computed at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recommender.facets import Facets, Hidden, Likeness
from recommender.ml.data import FloatArray, IntArray
from sessions_app.preferences import MIDDLE, Dial

if TYPE_CHECKING:
    from recommender.ml.engine import Wish
    from recommender.ml.voting import Weights

TOWARDS = 8.0
AWAY = 4.0
SOFTEN = 0.5  # at an end the blend's own preferences count half
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
            near, far = self._sides()
            pull = near.to_profile(recent, weights)
            push = far.to_profile(recent, weights)
            moved += FLOOR * moved.mean() * (pull > 0)
            turn = abs(self.vibe)
            with np.errstate(divide="ignore"):
                moved = np.log(moved) * np.float32(1 - SOFTEN * turn)
            moved = np.exp(moved + turn * (TOWARDS * pull - AWAY * push))
        if self.surprise:
            moved = moved * np.exp(KNOWN * self.surprise * (1 - 2 * self.facets.known))
        return self.facets.with_the_kinds_of(total, moved)

    def drawn_by(self, session: Sequence[int], items: IntArray) -> "Weights":
        """(L, C) each step's part in the likeness that the vibe looks for; columns sum to how far
        it is turned, or to 0 where nothing is alike."""
        drawn = np.zeros((len(session), len(items)))
        if self.vibe:
            recent = _recent(session)
            near, _ = self._sides()
            alike = near.to_each(recent, items) * _weights(len(recent))[:, None]
            sums = alike.sum(axis=0)
            drawn[-len(recent) :] = abs(self.vibe) * alike / np.where(sums > 0, sums, 1.0)
        return drawn

    def _sides(self) -> tuple[Likeness, Likeness]:
        """What the vibe is turned to, and the other side."""
        sides = (self.facets.by_genre, self.facets.by_vibe)
        return sides if self.vibe < 0 else sides[::-1]


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
    shares = dial.shares
    if len(set(shares.values())) == 1:
        return None
    exact = {kind: k * share for kind, share in shares.items()}
    counts = {kind: int(number) for kind, number in exact.items()}
    by_rest = sorted(exact, key=lambda kind: counts[kind] - exact[kind])
    for kind in by_rest[: k - sum(counts.values())]:
        counts[kind] += 1
    return {kind: counts[kind] for kind in dial.kinds}


def _position(value: int) -> float:
    return (value - MIDDLE) / MIDDLE


def _recent(session: Sequence[int]) -> IntArray:
    return np.asarray(session[-STEPS:], dtype=np.int64)


def _weights(length: int) -> FloatArray:
    weights = np.float32(RECENCY) ** np.arange(length, dtype=np.float32)[::-1]
    found: FloatArray = weights / weights.sum()
    return found
