"""The start's pages: load, call one function, respond."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from recommender.barring import barred_for, never_shown
from recommender.start_choices import Choices, Trouble, settle, trouble_with
from recommender.start_list import first_list
from recommender.start_page import Form, searched, start_page
from recommender.start_words import to_tick
from sessions_app.preferences import preferences_of
from sessions_app.visitor import visit_of


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Page: pick one to five. Every button sends the whole form, so that nothing chosen is lost;
    what only looks comes back to an address that says what was chosen."""
    if request.method != "POST":
        return _page(request, Form.read(request.GET))
    form = Form.read(request.POST)
    match request.POST.get("do"):
        case "find":
            return redirect(f"{reverse('recommender:start')}?{form.query}")
        case "others":
            return redirect(f"{reverse('recommender:start')}?{form.turned().query}")
        case _:
            return _list(request, form)


def _page(request: HttpRequest, form: Form, trouble: Trouble | None = None) -> HttpResponse:
    page = start_page(
        form,
        barred=never_shown(visit_of(request)),
        hidden_genres=preferences_of(request).hidden_genres,
        trouble=trouble,
    )
    return render(request, "recommender/start.html", {"page": page})


def _list(request: HttpRequest, form: Form) -> HttpResponse:
    choices = form.meant()
    settled = settle(choices, meant=form.text)
    trouble = trouble_with(settled)
    if trouble:
        return _page(request, Form(choices, form.text, form.page), trouble)
    visit_of(request).pick(settled.items)
    return redirect(f"{reverse('recommender:start_list')}?{settled.query}")


@require_safe
def start_found(request: HttpRequest) -> HttpResponse:
    """Fragment: what a text finds, to be ticked. Typing is no search: nothing is told of it."""
    text = Form.read(request.GET).text
    search = searched(text) if text else None
    words = to_tick() if search and search.is_strange else []
    found = {"search": search, "words": words}
    return render(request, "recommender/_start_found.html", found)


@require_safe
def start_list(request: HttpRequest) -> HttpResponse:
    """Page: the first list, of what the address says was chosen. It stores nothing."""
    choices = Choices.read(request.GET)
    settled = settle(choices)
    if trouble_with(settled):
        return redirect(f"{reverse('recommender:start')}?{choices.query}")
    preferences = preferences_of(request)
    answer = first_list(
        settled,
        barred=barred_for(visit_of(request), preferences),
        hidden_genres=preferences.hidden_genres,
        dial=preferences.dial,
    )
    return render(
        request,
        "recommender/start_list.html",
        {"answer": answer, "settled": settled.told(request.GET), "choices": choices},
    )
