"""How the site looks to a visitor: as the system asks, or dark or light by choice."""

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

COOKIE = "segue_theme"
SYSTEM, DARK, LIGHT = "system", "dark", "light"
CHOICES = (SYSTEM, DARK, LIGHT)
A_YEAR = 365 * 24 * 60 * 60
# The colour of the browser's own frame around a page: `--paper` of tokens.css.
FRAME = {DARK: "#070708", LIGHT: "#f6f6f7"}


def theme_of(request: HttpRequest) -> str:
    """Dark or light where the visitor has chosen, else `system`."""
    chosen = request.COOKIES.get(COOKIE)
    return chosen if chosen in (DARK, LIGHT) else SYSTEM


def theme(request: HttpRequest) -> dict[str, object]:
    """For every template, so that the first paint has the right colours.

    `chosen_theme`: what is chosen. `theme_frames`: of both looks the colour of the browser's frame
    and when it holds.
    """
    chosen = theme_of(request)
    return {
        "chosen_theme": chosen,
        "theme_frames": [(look, colour, _holds(look, chosen)) for look, colour in FRAME.items()],
    }


def _holds(look: str, chosen: str) -> str:
    if chosen == SYSTEM:
        return f"(prefers-color-scheme: {look})"
    return "all" if look == chosen else "not all"


# Without a token: all that it can change is a colour, and a token would give a cookie to everybody
# who only looks at a page.
@csrf_exempt
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Remember the choice in a cookie of this browser, for a year; `system` forgets it."""
    chosen = request.POST.get("theme")
    if chosen not in CHOICES:
        return HttpResponseBadRequest(_("No such theme."), content_type="text/plain; charset=utf-8")
    response = HttpResponseRedirect(_next_page(request))
    if chosen == SYSTEM:
        response.delete_cookie(COOKIE, samesite="Lax")
    else:
        response.set_cookie(
            COOKIE, chosen, max_age=A_YEAR, samesite="Lax", secure=request.is_secure()
        )
    return response


def _next_page(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else resolve_url("home")
