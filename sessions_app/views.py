"""What visitors do with their own visit and account: load, call one service, respond."""

import uuid
from typing import Any

from django.contrib.auth import login
from django.contrib.auth.views import LoginView, LogoutView
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseNotFound,
    HttpResponseRedirect,
)
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.merging import items_by_id
from sessions_app import services, visitor
from sessions_app.forms import TAKE_BACK, DwellForm, ReactionForm, SignUpForm, sentences

TRAIL_CHANGED = "trail-changed"  # what pages listen to, to fetch their picks again
_PLAIN = "text/plain; charset=utf-8"


# --- Account ------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Makes an account and signs in; what was browsed before becomes the account's."""
    if visitor.signed_in(request) is not None:
        return HttpResponseRedirect(_next_page(request))
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        login(request, form.save())
        return HttpResponseRedirect(_next_page(request))
    context = {"form": form, "next": _asked_for(request)}
    return render(request, "sessions_app/sign_up.html", context)


class SignIn(LoginView):
    template_name = "sessions_app/sign_in.html"
    redirect_authenticated_user = True


class SignOut(LogoutView):
    http_method_names = ["post", "options"]


# --- Visit --------------------------------------------------------------------------------


@require_POST
def dwell(request: HttpRequest) -> HttpResponse:
    """The visible time of a page, sent by static/js/dwell.js when the page is left."""
    form = DwellForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(sentences(form), content_type=_PLAIN)
    session = visitor.known_session(request)
    if session is None:
        return _not_yours("No visit belongs to this browser: open a page first.")
    try:
        services.record_dwell(session=session, **form.cleaned_data)
    except services.UnknownStepError:
        return _not_yours("This view does not belong to your visit.")
    return HttpResponse(status=204)


@require_POST
def react(request: HttpRequest) -> HttpResponse:
    """Like, not for me, hide or stars; `unlike`, `unhide` and so on take them back."""
    form = ReactionForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(sentences(form), content_type=_PLAIN)
    given = form.cleaned_data
    item = items_by_id([given["item_id"]]).get(given["item_id"])
    if item is None:
        return _not_yours(f"No item has the id {given['item_id']}.")
    session = visitor.session_for(request, create=True)
    action = given["action"]
    if action.startswith(TAKE_BACK):
        services.take_back(session=session, item=item, type=action.removeprefix(TAKE_BACK))
    else:
        services.react(
            session=session,
            item=item,
            type=action,
            event_id=given["event_id"] or uuid.uuid4(),
            now=timezone.now(),
            rating=given["rating"],
        )
    if not _by_htmx(request):
        return HttpResponseRedirect(_next_page(request, otherwise=item.get_absolute_url()))
    return _changed(request, "sessions_app/_reactions.html", {"item": item})


@require_POST
def remove_step(request: HttpRequest, event_id: uuid.UUID) -> HttpResponse:
    """Takes one step out of the trail."""
    session = visitor.known_session(request)
    if session is None:
        return _not_yours("No visit belongs to this browser: there is no step to remove.")
    try:
        step = services.remove_step(session=session, event_id=event_id)
    except services.UnknownStepError:
        return _not_yours("This step does not belong to your visit.")
    if _by_htmx(request):
        return _changed(request, "sessions_app/_trail.html", {})
    visitor.remember_taken_out(request, step)
    return HttpResponseRedirect(_next_page(request))


@require_POST
def start_over(request: HttpRequest) -> HttpResponse:
    """Ends this visit and begins another; without one there is nothing to end."""
    session = visitor.known_session(request)
    if session is not None:
        fresh = services.start_over(session=session, now=timezone.now())
        visitor.keep(request, fresh)
    if _by_htmx(request):
        return _changed(request, "sessions_app/_trail.html", {})
    return HttpResponseRedirect(_next_page(request))


@never_cache
@require_GET
def trail(request: HttpRequest) -> HttpResponse:
    return render(request, "sessions_app/_trail.html")


def _by_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _changed(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The partial again, and a word to the rest of the page that the visit has changed."""
    response = render(request, template, context)
    response["HX-Trigger"] = TRAIL_CHANGED
    return response


def _not_yours(sentence: str) -> HttpResponse:
    return HttpResponseNotFound(sentence, content_type=_PLAIN)


def _asked_for(request: HttpRequest) -> str:
    return request.POST.get("next") or request.GET.get("next") or ""


def _next_page(request: HttpRequest, otherwise: str = "home") -> str:
    """Where the form asked to go, if that is a page of this site."""
    target = _asked_for(request)
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else resolve_url(otherwise)
