"""What the pages and the API show of a search: items, people, and a way on."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Creator, Credit, Item, Kind
from catalog.people import slug_of
from catalog.revision import Kept
from catalog.search.building import build
from catalog.search.forms import ARTICLES, key_of, main_part
from catalog.search.index import CatalogueIndex, Hit
from catalog.search.likeness import alike
from catalog.wording import whole, year_label

T = TypeVar("T")

A_KIND = 12
PEOPLE = 8
WORKS = 12
POPULAR = 4  # a kind
SUGGESTED = 3  # a kind, and people
MOST = 200  # in the API
_WORD_LIKE = 0.5
_ENDS = ',:;.!?()[]"“”'

index: Kept[CatalogueIndex] = Kept(build)


@dataclass(frozen=True)
class Person:
    """Somebody whose name was found; `works` is how many items are theirs."""

    name: str
    url: str
    works: int


@dataclass
class Found:
    """What a search page shows. `popular` only where nothing is even near."""

    titles: list[Item] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    works: list[Item] = field(default_factory=list)  # by those people
    near: list[Item] = field(default_factory=list)  # in spelling
    near_people: list[Person] = field(default_factory=list)
    meant: str = ""  # a query that finds something, where this one is misspelt
    popular: list[Item] = field(default_factory=list)
    best: list[Item | Person] = field(default_factory=list)  # all that was found, the best first

    @property
    def is_sure(self) -> bool:
        """Something was found letter by letter."""
        return bool(self.titles or self.people)

    @property
    def person_first(self) -> bool:
        return bool(self.best) and isinstance(self.best[0], Person)

    @property
    def works_heading(self) -> str:
        people = self.people or self.near_people
        if len(people) != 1:
            return _("By people of that name")
        return _("By %(name)s") % {"name": people[0].name}

    @property
    def by_kind(self) -> list[tuple[Kind, list[Item]]]:
        """The titles by kind; the kind of the best one comes first."""
        kinds = dict.fromkeys(Kind(item.kind) for item in self.titles)
        return [(kind, [item for item in self.titles if item.kind == kind]) for kind in kinds]


def search(query: str) -> Found:
    """What matches letter by letter first; then, where that is little, what is spelled alike;
    never empty-handed as long as the catalogue holds anything. Five queries."""
    if not query.strip():
        return Found()
    held = index.get()
    hits, person_hits = held.find(query)
    titles = _some_of_each_kind(held, [hit for hit in hits if not hit.near], A_KIND)
    near = _some_of_each_kind(held, [hit for hit in hits if hit.near], A_KIND)[:A_KIND]
    persons = person_hits[:PEOPLE]
    by_them = held.works_of([hit.place for hit in _leading(person_hits, hits)])
    shown = {hit.place for hit in (*titles, *near)}
    works = [place for place in by_them if place not in shown][:WORKS]
    popular = [] if titles or near or persons else _popular(held)
    items = _items(held, [*shown, *works, *popular])
    people = _people(held, persons)
    found = Found(
        titles=_present(items, (hit.place for hit in titles)),
        people=_present(people, (hit.place for hit in persons if not hit.near)),
        works=_present(items, works),
        near=_present(items, (hit.place for hit in near)),
        near_people=_present(people, (hit.place for hit in persons if hit.near)),
        popular=_present(items, popular),
    )
    merged = [(hit.rank, 0, hit.place) for hit in (*titles, *near)]
    merged += [(hit.rank, 1, hit.place) for hit in persons]
    for _rank, who, place in sorted(merged):
        answer = people.get(place) if who else items.get(place)
        if answer is not None:
            found.best.append(answer)
    if found.best and not found.is_sure:
        found.meant = _meant(held, query, found.best[0])
    return found


def ranked_keys(query: str) -> list[int]:
    """Primary keys of the items that a query finds, the best first; then works of people of that
    name. At most `MOST`; empty where nothing is near."""
    held = index.get()
    hits, people = held.find(query)
    works = held.works_of([hit.place for hit in _leading(people, hits)])
    places = dict.fromkeys([*(hit.place for hit in hits), *works])
    return [int(held.keys[place]) for place in places][:MOST]


@dataclass(frozen=True)
class Suggestion:
    label: str
    note: str
    url: str


def suggest(query: str) -> list[tuple[str, list[Suggestion]]]:
    """Kind, or "people", → suggestions; the group of the best one comes first. Four queries."""
    held = index.get()
    hits, person_hits = held.find(query)
    hits = _some_of_each_kind(held, hits, SUGGESTED)
    items = _items(held, [hit.place for hit in hits], cards=False)
    persons = person_hits[:SUGGESTED]
    people = _people(held, persons)
    groups: dict[str, list[Suggestion]] = {}
    merged = [(hit.rank, 0, hit.place) for hit in hits]
    for _rank, who, place in sorted([*merged, *((hit.rank, 1, hit.place) for hit in persons)]):
        if who and place in people:
            person = people[place]
            count = ngettext("%(count)s title", "%(count)s titles", person.works)
            count %= {"count": whole(person.works)}
            groups.setdefault("people", []).append(Suggestion(person.name, count, person.url))
        elif not who and place in items:
            item = items[place]
            note = ", ".join(filter(None, (item.byline, year_label(item.year))))
            option = Suggestion(item.title, note, item.get_absolute_url())
            groups.setdefault(item.kind, []).append(option)
    return list(groups.items())


def _leading(people: list[Hit], items: list[Hit]) -> list[Hit]:
    """The people whose works belong to the answer: named letter by letter, or the best guess."""
    sure = [hit for hit in people if not hit.near][:PEOPLE]
    if sure or not people or (items and items[0].rank < people[0].rank):
        return sure
    return people[:1]


def _some_of_each_kind(held: CatalogueIndex, hits: list[Hit], most: int) -> list[Hit]:
    left = [most] * len(Kind)
    taken = []
    for hit in hits:
        kind = held.kinds[hit.place]
        if left[kind]:
            left[kind] -= 1
            taken.append(hit)
    return taken


def _popular(held: CatalogueIndex) -> list[int]:
    """The best known of each kind, in turn."""
    kinds = [(held.kinds == place).nonzero()[0][:POPULAR].tolist() for place in range(len(Kind))]
    longest = max(map(len, kinds), default=0)
    return [kind[turn] for turn in range(longest) for kind in kinds if turn < len(kind)]


def _items(held: CatalogueIndex, places: Sequence[int], *, cards: bool = True) -> dict[int, Item]:
    place_of = {int(held.keys[place]): place for place in places}
    credits = Prefetch("credits", queryset=Credit.objects.select_related("creator"))
    rows = Item.objects.with_cards() if cards else Item.objects.prefetch_related(credits)
    return {place_of[item.pk]: item for item in rows.filter(pk__in=place_of)}


def _people(held: CatalogueIndex, hits: list[Hit]) -> dict[int, Person]:
    place_of = {int(held.people[hit.place]): hit.place for hit in hits}
    people = {}
    for creator in Creator.objects.filter(pk__in=place_of):
        place = place_of[creator.pk]
        url = reverse("catalog:person", args=[slug_of(creator)])
        people[place] = Person(creator.name, url, len(held.works[place]))
    return people


def _present(found: dict[int, T], places: Iterable[int]) -> list[T]:
    """In the order of the places; what was deleted meanwhile is left out."""
    return [found[place] for place in places if place in found]


def _meant(held: CatalogueIndex, query: str, best: Item | Person) -> str:
    """The query with its words as the best answer spells them, or the answer's own name."""
    name = best.name if isinstance(best, Person) else best.title
    spelt = respelt(query, name)
    for words in filter(None, (spelt, main_part(name), name)):
        items, people = held.find(words)
        if key_of(words) != key_of(query) and any(not hit.near for hit in (*items, *people)):
            return words
    return ""


def respelt(query: str, name: str) -> str:
    """`"hary poter"`, `"Harry Potter and …"` → `"Harry Potter"`; "" where a word has no like."""
    words = [word.strip(_ENDS) for word in re.split(r"\s+", name)]
    keys = [key_of(word) for word in words]
    chosen: list[str] = []
    for asked in key_of(query).split():
        likenesses = alike(asked, keys).tolist()
        best = likenesses.index(max(likenesses))
        if likenesses[best] < _WORD_LIKE:
            return ""
        word = words[best]
        chosen.append(word.lower() if chosen and keys[best] in ARTICLES else word)
    return " ".join(chosen)
