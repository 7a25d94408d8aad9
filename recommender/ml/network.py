"""The GRU4Rec network and its settings (Hidasi et al., "Session-based recommendations with
recurrent neural networks", ICLR 2016; tied output as in Press & Wolf, 2017)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence


@dataclass(frozen=True)
class GRU4RecConfig:
    """Every setting of a training run; saved with the weights. Raises ValueError on nonsense."""

    preset: str = "default"
    seed: int = 1
    # Network
    embedding_dim: int = 128
    hidden_dim: int = 128
    layers: int = 1
    attention: bool = True  # look back at the single items, beside the GRU's memory of them
    cooccurrence_start: bool = True  # item embeddings begin where co-occurrence puts them
    tied: bool = True  # score with the input embeddings
    scale: float = 18.0  # a score is this times a cosine; 0 = a plain product
    features: int = 128  # width of the content features, where items have texts; 0 = none
    id_dropout: float = 0.1  # share of item rows that are content alone, so that it learns to be
    dropout: float = 0.3
    max_length: int = 50  # events of a session that the network reads at once
    # Loss
    negatives: int = 2048  # shared by a batch; 0 = softmax over the whole vocabulary
    full_softmax_up_to: int = 4096  # vocabularies this small never need sampling
    negative_power: float = 0.75  # negatives are drawn by popularity to this power
    recency: float = 0.5  # a session weighs 1 / e per such share of the time back; 0 = all alike
    dwell_power: float = 0.0  # weight of a target = (dwell / median dwell) to this power
    # Optimiser
    batch_sequences: int = 0  # > 0: this many sequences a batch, else by positions
    batch_positions: int = 1500  # predictions a batch, sequences of like length together
    epoch_steps: int = 100  # smaller data gets smaller batches, to have this many steps
    learning_rate: float = 1e-2
    warmup: float = 0.05  # share of the run; the rate then falls linearly to 0
    constant_rate: bool = False
    weight_decay: float = 0.0  # not of embeddings that are updated row by row
    row_updates: bool = True  # a step changes the embeddings of its own items only
    # Stopping
    epochs: int = 8
    warm_epochs: int = 3  # where training goes on from an earlier model
    patience: int = 3
    monitor: str = "recall"  # or "loss", on the validation sessions
    validation_fraction: float = 0.1  # last part of the training sessions; 0 = keep the last epoch
    validation_positions: int = 10_000  # at most about so many predictions are validated

    def __post_init__(self) -> None:
        positive = ("embedding_dim", "hidden_dim", "layers", "batch_positions", "epoch_steps")
        for name in (*positive, "epochs", "warm_epochs", "patience", "validation_positions"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}.")
        if self.max_length < 2:
            raise ValueError(f"max_length must be at least 2, not {self.max_length}.")
        for name in ("dropout", "warmup", "id_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} lies between 0 and 1, not {getattr(self, name)}.")
        if self.scale < 0 or self.features < 0 or self.recency < 0:
            raise ValueError("scale, features and recency must not be negative.")
        if (self.scale or self.features or self.row_updates) and not self.tied:
            raise ValueError(
                "Cosine scores, content features and row updates need tied embeddings."
            )
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
            "attention": False,
            "cooccurrence_start": False,
            "row_updates": False,
            "recency": 0.0,
            "scale": 0.0,
            "features": 0,
            "id_dropout": 0.0,
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
    """Item indices in, one state a position out; a state's product with an item's row is a score.

    An item's row is its embedding plus, where there are content features, their projection; an
    item that was never trained on is its content alone. With a `scale`, states and scored rows
    are brought to one length, so that popular items do not win by the size of theirs (Gupta et
    al., "NISER: normalized item and session representations", 2019). With `attention`, a state
    also looks back at the items of the session, by what they are and how long ago they were (Li et
    al., "Neural attentive session-based recommendation", CIKM 2017; scaled dot products).

    Names of sizes: P positions of a batch, D width of a state, N vocabulary, C content features.
    """

    bias: Tensor
    log_prior: Tensor
    features: Tensor | None

    def __init__(self, config: GRU4RecConfig, n_items: int, features: Tensor | None = None) -> None:
        super().__init__()
        wide, deep = config.embedding_dim, config.hidden_dim
        self.scale = config.scale
        self.id_dropout = config.id_dropout
        self.embedding = nn.Embedding(n_items, wide)
        self.gru = nn.GRU(wide, deep, config.layers)
        self.dropout = ByteDropout(config.dropout)
        needs_projection = config.tied and deep != wide
        self.projection = nn.Linear(deep, wide, bias=False) if needs_projection else nn.Identity()
        self.attention = LookBack(deep, wide, config.max_length) if config.attention else None
        self.output = None if config.tied else nn.Linear(deep, n_items, bias=False)
        self.bias = nn.Parameter(torch.zeros(n_items))
        # Log share of the training events, -inf for an item never seen there.
        self.register_buffer("log_prior", torch.full((n_items,), -torch.inf))
        # (N, C); the artifact keeps them apart from the weights.
        self.register_buffer("features", features, persistent=False)
        self.content = None
        # Small dot products at the start: no item is sure of itself before it was trained.
        nn.init.normal_(self.embedding.weight, std=wide**-0.5)
        if features is not None:
            self.content = nn.Linear(features.shape[1], wide, bias=False)
            nn.init.normal_(self.content.weight, std=wide**-0.5)
            # What an item is comes first, its own embedding is learned on top.
            nn.init.normal_(self.embedding.weight, std=0.1 * wide**-0.5)

    def row(self, items: Tensor, embedded: Tensor | None = None) -> Tensor:
        """(K, embedding_dim) the rows of some items, by index; `embedded` (K, embedding_dim) are
        their embeddings where they were gathered already."""
        rows: Tensor = self.embedding(items) if embedded is None else embedded
        if self.content is None or self.features is None:
            return rows
        if self.training and self.id_dropout:
            kept = torch.rand(len(items), 1, device=rows.device) >= self.id_dropout
            rows = rows * kept
        return rows + self.content(self.features[items])

    def scored(self, rows: Tensor) -> Tensor:
        """Rows as the score uses them: of length 1 where scores are cosines."""
        return functional.normalize(rows, dim=-1) if self.scale else rows

    def output_weight(self) -> Tensor:
        """(N, D) one scored row an item."""
        if self.output is not None:
            return self.output.weight
        return self.output_rows(torch.arange(len(self.bias), device=self.bias.device))

    def output_rows(self, items: Tensor) -> Tensor:
        """(K, D) the scored rows of some items."""
        if self.output is not None:
            return functional.embedding(items, self.output.weight)
        return self.scored(self.row(items))

    def rows(
        self, inputs: Tensor, scored: Tensor, gather: Callable[[Tensor], Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Rows of the inputs (P,), and scored rows of other items (K,).

        Gathered at once, because each gather's gradient is an array as large as the vocabulary;
        `gather` takes the place of the embedding where it is optimised row by row.
        """
        if self.output is None:
            items = torch.cat([inputs, scored])
            every = self.row(items, None if gather is None else gather(items))
            return every[: len(inputs)], self.scored(every[len(inputs) :])
        return self.embedding(inputs), functional.embedding(scored, self.output.weight)

    def states(self, embedded: Tensor, batch_sizes: Tensor) -> Tensor:
        """(P, embedding_dim) in packed order -> (P, D) states after each item.

        Packed order: the first item of every sequence, then the second of every sequence that
        has one, …; `batch_sizes` (T,) on the CPU counts the sequences at each step.
        """
        read = self.dropout(embedded)
        hidden, _ = self.gru(PackedSequence(read, batch_sizes))
        state = self.projection(hidden.data)
        if self.attention is not None:
            state = state + self.attention(hidden.data, read, batch_sizes)
        return self.state_of(self.dropout(state))

    def last_states(self, embedded: Tensor, batch_sizes: Tensor) -> Tensor:
        """As `states`, but (B, D): only the state at the end of each of the B sequences."""
        hidden, last = self.gru(PackedSequence(embedded, batch_sizes))  # (layers, B, hidden_dim)
        if self.attention is None:
            return self.state_of(self.projection(last[-1]))
        every = self.projection(hidden.data) + self.attention(hidden.data, embedded, batch_sizes)
        return self.state_of(every[last_positions(batch_sizes)])

    def ends(self, items: Tensor) -> Tensor:
        """(T, B) sessions of one length -> (B, D) the state at the end of each."""
        rows = self.row(items.reshape(-1)).reshape(*items.shape, -1)  # (T, B, embedding_dim)
        output, _ = self.gru(rows)
        state = self.projection(output[-1])
        if self.attention is not None:
            state = state + self.attention.at_end(output[-1], rows)
        return self.state_of(state)

    def step(self, rows: Tensor, hidden: Tensor | None) -> tuple[Tensor, Tensor]:
        """One session, one item on: the `rows` (T, embedding_dim) of all its items so far, and the
        GRU's hidden state (layers, 1, hidden_dim) before the last of them, None to read all.

        Returns the state (D,) and the new hidden state.
        """
        read = rows if hidden is None else rows[-1:]
        output, hidden = self.gru(read[:, None], hidden)
        state = self.projection(output[-1])  # (1, D)
        if self.attention is not None:
            state = state + self.attention.at_end(output[-1], rows[:, None])
        return self.state_of(state)[0], hidden

    def state_of(self, state: Tensor) -> Tensor:
        """States as the score uses them: of length `scale` where scores are cosines."""
        return functional.normalize(state, dim=-1) * self.scale if self.scale else state


