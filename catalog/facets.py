"""What a kind can be filtered by, counted once and kept until the catalogue changes."""

from collections import Counter
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count

from catalog.models import Genre, Item
from catalog.revision import revision

_KEEP_SECONDS = 600
Choice = tuple[str, str]


@dataclass(frozen=True)
class Facets:
    """(value, label) pairs, the commonest first except where order has a meaning of its own."""

    genres: list[Choice]
    moods: list[Choice]
    decades: list[Choice]
    languages: list[Choice]
    countries: list[Choice]
    has_popularity: bool


def facets_of(kind: str) -> Facets:
    """The facets of one kind (one query when they are already known)."""
    key = f"facets:{kind}:{revision()}"
    known = cache.get(key)
    if known is None:
        known = _count(kind)
        cache.set(key, known, _KEEP_SECONDS)
    return known


def _count(kind: str) -> Facets:
    items = Item.objects.of_kind(kind).order_by()
    languages: Counter[str] = Counter()
    countries: Counter[str] = Counter()
    decades: Counter[int] = Counter()
    moods: Counter[str] = Counter()
    rows = items.values_list("language", "country", "year", "moods")
    for language, country, year, words in rows.iterator(chunk_size=5000):
        languages[language] += 1
        countries[country] += 1
        moods.update(words)
        if year is not None:
            decades[year // 10 * 10] += 1
    genres = Genre.objects.filter(items__kind=kind).annotate(size=Count("items"))
    return Facets(
        genres=[(genre.slug, genre.name) for genre in genres.order_by("name")],
        moods=[(word, word) for word, _ in moods.most_common()],
        decades=[(str(year), decade_label(year)) for year in sorted(decades, reverse=True)],
        languages=_named(languages),
        countries=_named(countries),
        has_popularity=items.filter(popularity__isnull=False).exists(),
    )


def _named(counted: Counter[str]) -> list[Choice]:
    return [(name, name) for name, _ in counted.most_common() if name]


def decade_label(first_year: int) -> str:
    """`1980` → "1980s", `-430` → "430s BC"."""
    return f"{first_year}s" if first_year >= 0 else f"{-first_year - 9}–{-first_year} BC"
