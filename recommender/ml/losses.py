"""Cross-entropy over the vocabulary, whole or by shared sampled negatives."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional


class Negatives(NamedTuple):
    """K distinct items and the log of how often each was expected among the draws."""

    items: Tensor  # (K,) int64, ascending
    log_correction: Tensor  # (K,) float32

    def to(self, device: torch.device) -> Negatives:
        """The same on another device."""
        return Negatives(self.items.to(device), self.log_correction.to(device))


class NegativeSampler:
    """Draws items with probability proportional to popularity ** power, never-seen items never."""

    def __init__(self, counts: Tensor, *, power: float, draws: int, order: torch.Generator) -> None:
        shares = torch.where(counts > 0, counts.double() ** power, 0.0)
        shares = shares / shares.sum()
        self.draws = draws
        self.order = order
        self.cumulative = shares.cumsum(0)  # double: float32 would starve the tail
        self.log_expected = (shares * draws).log().float()  # -inf where never drawn

    def draw(self) -> Negatives:
        """Draw with replacement; an item drawn c times comes once, its weight times c."""
        points = torch.rand(self.draws, dtype=torch.float64, generator=self.order)
        # Rounding may leave the last cumulative share just below 1.
        drawn = torch.searchsorted(self.cumulative, points * self.cumulative[-1], right=True)
        items, times = torch.unique(drawn, return_counts=True)
        return Negatives(items, times.log() - self.log_expected[items])


def softmax_loss(states: Tensor, targets: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """(P,) cross-entropy of the targets over the whole vocabulary, from states (P, D)."""
    return functional.cross_entropy(torch.addmm(bias, states, weight.T), targets, reduction="none")


def sampled_softmax_loss(
    states: Tensor,
    targets: Tensor,
    target_rows: Tensor,
    negative_rows: Tensor,
    bias: Tensor,
    negatives: Negatives,
) -> Tensor:
    """(P,) cross-entropy with the normaliser estimated from shared negatives.

    `target_rows` (P, D) and `negative_rows` (K, D) are the output weights of the targets and of
    the negatives, `bias` (N,). Each negative stands for 1 / (draws * its probability) items, the
    logQ correction (Bengio & Senecal, 2008), so that the estimate aims at the whole softmax. The
    target enters by itself and is masked where it was also drawn.
    """
    shift = bias[negatives.items] + negatives.log_correction
    column = torch.searchsorted(negatives.items, targets).clamp_(max=len(negatives.items) - 1)
    clash = torch.nonzero(negatives.items[column] == targets).squeeze(1)
    arguments = (states, target_rows, negative_rows, bias[targets], shift, clash, column[clash])
    losses: Tensor = _SampledSoftmax.apply(*arguments)
    return losses


class _SampledSoftmax(torch.autograd.Function):
    """The cross-entropies with their gradient written out: the (P, K) array of logits is made once
    and changed in place, where automatic differentiation would hold and copy five of them."""

    @staticmethod
    def forward(
        ctx: Any,
        states: Tensor,  # (P, D)
        target_rows: Tensor,  # (P, D)
        negative_rows: Tensor,  # (K, D)
        target_bias: Tensor,  # (P,)
        shift: Tensor,  # (K,)
        clash: Tensor,  # (C,) positions whose target was drawn
        column: Tensor,  # (C,) where among the negatives it is
    ) -> Tensor:
        target = (states * target_rows).sum(dim=1) + target_bias
        logits = torch.addmm(shift, states, negative_rows.T)
        logits[clash, column] = -torch.inf
        top = torch.maximum(logits.amax(dim=1), target)
        masses = logits.sub_(top[:, None]).exp_()
        own = (target - top).exp()
        total = masses.sum(dim=1) + own
        ctx.save_for_backward(states, target_rows, negative_rows, own / total, total)
        ctx.masses = masses  # not saved: the backward pass may use it up
        return total.log() + top - target

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        states, target_rows, negative_rows, likely, total = ctx.saved_tensors
        of_target = gradient * (likely - 1)  # (P,)
        of_negatives = ctx.masses.mul_((gradient / total)[:, None])  # (P, K)
        del ctx.masses
        of_states = torch.addcmul(of_negatives @ negative_rows, of_target[:, None], target_rows)
        return (
            of_states,
            of_target[:, None] * states,
            of_negatives.T @ states,
            of_target,
            of_negatives.sum(dim=0),
            None,
            None,
        )
