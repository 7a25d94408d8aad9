"""GRU4Rec as a Recommender: one training loop for every preset, and fast scoring."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recommender.ml.batching import Batch, Windows, pack_sessions
from recommender.ml.contract import NotFittedError, Recommender, Session, check_vocabulary
from recommender.ml.data import FloatArray, ItemTable, SessionData
from recommender.ml.losses import NegativeSampler, sampled_softmax_loss, softmax_loss
from recommender.ml.network import GRU4Rec, GRU4RecConfig
from recommender.ml.validation import validate, validation_windows

__all__ = [
    "EpochReport",
    "GRU4Rec",
    "GRU4RecConfig",
    "GRU4RecRecommender",
    "TrainingDiverged",
    "TrainingStopped",
]

SCORED_AT_ONCE = 512  # sessions whose scores are held in memory together


class TrainingDiverged(RuntimeError):  # noqa: N818 - an event, not a mistake of the caller
    """The training loss is no longer a number."""


class TrainingStopped(RuntimeError):  # noqa: N818 - asked for, not an error
    """The caller asked the training to stop before its end."""


@dataclass(frozen=True)
class EpochReport:
    """What one pass over the training sessions gave. Losses in nats a prediction."""

    epoch: int  # from 1
    train_loss: float  # with dropout on; sampled where the negatives are sampled
    valid_loss: float | None  # over the whole vocabulary; None without validation sessions
    valid_recall: float | None  # Recall@20, full ranking
    seconds: float  # training alone, without the validation
    events_per_second: float  # predictions trained a second

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


class GRU4RecRecommender(Recommender):
    """Scores by the network of `config`; see GRU4RecConfig for the presets.

    Items that the training sessions never held have no learned score and get -inf, so that the
    caller's fall-back can place them; `seen` (n_items,) names the others. An empty session
    scores by the log of the training popularity.
    """

    name = "gru4rec"

    def __init__(self, config: GRU4RecConfig | None = None, *, device: str = "cpu") -> None:
        self.config = config or GRU4RecConfig.default()
        self.device = torch.device(device)
        self.curves: list[EpochReport] = []
        self.best_epoch = 0
        self.item_ids: list[str] = []
        self._network: GRU4Rec | None = None
        self._serving_bias = torch.empty(0)  # (N,) -inf where unseen

    # Learning

    def fit(
        self,
        data: SessionData,
        items: ItemTable,
        *,
        validation: SessionData | None = None,
        on_epoch: Callable[[EpochReport], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
        warm_start: GRU4RecRecommender | None = None,
    ) -> Self:
        """Train, and keep the epoch that did best on the validation sessions.

        Without `validation`, the last `validation_fraction` of `data` by time is held back for
        it; with a fraction of 0 nothing is, and the last epoch is kept. `warm_start` begins from
        another model's weights, item by item id. Raises ValueError on data that cannot be
        learned from, TrainingDiverged on a loss that is not a number, TrainingStopped once
        `should_stop()` is true (asked before every batch). After a raise the model is as before.
        """
        check_vocabulary(data, items)
        if validation is None and self.config.validation_fraction > 0:
            data, validation = data.split_by_time(self.config.validation_fraction)
        train = Windows(data, self.config.max_length, self.config.dwell_power)
        if len(train) == 0:
            raise ValueError("No training session has two events: there is nothing to predict.")
        with torch.random.fork_rng(devices=[]):  # dropout and initial weights draw from it
            torch.manual_seed(self.config.seed)
            network = GRU4Rec(self.config, data.n_items)
            network.log_prior = _log_prior(data)
            if warm_start is not None:
                _copy_weights(warm_start, network, items)
            network.to(self.device)
            valid = validation_windows(validation, self.config)
            curves, best = self._train(network, train, valid, on_epoch, should_stop)
        self.curves, self.best_epoch = curves, best
        return self.adopt(network, items.ids)

    def _train(
        self,
        network: GRU4Rec,
        train: Windows,
        valid: Windows | None,
        on_epoch: Callable[[EpochReport], None] | None,
        should_stop: Callable[[], bool] | None,
    ) -> tuple[list[EpochReport], int]:
        """The training loop: returns the curves and the best epoch, whose weights are left."""
        config = self.config
        order = torch.Generator().manual_seed(config.seed)
        loss_of = _loss_function(config, network, order)
        optimiser = _optimiser(config, network)
        positions = max(min(config.batch_positions, train.n_positions // config.epoch_steps), 16)
        sizes = {"sequences": config.batch_sequences, "positions": positions}
        curves: list[EpochReport] = []
        best_epoch, best_value, best_weights = 0, (-math.inf, -math.inf), {}
        for epoch in range(1, config.epochs + 1):
            started, trained, total = time.perf_counter(), 0, 0.0
            network.train()
            for batch in train.shuffled(order, **sizes):
                if should_stop is not None and should_stop():
                    raise TrainingStopped(f"Training was stopped in epoch {epoch}.")
                progress = (epoch - 1 + trained / train.n_positions) / config.epochs
                optimiser.param_groups[0]["lr"] = learning_rate(config, progress)
                loss = loss_of(batch.to(self.device))
                value = loss.item()
                if not math.isfinite(value):
                    raise TrainingDiverged(f"The loss became {value} in epoch {epoch}.")
                optimiser.zero_grad(set_to_none=True)
                torch.autograd.backward(loss)
                if config.gradient_clip:
                    torch.nn.utils.clip_grad_norm_(network.parameters(), config.gradient_clip)
                optimiser.step()
                trained += len(batch.targets)
                total += value * len(batch.targets)
            seconds = time.perf_counter() - started
            valid_loss, valid_recall = validate(network, valid, self.device)
            report = EpochReport(
                epoch, total / trained, valid_loss, valid_recall, seconds, trained / seconds
            )
            curves.append(report)
            if on_epoch is not None:
                on_epoch(report)
            value_now = _goodness(report, config.monitor)
            if value_now > best_value:
                best_epoch, best_value = epoch, value_now
                best_weights = copy.deepcopy(network.state_dict())
            elif epoch - best_epoch >= config.patience:
                break
        network.load_state_dict(best_weights)
        return curves, best_epoch

    # Serving

    def adopt(self, network: GRU4Rec, item_ids: Sequence[str]) -> Self:
        """Take a trained network, as `fit` and the artifact loader do, and make it ready."""
        self._network = network.to(self.device).eval()
        self.item_ids = list(item_ids)
        self._serving_bias = torch.where(
            torch.isfinite(network.log_prior), network.bias.detach(), -torch.inf
        )
        return self

    @property
    def network(self) -> GRU4Rec:
        """The trained network. Raises NotFittedError before `fit`."""
        if self._network is None:
            raise NotFittedError("Fit the GRU4Rec model, or load one, before using it.")
        return self._network

    @property
    def seen(self) -> NDArray[np.bool_]:
        """(n_items,) whether the training sessions held the item."""
        seen: NDArray[np.bool_] = torch.isfinite(self.network.log_prior).cpu().numpy()
        return seen

    def scores(self, sessions: Sequence[Session]) -> FloatArray:
        network = self.network
        out = np.empty((len(sessions), len(self._serving_bias)), dtype=np.float32)
        filled = [row for row, session in enumerate(sessions) if len(session)]
        if len(filled) < len(sessions):
            out[[not len(session) for session in sessions]] = network.log_prior.cpu().numpy()
        with torch.inference_mode():
            for start in range(0, len(filled), SCORED_AT_ONCE):
                rows = filled[start : start + SCORED_AT_ONCE]
                recent = [sessions[row] for row in rows]
                inputs, batch_sizes, order = pack_sessions(recent, self.config.max_length)
                embedded = network.embedding(inputs.to(self.device))
                states = network.last_states(embedded, batch_sizes)  # (B, D)
                found = torch.addmm(self._serving_bias, states, network.output_weight.T)
                out[np.asarray(rows)[order]] = found.cpu().numpy()
        return out


def _loss_function(
    config: GRU4RecConfig, network: GRU4Rec, order: torch.Generator
) -> Callable[[Batch], Tensor]:
    """The mean loss of a batch, weighted by dwell where the settings ask for it."""
    n_items = len(network.bias)
    sampler = None
    if config.negatives and n_items > max(config.full_softmax_up_to, config.negatives):
        sampler = NegativeSampler(
            network.log_prior.cpu().exp(),
            power=config.negative_power,
            draws=config.negatives,
            order=order,
        )

    def loss_of(batch: Batch) -> Tensor:
        if sampler is None:
            states = network.states(network.embedding(batch.inputs), batch.batch_sizes)  # (P, D)
            losses = softmax_loss(states, batch.targets, network.output_weight, network.bias)
        else:
            drawn = sampler.draw().to(batch.inputs.device)
            read, right, wrong = network.rows(batch.inputs, batch.targets, drawn.items)
            states = network.states(read, batch.batch_sizes)
            losses = sampled_softmax_loss(states, batch.targets, right, wrong, network.bias, drawn)
        return (losses * batch.weights).sum() / batch.weights.sum()

    return loss_of


def _optimiser(config: GRU4RecConfig, network: GRU4Rec) -> torch.optim.Optimizer:
    return torch.optim.AdamW(
        network.parameters(),
        lr=config.learning_rate,
        weight_decay=config.weight_decay,
        fused=True,
    )


def learning_rate(config: GRU4RecConfig, progress: float) -> float:
    """The rate at a share of the whole run: up to the peak over the warm-up, then down to 0."""
    if config.constant_rate:
        return config.learning_rate
    if progress < config.warmup:
        return config.learning_rate * (progress + 1e-3) / (config.warmup + 1e-3)
    return config.learning_rate * (1 - progress) / (1 - config.warmup)


def _goodness(report: EpochReport, monitor: str) -> tuple[float, float]:
    """What early stopping compares: higher is better, the second breaks ties of the first."""
    if report.valid_loss is None or report.valid_recall is None:
        return (float(report.epoch), 0.0)  # nothing to compare by: the last epoch is kept
    if monitor == "loss":
        return (-report.valid_loss, report.valid_recall)
    return (report.valid_recall, -report.valid_loss)


def _log_prior(data: SessionData) -> Tensor:
    """(N,) log share of the events, -inf for items without any."""
    counts = torch.from_numpy(data.counts()).double()
    return (counts / counts.sum()).log().float()


def _copy_weights(source: GRU4RecRecommender, target: GRU4Rec, items: ItemTable) -> None:
    """Begin from another model: shared weights whole, item rows by item id."""
    old = source.network.state_dict()
    new = target.state_dict()
    pairs = [
        (row, items.index_of[item_id])
        for row, item_id in enumerate(source.item_ids)
        if item_id in items.index_of
    ]
    from_rows, to_rows = torch.tensor(pairs, dtype=torch.int64).reshape(-1, 2).unbind(1)
    for name in ("embedding.weight", "output.weight", "bias"):
        if name in new and name in old:
            new[name][to_rows] = old[name][from_rows].cpu()
    for name in (name for name in new if name.startswith(("gru.", "projection."))):
        new[name].copy_(old[name])
