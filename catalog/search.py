"""Title search that survives accents, apostrophes, joined words and typos."""

from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache

from django.db.models import Case, F, IntegerField, Value, When
from django.db.models.expressions import OrderBy

from catalog.models import Creator, Item
from catalog.revision import revision
from catalog.text import normalise

LIMIT = 24
_NEAR = 12
_POPULAR_FIRST: list[str | OrderBy] = [F("popularity").desc(nulls_last=True), "title", "item_id"]


@dataclass
class Found:
    """What a search page shows. Only where nothing matched: `near` in spelling, else `popular`."""

    by_title: list[Item] = field(default_factory=list)
    by_creator: list[Item] = field(default_factory=list)
    near: list[Item] = field(default_factory=list)
    popular: list[Item] = field(default_factory=list)


def search(query: str, limit: int = LIMIT) -> Found:
    """Titles first, then works of creators of that name, else the nearest spellings, else what
    is popular: never empty-handed as long as the catalogue holds anything."""
    if not query.strip():
        return Found()
    by_title = search_titles(query, limit)
    shown = {item.pk for item in by_title}
    by_creator = [item for item in search_creators(query, limit) if item.pk not in shown]
    if by_title or by_creator:
        return Found(by_title, by_creator)
    near = nearest_titles(query)
    popular = [] if near else list(Item.objects.order_by(*_POPULAR_FIRST).with_cards()[:_NEAR])
    return Found(near=near, popular=popular)


def search_titles(query: str, limit: int = LIMIT) -> list[Item]:
    """Items whose title has every word of `query`: the exact title, then prefixes, then the rest.

    Within each group the popular come first.
    """
    key = normalise(query)
    if not key:
        return []
    rank = Case(
        When(title_key=key, then=Value(0)),
        When(title_key__startswith=key, then=Value(1)),
        When(title_key__contains=f" {key}", then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    found = Item.objects.titled_like(query).annotate(rank=rank)
    return list(found.order_by("rank", *_POPULAR_FIRST).with_cards()[:limit])


def search_creators(query: str, limit: int = LIMIT) -> list[Item]:
    """Works of creators whose name has every word of `query`."""
    words = normalise(query).split()
    if not words:
        return []
    ids = [pk for name, pk in _creator_names(revision()) if all(w in name for w in words)]
    if not ids:
        return []
    # A handful of creators is a hit; hundreds of them are a fragment like "an".
    found = Item.objects.filter(credits__creator_id__in=ids[:60]).distinct()
    return list(found.order_by(*_POPULAR_FIRST).with_cards()[:limit])


def nearest_titles(query: str, limit: int = _NEAR) -> list[Item]:
    """Items whose titles are spelled most like `query`; empty where none is near."""
    near = _spellings(revision()).nearest(query, limit)
    items = Item.objects.with_cards().in_bulk(near)
    return [items[pk] for pk in near if pk in items]


@lru_cache(maxsize=1)
def _creator_names(_generation: str) -> list[tuple[str, int]]:
    """Every creator's normal form; kept in the process until creators come or go."""
    return [(normalise(name), pk) for pk, name in Creator.objects.values_list("pk", "name")]


@lru_cache(maxsize=1)
def _spellings(_generation: str) -> "Spellings":
    return Spellings(list(Item.objects.order_by("pk").values_list("pk", "title_key")))


class Spellings:
    """An index of letter triples: titles that share most of them with a query are near it.

    Spaces are left out, so that "doctorwho" and "doctor who" are the same. Building it takes
    about a third of a second at 31,000 titles, on the first search that finds nothing.
    """

    def __init__(self, titles: list[tuple[int, str]]) -> None:
        self._titles = titles
        self._holders: dict[str, array[int]] = defaultdict(lambda: array("I"))
        for position, (_, key) in enumerate(titles):
            for triple in _triples(key):
                self._holders[triple].append(position)

    def nearest(self, query: str, limit: int) -> list[int]:
        """Primary keys of the `limit` nearest titles, best first; empty where none is near."""
        key = normalise(query)
        wanted = [triple for triple in _triples(key) if triple in self._holders]
        # The rarest triples say most and are the quickest to look through.
        wanted.sort(key=lambda triple: len(self._holders[triple]))
        shared: Counter[int] = Counter()
        for triple in wanted[:10]:
            shared.update(self._holders[triple])
        joined = key.replace(" ", "")
        scored = []
        for position, _ in shared.most_common(80):
            pk, title = self._titles[position]
            score = _likeness(joined, title.replace(" ", ""))
            if score >= 0.6:
                scored.append((-score, position, pk))
        return [pk for _, _, pk in sorted(scored)[:limit]]


def _triples(key: str) -> set[str]:
    padded = f"^{key.replace(' ', '')}$"
    return {padded[start : start + 3] for start in range(len(padded) - 2)}


def _likeness(query: str, title: str) -> float:
    """How alike, 0 to 1; a long title is also compared by its beginning alone."""
    whole = SequenceMatcher(None, query, title).ratio()
    if len(title) > len(query) + 2:
        start = SequenceMatcher(None, query, title[: len(query) + 1]).ratio()
        return max(whole, start * 0.95)
    return whole
