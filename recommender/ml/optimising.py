"""Optimising an embedding table of which a batch touches a few rows."""

from __future__ import annotations

import torch
from torch import Tensor


class RowOptimiser:
    """RMSprop with Adam's bias correction (Kingma & Ba, ICLR 2015, with beta1 = 0), row by row.

    Only the rows that a batch reads are updated; a dense optimiser would write the whole table, and
    its second moments, at every step, which on a large catalogue costs more than the network does.
    Without a first moment a rare item moves as far in one step as dense momentum would carry it
    over the following ones.
    """

    def __init__(self, table: Tensor, *, beta: float = 0.999, epsilon: float = 1e-8) -> None:
        self.table = table  # (N, D), changed in place
        self.beta = beta
        self.epsilon = epsilon
        self.squares = torch.zeros_like(table)
        self.steps = 0
        self._read: tuple[Tensor, Tensor] | None = None  # indices (U,) and rows (U, D)

    def rows(self, items: Tensor) -> Tensor:
        """(K, D) the rows of some items, through which the gradient comes back to `step`.

        To be called once a step.
        """
        distinct, which = torch.unique(items, return_inverse=True)
        read = self.table[distinct].requires_grad_()
        self._read = distinct, read
        return torch.nn.functional.embedding(which, read)

    def step(self, learning_rate: float) -> None:
        """Update the rows that were read last, by their gradient. Raises RuntimeError without."""
        gradient = None if self._read is None else self._read[1].grad
        if self._read is None or gradient is None:
            raise RuntimeError("There is no gradient: read rows and go backward before a step.")
        (distinct, read), self._read = self._read, None
        with torch.no_grad():
            squares = self.squares[distinct]
            squares.mul_(self.beta).addcmul_(gradient, gradient, value=1 - self.beta)
            self.squares[distinct] = squares
            self.steps += 1
            squares.div_(1 - self.beta**self.steps).sqrt_().add_(self.epsilon)
            self.table[distinct] = read - learning_rate * gradient / squares
