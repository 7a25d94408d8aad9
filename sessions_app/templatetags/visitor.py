"""What the partials of this app need to know about the visitor who looks at them."""

import uuid

from django import template
from django.template import Context
from django.utils.translation import gettext as _

from catalog.models import Item
from sessions_app import visitor
from sessions_app.reading import Reactions

register = template.Library()


@register.simple_tag(takes_context=True)
def reactions_to(context: Context, item: Item) -> Reactions:
    """What this visitor said about `item`."""
    request = context.get("request")
    if request is None:
        return Reactions()
    return visitor.visit_of(request).reactions(item)


@register.filter
def duration(milliseconds: int | None) -> str:
    """A time spent, for people: `8 s`, `2 min`, `1 h 5 min`; empty where it is not known."""
    if milliseconds is None:
        return ""
    seconds = round(milliseconds / 1000)
    if seconds < 60:
        return _("%(seconds)d s") % {"seconds": seconds}
    hours, minutes = divmod(seconds // 60, 60)
    if not hours:
        return _("%(minutes)d min") % {"minutes": minutes}
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}


@register.simple_tag
def new_event_id() -> str:
    """A fresh id: a form sent twice carries it twice and is recorded once."""
    return str(uuid.uuid4())
