"""Not interested, said from a card: the title goes from everything that is recommended."""

from urllib.parse import urlsplit

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from catalog.merging import items_by_id
from catalog.models import Item
from recommender.replacing import Replacing
from sessions_app import hiding
from sessions_app.answering import PLAIN, back_while_paused, by_htmx, next_page, not_yours
from sessions_app.forms import sentences
from sessions_app.preferences import preferences_of
from sessions_app.visitor import visit_of
from sessions_app.visits import PausedError

MOST_SHOWN = 300


class DismissForm(forms.Form):
    """`row` is the id of the row's heading, `shown` the ids of what stands on the page."""

    item_id = forms.CharField(
        max_length=80,
        error_messages={"required": gettext_lazy("item_id is missing: which item is it about?")},
    )
    row = forms.CharField(max_length=80, required=False)
    shown = forms.CharField(max_length=40_000, required=False)

    def clean_shown(self) -> list[str]:
        return str(self.cleaned_data["shown"]).split(",")[:MOST_SHOWN]


@require_POST
def dismiss(request: HttpRequest) -> HttpResponse:
    """With scripts the next card of the row comes back, without them the page with an undo bar."""
    form = DismissForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(sentences(form), content_type=PLAIN)
    asked = form.cleaned_data
    item = items_by_id([asked["item_id"]]).get(asked["item_id"])
    if item is None:
        return not_yours(_("No item has the id %(id)s.") % {"id": asked["item_id"]})
    try:
        hiding.hide(request, item)
    except PausedError:
        return _refused(request)
    if not by_htmx(request):
        return HttpResponseRedirect(next_page(request))
    replacing = Replacing(
        visit=visit_of(request),
        preferences=preferences_of(request),
        shown={item.item_id, *asked["shown"]},
    )
    card = replacing.card(asked["row"], page_of=_item_of_page(request))
    return render(request, "recommender/_dismissed.html", {"card": card, "row": asked["row"]})


def _refused(request: HttpRequest) -> HttpResponse:
    """While paused the card stays, and the page says why."""
    if not by_htmx(request):
        return back_while_paused(request)
    response = render(request, "sessions_app/_undo.html", {"refused": True, "swapped": True})
    response["HX-Reswap"] = "none"
    return response


def _item_of_page(request: HttpRequest) -> Item | None:
    """The item whose page the card stands on."""
    try:
        match = resolve(urlsplit(request.headers.get("HX-Current-URL", "")).path)
    except (Resolver404, ValueError):
        return None
    item_id = match.kwargs.get("item_id", "")
    return items_by_id([item_id]).get(item_id) if match.view_name == "catalog:item" else None
