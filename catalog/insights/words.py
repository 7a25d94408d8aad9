"""How the insights say numbers and lists."""

from collections.abc import Sequence

from catalog.models import Kind
from catalog.wording import NOUNS


def with_commas(number: float) -> str:
    return f"{round(number):,}"


def shares_as(share: float) -> str:
    """0.3812 → "38 %", 0.0431 → "4.3 %"; the space does not break."""
    percent = 100 * share
    if percent == 0:
        return "0\u00a0%"
    if percent < 0.1:
        return "under 0.1\u00a0%"
    if 99.5 <= percent < 100:
        return "over 99\u00a0%"
    return f"{percent:.1f}\u00a0%" if percent < 10 else f"{percent:.0f}\u00a0%"


def counted(number: int, kind: Kind) -> str:
    """ "1 movie", "3,812 movies"."""
    return f"{with_commas(number)} {NOUNS[kind][number != 1]}"


def sentence(text: str) -> str:
    """With a capital first: a genre's name may begin with a small letter."""
    return text[:1].upper() + text[1:]


def listed(names: Sequence[str]) -> str:
    """ "Drama, Comedy and Action"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
