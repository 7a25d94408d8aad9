"""The public page on how picks are made and how fresh the model is."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from recommender.how_it_works import how_it_works


@require_safe
def how(request: HttpRequest) -> HttpResponse:
    """Page: from a click to a pick, what is served, how good it is and on which traffic."""
    return render(request, "recommender/how.html", {"how": how_it_works()})


@require_safe
def moved(request: HttpRequest) -> HttpResponse:
    """Where the page was at first."""
    return redirect("recommender:how", permanent=True)