class ByteDropout(nn.Module):
    """Dropout with masks from random bytes, its share therefore a multiple of 1/256.

    On a CPU, PyTorch's own took a twelfth of the training time.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.cut = round(256 * share)

    def forward(self, values: Tensor) -> Tensor:
        if not self.training or not self.cut:
            return values
        words = torch.empty(-(-values.numel() // 8), dtype=torch.int64, device=values.device)
        random = words.random_(-(2**63), None).view(torch.uint8)[: values.numel()]
        kept = (random >= self.cut).view(values.shape)
        return values * kept * (256 / (256 - self.cut))


class LookBack(nn.Module):
    """Attention of each position over the items up to it, projected to the width of a state."""

    def __init__(self, deep: int, wide: int, longest: int) -> None:
        super().__init__()
        self.longest = longest
        self.query = nn.Linear(deep, wide)
        self.key = nn.Linear(wide, wide, bias=False)
        self.age = nn.Parameter(torch.zeros(longest))  # by how many items ago; the oldest share
        self.value = nn.Linear(wide, wide, bias=False)
        nn.init.zeros_(self.value.weight)  # at the start the GRU speaks alone

    def forward(self, hidden: Tensor, read: Tensor, batch_sizes: Tensor) -> Tensor:
        """(P, hidden_dim) and (P, wide) in packed order -> (P, wide) in packed order."""
        steps = torch.arange(len(batch_sizes))
        # Row-major, the places of this mask are in packed order.
        filled = (torch.arange(int(batch_sizes[0])) < batch_sizes[:, None]).to(hidden.device)
        keys, _ = pad_packed_sequence(PackedSequence(self.key(read), batch_sizes))  # (T, B, wide)
        items, _ = pad_packed_sequence(PackedSequence(read, batch_sizes))
        asked, _ = pad_packed_sequence(PackedSequence(self.query(hidden), batch_sizes))
        scores = torch.bmm(asked.transpose(0, 1), keys.permute(1, 2, 0)) / read.shape[1] ** 0.5
        age = (steps[:, None] - steps).to(hidden.device)  # (T, T)
        scores = scores + self.age[age.clamp(0, self.longest - 1)]
        weights = scores.masked_fill(age < 0, -torch.inf).softmax(dim=2)  # (B, T, T)
        context = torch.bmm(weights, items.transpose(0, 1)).transpose(0, 1)  # (T, B, wide)
        looked: Tensor = self.value(context[filled])
        return looked

    def at_end(self, hidden: Tensor, read: Tensor) -> Tensor:
        """(B, hidden_dim) after the last of `read` (T, B, wide) -> (B, wide)."""
        age = torch.arange(len(read) - 1, -1, -1).clamp(max=self.longest - 1)
        asked = self.query(hidden)[:, None]  # (B, 1, wide)
        scores = torch.bmm(asked, self.key(read).permute(1, 2, 0)) / read.shape[2] ** 0.5
        weights = (scores + self.age[age]).softmax(dim=2)  # (B, 1, T)
        looked: Tensor = self.value(torch.bmm(weights, read.transpose(0, 1))[:, 0])
        return looked


def last_positions(batch_sizes: Tensor) -> Tensor:
    """(B,) where in packed order each sequence ends."""
    starts = batch_sizes.cumsum(0) - batch_sizes
    lengths = (torch.arange(int(batch_sizes[0])) < batch_sizes[:, None]).sum(dim=0)  # (B,)
    return starts[lengths - 1] + torch.arange(len(lengths))
