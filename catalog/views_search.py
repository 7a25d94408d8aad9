"""The search page, and suggestions as one types."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from catalog.models import Item
from catalog.search import search, suggest
from catalog.signals import title_searched

LONGEST = 200


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    query = _query(request)
    if query:
        title_searched.send_robust(sender=Item, request=request, query=query)
    return render(request, "catalog/search.html", {"query": query, "found": search(query)})


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """A fragment of options for the search box. Typing is no search: nothing is told of it."""
    query = _query(request)
    if not query:
        return HttpResponse(status=204)
    # Without the request: no session is read for what is the same for everybody.
    groups = suggest(query)
    count = sum(len(options) for _what, options in groups)
    context = {"query": query, "groups": groups, "count": count}
    page = render_to_string("catalog/_suggestions.html", context)
    response = HttpResponse(page)
    response["Cache-Control"] = "private, max-age=60"
    return response


def _query(request: HttpRequest) -> str:
    return " ".join(request.GET.get("q", "").replace("\0", "").split())[:LONGEST]
