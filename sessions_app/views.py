"""What visitors do with their own visit and account: load, call one service, respond."""

import uuid
from typing import Any

from django.contrib.auth import login
from django.contrib.auth.views import LoginView, LogoutView
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseRedirect,
)
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.merging import items_by_id
from catalog.models import Item
from sessions_app import consent, hiding, services, undo, visitor
from sessions_app.answering import (
    HIDDEN_CHANGED,
    PLAIN,
    TRAIL_CHANGED,
    asked_for,
    by_htmx,
    changed,
    next_page,
    not_yours,
    paused,
)
from sessions_app.forms import (
    TAKE_BACK,
    ConsentForm,
    DwellForm,
    PauseForm,
    ReactionForm,
    SignUpForm,
    UndoForm,
    sentences,
)
from sessions_app.models import EventType
from sessions_app.visits import PausedError

_TRAIL = "sessions_app/_trail.html"


# --- Account ------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Makes an account and signs in; what was browsed before becomes the account's."""
    if visitor.signed_in(request) is not None:
        return HttpResponseRedirect(next_page(request))
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        login(request, form.save())
        return HttpResponseRedirect(next_page(request))
    context = {"form": form, "next": asked_for(request)}
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
        return HttpResponseBadRequest(sentences(form), content_type=PLAIN)
    try:
        # A beacon may go out under another user agent than its page.
        visitor.persons_visit(request).dwell(**form.cleaned_data)
    except services.UnknownStepError:
        return not_yours(_("This view does not belong to your visit."))
    return HttpResponse(status=204)


@require_POST
def react(request: HttpRequest) -> HttpResponse:
    """Like, not for me, not interested, save or stars; `unlike` and so on take them back."""
    form = ReactionForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(sentences(form), content_type=PLAIN)
    given = form.cleaned_data
    item = items_by_id([given["item_id"]]).get(given["item_id"])
    if item is None:
        return not_yours(_("No item has the id %(id)s.") % {"id": given["item_id"]})
    try:
        _do(request, item, given)
    except PausedError:
        return paused(request, "sessions_app/_reactions.html", {"item": item})
    if not by_htmx(request):
        return HttpResponseRedirect(next_page(request, otherwise=item.get_absolute_url()))
    return changed(request, "sessions_app/_reactions.html", {"item": item}, HIDDEN_CHANGED)


def _do(request: HttpRequest, item: Item, given: dict[str, Any]) -> None:
    visit, action = visitor.visit_of(request), given["action"]
    if action.startswith(TAKE_BACK):
        visit.take_back(item, action.removeprefix(TAKE_BACK))
        return
    visit.react(item, action, event_id=given["event_id"], rating=given["rating"])
    if action == EventType.HIDE:
        hiding.offer_undo(request, item)


@require_POST
def remove_step(request: HttpRequest, event_id: uuid.UUID) -> HttpResponse:
    """Takes one step out of the trail."""
    try:
        item = visitor.visit_of(request).remove_step(event_id)
    except services.UnknownStepError:
        return not_yours(_("This step does not belong to your visit."))
    except PausedError:
        return paused(request, _TRAIL, {})
    title, item_id = (item.title, item.item_id) if item else ("", "")
    text = _("%(title)s is out of your trail.") % {"title": title}
    undo.offer(request, what="step", id=str(event_id), text=text, item=item_id)
    return _trail_again(request)


@require_POST
def start_over(request: HttpRequest) -> HttpResponse:
    """Ends this visit and begins another; without one there is nothing to end."""
    visit = visitor.visit_of(request)
    had_steps = bool(visit.step_item_ids(limit=1))
    try:
        visit.start_over()
    except PausedError:
        return paused(request, _TRAIL, {})
    if had_steps:
        undo.offer(request, what="start_over", text=_("You have started over."))
    # Without scripts to the front page: back on an item's page, that would be the first step.
    return _trail_again(request) if by_htmx(request) else redirect("home")


@require_POST
def take_back(request: HttpRequest) -> HttpResponse:
    """Undoes what the undo bar offers."""
    form = UndoForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(sentences(form), content_type=PLAIN)
    what, id = form.cleaned_data["what"], form.cleaned_data["id"]
    item = items_by_id([id]).get(id) if what == "hide" else None
    try:
        known = _undo(request, what, id, item)
    except PausedError:
        return paused(request, _TRAIL, {})
    if not known:
        return not_yours(_("There is nothing of yours to undo."))
    if by_htmx(request):
        event = TRAIL_CHANGED if what in ("step", "start_over") else HIDDEN_CHANGED
        return changed(request, _TRAIL, {"reacted": item}, event)
    return HttpResponseRedirect(next_page(request))


def _undo(request: HttpRequest, what: str, id: str, item: Item | None) -> bool:
    """Whether there was anything to undo; `item` is what was hidden. Raises PausedError."""
    visit = visitor.visit_of(request)
    if what == "start_over":
        visit.undo_start_over()
    elif what == "genre":
        hiding.show_genre(request, id)
    elif what == "step":
        try:
            visit.restore_step(uuid.UUID(id))
        except (services.UnknownStepError, ValueError):
            return False
    elif item is None:
        return False
    else:
        visit.take_back(item, EventType.HIDE)
    return True


@never_cache
@require_GET
def trail(request: HttpRequest) -> HttpResponse:
    return render(request, "sessions_app/_trail.html")


# --- Consent and pause --------------------------------------------------------------------


@require_POST
def answer_consent(request: HttpRequest) -> HttpResponse:
    """Yes or no to visits being stored; see `sessions_app.consent` for what follows."""
    form = ConsentForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(sentences(form), content_type=PLAIN)
    if form.cleaned_data["answer"] == "yes":
        consent.agree(request)
    else:
        consent.decline(request)
    return HttpResponseRedirect(next_page(request))


@require_POST
def pause(request: HttpRequest) -> HttpResponse:
    """Pause, or go on."""
    form = PauseForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(sentences(form), content_type=PLAIN)
    consent.pause(request, form.cleaned_data["paused"] == "yes")
    return HttpResponseRedirect(next_page(request))


def _trail_again(request: HttpRequest) -> HttpResponse:
    if by_htmx(request):
        return changed(request, _TRAIL, {}, TRAIL_CHANGED)
    return HttpResponseRedirect(next_page(request))
