"""What early stopping looks at: loss and recall on validation sessions, ranking every item."""

from __future__ import annotations

import numpy as np
import torch

from recommender.ml.batching import Windows
from recommender.ml.data import SessionData
from recommender.ml.network import GRU4Rec, GRU4RecConfig

VALIDATION_K = 20
POSITIONS_AT_ONCE = 512  # whose scores are held in memory together


def validation_windows(data: SessionData | None, config: GRU4RecConfig) -> Windows | None:
    """Evenly spread validation sessions, about `validation_positions` predictions of them."""
    if data is None:
        return None
    predictions = int(np.maximum(data.lengths - 1, 0).sum())
    if predictions == 0:
        raise ValueError("No validation session has two events: nothing would be measured.")
    every = max(predictions // config.validation_positions, 1)
    chosen = data.take(np.flatnonzero(data.lengths > 1)[::every])
    return Windows(chosen, config.max_length)


@torch.inference_mode()
def validate(
    network: GRU4Rec, valid: Windows | None, device: torch.device
) -> tuple[float, float] | tuple[None, None]:
    """(loss, Recall@20) over the whole vocabulary. A target never trained on is a miss, and is
    left out of the loss."""
    if valid is None:
        return None, None
    network.eval()
    seen = torch.isfinite(network.log_prior)
    bias = torch.where(seen, network.bias, -torch.inf)
    weight = network.output_weight().T
    loss, hits, n_seen, n_all = 0.0, 0, 0, 0
    for batch in valid.in_order(POSITIONS_AT_ONCE):
        batch = batch.to(device)
        states = network.states(network.row(batch.inputs), batch.batch_sizes)
        known = seen[batch.targets]
        targets = batch.targets[known]
        scores = torch.addmm(bias, states[known], weight)  # (P, N)
        reached = scores.gather(1, targets[:, None])  # (P, 1)
        hits += int(((scores >= reached).sum(dim=1) <= VALIDATION_K).sum())
        loss += float((scores.logsumexp(dim=1) - reached[:, 0]).sum())
        n_seen += len(targets)
        n_all += len(batch.targets)
    return loss / max(n_seen, 1), hits / n_all
