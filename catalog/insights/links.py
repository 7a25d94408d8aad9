"""Where a mark leads: the browse page, a person, a title."""

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse

from catalog.filters import as_parameter
from catalog.models import Item
from catalog.people import can_be_a_slug


def browse(kind: str, **filters: object) -> str:
    address = reverse("catalog:browse", args=[kind])
    return f"{address}?{urlencode(filters)}" if filters else address


def decade_of(kind: str, year: int) -> str:
    return browse(kind, decade=year // 10 * 10)


def person(name_key: str) -> str:
    """The person's page; nothing for the rare name that no address can hold."""
    slug = as_parameter("creator", name_key)
    return reverse("catalog:person", args=[slug]) if can_be_a_slug(slug) else ""


class Title(NamedTuple):
    full: str  # with its year
    bare: str
    year: int | None
    address: str


def titles(keys: Iterable[int]) -> dict[int, Title]:
    """By key; one query."""
    found = Item.objects.only("title", "year", "item_id").in_bulk(list(keys))
    return {
        pk: Title(str(item), item.title, item.year, reverse("catalog:item", args=[item.item_id]))
        for pk, item in found.items()
    }
