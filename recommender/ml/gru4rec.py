"""GRU4Rec as a Recommender: one training loop for every preset, and fast scoring."""

from __future__ import annotations

import copy
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils.extmath import randomized_svd
from torch import Tensor

from recommender.ml.batching import Batch, Windows, pack_sessions
from recommender.ml.contract import NotFittedError, Recommender, Session, check_vocabulary
from recommender.ml.cooccurrence import cooccurrence_similarity
from recommender.ml.data import FloatArray, IntArray, ItemTable, SessionData
from recommender.ml.features import TextEncoder
from recommender.ml.losses import NegativeSampler, sampled_softmax_loss, softmax_loss
from recommender.ml.network import GRU4Rec, GRU4RecConfig
from recommender.ml.optimising import RowOptimiser
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
SESSIONS_REMEMBERED = 5_000  # that may go on; the least recently used go first
NEAR = 5  # events between two items that count as near for where their embeddings begin
STARTING_NOISE = 0.3  # length of the noise on a starting embedding, which has length 1
RARE = 2  # training events of an item as little known as one that nobody opened yet


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


class _Remembered(NamedTuple):
    """A session as the network left it: what the next click goes on from."""

    state: Tensor  # (D,)
    hidden: Tensor  # (layers, 1, hidden_dim)
    rows: Tensor  # (T, embedding_dim)


