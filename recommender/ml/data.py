"""The arrays that every model reads: the item vocabulary and the sessions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class ItemTable:
    """The vocabulary: position in each list = item index (n items).

    `ids` are stable text ids, unique; `kinds` a small set of words such as "movie"; `texts` one
    text an item (title, creators, genres, description), possibly empty, for content models.
    Raises ValueError where the lists differ in length or an id repeats.
    """

    ids: list[str]
    kinds: list[str]
    texts: list[str]

    def __post_init__(self) -> None:
        if not len(self.ids) == len(self.kinds) == len(self.texts):
            raise ValueError(
                f"An item table needs one kind and one text an id; got {len(self.ids)} ids, "
                f"{len(self.kinds)} kinds and {len(self.texts)} texts."
            )
        if len(self.index_of) != len(self.ids):
            raise ValueError("An item table names the same id twice.")

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def index_of(self) -> dict[str, int]:
        """Item index by id."""
        return {item_id: index for index, item_id in enumerate(self.ids)}

    @cached_property
    def described(self) -> list[str]:
        """The texts with the kind as one more word, for content features; empty texts stay."""
        return [
            f"kind_{kind} {text}" if text else ""
            for kind, text in zip(self.kinds, self.texts, strict=True)
        ]

    @cached_property
    def kind_array(self) -> NDArray[np.str_]:
        """(n,) the kinds, for masks."""
        return np.asarray(self.kinds, dtype=np.str_)


@dataclass(frozen=True, eq=False)
class SessionData:
    """Sessions back to back (S sessions, E events), ordered by the time of their last event.

    items    (E,)   item indices, in time order inside a session
    offsets  (S+1,) session i is items[offsets[i]:offsets[i + 1]]
    ends     (S,)   unix seconds of each session's last event, never decreasing
    dwell    (E,)   seconds spent on the item, NaN where unknown
    n_items         size of the vocabulary

    The constructor trusts its caller; `validate()` checks, `from_sequences()` builds and checks.
    """

    items: IntArray
    offsets: IntArray
    ends: IntArray
    dwell: FloatArray
    n_items: int

    @classmethod
    def from_sequences(
        cls,
        sequences: Sequence[Sequence[int]],
        *,
        n_items: int,
        ends: Sequence[int] | IntArray | None = None,
        dwell: Sequence[Sequence[float]] | None = None,
    ) -> SessionData:
        """Pack lists into arrays; sorts by `ends` (stable). Without `ends`: 0, 1, 2, … seconds.

        Raises ValueError where the parts do not fit together.
        """
        when = np.arange(len(sequences)) if ends is None else np.asarray(ends, dtype=np.int64)
        if len(when) != len(sequences):
            raise ValueError(f"{len(sequences)} sessions came with {len(when)} end times.")
        lengths = [len(sequence) for sequence in sequences]
        if dwell is not None and [len(seconds) for seconds in dwell] != lengths:
            raise ValueError("The dwell times do not have the shape of the sessions.")
        offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)
        items = np.fromiter((item for s in sequences for item in s), np.int64, int(offsets[-1]))
        if dwell is None:
            seconds = np.full(len(items), np.nan, dtype=np.float32)
        else:
            seconds = np.fromiter((d for s in dwell for d in s), np.float32, len(items))
        data = cls(items, offsets, when.astype(np.int64), seconds, n_items)
        if np.any(np.diff(when) < 0):
            data = data.take(np.argsort(when, kind="stable"))
        data.validate()
        return data

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def n_events(self) -> int:
        """Number of events over all sessions (E)."""
        return len(self.items)

    @property
    def lengths(self) -> IntArray:
        """(S,) events a session."""
        return np.diff(self.offsets)

    def session(self, i: int) -> IntArray:
        """Item indices of session i, in time order."""
        return self.items[self.offsets[i] : self.offsets[i + 1]]

    def sequences(self) -> Iterator[IntArray]:
        """Each session's item indices, in session order."""
        return (self.session(i) for i in range(len(self)))

    def take(self, chosen: NDArray[Any]) -> SessionData:
        """The chosen sessions, by boolean mask (S,) or by session indices, in the order given."""
        which = np.flatnonzero(chosen) if chosen.dtype == bool else chosen.astype(np.int64)
        lengths = self.lengths[which]
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        # Event position = start of its session in the source + distance from its own start.
        shift = np.repeat(self.offsets[:-1][which] - offsets[:-1], lengths)
        events = np.arange(offsets[-1], dtype=np.int64) + shift
        return SessionData(
            self.items[events], offsets, self.ends[which], self.dwell[events], self.n_items
        )

    def over(self, position: IntArray, n_items: int) -> SessionData:
        """The same sessions in another vocabulary of `n_items`: item i becomes `position[i]`,
        events of items that have none (-1) are left out, and so are sessions left with none."""
        moved = position[self.items]
        kept = moved >= 0
        before = np.concatenate([[0], np.cumsum(kept)])
        lengths = np.diff(before[self.offsets])
        filled = lengths > 0
        offsets = np.concatenate([[0], np.cumsum(lengths[filled])]).astype(np.int64)
        return SessionData(moved[kept], offsets, self.ends[filled], self.dwell[kept], n_items)

    def split_by_time(self, fraction: float) -> tuple[SessionData, SessionData]:
        """(earlier, later), where later is the last `fraction` of the sessions by end time.

        Raises ValueError where the fraction is not between 0 and 1 or a side would be empty.
        """
        if not 0 < fraction < 1:
            raise ValueError(f"A split fraction lies between 0 and 1, not {fraction}.")
        n_later = round(len(self) * fraction)
        if n_later == 0 or n_later == len(self):
            raise ValueError(
                f"{len(self)} sessions are too few to split off the last {fraction:.0%} by time: "
                "one side would be empty."
            )
        position = np.arange(len(self))
        cut = len(self) - n_later
        return self.take(position[:cut]), self.take(position[cut:])

    def transitions(self) -> tuple[IntArray, IntArray]:
        """(previous, next) item of each pair of neighbouring events inside a session."""
        inside = np.ones(max(self.n_events - 1, 0), dtype=bool)
        borders = self.offsets[1:-1]
        borders = borders[(borders > 0) & (borders < self.n_events)]
        inside[borders - 1] = False
        return self.items[:-1][inside], self.items[1:][inside]

    def counts(self) -> IntArray:
        """(n_items,) events an item."""
        return np.bincount(self.items, minlength=self.n_items).astype(np.int64)

    def validate(self) -> None:
        """Raise ValueError, in a sentence, where the arrays do not describe sessions."""
        if len(self.offsets) == 0 or self.offsets[0] != 0 or self.offsets[-1] != self.n_events:
            raise ValueError("The offsets do not start at 0 and end at the number of events.")
        if np.any(np.diff(self.offsets) < 0):
            raise ValueError("The offsets of the sessions are not monotone: one decreases.")
        if len(self.ends) != len(self):
            raise ValueError(f"{len(self)} sessions came with {len(self.ends)} end times.")
        if np.any(np.diff(self.ends) < 0):
            raise ValueError("The end times decrease: sessions must be ordered by end time.")
        if len(self.dwell) != self.n_events:
            raise ValueError(f"{self.n_events} events came with {len(self.dwell)} dwell times.")
        if self.n_events and (self.items.min() < 0 or self.items.max() >= self.n_items):
            raise ValueError(
                f"An item index is out of range: the indices span {self.items.min()} to "
                f"{self.items.max()}, the vocabulary 0 to {self.n_items - 1}."
            )
