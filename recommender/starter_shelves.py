"""Three shelves for a new site, made of the starter catalogue; what the notes say is in its
kinships. Editors change them, turn them off, or put their own in their place."""

from dataclasses import dataclass

from django.db import transaction

from catalog.models import Item, Kind
from catalog.starter_catalogue import SOURCE, item_id
from recommender.models import Pin, Shelf

FEWEST = 4  # a row with fewer cards is not shown
_M, _T, _B = Kind.MOVIE, Kind.TRACK, Kind.BOOK


@dataclass(frozen=True)
class _Plan:
    """One shelf: its words, and (kind, key in the starter's files, note) of what stands on it."""

    title: str
    blurb: str
    pins: tuple[tuple[Kind, str, str], ...]


_SHELVES = (
    _Plan(
        "A film, its music, its book",
        "Three ways into the same story.",
        (
            (_M, "blade-runner-1982", ""),
            (_T, "love-theme-from-blade-runner-1982", "composed for Blade Runner"),
            (_B, "do-androids-dream-of-electric-sheep-1968", "the book behind Blade Runner"),
            (_M, "the-third-man-1949", ""),
            (_T, "the-third-man-theme-1949", "composed for The Third Man"),
            (_B, "the-third-man-1950", "the story behind the film"),
            (_M, "breakfast-at-tiffanys-1961", ""),
            (_T, "moon-river-1961", "composed for Breakfast at Tiffany's"),
            (_B, "breakfast-at-tiffanys-1958", "the book behind the film"),
            (_M, "dune-2021", ""),
            (_T, "ripples-in-the-sand-2021", "composed for Dune"),
            (_B, "dune-1965", "the book behind Dune"),
        ),
    ),
    _Plan(
        "Songs that came out of a book",
        "Each song stands beside the book that set it off.",
        (
            (_B, "wuthering-heights-1847", ""),
            (_T, "wuthering-heights-1978", "out of Wuthering Heights"),
            (_B, "alices-adventures-in-wonderland-1865", ""),
            (_T, "white-rabbit-1967", "out of Alice's Adventures in Wonderland"),
            (_B, "the-master-and-margarita-1967", ""),
            (_T, "sympathy-for-the-devil-1968", "out of The Master and Margarita"),
            (_B, "nineteen-eighty-four-1949", ""),
            (_T, "1984-1974", "out of Nineteen Eighty-Four"),
            (_B, "perfume-1985", ""),
            (_T, "scentless-apprentice-1993", "out of Perfume"),
        ),
    ),
    _Plan(
        "For those still awake",
        "Films, music and books of the hours after midnight.",
        (
            (_M, "lost-in-translation-2003", "two who cannot sleep"),
            (_T, "nightcall-2010", "heard in Drive"),
            (_B, "dream-story-1926", "the book behind Eyes Wide Shut"),
            (_M, "drive-2011", ""),
            (_T, "generique-ascenseur-pour-lechafaud-1958", "one trumpet, Paris, night"),
            (_B, "one-thousand-and-one-nights-1704", "told to reach the morning"),
            (_M, "taxi-driver-1976", ""),
            (_T, "nessun-dorma-1926", "nobody sleeps"),
            (_B, "fight-club-1996", "begins with insomnia"),
            (_M, "eyes-wide-shut-1999", ""),
        ),
    ),
)


@transaction.atomic
def seed() -> int:
    """Make the shelves on a site that has none, as far as it holds the starter catalogue; how many
    were made. Who wants none turns them off: a site without any shelf gets them again."""
    if Shelf.objects.exists():
        return 0
    wanted = {item_id(kind, key) for plan in _SHELVES for kind, key, _ in plan.pins}
    found = Item.objects.filter(source=SOURCE, item_id__in=wanted).values_list("item_id", "pk")
    keys = dict(found)
    made = 0
    for plan in _SHELVES:
        pins = [(keys.get(item_id(kind, key)), note) for kind, key, note in plan.pins]
        if sum(pk is not None for pk, _ in pins) >= FEWEST:
            shelf = Shelf.objects.create(title=plan.title, blurb=plan.blurb, position=made)
            Pin.objects.bulk_create(
                Pin(shelf=shelf, item_id=pk, position=place, note=note)
                for place, (pk, note) in enumerate(pins)
                if pk is not None
            )
            made += 1
    return made
