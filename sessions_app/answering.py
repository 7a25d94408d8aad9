"""How views that change a visit answer: the changed part of the page, or the way back to it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

# What pages listen to, to fetch their rows again.
TRAIL_CHANGED, HIDDEN_CHANGED = "trail-changed", "hidden-changed"
PLAIN = "text/plain; charset=utf-8"


def by_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def changed(
    request: HttpRequest, template: str, context: dict[str, Any], *events: str
) -> HttpResponse:
    """The partial again with the undo bar; the rest of the page is told what changed."""
    response = render(request, "sessions_app/_changed.html", {**context, "partial": template})
    response["HX-Trigger"] = ", ".join(events)
    return response


def paused(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Nothing was done; the page says why."""
    if by_htmx(request):
        return render(request, template, {**context, "refused": True})
    return back_while_paused(request)


def back_while_paused(request: HttpRequest, otherwise: str = "home") -> HttpResponse:
    """As `paused`, without a part of the page to answer with."""
    messages.warning(request, _("You have paused: nothing is kept until you go on."))
    return HttpResponseRedirect(next_page(request, otherwise))


def not_yours(sentence: str) -> HttpResponse:
    return HttpResponseNotFound(sentence, content_type=PLAIN)


def asked_for(request: HttpRequest) -> str:
    return request.POST.get("next") or request.GET.get("next") or ""


def next_page(request: HttpRequest, otherwise: str = "home") -> str:
    """Where the form asked to go, if that is a page of this site."""
    target = asked_for(request)
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else resolve_url(otherwise)
