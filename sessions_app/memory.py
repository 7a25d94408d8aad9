"""What a visit needs, in the browser alone: for who was not asked yet, or said no.

A signed cookie without an end date, gone when the browser's window closes. The server writes none
of it down. Two pages opened at the very same moment both answer with the cookie, and the later
answer wins: one step can be lost, which is the price of keeping nothing.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Self
from uuid import UUID

from django.core import signing

COOKIE = "segue_visit"
DWELL_COOKIE = "segue_dwell"  # written by static/js/dwell.js, never by the server
SALT = "sessions_app.memory"
# A cookie holds 4 KB; the oldest go first.
MOST_STEPS, MOST_REACTIONS = 50, 60


@dataclass(frozen=True)
class MemoryStep:
    """One step: its number in this visit, the item's primary key, when (seconds, epoch)."""

    number: int
    item: int
    at: int
    picked: bool = False

    @property
    def step_id(self) -> UUID:
        """The id that pages know it by; it means something in this browser only."""
        return UUID(int=self.number)


@dataclass(frozen=True)
class Memory:
    """`steps`, oldest first; `past`, the trail before the last start over; `removed`, numbers of
    steps that were taken out, for undo; the rest by the items' primary keys, oldest first."""

    steps: tuple[MemoryStep, ...] = ()
    past: tuple[MemoryStep, ...] = ()
    removed: tuple[MemoryStep, ...] = ()
    reactions: dict[str, dict[int, int]] = field(default_factory=dict)  # type → item → stars or 1
    last: int = 0  # when something was last done, seconds
    numbers: int = 0  # how many steps were ever numbered

    # Reading and writing the cookie

    @classmethod
    def read(cls, cookie: str) -> Self:
        """What the cookie says; one that was tampered with, or is not one, says nothing."""
        try:
            said: Any = signing.loads(cookie, salt=SALT)
            return cls(
                steps=_steps(said["s"]),
                past=_steps(said["p"]),
                removed=_steps(said["x"]),
                reactions={
                    str(type): {int(item): int(value) for item, value in given}
                    for type, given in said["r"].items()
                },
                last=int(said["l"]),
                numbers=int(said["n"]),
            )
        except (signing.BadSignature, KeyError, TypeError, ValueError, AttributeError):
            return cls()

    def cookie(self) -> str:
        """The cookie's value, signed; under 4 KB whatever is in it."""
        said = {
            "s": [_plain(step) for step in self.steps[-MOST_STEPS:]],
            "p": [_plain(step) for step in self.past[-MOST_STEPS // 2 :]],
            "x": [_plain(step) for step in self.removed[-5:]],
            "r": {type: list(given.items())[-MOST_REACTIONS:] for type, given in self._given()},
            "l": self.last,
            "n": self.numbers,
        }
        return signing.dumps(said, salt=SALT, compress=True)

    def _given(self) -> Iterable[tuple[str, dict[int, int]]]:
        return ((type, given) for type, given in self.reactions.items() if given)

    @property
    def is_empty(self) -> bool:
        return not (self.steps or self.past or self.removed or any(self.reactions.values()))

    # What can be done; each gives a new memory

    def with_step(self, item: int, *, picked: bool = False, now: float | None = None) -> Self:
        """The item as the newest step; one that is the newest already goes on."""
        at = int(time.time() if now is None else now)
        if self.steps and self.steps[-1].item == item:
            return replace(self, last=at)
        step = MemoryStep(self.numbers + 1, item, at, picked)
        kept = (*self.steps, step)[-MOST_STEPS:]
        return replace(self, steps=kept, last=at, numbers=step.number)

    def without_step(self, step_id: UUID) -> Self:
        """Raises KeyError where there is no such step, taken out already or not."""
        gone = [step for step in self.steps if step.step_id == step_id]
        if not gone:
            if any(step.step_id == step_id for step in self.removed):
                return self
            raise KeyError(step_id)
        kept = tuple(step for step in self.steps if step.step_id != step_id)
        return replace(self, steps=kept, removed=(*self.removed, *gone))

    def with_step_again(self, step_id: UUID) -> Self:
        """Raises KeyError where no such step was taken out."""
        if any(step.step_id == step_id for step in self.steps):
            return self
        back = [step for step in self.removed if step.step_id == step_id]
        if not back:
            raise KeyError(step_id)
        steps = sorted((*self.steps, *back), key=lambda step: step.number)
        removed = tuple(step for step in self.removed if step.step_id != step_id)
        return replace(self, steps=tuple(steps), removed=removed)

    def started_over(self) -> Self:
        return replace(self, steps=(), past=self.steps, removed=()) if self.steps else self

    def before_start_over(self) -> Self:
        return replace(self, steps=self.past, past=()) if self.past else self

    def with_reaction(self, type: str, item: int, value: int = 1) -> Self:
        given = {**self.reactions.get(type, {})}
        given.pop(item, None)  # said again, it is the newest
        given[item] = value
        kept = dict(list(given.items())[-MOST_REACTIONS:])
        return replace(self, reactions={**self.reactions, type: kept})

    def without_reaction(self, type: str, item: int) -> Self:
        given = {key: value for key, value in self.reactions.get(type, {}).items() if key != item}
        return replace(self, reactions={**self.reactions, type: given})


def dwell_times(cookie: str) -> dict[UUID, int]:
    """Step id → visible milliseconds, from the cookie that the page's script keeps: `1:2300.2:90`.
    What does not read so is left out."""
    found: dict[UUID, int] = {}
    for entry in cookie.split(".")[: 2 * MOST_STEPS]:
        number, _, milliseconds = entry.partition(":")
        if number.isascii() and number.isdecimal() and milliseconds.isdecimal():
            found[UUID(int=int(number[:12]))] = int(milliseconds[:9])
    return found


def _plain(step: MemoryStep) -> list[int]:
    return [step.number, step.item, step.at, int(step.picked)]


def _steps(rows: Iterable[Any]) -> tuple[MemoryStep, ...]:
    return tuple(MemoryStep(int(n), int(item), int(at), bool(p)) for n, item, at, p in rows)
