"""What a visitor hides, and what they set: load, call one function, respond."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from catalog.merging import items_by_id
from catalog.models import Genre, Item
from sessions_app import hiding
from sessions_app.answering import PLAIN, back_while_paused, next_page, not_yours
from sessions_app.cookies import cookies
from sessions_app.forms import sentences
from sessions_app.forms_control import GenreForm, SeenForm, ShowAgainForm
from sessions_app.models import EventType
from sessions_app.own_data import count_everything
from sessions_app.preferences import MOST_HIDDEN_GENRES, preferences_of
from sessions_app.visitor import signed_in, visit_of
from sessions_app.visits import PausedError

PAGE = 48
_HIDDEN = "sessions:hidden"


# --- Hidden titles and genres ---------------------------------------------------------------


@never_cache
@require_safe
def hidden(request: HttpRequest) -> HttpResponse:
    """Page: everything that is not recommended to this visitor, to bring it back."""
    return _hidden_page(request, GenreForm(label_suffix=""))


def _hidden_page(request: HttpRequest, form: GenreForm) -> HttpResponse:
    visit, preferences = visit_of(request), preferences_of(request)
    hidden_ids = visit.hidden_item_ids()
    context: dict[str, Any] = {
        "form": form,
        "genres": Genre.objects.filter(slug__in=preferences.hidden_genres).order_by("name"),
        "genre_names": Genre.objects.order_by("name").values_list("name", flat=True),
        "most_genres": None if signed_in(request) else MOST_HIDDEN_GENRES,
        "titles": _page_of(hidden_ids, request.GET.get("page")),
        "disliked": _page_of(visit.disliked_item_ids() - hidden_ids, request.GET.get("not-for-me")),
    }
    status = 400 if form.is_bound else 200
    return render(request, "sessions_app/hidden.html", context, status=status)


def _page_of(item_ids: set[str], number: str | None) -> Page[Item]:
    items = Item.objects.with_cards().filter(item_id__in=item_ids).order_by("title", "pk")
    return Paginator(items, PAGE).get_page(number)


@require_POST
def hide_genre(request: HttpRequest) -> HttpResponse:
    """Nothing of a genre is recommended any more; what is wrong is said next to the field."""
    form = GenreForm(request.POST, label_suffix="")
    if not form.is_valid():
        return _hidden_page(request, form)
    try:
        hiding.hide_genre(request, form.cleaned_data["genre"])
    except PausedError:
        return back_while_paused(request, _HIDDEN)
    except hiding.TooManyGenresError:
        form.add_error("genre", _most_genres())
        return _hidden_page(request, form)
    return HttpResponseRedirect(next_page(request, _HIDDEN))


def _most_genres() -> str:
    return _(
        "Without an account you can hide %(most)d genres: a cookie holds no more. Show one of "
        "them again, or sign up."
    ) % {"most": MOST_HIDDEN_GENRES}


@require_POST
def show_again(request: HttpRequest) -> HttpResponse:
    """A hidden title or genre, or one that was not for this visitor, may be recommended again."""
    form = ShowAgainForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(sentences(form), content_type=PLAIN)
    try:
        name = _bring_back(request, form.cleaned_data["what"], form.cleaned_data["id"])
    except PausedError:
        return back_while_paused(request, _HIDDEN)
    if name is None:
        return not_yours(_("There is no such title or genre."))
    messages.success(request, _("%(name)s may be recommended again.") % {"name": name})
    return HttpResponseRedirect(next_page(request, _HIDDEN))


def _bring_back(request: HttpRequest, what: str, id: str) -> str | None:
    """The name of what is back; None for what nobody knows. Raises PausedError."""
    if what == "genre":
        hiding.show_genre(request, id)
        genre = Genre.objects.filter(slug=id).first()
        return genre.name if genre else None
    item = items_by_id([id]).get(id)
    if item is None:
        return None
    visit_of(request).take_back(item, EventType.HIDE if what == "hide" else EventType.DISLIKE)
    return item.title


# --- Settings -------------------------------------------------------------------------------


@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    """Whether titles that were opened already may be recommended again."""
    form = SeenForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(sentences(form), content_type=PLAIN)
    try:
        hiding.include_seen(request, form.cleaned_data["seen"] == "yes")
    except PausedError:
        return back_while_paused(request, "sessions:settings")
    return HttpResponseRedirect(next_page(request, "sessions:settings"))


@never_cache
@require_safe
def settings_page(request: HttpRequest) -> HttpResponse:
    """Page: everything that a visitor can set, in one place."""
    context = {
        "hidden_count": len(visit_of(request).hidden_item_ids()),
        "genre_count": len(preferences_of(request).hidden_genres),
        "held": count_everything(request),
    }
    return render(request, "sessions_app/settings.html", context)


@never_cache
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Page: what is used and what is not, and where this visitor stands."""
    context = {
        "cookies": cookies(),
        "held": count_everything(request),
        "train_minutes": settings.TRAIN_EVERY_MINUTES,
        "window_days": settings.TRAIN_WINDOW_DAYS,
        "models_kept": settings.MODELS_KEPT,
        "idle_minutes": settings.SESSION_IDLE_MINUTES,
    }
    return render(request, "sessions_app/privacy.html", context)
