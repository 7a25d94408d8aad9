"""Editors' shelves as the front page shows them; read once a minute."""

from dataclasses import dataclass
from datetime import date

from django.core.cache import cache
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from recommender.models import Pin, Shelf
from recommender.pools import Entry

CACHE_SECONDS = 60


@dataclass(frozen=True)
class ShownShelf:
    """A shelf as it stands on one day; `pins` are (public id, kind, note)."""

    pk: int
    title: str
    blurb: str
    pins: tuple[tuple[str, str, str], ...]

    @property
    def entries(self) -> list[Entry]:
        return [Entry(item_id, kind, "editor", _reason(note)) for item_id, kind, note in self.pins]


def shown_on(day: date) -> list[ShownShelf]:
    """The shelves of a day, in the editors' order; two queries at most, none for a minute after."""
    found: list[ShownShelf] | None = cache.get(_key(day))
    if found is None:
        found = [as_shown(shelf, day) for shelf in with_pins(Shelf.objects.shown_on(day))]
        cache.set(_key(day), found, CACHE_SECONDS)
    return found


def forget(day: date) -> None:
    """An editor changed a shelf: the front page shows it at once. Other processes show it within
    a minute where they have no cache in common."""
    cache.delete(_key(day))


def with_pins(shelves: "QuerySet[Shelf]") -> "QuerySet[Shelf]":
    """With all that `as_shown` reads; one query more."""
    return shelves.prefetch_related(Prefetch("pins", Pin.objects.select_related("item")))


def as_shown(shelf: Shelf, day: date) -> ShownShelf:
    """The shelf with the pins of that day."""
    pins = [pin for pin in shelf.pins.all() if is_on(pin, day)]
    told = tuple((pin.item.item_id, pin.item.kind, pin.note) for pin in pins)
    return ShownShelf(shelf.pk, shelf.title, shelf.blurb, told)


def is_on(pin: Pin, day: date) -> bool:
    """Whether the pin's dates, where it has any, include the day."""
    begun = pin.starts_on is None or pin.starts_on <= day
    return begun and (pin.ends_on is None or pin.ends_on >= day)


def _reason(note: str) -> str:
    if not note:
        return _("Picked by our editors")
    return _("Picked by our editors: {note}").format(note=note)


def _key(day: date) -> str:
    return f"shelves:{day.isoformat()}"
