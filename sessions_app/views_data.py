"""A visitor's own data: shown, downloaded, forgotten. Load, call one function, respond."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
)
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from sessions_app import forgetting, own_files
from sessions_app.answering import PLAIN
from sessions_app.forgetting import Forgotten, LastSuperuserError
from sessions_app.forms import sentences
from sessions_app.forms_control import DeleteAccountForm, ForgetForm
from sessions_app.own_data import count_everything, count_present, held_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forget(request: HttpRequest) -> HttpResponse:
    """Page: what would be deleted. A form sent to it deletes, and the answer says what."""
    if request.method != "POST":
        context = {"visit": count_present(request), "everything": count_everything(request)}
        return render(request, "sessions_app/forget.html", {**context, **_training()})
    form = ForgetForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(sentences(form), content_type=PLAIN)
    everything = form.cleaned_data["what"] == "everything"
    return _forgotten(request, forgetting.forget(request, everything=everything))


def _forgotten(request: HttpRequest, forgotten: Forgotten) -> HttpResponse:
    context = {"forgotten": forgotten, **_training()}
    return render(request, "sessions_app/forgotten.html", context)


def _training() -> dict[str, int]:
    return {"train_minutes": settings.TRAIN_EVERY_MINUTES}


@never_cache
@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """Page: what is held of this visitor, and the files that have it."""
    context = {"held": count_everything(request), "forms": own_files.FORMS}
    return render(request, "sessions_app/data.html", context)


@never_cache
@require_safe
def data_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """The download: this browser's and this account's, and nobody else's."""
    if form not in own_files.FORMS:
        raise Http404(_("There is no such form of the file."))
    return own_files.as_file(held_of(request), form)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete_account(request: HttpRequest) -> HttpResponse:
    """Asks for the password, then deletes the account and everything that it did."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101  (login_required)
    form = DeleteAccountForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _forgotten(request, forgetting.leave(request, user))
        except LastSuperuserError:
            form.add_error(None, _last_superuser())
    context = {
        "form": form,
        "held": count_everything(request),
        "is_last": forgetting.is_last_superuser(user),
        **_training(),
    }
    status = 400 if form.is_bound else 200
    return render(request, "sessions_app/delete_account.html", context, status=status)


def _last_superuser() -> str:
    return _(
        "You are the only one who can administer this site. Make somebody else a superuser in "
        "the admin, then you can leave."
    )
