"""Without the network: a page that says so, kept by a service worker. Nothing else is ever kept."""

import hashlib

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from recsite import theme

STYLES = ("css/tokens.css", "css/base.css", "css/components.css", "css/forms.css")


def _page() -> str:
    """The same for everybody: made without the request, so that nothing of a visitor is in it."""
    return render_to_string("offline.html", {"styles": [static(path) for path in STYLES]})


@require_safe
@cache_control(max_age=0)
def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_page())


@require_safe
@cache_control(max_age=0)
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, served at the root because it answers for every page of the site.

    Its text names what it keeps and carries the page's version: a changed page is fetched anew.
    """
    shown = _page()
    response = render(
        request,
        "offline-worker.js",
        {
            "version": hashlib.sha256(shown.encode()).hexdigest()[:12],
            "styles": [static(path) for path in STYLES],
        },
        content_type="text/javascript; charset=utf-8",
    )
    response["Service-Worker-Allowed"] = "/"
    return response


@require_safe
@cache_control(max_age=3600)
def manifest(request: HttpRequest) -> JsonResponse:
    """What a browser needs to put the site among a visitor's apps."""
    frame = theme.FRAME[theme.DARK]
    icon = {"src": static("img/favicon.svg"), "sizes": "any", "type": "image/svg+xml"}
    return JsonResponse(
        {
            "name": "Segue",
            "short_name": "Segue",
            "description": _("Movies, music and books that follow what you open."),
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": frame,
            "theme_color": frame,
            "icons": [icon],
        },
        content_type="application/manifest+json",
    )
