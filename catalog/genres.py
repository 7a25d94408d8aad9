"""Genre pages: one genre across the kinds, and all of them."""

from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _

from catalog.browsing import NotHereError, cards_of
from catalog.columnar import Mask
from catalog.columns import KINDS, Columns
from catalog.facets import Choice, words_of
from catalog.models import Item, Kind
from catalog.people import can_be_a_slug

SHELF = 12


@dataclass(frozen=True)
class Shelf:
    """The best known of a kind; `total` is how many there are."""

    kind: Kind
    items: list[Item]
    total: int


@dataclass(frozen=True)
class GenrePage:
    name: str
    slug: str
    total: int
    shelves: list[Shelf]
    people: list[Choice]
    themes: list[Choice]
    moods: list[Choice]
    neighbours: list[Choice]


def genre_page(columns: Columns, slug: str) -> GenrePage:
    """Raises NotHereError where nothing is of that genre."""
    genres = columns.tags["genre"]
    code = genres.words.find(slug)
    mask = columns.with_tag("genre", code) if code is not None else None
    if code is None or mask is None or not mask.any():
        raise NotHereError(_("Nothing here is of that genre."))
    near = [choice for choice in words_of(columns, "genre", mask, 9) if choice.value != slug]
    people = words_of(columns, "creator", mask, 12)
    return GenrePage(
        name=genres.labels[code],
        slug=slug,
        total=int(mask.sum()),
        shelves=_shelves(columns, mask),
        people=[choice for choice in people if can_be_a_slug(choice.value)],
        themes=list(words_of(columns, "theme", mask, 8)),
        moods=list(words_of(columns, "mood", mask, 8)),
        neighbours=near[:8],
    )


def _shelves(columns: Columns, mask: Mask) -> list[Shelf]:
    """Items are numbered by renown: the first of a kind are its best known."""
    found = [np.flatnonzero(mask & columns.of_kind(kind)) for kind in KINDS]
    cards = cards_of(columns, np.concatenate([numbers[:SHELF] for numbers in found]))
    return [
        Shelf(kind, [item for item in cards if item.kind == kind], len(numbers))
        for kind, numbers in zip(KINDS, found, strict=True)
        if len(numbers)
    ]


def genre_index(columns: Columns) -> list[tuple[Kind, list[Choice]]]:
    """Every genre of each kind with its count, by name; `share` is of the kind's largest."""
    genres = columns.tags["genre"]
    index = []
    for kind in KINDS:
        counts = genres.counts(columns.of_kind(kind))
        largest = int(counts.max(initial=0))
        listed = [
            Choice(
                genres.words[code],
                genres.labels[code],
                int(counts[code]),
                share=round(100 * int(counts[code]) / largest),
            )
            for code in np.flatnonzero(counts).tolist()
        ]
        if listed:
            index.append((kind, sorted(listed, key=lambda choice: choice.label.casefold())))
    return index