class GRU4RecRecommender(Recommender):
    """Scores by the network of `config`; see GRU4RecConfig for the presets.

    Items that the training sessions never held are scored by their content features, with the
    popularity of a rarely seen item. Without a text as well nothing is known of them: they get
    -inf, so that the caller's fall-back can place them. `seen` (n_items,) names the items of the
    training sessions. An empty session scores by the log of the training popularity.
    """

    name = "gru4rec"

    def __init__(self, config: GRU4RecConfig | None = None, *, device: str = "cpu") -> None:
        self.config = config or GRU4RecConfig.default()
        self.device = torch.device(device)
        self.curves: list[EpochReport] = []
        self.best_epoch = 0
        self.preparation_seconds = 0.0  # of the last `fit`: all that it did before its first batch
        self.item_ids: list[str] = []
        self.encoder: TextEncoder | None = None
        self._network: GRU4Rec | None = None
        self._serving_bias = torch.empty(0)  # (N,) -inf where nothing is known
        self._weight = torch.empty(0)  # (D, N): one session's product is fastest in this layout
        self._remembered: OrderedDict[tuple[int, ...], _Remembered] = OrderedDict()
        self._remembered_lock = threading.Lock()

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
        another model's weights, item by item id, and takes `warm_epochs`. Raises ValueError on
        data that cannot be learned from, TrainingDiverged on a loss that is not a number,
        TrainingStopped once `should_stop()` is true (asked before every batch). After a raise
        the model is as before.
        """
        started = time.perf_counter()
        check_vocabulary(data, items)
        if validation is None and self.config.validation_fraction > 0:
            data, validation = data.split_by_time(self.config.validation_fraction)
        train = Windows(
            data,
            self.config.max_length,
            dwell_power=self.config.dwell_power,
            recency=self.config.recency,
        )
        if len(train) == 0:
            raise ValueError("No training session has two events: there is nothing to predict.")
        encoder = _encoder(self.config, items, warm_start)
        features = None if encoder is None else torch.from_numpy(encoder.encode(items.described))
        with torch.random.fork_rng(devices=[]):  # dropout and initial weights draw from it
            torch.manual_seed(self.config.seed)
            network = GRU4Rec(self.config, data.n_items, features)
            network.log_prior = _log_prior(data)
            if warm_start is not None:
                _copy_weights(warm_start, network, items)
            elif self.config.cooccurrence_start:
                _start_from_cooccurrence(network, data, self.config)
            network.to(self.device)
            valid = validation_windows(validation, self.config)
            epochs = self.config.epochs if warm_start is None else self.config.warm_epochs
            prepared = time.perf_counter() - started
            curves, best = self._train(network, train, valid, epochs, on_epoch, should_stop)
        _settle_unseen(network, data)
        self.curves, self.best_epoch = curves, best
        self.preparation_seconds = prepared
        return self.adopt(network, items.ids, encoder)

    def _train(
        self,
        network: GRU4Rec,
        train: Windows,
        valid: Windows | None,
        epochs: int,
        on_epoch: Callable[[EpochReport], None] | None,
        should_stop: Callable[[], bool] | None,
    ) -> tuple[list[EpochReport], int]:
        """The training loop: returns the curves and the best epoch, whose weights are left."""
        config = self.config
        order = torch.Generator().manual_seed(config.seed)
        optimiser, table = _optimiser(config, network)
        loss_of = _loss_function(config, network, order, table)
        positions = max(min(config.batch_positions, train.n_positions // config.epoch_steps), 16)
        sizes = {"sequences": config.batch_sequences, "positions": positions}
        curves: list[EpochReport] = []
        best_epoch, best_value, best_weights = 0, (-math.inf, -math.inf), {}
        for epoch in range(1, epochs + 1):
            started, trained, total = time.perf_counter(), 0, 0.0
            network.train()
            for batch in train.shuffled(order, **sizes):
                if should_stop is not None and should_stop():
                    raise TrainingStopped(f"Training was stopped in epoch {epoch}.")
                progress = (epoch - 1 + trained / train.n_positions) / epochs
                rate = optimiser.param_groups[0]["lr"] = learning_rate(config, progress)
                loss = loss_of(batch.to(self.device))
                value = loss.item()
                if not math.isfinite(value):
                    raise TrainingDiverged(f"The loss became {value} in epoch {epoch}.")
                optimiser.zero_grad(set_to_none=True)
                torch.autograd.backward(loss)
                optimiser.step()
                if table is not None:
                    table.step(rate)
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

    def adopt(
        self, network: GRU4Rec, item_ids: Sequence[str], encoder: TextEncoder | None = None
    ) -> Self:
        """Take a trained network, as `fit` and the artifact loader do, and make it ready."""
        self._network = network.to(self.device).eval()
        self.item_ids = list(item_ids)
        self.encoder = encoder
        known = torch.isfinite(network.log_prior)
        if network.features is not None:
            known |= network.features.any(dim=1)
        self._serving_bias = torch.where(known, network.bias.detach(), -torch.inf)
        with torch.inference_mode():
            self._weight = network.output_weight().T.contiguous()
        self._remembered.clear()
        return self

    def over(self, items: ItemTable) -> GRU4RecRecommender:
        """The same model over another vocabulary: ids that it knows keep what was learned, others
        are scored by their content. The original is left as it is."""
        old = self.network
        here = {item_id: row for row, item_id in enumerate(self.item_ids)}
        at = torch.tensor([here.get(item_id, -1) for item_id in items.ids], dtype=torch.int64)
        new = at < 0
        features = None
        if old.features is not None and self.encoder is not None:
            features = old.features[at]  # of the last row where new, replaced below
            fresh = torch.nonzero(new).squeeze(1)
            texts = items.described
            features[fresh] = torch.from_numpy(self.encoder.encode([texts[i] for i in fresh]))
        network = GRU4Rec(self.config, len(items), features)
        state = old.state_dict()
        for name in ("embedding.weight", "output.weight", "bias", "log_prior"):
            if name in state:
                state[name] = state[name][at]
        rare = _rare_bias(old)
        for name, value in (("embedding.weight", 0.0), ("bias", rare), ("log_prior", -torch.inf)):
            state[name][new] = value
        network.load_state_dict(state)
        moved = GRU4RecRecommender(self.config, device=str(self.device))
        moved.curves, moved.best_epoch = self.curves, self.best_epoch
        return moved.adopt(network, items.ids, self.encoder)

    @property
    def network(self) -> GRU4Rec:
        """The trained network. Raises NotFittedError before `fit`."""
        if self._network is None:
            raise NotFittedError("Fit the GRU4Rec model, or load one, before using it.")
        return self._network

    def item_vectors(self, items: IntArray) -> FloatArray:
        """(C, D) some items as the score sees them, of length 1 where scores are cosines."""
        with torch.inference_mode():
            vectors: FloatArray = self.network.output_rows(torch.from_numpy(items)).cpu().numpy()
        return vectors

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
            if len(filled) == 1:  # a visitor's click: one step on from where the last one led
                state = self.state(sessions[filled[0]])
                out[filled[0]] = torch.addmv(self._serving_bias, self._weight.T, state).cpu()
                return out
            for start in range(0, len(filled), SCORED_AT_ONCE):
                rows = filled[start : start + SCORED_AT_ONCE]
                recent = [sessions[row] for row in rows]
                inputs, batch_sizes, order = pack_sessions(recent, self.config.max_length)
                embedded = network.row(inputs.to(self.device))
                states = network.last_states(embedded, batch_sizes)  # (B, D)
                found = torch.addmm(self._serving_bias, states, self._weight)
                out[np.asarray(rows)[order]] = found.cpu().numpy()
        return out

    def state(self, session: Session) -> Tensor:
        """(D,) the state after a session that is not empty, one step on from a remembered one
        where the session without its last item has been asked for before."""
        network = self.network
        items = tuple(int(item) for item in session[-self.config.max_length :])
        with self._remembered_lock:
            known = self._remembered.get(items)
            before = self._remembered.get(items[:-1]) if known is None else None
        with torch.inference_mode():
            if known is None:
                fresh = items if before is None else items[-1:]
                rows = network.row(torch.tensor(fresh, device=self.device))
                if before is not None:
                    rows = torch.cat([before.rows, rows])
                state, hidden = network.step(rows, before.hidden if before else None)
                known = _Remembered(state, hidden, rows)
        with self._remembered_lock:
            self._remembered[items] = known
            self._remembered.move_to_end(items)
            if len(self._remembered) > SESSIONS_REMEMBERED:
                self._remembered.popitem(last=False)
        return known.state

    def owed(self, session: Session, items: IntArray) -> NDArray[np.float64]:
        """(L, C) how much less likely each of the C items is, among these, without each of the L
        steps of the session; never negative."""
        steps = [int(item) for item in session[-self.config.max_length :]]
        at = torch.from_numpy(items)
        with torch.inference_mode():
            states = self.state(steps)[None]
            if len(steps) > 1:
                order = torch.arange(len(steps))
                others = order.expand(len(steps), -1)[order[:, None] != order]  # row i: all but i
                variants = torch.tensor(steps)[others].reshape(len(steps), -1)
                states = torch.cat([states, self.network.ends(variants.T)])
            logits = torch.addmm(self._serving_bias[at], states, self.network.output_rows(at).T)
            if len(steps) == 1:  # without its only step a session is empty
                logits = torch.cat([logits, self.network.log_prior[at][None]])
            likely = torch.nan_to_num(logits.softmax(dim=1)).double().numpy()  # (1 + L, C)
        lost = np.zeros((len(session), len(items)))
        lost[len(session) - len(steps) :] = likely[0] - likely[1:]
        return np.maximum(lost, 0.0)


def _loss_function(
    config: GRU4RecConfig, network: GRU4Rec, order: torch.Generator, table: RowOptimiser | None
) -> Callable[[Batch], Tensor]:
    """The mean loss of a batch, weighted by dwell where the settings ask for it."""
    n_items = len(network.bias)
    gather = None if table is None else table.rows
    every = torch.arange(n_items, device=network.bias.device)
    seen = torch.isfinite(network.log_prior)
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
            read, scored = network.rows(batch.inputs, every, gather)
            states = network.states(read, batch.batch_sizes)  # (P, D)
            # An item that nobody could open yet is no evidence against its content.
            bias = torch.where(seen, network.bias, -torch.inf)
            losses = softmax_loss(states, batch.targets, scored, bias)
        else:
            drawn = sampler.draw().to(batch.inputs.device)
            items = torch.cat([batch.targets, drawn.items])
            read, scored = network.rows(batch.inputs, items, gather)
            states = network.states(read, batch.batch_sizes)
            right, wrong = scored.split([len(batch.targets), len(drawn.items)])
            losses = sampled_softmax_loss(states, batch.targets, right, wrong, network.bias, drawn)
        return (losses * batch.weights).sum() / batch.weights.sum()

    return loss_of


def _optimiser(
    config: GRU4RecConfig, network: GRU4Rec
) -> tuple[torch.optim.Optimizer, RowOptimiser | None]:
    """One for the network and, where the settings ask for it, one for the table of embeddings."""
    table = RowOptimiser(network.embedding.weight.data) if config.row_updates else None
    dense = [
        parameter
        for parameter in network.parameters()
        if table is None or parameter is not network.embedding.weight
    ]
    adam = torch.optim.AdamW(
        dense, lr=config.learning_rate, weight_decay=config.weight_decay, fused=True
    )
    return adam, table


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


def _encoder(
    config: GRU4RecConfig, items: ItemTable, warm_start: GRU4RecRecommender | None
) -> TextEncoder | None:
    """The encoder of the item texts: the earlier model's, whose projection is to be continued."""
    if not config.features or not any(items.texts):
        return None
    if warm_start is not None and warm_start.encoder is not None:
        if warm_start.encoder.width != config.features:
            raise ValueError("A warm start needs content features of the same width.")
        return warm_start.encoder
    return TextEncoder(width=config.features, seed=config.seed).fit(items.described)


