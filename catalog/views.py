"""The catalogue's pages: load, call one function, respond."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from catalog import covers
from catalog.item_page import for_page, page_of
from catalog.merging import current_ids
from catalog.models import Item
from catalog.signals import item_page_opened

_A_YEAR = 365 * 24 * 3600


@require_safe
def item_page(request: HttpRequest, item_id: str) -> HttpResponse:
    item = for_page(item_id)
    if item is None:
        return _moved("catalog:item", item_id)
    item_page_opened.send_robust(sender=Item, request=request, item=item)
    return render(request, "catalog/item.html", {"item": item, "page": page_of(item)})


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
