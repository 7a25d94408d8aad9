"""Pictures from our own origin, and the page that says where they come from."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from catalog.models import Item
from catalog.pictures import images, showing
from catalog.templatetags.catalogue import drawn_cover_url

_A_YEAR = 365 * 24 * 3600
_A_WHILE = "public, max-age=300"


@require_safe
def picture(request: HttpRequest, item_id: str) -> HttpResponse:
    """The item's picture; where there is none, or its file is gone, the way to the drawn cover."""
    item = get_object_or_404(Item.objects.select_related("picture"), item_id=item_id)
    shown = showing.picture_of(item)
    if shown is None:
        return _to_the_drawn_cover(item)
    version = showing.version_of(shown)
    etag = f'"{version}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        try:
            with shown.file.open() as file:
                response = HttpResponse(file.read(), content_type=images.CONTENT_TYPE)
        except FileNotFoundError:
            return _to_the_drawn_cover(item)
    response["ETag"] = etag
    # Only the address that carries this very version may be kept for good.
    for_good = request.GET.get("v") == version
    response["Cache-Control"] = f"public, max-age={_A_YEAR}, immutable" if for_good else _A_WHILE
    return response


def _to_the_drawn_cover(item: Item) -> HttpResponse:
    return HttpResponseRedirect(drawn_cover_url(item), headers={"Cache-Control": _A_WHILE})


@require_safe
def credits(request: HttpRequest) -> HttpResponse:
    return render(request, "catalog/picture_credits.html", {"sources": showing.sources()})