def _start_from_cooccurrence(network: GRU4Rec, data: SessionData, config: GRU4RecConfig) -> None:
    """Item embeddings from a truncated SVD of the items' similarity by co-occurrence.

    As item2vec does (Barkan & Koenigstein, 2016), by factorisation instead of sampling (Levy &
    Goldberg, NIPS 2014): items of the same sessions begin near each other, and noise keeps those
    apart of which the sessions say the same.
    """
    near = cooccurrence_similarity(data, window=NEAR)  # (N, N), sparse
    rank = min(config.embedding_dim, data.n_items - 1)
    if near.nnz == 0 or rank < 1:
        return
    near = near + sparse.diags_array(np.full(data.n_items, 0.5))  # an item is like itself
    left, sizes, _ = randomized_svd(
        near.astype(np.float32), rank, n_iter=2, random_state=config.seed
    )
    place = left * np.sqrt(sizes)
    place /= np.maximum(np.linalg.norm(place, axis=1, keepdims=True), 1e-6)
    place[data.counts() == 0] = 0.0
    noise = STARTING_NOISE * config.embedding_dim**-0.5
    with torch.no_grad():
        network.embedding.weight.normal_(std=noise)
        network.embedding.weight[:, :rank] += torch.from_numpy(place.astype(np.float32))


