"""What is put into an item's text beside its own words."""

from __future__ import annotations

from collections.abc import Iterable


def origin_words(year: int | None, language: str, country: str) -> list[str]:
    """When and where something comes from, as words that content models can match: the years
    beside its own too, so that 1999 is nearer to 2000 than to 2010."""
    words = [] if year is None else [f"year_{near}" for near in range(year - 1, year + 2)]
    if year is not None:
        words.append(f"decade_{year // 10}")
    named = (("language", language), ("country", country))
    return words + [f"{what}_{'_'.join(value.split())}" for what, value in named if value]


UNDESCRIBED = 3  # times that a theme is said of an item without description


def theme_words(themes: Iterable[str], *, described: bool = True) -> list[str]:
    """Themes as words that content models can match: one each, and no word of a description.

    Of an item that has no description, a track mostly, they are said more than once: else the
    words of its title would say what it is like, and "Paradise Circus" would be a circus.
    """
    words = [f"theme_{'_'.join(theme.split())}" for theme in themes]
    return words if described else words * UNDESCRIBED
