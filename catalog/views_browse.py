"""Pages to wander about in: browsing, people, genres."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from catalog import browsing, genres, people
from catalog.columns_reading import columns
from catalog.facets import Selection
from catalog.filters import read_filters


@require_safe
def browse(request: HttpRequest, kind: str = "") -> HttpResponse:
    held = columns.get()
    filters = read_filters(request.GET, held, kind)
    selection = Selection(held, filters)
    page = browsing.page_of(
        held,
        filters,
        selection,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    return render(
        request,
        "catalog/browse.html",
        {
            "kind": filters.kind,
            "path": reverse("catalog:browse", args=[filters.kind])
            if filters.kind
            else reverse("catalog:browse_all"),
            "filters": filters,
            "page": page,
            "narrowing": browsing.narrowing_of(held, filters, selection),
        },
    )


@require_safe
def person(request: HttpRequest, slug: str) -> HttpResponse:
    order = request.GET.get("sort", "popular")
    try:
        creators = people.creators_at(slug)
        right = people.slug_of(creators[0])
        if right != slug:
            return redirect("catalog:person", right, permanent=True)
        found = people.person_of(columns.get(), creators, order)
    except browsing.NotHereError as error:
        raise Http404(str(error)) from error
    return render(
        request,
        "catalog/person.html",
        {
            "person": found,
            "orders": people.ORDERS,
            "order": order if order in people.ORDERS else "popular",
        },
    )


@require_safe
def genre(request: HttpRequest, slug: str) -> HttpResponse:
    try:
        found = genres.genre_page(columns.get(), slug)
    except browsing.NotHereError as error:
        raise Http404(str(error)) from error
    return render(request, "catalog/genre.html", {"genre": found})


@require_safe
def genre_index(request: HttpRequest) -> HttpResponse:
    return render(request, "catalog/genres.html", {"index": genres.genre_index(columns.get())})
