"""Tags and filters of the catalogue's pages."""

from django import template
from django.urls import reverse

from catalog import covers, wording
from catalog.models import Item, Kind, Picture
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
    return wording.PLURAL[Kind(kind)]


@register.filter
def kind_singular(kind: str) -> str:
    return wording.SINGULAR[Kind(kind)]


@register.filter
def year(value: int | None) -> str:
    return wording.year_label(value)


@register.simple_tag(takes_context=True)
def querystring_without(context: template.Context, name: str) -> str:
    """The page's query without one filter, from the first page; "" where nothing is left."""
    left = context["request"].GET.copy()
    for gone in (name, "page"):
        left.pop(gone, None)
    for key in [key for key, value in left.items() if not value]:
        left.pop(key)
    return f"?{left.urlencode()}" if left else ""
