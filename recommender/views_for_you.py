"""For you: the whole list with the dial beside it."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from catalog.models import Kind
from recommender.asking import dial_of
from recommender.services import recommend_for
from sessions_app.answering import by_htmx
from sessions_app.preferences import Dial, preferences_of, set_preferences
from sessions_app.visitor import visit_of

PAGE = 24


@require_safe
def for_you(request: HttpRequest) -> HttpResponse:
    """Page: the picks, whole, as the dial stands."""
    return render(request, "recommender/for_you.html", _list(request, dial_of(request)))


@require_safe
def list_for_you(request: HttpRequest) -> HttpResponse:
    """Fragment: the list alone, after the visit changed."""
    return render(request, "recommender/_for_you_list.html", _list(request, dial_of(request)))


@require_POST
def turn_dial(request: HttpRequest) -> HttpResponse:
    """The dial was turned: remembered, unless the visitor has paused, and put into the address."""
    dial = Dial() if "reset" in request.POST else Dial.read(request.POST.dict())
    if not preferences_of(request).paused:
        set_preferences(request, dial=dial)
    address = _address(dial)
    if not by_htmx(request):
        return HttpResponseRedirect(address)
    response = render(request, "recommender/_for_you_list.html", _list(request, dial))
    response["HX-Replace-Url"] = address
    return response


def _address(dial: Dial) -> str:
    """The positions, all of them where none is turned: else the address would mean whatever the
    visitor left."""
    query = dial.query or "vibe=50"
    return f"{reverse('recommender:for_you')}?{query}"


def _list(request: HttpRequest, dial: Dial) -> dict[str, Any]:
    preferences = preferences_of(request)
    answer = recommend_for(visit_of(request), preferences=preferences, k=PAGE, dial=dial)
    shares = [(kind, getattr(dial, kind)) for kind in Kind.values]
    return {"answer": answer, "dial": dial, "shares": shares, "address": _address(dial)}