def _rare_bias(network: GRU4Rec) -> float:
    """The mean bias of the items that training saw least."""
    seen = torch.isfinite(network.log_prior)
    if not seen.any():
        return 0.0
    least = network.log_prior[seen].min() + math.log(RARE) + 1e-3
    return float(network.bias.detach()[seen & (network.log_prior <= least)].mean())


def _settle_unseen(network: GRU4Rec, data: SessionData) -> None:
    """Items without a training event: no embedding but content's, and a rare item's bias."""
    unseen = torch.from_numpy(data.counts() == 0)
    with torch.no_grad():
        network.bias[unseen] = _rare_bias(network)
        if network.content is not None:
            network.embedding.weight[unseen] = 0.0


def _copy_weights(source: GRU4RecRecommender, target: GRU4Rec, items: ItemTable) -> None:
    """Begin from another model: shared weights whole, item rows by item id.

    Raises ValueError where the two networks differ in shape.
    """
    old = source.network.state_dict()
    new = target.state_dict()
    here = {item_id: row for row, item_id in enumerate(source.item_ids)}
    pairs = [(here[item_id], row) for row, item_id in enumerate(items.ids) if item_id in here]
    from_rows, to_rows = torch.tensor(pairs, dtype=torch.int64).reshape(-1, 2).unbind(1)
    for name in (name for name in new if name != "log_prior"):
        of_items = name in ("embedding.weight", "output.weight", "bias")
        if name not in old or (not of_items and old[name].shape != new[name].shape):
            raise ValueError(f"A warm start needs the same network; {name} differs.")
        if of_items:
            new[name][to_rows] = old[name][from_rows].cpu()
        else:
            new[name].copy_(old[name])
