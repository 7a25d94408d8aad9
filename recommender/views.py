"""Pages and fragments: load, call one function, respond."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.merging import items_by_id
from catalog.models import Kind
from recommender import status
from recommender.services import recommend_for
from recommender.services import similar as similar_cards
from sessions_app.visitor import session_for

PAGE = 24
ROW = 12


def _kind(request: HttpRequest) -> str | None:
    kind = request.GET.get("kind", "")
    return kind if kind in Kind.values else None


def _elsewhere(request: HttpRequest) -> set[str]:
    """What stands on the page already, as `exclude=a&exclude=b` or `exclude=a,b`, and the items
    that forms on it are about: a title has one place on a page."""
    named = [*request.GET.getlist("exclude"), *request.GET.getlist("item_id")]
    return {item_id for part in named for item_id in part.split(",") if item_id}


@require_safe
def picks(request: HttpRequest) -> HttpResponse:
    """Fragment: what follows the current session."""
    answer = recommend_for(
        session_for(request, create=False),
        k=ROW,
        kind=_kind(request),
        exclude=_elsewhere(request),
    )
    return render(request, "recommender/_picks.html", {"answer": answer})


@require_safe
def similar(request: HttpRequest, item_id: str) -> HttpResponse:
    """Fragment: items with like words, whatever the session."""
    item = items_by_id([item_id]).get(item_id)
    if item is None:
        raise Http404(f"No item has the id {item_id!r}.")
    return render(
        request,
        "recommender/_similar.html",
        {"item": item, "cards": similar_cards(item=item, kind=_kind(request))},
    )


@require_safe
def for_you(request: HttpRequest) -> HttpResponse:
    """Page: the picks, whole, and by kind."""
    kind = _kind(request)
    answer = recommend_for(session_for(request, create=False), k=PAGE, kind=kind)
    return render(
        request,
        "recommender/for_you.html",
        {"answer": answer, "kind": kind, "kinds": Kind.choices},
    )


@require_safe
def about_model(request: HttpRequest) -> HttpResponse:
    """Page: what is served, how old it is, how good, and on which traffic that was measured."""
    return render(request, "recommender/model.html", {"status": status.current_status()})
