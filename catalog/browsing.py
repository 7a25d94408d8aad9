"""A page of the catalogue: what matches, where in the order it starts, what could be narrowed."""

from dataclasses import dataclass, replace

import numpy as np
from django.utils.translation import gettext as _

from catalog import facets
from catalog.columns import Columns
from catalog.facets import Choice, Facet, Selection, SoundFacet
from catalog.filters import SORTS, SOUND_OF, Filters
from catalog.models import Item
from catalog.wording import short

PAGE = 48


class NotHereError(LookupError):
    """Nothing of the catalogue is at this address; the message is for people."""


@dataclass(frozen=True)
class Page:
    """`after` and `before` are the queries of the pages on either side, "" where there is none."""

    items: list[Item]
    total: int
    first: int  # place of the first item, from 1
    after: str
    before: str

    @property
    def last(self) -> int:
        return self.first + len(self.items) - 1


@dataclass(frozen=True)
class Narrowing:
    """Everything that stands beside the list."""

    kinds: list[Choice]
    lists: list[Facet]
    drops: list[Facet]
    people: Facet
    ratings: list[Choice]
    sounds: list[SoundFacet]
    sound_moods: list[Choice]
    sorts: list[Choice]
    chips: list[Choice]


def page_of(
    columns: Columns, filters: Filters, selection: Selection, *, after: str = "", before: str = ""
) -> Page:
    """The page that a cursor asks for; the first one where it is none that we gave.

    A cursor names the last item seen by its place in the order, not by a number: what comes or
    goes before it shifts nothing.
    """
    order = columns.orders[sort_of(columns, filters)]
    places = np.flatnonzero(selection.items[order.items])
    start = 0
    if (key := order.parse(after)) is not None:
        start = int(np.searchsorted(places, order.place_after(key)))
        if start == len(places):
            start = len(places) - PAGE
    elif (key := order.parse(before)) is not None:
        start = int(np.searchsorted(places, order.place_before(key))) - PAGE
    start = max(start, 0)
    shown = order.items[places[start : start + PAGE]]
    return Page(
        items=cards_of(columns, shown),
        total=len(places),
        first=start + 1 if len(shown) else 0,
        after=(
            filters.query(after=order.cursor(int(shown[-1]))) if start + PAGE < len(places) else ""
        ),
        before=filters.query(before=order.cursor(int(shown[0]))) if start else "",
    )


def sort_of(columns: Columns, filters: Filters) -> str:
    """The order to show: the one asked for, if it is one here."""
    possible = _sorts(columns, filters)
    return filters.sort if filters.sort in possible else possible[0]


def _sorts(columns: Columns, filters: Filters) -> list[str]:
    """The default comes first."""
    mask = columns.of_kind(filters.kind) if filters.kind else columns.everything()
    names = [name for name in SORTS if name != "rated" or not np.isnan(columns.ratings[mask]).all()]
    if not columns.has_popularity(filters.kind or None):
        names.remove("popular")
    return names


def cards_of(columns: Columns, shown: "np.ndarray[tuple[int], np.dtype[np.integer]]") -> list[Item]:
    """The items of these numbers with all that cards need, in their order."""
    keys = columns.pks[shown].tolist()
    found = Item.objects.with_cards().in_bulk(keys)
    return [found[key] for key in keys if key in found]


def narrowing_of(columns: Columns, filters: Filters, selection: Selection) -> Narrowing:
    def lists(*names: str) -> list[Facet]:
        made = [facets.tag_facet(name, columns, filters, selection) for name in names]
        return [facet for facet in made if facet.first]

    possible, sort = _sorts(columns, filters), sort_of(columns, filters)
    return Narrowing(
        kinds=facets.kind_choices(columns, filters, selection),
        lists=lists("genre", "theme", "mood"),
        drops=lists("decade", "language", "country"),
        people=facets.tag_facet("creator", columns, filters, selection),
        ratings=facets.rating_choices(columns, filters, selection),
        sounds=facets.sound_facets(columns, filters, selection),
        sound_moods=facets.sound_moods(columns, filters, selection),
        sorts=[
            Choice("" if name == possible[0] else name, str(SORTS[name]), 0, name == sort)
            for name in possible
        ],
        chips=_chips(columns, filters),
    )


def _chips(columns: Columns, filters: Filters) -> list[Choice]:
    """Each filter in force, with the query that takes it away and what that would leave."""
    gone: list[tuple[str, Filters]] = []
    for name, words in filters.words.items():
        tags = columns.tags[name]
        for word in words:
            code = tags.words.find(word)
            label = facets.label_of(columns, name, code) if code is not None else word
            gone.append((label, filters.without_word(name, word)))
    if filters.rating is not None:
        label = _("Rated %(least)s and up") % {"least": short(filters.rating)}
        gone.append((label, replace(filters, rating=None)))
    for name, (low, high) in filters.sounds.items():
        left = filters.with_sounds({**filters.sounds, name: (None, None)})
        gone.append((_span_label(name, low, high), left))
    return [
        Choice("", label, int(Selection(columns, left).items.sum()), True, query=left.query())
        for label, left in gone
    ]


def _span_label(name: str, low: float | None, high: float | None) -> str:
    """`("tempo", None, 90)` → "Tempo: slow", `("tempo", 60, 80)` → "Tempo 60 to 80"."""
    sound = SOUND_OF[name]
    for label, start, end in sound.named:
        if (low, high) == (start, end):
            return _("%(figure)s: %(name)s") % {"figure": sound.label, "name": label}
    values = {
        "figure": sound.label,
        "low": "" if low is None else short(low),
        "high": "" if high is None else short(high),
    }
    if low is None:
        return _("%(figure)s up to %(high)s") % values
    if high is None:
        return _("%(figure)s from %(low)s") % values
    return _("%(figure)s %(low)s to %(high)s") % values
