"""Pages and fragments: load, call one function, respond."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.merging import items_by_id
from catalog.models import Kind
from recommender.asking import dial_of
from recommender.barring import never_shown
from recommender.services import recommend_for
from recommender.services import similar as similar_cards
from sessions_app.preferences import preferences_of
from sessions_app.visitor import visit_of

ROW = 12


def _kind(request: HttpRequest) -> str | None:
    kind = request.GET.get("kind", "")
    return kind if kind in Kind.values else None


def _elsewhere(request: HttpRequest) -> set[str]:
    """What stands on the page already, as `exclude=a&exclude=b` or `exclude=a,b`: a title has one
    place on a page."""
    named = request.GET.getlist("exclude")
    return {item_id for part in named for item_id in part.split(",") if item_id}


@require_safe
def picks(request: HttpRequest) -> HttpResponse:
    """Fragment: what follows the current session."""
    answer = recommend_for(
        visit_of(request),
        preferences=preferences_of(request),
        k=ROW,
        kind=_kind(request),
        exclude=_elsewhere(request),
        dial=dial_of(request),
    )
    return render(request, "recommender/_picks.html", {"answer": answer})


@require_safe
def similar(request: HttpRequest, item_id: str) -> HttpResponse:
    """Fragment: items with like words, whatever the session."""
    item = items_by_id([item_id]).get(item_id)
    if item is None:
        raise Http404(f"No item has the id {item_id!r}.")
    cards = similar_cards(
        item=item,
        kind=_kind(request),
        exclude={*never_shown(visit_of(request)), *_elsewhere(request)},
        hidden_genres=preferences_of(request).hidden_genres,
    )
    context = {"item": item, "kind": _kind(request), "cards": cards}
    return render(request, "recommender/_similar.html", context)
