"""Choices that look random and never change: drawn from a hash of the work itself."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A stream of numbers fixed by `seed`; the same seed always gives the same stream."""

    def __init__(self, seed: str) -> None:
        self._key = blake2b(seed.encode("utf-8"), digest_size=32).digest()
        self._drawn = 0

    def _next(self) -> int:
        block = blake2b(self._drawn.to_bytes(4, "big"), key=self._key, digest_size=8).digest()
        self._drawn += 1
        return int.from_bytes(block, "big")

    def below(self, limit: int) -> int:
        """A whole number from 0 to `limit` - 1."""
        return self._next() % limit

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * (self._next() / 2**64)

    def chance(self, probability: float) -> bool:
        return self.between(0, 1) < probability

    def pick(self, options: Sequence[T]) -> T:
        return options[self.below(len(options))]

    def shuffled(self, options: Sequence[T]) -> list[T]:
        left = list(options)
        return [left.pop(self.below(len(left))) for _ in range(len(left))]
