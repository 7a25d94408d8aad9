"""The front page, and the part of it that comes after it."""

from itertools import islice

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recommender.asking import dial_of
from recommender.home import Front
from sessions_app.preferences import preferences_of
from sessions_app.visitor import visit_of

AT_ONCE = 1  # rows that the page itself has; the others come after it


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Page: the first row, and a place for the others; all of them with `?rows=all`."""
    front, whole = _front(request), request.GET.get("rows") == "all"
    rows = list(islice(front.rows(), None if whole else AT_ONCE))
    context = {"front": front, "rows": rows, "whole": whole or len(rows) < AT_ONCE}
    return render(request, "recommender/home.html", context)


@require_safe
def rows(request: HttpRequest) -> HttpResponse:
    """Fragment: every row; with `?after=`, those that the page does not have yet."""
    front = _front(request)
    found = list(front.rows())
    if request.GET.get("after"):
        found = found[AT_ONCE:]
    return render(request, "recommender/_rows.html", {"front": front, "rows": found, "whole": True})


def _front(request: HttpRequest) -> Front:
    return Front(
        visit=visit_of(request), preferences=preferences_of(request), dial=dial_of(request)
    )
