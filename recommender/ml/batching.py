"""Sessions cut into windows and packed into batches that waste no padding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from recommender.ml.contract import Session
from recommender.ml.data import FloatArray, IntArray, SessionData

BATCHES_A_BUCKET = 50  # sequences are sorted by length inside spans of about so many batches


@dataclass(frozen=True)
class Batch:
    """P predictions in packed order (see GRU4Rec.states); the targets are the inputs' followers."""

    inputs: Tensor  # (P,) int64
    targets: Tensor  # (P,) int64
    weights: Tensor  # (P,) float32, 1 where dwell is unknown or unused
    batch_sizes: Tensor  # (T,) int64, on the CPU

    def to(self, device: torch.device) -> Batch:
        """The same on another device; the batch sizes stay on the CPU."""
        return Batch(
            self.inputs.to(device),
            self.targets.to(device),
            self.weights.to(device),
            self.batch_sizes,
        )


class Windows:
    """The sessions of two or more events, cut where they are longer than `max_length` inputs.

    A cut repeats one event, the last target of one window being the first input of the next, so
    that each event but a session's first is predicted exactly once.
    """

    def __init__(
        self,
        data: SessionData,
        max_length: int,
        *,
        dwell_power: float = 0.0,
        recency: float = 0.0,
    ) -> None:
        self.items = data.items
        self.weights = dwell_weights(data.dwell, dwell_power)
        if recency:
            self.weights *= np.repeat(recency_weights(data.ends, recency), data.lengths)
        predictions = np.maximum(data.lengths - 1, 0)
        windows = -(-predictions // max_length)  # ceiling
        session = np.repeat(np.arange(len(data)), windows)
        nth = np.arange(len(session)) - np.repeat(np.cumsum(windows) - windows, windows)
        self.starts = data.offsets[:-1][session] + nth * max_length  # (W,)
        self.lengths = np.minimum(predictions[session] - nth * max_length, max_length)  # (W,)

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def n_positions(self) -> int:
        """Predictions in all windows together."""
        return int(self.lengths.sum())

    def batch(self, chosen: IntArray) -> Batch:
        """Pack the chosen windows, longest first."""
        chosen = chosen[np.argsort(-self.lengths[chosen], kind="stable")]
        at, batch_sizes = packed_positions(self.starts[chosen], self.lengths[chosen])
        return Batch(
            inputs=torch.from_numpy(self.items[at]),
            targets=torch.from_numpy(self.items[at + 1]),
            weights=torch.from_numpy(self.weights[at + 1]),
            batch_sizes=batch_sizes,
        )

    def shuffled(
        self, order: torch.Generator, *, sequences: int, positions: int
    ) -> Iterator[Batch]:
        """All windows once, in random batches: of `sequences` windows, or, where that is 0,
        of about `positions` predictions with windows of like length together."""
        windows = torch.randperm(len(self), generator=order).numpy()
        if sequences:
            for start in range(0, len(windows), sequences):
                yield self.batch(windows[start : start + sequences])
            return
        span = (np.cumsum(self.lengths[windows]) - 1) // (positions * BATCHES_A_BUCKET)
        windows = windows[np.lexsort((self.lengths[windows], span))]
        number = (np.cumsum(self.lengths[windows]) - 1) // positions
        batches = np.split(windows, np.flatnonzero(np.diff(number)) + 1)
        for index in torch.randperm(len(batches), generator=order).tolist():
            yield self.batch(batches[index])

    def in_order(self, positions: int) -> Iterator[Batch]:
        """All windows once, in their own order, of about `positions` predictions a batch."""
        number = (np.cumsum(self.lengths) - 1) // positions
        for chosen in np.split(np.arange(len(self)), np.flatnonzero(np.diff(number)) + 1):
            yield self.batch(chosen)


def packed_positions(starts: IntArray, lengths: IntArray) -> tuple[IntArray, Tensor]:
    """Event positions of sequences, given longest first, in packed order; and the batch sizes."""
    step = np.arange(lengths[0])[:, None]  # (T, 1)
    inside = step < lengths  # (T, B)
    at: IntArray = (starts + step)[inside]
    return at, torch.from_numpy(inside.sum(axis=1))


def pack_sessions(sessions: list[Session], max_length: int) -> tuple[Tensor, Tensor, IntArray]:
    """The last `max_length` events of non-empty sessions, packed.

    Returns the items (P,), the batch sizes (T,), and which session each packed row is (B,).
    """
    recent = [np.asarray(session[-max_length:], dtype=np.int64) for session in sessions]
    lengths = np.array([len(events) for events in recent])
    order = np.argsort(-lengths, kind="stable")
    starts = np.cumsum(lengths) - lengths
    at, batch_sizes = packed_positions(starts[order], lengths[order])
    return torch.from_numpy(np.concatenate(recent)[at]), batch_sizes, order


def recency_weights(ends: IntArray, scale: float) -> FloatArray:
    """(S,) weight of each session: 1 for the newest, 1 / e for each `scale` of the time that the
    sessions span before it."""
    if len(ends) == 0 or ends[0] == ends[-1]:
        return np.ones(len(ends), dtype=np.float32)
    age = (ends[-1] - ends) / (ends[-1] - ends[0])
    weights: FloatArray = np.exp(-age / scale).astype(np.float32)
    return weights


def dwell_weights(dwell: FloatArray, power: float) -> FloatArray:
    """(E,) weight of each event as a target: (dwell / median) ** power, kept in [1/4, 4].

    A longer look counts for more. Unknown dwell weighs 1, and so does everything at power 0.
    """
    known = np.isfinite(dwell) & (dwell > 0)
    weights = np.ones(len(dwell), dtype=np.float32)
    if power and known.any():
        ratio = dwell[known] / np.median(dwell[known])
        weights[known] = np.clip(ratio**power, 0.25, 4.0)
    return weights
