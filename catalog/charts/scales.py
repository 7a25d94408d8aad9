"""Where the ticks of an axis stand, and what they say."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Tick:
    """`at` is the share of the axis, 0 to 1. A `minor` tick says nothing on a narrow page."""

    at: float
    label: str
    minor: bool = False


def plain(value: float) -> str:
    """1234.5 → "1,234.5"; no needless zeros."""
    text = f"{value:.10g}" if value != int(value) else f"{int(value)}"
    if "e" not in text:
        text = number_format(text, force_grouping=True)
    return text.replace("-", "−")


def percent(value: float) -> str:
    """A share as an axis says it: 0.2 → "20 %"."""
    return (_("%(number)s %%") % {"number": plain(round(100 * value, 4))}).replace(" ", "\u00a0")


def step_for(span: float, wanted: int) -> float:
    """The round step (1, 2 or 5 times a power of ten) that cuts `span` into about `wanted`."""
    rough = span / max(wanted, 1)
    size = 10.0 ** math.floor(math.log10(rough))
    return next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough * 0.999)


def top_of(most: float, wanted: int = 5) -> float:
    """The round number at or above `most` where an axis from zero ends."""
    if most <= 0:
        return 1.0
    step = step_for(most, wanted)
    return math.ceil(most / step - 1e-9) * step


def ticks(
    low: float, high: float, *, wanted: int = 5, label: Callable[[float], str] = plain
) -> tuple[Tick, ...]:
    """Round values from `low` to `high`; every second one is minor where there are many."""
    if high <= low:
        return (Tick(0.0, label(low)),)
    step = step_for(high - low, wanted)
    first = math.ceil(low / step - 1e-9)
    values = [n * step for n in range(first, math.floor(high / step + 1e-9) + 1)]
    return tuple(
        Tick((value - low) / (high - low), label(value), minor=len(values) > 6 and n % 2 == 1)
        for n, value in enumerate(values)
    )


def log_ticks(low: float, high: float, label: Callable[[float], str]) -> tuple[Tick, ...]:
    """The powers of ten from `low` to `high`, both given as exponents."""
    span = (high - low) or 1.0
    powers = range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
    return tuple(Tick((power - low) / span, label(10.0**power)) for power in powers)
