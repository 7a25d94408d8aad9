"""The catalogue's pages: load, call one function, respond."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from catalog import covers, daily
from catalog.facets import facets_of
from catalog.filters import ItemFilter
from catalog.item_page import facts_of
from catalog.merging import current_ids
from catalog.models import Item, Kind
from catalog.search import search
from catalog.signals import item_page_opened, title_searched

PAGE_SIZE = 48
_A_YEAR = 365 * 24 * 3600


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    return render(
        request,
        "catalog/home.html",
        {"shelves": daily.shelves(today), "moods": daily.moods_of_the_day(today)},
    )


@require_safe
def browse(request: HttpRequest, kind: str) -> HttpResponse:
    items = Item.objects.of_kind(kind)
    chosen = ItemFilter(request.GET, items, facets=facets_of(kind))
    page = Paginator(chosen.cards(), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "catalog/browse.html",
        {
            "kind": Kind(kind),
            "filter": chosen,
            "page": page,
            "page_numbers": page.paginator.get_elided_page_range(page.number, on_each_side=1),
        },
    )


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    query = " ".join(request.GET.get("q", "").replace("\0", "").split())[:200]
    if query:
        title_searched.send_robust(sender=Item, request=request, query=query)
    found = search(query)
    groups = [(kind, [item for item in found.by_title if item.kind == kind]) for kind in Kind]
    return render(
        request,
        "catalog/search.html",
        {"query": query, "found": found, "groups": [group for group in groups if group[1]]},
    )


@require_safe
def item_page(request: HttpRequest, item_id: str) -> HttpResponse:
    items = Item.objects.select_related("movie", "track", "book").with_cards()
    item = items.filter(item_id=item_id).first()
    if item is None:
        return _moved("catalog:item", item_id)
    item_page_opened.send_robust(sender=Item, request=request, item=item)
    return render(request, "catalog/item.html", {"item": item, "facts": facts_of(item)})


@require_safe
def cover(request: HttpRequest, item_id: str) -> HttpResponse:
    item = Item.objects.with_cards().filter(item_id=item_id).first()
    if item is None:
        return _moved("catalog:cover", item_id)
    version = covers.cover_version(item)
    etag = f'"{version}"'
    unchanged = get_conditional_response(request, etag=etag)
    response = unchanged or HttpResponse(covers.cover_svg(item), content_type="image/svg+xml")
    response["ETag"] = etag
    # Only the address that carries this very version may be kept for good.
    for_good = request.GET.get("v") == version
    response["Cache-Control"] = (
        f"public, max-age={_A_YEAR}, immutable" if for_good else "public, max-age=300"
    )
    return response


def _moved(view: str, old_id: str) -> HttpResponse:
    """To the page of the item that this one was merged into; not for good, it can be undone."""
    item_id = current_ids([old_id]).get(old_id)
    if item_id is None:
        raise Http404(f"No item has the id {old_id!r}.")
    return redirect(view, item_id)
