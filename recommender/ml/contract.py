"""The one interface that every model keeps, from popularity to the network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recommender.ml.data import FloatArray, IntArray, ItemTable, SessionData

Session = Sequence[int] | NDArray[Any]


class NotFittedError(RuntimeError):
    """Scores were asked of a model that has not been fitted or loaded."""


class Recommender(ABC):
    """Learns from sessions, then scores the whole vocabulary for what comes next.

    - `fit(data, items)` returns the model itself. `data.n_items == len(items)`, else ValueError.
      The caller's arrays are never changed. The same data and settings give the same model.
    - `scores(sessions)` takes B sessions, each a sequence of item indices in time order, oldest
      first, and returns float32 (B, n_items): higher is better, on a scale of the model's own.
      Each score is finite, or -inf for "this model knows nothing of that item"; never NaN.
      An empty session is allowed and gets the model's prior (popularity, or all equal).
      Items of the session itself are scored like any other: hiding what was seen is the
      caller's rule, not the model's.
    """

    name: str

    @abstractmethod
    def fit(self, data: SessionData, items: ItemTable) -> Self:
        """Learn from the sessions; return self."""

    @abstractmethod
    def scores(self, sessions: Sequence[Session]) -> FloatArray:
        """Scores (B, n_items) for B sessions. Raises NotFittedError before `fit`."""

    def owed(self, session: Session, items: IntArray) -> NDArray[np.float64]:
        """(L, C) how much the score of each of the C items, by index, owes to each of the L steps
        of the session, on any scale; never negative. All 0 for a model that cannot tell."""
        return np.zeros((len(session), len(items)))


def check_vocabulary(data: SessionData, items: ItemTable) -> None:
    """Raise ValueError where sessions and items do not speak of the same vocabulary."""
    if data.n_items != len(items):
        raise ValueError(
            f"The sessions speak of {data.n_items} items and the item table of {len(items)}."
        )
