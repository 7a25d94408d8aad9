"""The session-parallel loop of the GRU4Rec papers, as a reference for the speed of training.

Hidasi et al., "Session-based recommendations with recurrent neural networks", ICLR 2016; Hidasi &
Karatzoglou, "Recurrent neural networks with top-k gains for session-based recommendations", CIKM
2018; Hidasi & Czapp, "The effect of third party implementations on reproducibility", RecSys 2023.

B sessions run side by side. A step reads one event of each and predicts the next one; the states
are carried to the following step without back-propagation through it, and a session that ends
hands its place, with a state of zero, to the next session in time order. The loss is
cross-entropy over the B targets and additional samples by popularity ** power, with the logQ
correction; items are read and scored by one embedding (the papers' constrained embedding); Adagrad.
Our own code; as in the authors' implementation, only the rows of a step get gradients.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence

from recommender.ml.batching import pack_sessions
from recommender.ml.contract import NotFittedError, Recommender, Session, check_vocabulary
from recommender.ml.data import FloatArray, IntArray, ItemTable, SessionData
from recommender.ml.gru4rec import TrainingDiverged
from recommender.ml.network import GRU4RecConfig

STEPS_DRAWN_AT_ONCE = 1_000


@dataclass(frozen=True)
class SessionParallelConfig:
    """Settings of the reference. Learning rate, dropout, samples and their power are those that
    the authors publish for cross-entropy on a shop's log (rees46); the width is that of the model
    it is compared with, and the sessions side by side are 192 where the authors have 32, the
    default of their code, to 512."""

    dim: int = GRU4RecConfig.default().embedding_dim
    sessions: int = 192  # side by side
    samples: int = 2_048  # besides the targets of the step
    sample_power: float = 0.5
    learning_rate: float = 0.065
    embedding_dropout: float = 0.45
    max_length: int = GRU4RecConfig.default().max_length  # events that scoring reads
    epochs: int = 4
    seed: int = 1

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


class Step(NamedTuple):
    """One event of each of B sessions. `kept` (B,) are the places of the step before that go on,
    in this order; `fresh` (B,) marks those that a new session has taken."""

    inputs: Tensor  # (B,) int64
    targets: Tensor  # (B,) int64
    kept: Tensor | None  # (B,) int64; None: all of them
    fresh: Tensor | None  # (B,) bool; None: none


@dataclass(frozen=True)
class ReferenceEpoch:
    """What one pass gave; the seconds are those of training alone."""

    epoch: int  # from 1
    loss: float
    seconds: float
    events_per_second: float  # predictions trained a second


class _Network(nn.Module):
    """The weights, begun as the authors begin: uniform, scaled by the sizes; biases at 0."""

    def __init__(self, n_items: int, dim: int) -> None:
        super().__init__()
        self.embedding = nn.Parameter(torch.empty(n_items, dim))
        self.bias = nn.Parameter(torch.empty(n_items))
        self.gru = nn.GRU(dim, dim)
        for name, weight in self.named_parameters():
            if "bias" in name:
                nn.init.zeros_(weight)
            else:
                bound = math.sqrt(6 / ((n_items if name == "embedding" else dim) + dim))
                nn.init.uniform_(weight, -bound, bound)


class SessionParallelRecommender(Recommender):
    """GRU4Rec as the papers train it. Items that training never held get -inf."""

    name = "session-parallel"

    def __init__(self, config: SessionParallelConfig | None = None) -> None:
        self.config = config or SessionParallelConfig()
        self.curves: list[ReferenceEpoch] = []
        self._network: _Network | None = None
        self._log_prior = torch.empty(0)  # (N,) log share of the events, -inf where unseen

    def fit(
        self,
        data: SessionData,
        items: ItemTable,
        *,
        on_epoch: Callable[[ReferenceEpoch], None] | None = None,
    ) -> Self:
        """Train for all epochs; during `on_epoch` the model scores by what it has learned so far.
        Raises ValueError without a session of two events, TrainingDiverged on a loss that is not
        a number."""
        check_vocabulary(data, items)
        if data.n_events == 0 or data.lengths.max() < 2:
            raise ValueError("No session has two events: there is nothing to predict.")
        counts = torch.from_numpy(data.counts()).double()
        self.curves = []
        self._log_prior = (counts / counts.sum()).log().float()
        with (
            torch.random.fork_rng(devices=[]),
            torch.sparse.check_sparse_tensor_invariants(enable=False),
        ):
            torch.manual_seed(self.config.seed)
            self._network = _Network(data.n_items, self.config.dim)
            self._train(self._network, data, counts, on_epoch)
        return self

    def _train(
        self,
        network: _Network,
        data: SessionData,
        counts: Tensor,
        on_epoch: Callable[[ReferenceEpoch], None] | None,
    ) -> None:
        config = self.config
        optimiser = torch.optim.Adagrad(network.parameters(), lr=config.learning_rate)
        samples = _samples(counts, config)
        log_counts = counts.clamp(min=1).log().float()
        for epoch in range(1, config.epochs + 1):
            started, total, trained = time.perf_counter(), 0.0, 0
            state = torch.zeros(0)
            for step in session_parallel(data, config.sessions):
                state = _carried(state, step, config.dim)
                loss, state = _step_loss(network, step, state, next(samples), log_counts, config)
                value = loss.item()
                if not math.isfinite(value):
                    raise TrainingDiverged(f"The loss became {value} in epoch {epoch}.")
                optimiser.zero_grad(set_to_none=True)
                torch.autograd.backward(loss)
                optimiser.step()
                total += value * len(step.targets)
                trained += len(step.targets)
            seconds = time.perf_counter() - started
            self.curves.append(ReferenceEpoch(epoch, total / trained, seconds, trained / seconds))
            if on_epoch is not None:
                on_epoch(self.curves[-1])

    def scores(self, sessions: Sequence[Session]) -> FloatArray:
        network = self._network
        if network is None:
            raise NotFittedError("Fit the session-parallel model before using it.")
        out = self._log_prior.repeat(len(sessions), 1).numpy()  # what an empty session keeps
        filled = np.flatnonzero([len(session) for session in sessions])
        if len(filled) == 0:
            return out
        recent = [session for session in sessions if len(session)]
        inputs, batch_sizes, order = pack_sessions(recent, self.config.max_length)
        with torch.inference_mode():
            read = network.embedding[inputs]
            _, last = network.gru(PackedSequence(read, batch_sizes))  # (1, B, D)
            bias = torch.where(torch.isfinite(self._log_prior), network.bias, -torch.inf)
            out[filled[order]] = torch.addmm(bias, last[0], network.embedding.T).numpy()
        return out


def session_parallel(data: SessionData, sessions: int) -> Iterator[Step]:
    """Every prediction of the data once, one event of each of up to `sessions` sessions a step,
    sessions in their own order; fewer at the end, when no session is left to take a place."""
    long_enough = np.flatnonzero(data.lengths > 1)
    first, last = data.offsets[:-1][long_enough], data.offsets[1:][long_enough] - 1
    taken = min(sessions, len(first))
    at, end = first[:taken].copy(), last[:taken].copy()
    kept: IntArray | None = None
    fresh = np.ones(taken, dtype=bool)
    while len(at):
        yield Step(
            inputs=torch.from_numpy(data.items[at]),
            targets=torch.from_numpy(data.items[at + 1]),
            kept=None if kept is None else torch.from_numpy(kept),
            fresh=torch.from_numpy(fresh) if fresh.any() else None,
        )
        at += 1
        kept, fresh = None, at == end
        free = np.flatnonzero(fresh)
        following = np.arange(taken, min(taken + len(free), len(first)))
        taken += len(following)
        at[free[: len(following)]] = first[following]
        end[free[: len(following)]] = last[following]
        if len(following) < len(free):
            kept = np.delete(np.arange(len(at)), free[len(following) :])
            at, end, fresh = at[kept], end[kept], fresh[kept]


def _samples(counts: Tensor, config: SessionParallelConfig) -> Iterator[Tensor]:
    """(samples,) items a step, without end, drawn for many steps at once."""
    cumulative = torch.where(counts > 0, counts**config.sample_power, 0.0).cumsum(0)
    order = torch.Generator().manual_seed(config.seed)
    size = (STEPS_DRAWN_AT_ONCE, config.samples)
    while True:
        points = torch.rand(size, dtype=torch.float64, generator=order) * cumulative[-1]
        yield from torch.searchsorted(cumulative, points, right=True)


def _carried(state: Tensor, step: Step, dim: int) -> Tensor:
    """(B, dim) the states that a step begins with, given those that the last one left."""
    if len(state) == 0:
        return torch.zeros(len(step.inputs), dim)
    if step.kept is not None:
        state = state[step.kept]
    if step.fresh is not None:
        state = state.masked_fill(step.fresh[:, None], 0.0)
    return state


def _step_loss(
    network: _Network,
    step: Step,
    state: Tensor,
    sampled: Tensor,
    log_counts: Tensor,
    config: SessionParallelConfig,
) -> tuple[Tensor, Tensor]:
    """The mean loss of a step and the states (B, D) that it leaves, outside the graph.

    The logits are B x (B + samples): the targets of the others count as negatives too. As in
    the authors' code, an item that was drawn and is also a target stays among the negatives.
    """
    own = len(step.targets)
    scored = torch.cat([step.targets, sampled])
    rows = functional.embedding(torch.cat([step.inputs, scored]), network.embedding, sparse=True)
    read, output = rows.split([own, len(scored)])
    read = functional.dropout(read, config.embedding_dropout)
    # One step: the cell itself, without what a GRU over sequences prepares.
    after = torch.gru_cell(read, state, *network.gru.parameters())  # (B, D)
    drawn_as = log_counts[scored]
    drawn_as[own:] *= config.sample_power
    logits = torch.addmm(network.bias[scored] - drawn_as, after, output.T)
    return functional.cross_entropy(logits, torch.arange(own)), after.detach()
