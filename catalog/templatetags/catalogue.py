"""Tags and filters of the catalogue's pages."""

from django import template
from django.urls import reverse

from catalog import covers, people, places, wording
from catalog.models import Creator, Item, Kind, Picture
from catalog.pictures import showing

register = template.Library()


@register.simple_tag
def cover_url(item: Item) -> str:
    """The address of the item's picture, or of its drawn cover where it has none.

    With its version: a changed cover has a new address. `with_cards` saves a query an item.
    """
    picture = showing.picture_of(item)
    return showing.picture_url(item, picture) if picture else drawn_cover_url(item)


def drawn_cover_url(item: Item) -> str:
    return f"{reverse('catalog:cover', args=[item.item_id])}?v={covers.cover_version(item)}"


@register.simple_tag
def cover_width(item: Item) -> int:
    picture = showing.picture_of(item)
    return picture.width if picture else covers.SIZES[item.kind][0]


@register.simple_tag
def cover_height(item: Item) -> int:
    picture = showing.picture_of(item)
    return picture.height if picture else covers.SIZES[item.kind][1]


@register.filter
def picture(item: Item) -> Picture | None:
    """The picture that stands instead of the drawn cover, to credit where it comes from."""
    return showing.picture_of(item)


@register.filter
def kind_plural(kind: str) -> str:
    return wording.plural(Kind(kind))


@register.filter
def kind_singular(kind: str) -> str:
    return wording.singular(Kind(kind))


@register.filter
def kind_counted(kind: str, number: int) -> str:
    return wording.counted(Kind(kind), number)


@register.filter
def country(written: str) -> str:
    return places.country_name(written)


@register.filter
def language(written: str) -> str:
    return places.language_name(written)


@register.filter
def year(value: int | None) -> str:
    return wording.year_label(value)


@register.simple_tag
def person_url(creator: Creator) -> str:
    """The page of everybody of that name, whichever way it is spelt."""
    return reverse("catalog:person", args=[people.slug_of(creator)])
