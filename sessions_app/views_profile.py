"""A person's own pages: load, call one function, respond."""

import uuid
from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from sessions_app import profile as own
from sessions_app import visitor
from sessions_app.answering import next_page, not_yours
from sessions_app.deleting import UnknownVisitError
from sessions_app.deleting import delete_visit as delete_one_visit
from sessions_app.taste import OPENS_AFTER, taste_of
from sessions_app.taste_pictures import pictures_of

OwnPage = Callable[[HttpRequest, User], HttpResponse]


def for_accounts(why: Promise) -> Callable[[OwnPage], Callable[[HttpRequest], HttpResponse]]:
    """Who is not signed in gets the sign-in page, with the reason, and comes back afterwards."""

    def decorate(view: OwnPage) -> Callable[[HttpRequest], HttpResponse]:
        @wraps(view)
        def respond(request: HttpRequest) -> HttpResponse:
            user = visitor.signed_in(request)
            if user is None:
                messages.info(request, str(why))
                return redirect_to_login(request.get_full_path())
            return view(request, user)

        return respond

    return decorate


@never_cache
@require_safe
@for_accounts(
    gettext_lazy(
        "A profile belongs to an account: sign in to see yours. What you save is there without one."
    )
)
def profile(request: HttpRequest, user: User) -> HttpResponse:
    """Page: the taste of the visits, as a picture."""
    taste = taste_of(user)
    context = {"taste": taste, "pictures": pictures_of(taste), "opens_after": OPENS_AFTER}
    return render(request, "sessions_app/profile.html", context)


@never_cache
@require_safe
@for_accounts(
    gettext_lazy(
        "A history over many visits belongs to an account: sign in to see yours. "
        "The steps of this visit are in your trail."
    )
)
def history(request: HttpRequest, user: User) -> HttpResponse:
    """Page: the visits with their steps."""
    shown = own.history(user, request.GET.get("page", 1))
    return render(request, "sessions_app/profile_history.html", {"shown": shown})


@never_cache
@require_safe
@for_accounts(gettext_lazy("Your ratings are kept with your account: sign in to see them."))
def ratings(request: HttpRequest, user: User) -> HttpResponse:
    """Page: what was rated, to be changed or taken back."""
    shown = own.ratings(user, request.GET.get("page", 1))
    return render(request, "sessions_app/profile_ratings.html", {"shown": shown})


@never_cache
@require_safe
def saved(request: HttpRequest) -> HttpResponse:
    """Page: what is saved for later; without an account, in this visit."""
    ids = visitor.visit_of(request).saved_item_ids()
    shown = own.saved(ids, request.GET.get("page", 1))
    return render(request, "sessions_app/profile_saved.html", {"shown": shown})


@require_POST
def delete_visit(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Deletes one visit of the account, for good."""
    user = visitor.signed_in(request)
    if user is None:
        return redirect_to_login(next_page(request, "sessions:history"))
    try:
        delete_one_visit(user=user, public_id=public_id)
    except UnknownVisitError:
        return not_yours(_("This visit is not yours."))
    messages.success(request, _("The visit is deleted. The model forgets it at its next training."))
    return HttpResponseRedirect(next_page(request, "sessions:history"))
