"""How you got here."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from recommender.trail import legs
from sessions_app.visitor import visit_of


@never_cache
@require_safe
def how_here(request: HttpRequest) -> HttpResponse:
    """Page: every step of this visit, the newest first."""
    return render(request, "recommender/how_here.html", {"legs": legs(visit_of(request))})
