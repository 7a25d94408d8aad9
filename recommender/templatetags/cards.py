"""The tag that puts a card on a page; a front page has seventy of them."""

from django import template
from django.template.loader import get_template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from catalog.models import Item
from recommender.cards import Card

register = template.Library()

_REASON = "the-reason-goes-here"


@register.simple_tag
def card(card: Card) -> SafeString:
    """`catalog/_card.html` with the card's reason, and a way to dismiss it."""
    if not card.reason:
        return SafeString(_drawn(card.item, ""))
    before, after = _around_the_reason(card.item)
    return SafeString(before + conditional_escape(card.reason) + after)


def _around_the_reason(item: Item) -> tuple[str, str]:
    """The HTML before and after the reason: made once for as long as the card cache keeps the
    item, so it may depend on nothing else but the language."""
    kept: dict[str, tuple[str, str]] = item.__dict__.setdefault("_card_html", {})
    language = get_language() or ""
    if language not in kept:
        before, _, after = _drawn(item, _REASON).partition(_REASON)
        kept[language] = before, after
    return kept[language]


def _drawn(item: Item, reason: str) -> str:
    context = {"item": item, "reason": reason, "dismissable": True}
    return get_template("catalog/_card.html").render(context)
