"""The pages that explain the vocabulary."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.vocabulary.explained import examples, vocabulary
from catalog.vocabulary.rules import LEAST_SHARE, MOST


@require_safe
def vocabulary_page(request: HttpRequest) -> HttpResponse:
    context = {"vocabulary": vocabulary.get(), "most": MOST, "least": round(100 * LEAST_SHARE)}
    return render(request, "catalog/vocabulary.html", context)


@require_safe
def word_page(request: HttpRequest, name: str) -> HttpResponse:
    word = vocabulary.get().words.get(name)
    if word is None:
        raise Http404(f"No theme or mood is called {name!r}.")
    context = {"word": word, "items": examples(word, timezone.localdate())}
    return render(request, "catalog/word.html", context)
