"""The GRU4Rec network and its settings (Hidasi et al., "Session-based recommendations with
recurrent neural networks", ICLR 2016; tied output as in Press & Wolf, 2017)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence


@dataclass(frozen=True)
class GRU4RecConfig:
    """Every setting of a training run; saved with the weights. Raises ValueError on nonsense."""

    preset: str = "default"
    seed: int = 1
    # Network
    embedding_dim: int = 128
    hidden_dim: int = 128
    layers: int = 1
    tied: bool = True  # score with the input embeddings
    dropout: float = 0.3
    max_length: int = 50  # events of a session that the network reads at once
    # Loss
    negatives: int = 2048  # shared by a batch; 0 = softmax over the whole vocabulary
    full_softmax_up_to: int = 4096  # vocabularies this small never need sampling
    negative_power: float = 0.5  # negatives are drawn by popularity to this power
    dwell_power: float = 0.0  # weight of a target = (dwell / median dwell) to this power
    # Optimiser
    batch_sequences: int = 0  # > 0: this many sequences a batch, else by positions
    batch_positions: int = 1500  # predictions a batch, sequences of like length together
    epoch_steps: int = 100  # smaller data gets smaller batches, to have this many steps
    learning_rate: float = 1e-2
    warmup: float = 0.05  # share of the run; the rate then falls linearly to 0
    constant_rate: bool = False
    weight_decay: float = 0.0
    gradient_clip: float = 0.0  # norm; 0 = none
    # Stopping
    epochs: int = 8
    patience: int = 3
    monitor: str = "recall"  # or "loss", on the validation sessions
    validation_fraction: float = 0.1  # last part of the training sessions; 0 = keep the last epoch
    validation_positions: int = 10_000  # at most about so many predictions are validated

    def __post_init__(self) -> None:
        positive = ("embedding_dim", "hidden_dim", "layers", "batch_positions", "epoch_steps")
        for name in (*positive, "epochs", "patience", "validation_positions"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}.")
        if self.max_length < 2:
            raise ValueError(f"max_length must be at least 2, not {self.max_length}.")
        if not 0 <= self.dropout < 1 or not 0 <= self.warmup < 1:
            raise ValueError("dropout and warmup lie between 0 and 1.")
        if not 0 <= self.validation_fraction < 1:
            raise ValueError(
                f"validation_fraction lies between 0 and 1, not {self.validation_fraction}."
            )
        if self.learning_rate <= 0 or self.negatives < 0 or self.batch_sequences < 0:
            raise ValueError("learning_rate must be positive, sizes must not be negative.")
        if self.monitor not in ("recall", "loss"):
            raise ValueError(f"monitor is 'recall' or 'loss', not {self.monitor!r}.")

    @classmethod
    def default(cls, **changes: Any) -> Self:
        """The best that we can make: tied, packed, sampled softmax with the logQ correction."""
        return cls(**changes)

    @classmethod
    def classic(cls, **changes: Any) -> Self:
        """The textbook: embedding 128, GRU 256, linear to the vocabulary, cross-entropy."""
        textbook: dict[str, Any] = {
            "preset": "classic",
            "hidden_dim": 256,
            "tied": False,
            "dropout": 0.0,
            "negatives": 0,
            "batch_sequences": 64,
            "learning_rate": 1e-3,
            "constant_rate": True,
            "epochs": 50,
            "patience": 5,
            "monitor": "loss",
        }
        return cls(**{**textbook, **changes})

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; `from_dict` gives the same settings back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Settings from `to_dict`. Raises ValueError on a key that no setting has."""
        unknown = sorted(set(values) - {field.name for field in fields(cls)})
        if unknown:
            raise ValueError(f"GRU4Rec has no setting named {', '.join(unknown)}.")
        return cls(**values)


class GRU4Rec(nn.Module):
    """Item indices in, one state a position out; a state's product with the output is a score.

    Names of sizes: P positions of a batch, D width of a state, N vocabulary.
    """

    bias: Tensor
    log_prior: Tensor

    def __init__(self, config: GRU4RecConfig, n_items: int) -> None:
        super().__init__()
        wide, deep = config.embedding_dim, config.hidden_dim
        self.embedding = nn.Embedding(n_items, wide)
        self.gru = nn.GRU(wide, deep, config.layers)
        self.dropout = nn.Dropout(config.dropout)
        needs_projection = config.tied and deep != wide
        self.projection = nn.Linear(deep, wide, bias=False) if needs_projection else nn.Identity()
        self.output = None if config.tied else nn.Linear(deep, n_items, bias=False)
        self.bias = nn.Parameter(torch.zeros(n_items))
        # Log share of the training events, -inf for an item never seen there.
        self.register_buffer("log_prior", torch.full((n_items,), -torch.inf))
        # Small dot products at the start: no item is sure of itself before it was trained.
        nn.init.normal_(self.embedding.weight, std=wide**-0.5)

    @property
    def output_weight(self) -> Tensor:
        """(N, D) one row an item."""
        return self.embedding.weight if self.output is None else self.output.weight

    def rows(
        self, inputs: Tensor, targets: Tensor, negatives: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Embeddings of the inputs, output weights of the targets and of the negatives.

        Gathered at once, because each gather's gradient is an array as large as the vocabulary.
        """
        if self.output is None:
            every = self.embedding(torch.cat([inputs, targets, negatives]))
            read, right, wrong = every.split([len(inputs), len(targets), len(negatives)])
            return read, right, wrong
        scored = functional.embedding(torch.cat([targets, negatives]), self.output.weight)
        right, wrong = scored.split([len(targets), len(negatives)])
        return self.embedding(inputs), right, wrong

    def states(self, embedded: Tensor, batch_sizes: Tensor) -> Tensor:
        """(P, embedding_dim) in packed order -> (P, D) states after each item.

        Packed order: the first item of every sequence, then the second of every sequence that
        has one, …; `batch_sizes` (T,) on the CPU counts the sequences at each step.
        """
        packed, _ = self.gru(PackedSequence(self.dropout(embedded), batch_sizes))
        projected: Tensor = self.projection(packed.data)
        state: Tensor = self.dropout(projected)
        return state

    def last_states(self, embedded: Tensor, batch_sizes: Tensor) -> Tensor:
        """As `states`, but (B, D): only the state at the end of each of the B sequences."""
        _, last = self.gru(PackedSequence(embedded, batch_sizes))  # (layers, B, hidden_dim)
        projected: Tensor = self.projection(last[-1])
        return projected
