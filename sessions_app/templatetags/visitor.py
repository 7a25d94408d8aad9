"""What the partials of this app need to know about the visitor who looks at them."""

import uuid

from django import template
from django.template import Context

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


@register.simple_tag
def new_event_id() -> str:
    """A fresh id: a form sent twice carries it twice and is recorded once."""
    return str(uuid.uuid4())
