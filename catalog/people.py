"""A person's page: everything under one name, whichever way it is spelt, across the kinds."""

import re
from dataclasses import dataclass

import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.browsing import NotHereError, cards_of
from catalog.columnar import Ints, Mask
from catalog.columns import KINDS, ROLES, Columns
from catalog.facets import Choice, words_of
from catalog.filters import as_parameter
from catalog.models import Creator, Item, Kind, Role
from catalog.text import normalise

SHOWN = 24  # works of one role; browsing has the rest
ORDERS: dict[str, Promise] = {
    "popular": gettext_lazy("Best known first"),
    "new": gettext_lazy("Newest first"),
}

_ADDRESS = re.compile(r"[\w-]+")
_KEY = re.compile("~[0-9]{1,15}")
_DID: dict[tuple[Kind, Role], Promise] = {
    (Kind.MOVIE, Role.DIRECTOR): gettext_lazy("Directed"),
    (Kind.MOVIE, Role.ACTOR): gettext_lazy("Acted in"),
    (Kind.MOVIE, Role.COMPOSER): gettext_lazy("Scored"),
    (Kind.TRACK, Role.ARTIST): gettext_lazy("Performed"),
    (Kind.TRACK, Role.COMPOSER): gettext_lazy("Composed"),
    (Kind.BOOK, Role.AUTHOR): gettext_lazy("Wrote"),
}
_DID_AT_ALL: dict[Role, Promise] = {
    Role.AUTHOR: gettext_lazy("Wrote"),
    Role.DIRECTOR: gettext_lazy("Directed"),
    Role.COMPOSER: gettext_lazy("Composed"),
    Role.ARTIST: gettext_lazy("Performed"),
    Role.ACTOR: gettext_lazy("Appeared in"),
}


@dataclass(frozen=True)
class Works:
    """What somebody did, of one kind and in one role; `items` are the first of `total`."""

    heading: str
    items: list[Item]
    total: int


@dataclass(frozen=True)
class OfKind:
    kind: Kind
    total: int
    groups: list[Works]


@dataclass(frozen=True)
class Person:
    """`slug` is the name in an address and in browsing; `spellings` are other ways to write it."""

    name: str
    slug: str
    spellings: list[str]
    kinds: list[OfKind]
    total: int
    genres: list[Choice]
    themes: list[Choice]
    moods: list[Choice]
    partners: list[Choice]


def slug_of(creator: Creator) -> str:
    """The normal form of the name with hyphens; of a name that has no such form, `~` and its key.

    All spellings of a name have one slug.
    """
    slug = as_parameter("creator", creator.name_key)
    return slug if can_be_a_slug(slug) else f"~{creator.pk}"


def can_be_a_slug(name: str) -> bool:
    """Not a name without letters and digits, such as "+/-"."""
    return _ADDRESS.fullmatch(name) is not None


def creators_at(slug: str) -> list[Creator]:
    """All rows of the creator at an address; NotHereError where there is none."""
    if _KEY.fullmatch(slug):
        same = Creator.objects.filter(pk=int(slug[1:])).values("name_key")
        rows = list(Creator.objects.filter(name_key__in=same).order_by("pk"))
    else:
        rows = list(Creator.objects.filter(name_key=normalise(slug)).order_by("pk"))
    if not rows:
        raise NotHereError(_("Nobody of that name has a work here."))
    return rows


def person_of(columns: Columns, creators: list[Creator], order: str = "popular") -> Person:
    """Everything under the name that these rows share; NotHereError where it has no works."""
    people = columns.tags["creator"]
    key = creators[0].name_key
    code = people.words.find(key)
    entries = np.flatnonzero(people.codes == code) if code is not None else np.zeros(0, dtype=int)
    if code is None or not len(entries):
        raise NotHereError(_("Nobody of that name has a work here."))
    numbers, roles = people.rows[entries], columns.roles[entries]
    works = np.zeros(len(columns), dtype=bool)
    works[numbers] = True
    name = people.labels[code]
    return Person(
        name=name,
        slug=slug_of(creators[0]),
        spellings=[creator.name for creator in creators if creator.name != name],
        kinds=_by_kind(columns, *_sorted(columns, numbers, roles, order)),
        total=int(works.sum()),
        genres=list(words_of(columns, "genre", works, 6)),
        themes=list(words_of(columns, "theme", works, 6)),
        moods=list(words_of(columns, "mood", works, 6)),
        partners=_partners(columns, works, code),
    )


def _sorted(columns: Columns, numbers: Ints, roles: Ints, order: str) -> tuple[Ints, Ints]:
    keys = columns.orders[order if order in ORDERS else "popular"]
    places = sorted(range(len(numbers)), key=lambda place: keys.key(int(numbers[place])))
    return numbers[places], roles[places]


def _by_kind(columns: Columns, numbers: Ints, roles: Ints) -> list[OfKind]:
    """The works by kind, then role; the cards of all of them are read at once."""
    groups: list[tuple[Kind, Role, Ints]] = []
    kinds = columns.kinds[numbers]
    for place, kind in enumerate(KINDS):
        for bit, role in enumerate(ROLES):
            found = numbers[(kinds == place) & (roles >> bit & 1 == 1)]
            if len(found):
                groups.append((kind, role, found))
    shown = np.unique(np.concatenate([found[:SHOWN] for _, _, found in groups]))
    cards = {item.pk: item for item in cards_of(columns, shown)}
    by_kind = []
    for place, kind in enumerate(KINDS):
        made = [
            Works(
                heading=str(_DID.get((kind, role), _DID_AT_ALL[role])),
                items=[cards[pk] for pk in columns.pks[found[:SHOWN]].tolist() if pk in cards],
                total=len(found),
            )
            for of_kind, role, found in sorted(groups, key=_first_what_most)
            if of_kind == kind
        ]
        if made:
            by_kind.append(OfKind(kind, int((kinds == place).sum()), made))
    return by_kind


def _first_what_most(group: tuple[Kind, Role, Ints]) -> tuple[int, int]:
    """What somebody did most comes first; of equals, what the works are more theirs by."""
    _, role, found = group
    return -len(found), list(_DID_AT_ALL).index(role)


def _partners(columns: Columns, works: Mask, code: int) -> list[Choice]:
    """Who shares two works or more."""
    people = columns.tags["creator"]
    common = [(other, count) for other, count in people.commonest(works, 9) if other != code]
    return [
        Choice(slug, people.labels[other], count)
        for other, count in common[:8]
        if count > 1 and can_be_a_slug(slug := as_parameter("creator", people.words[other]))
    ]
