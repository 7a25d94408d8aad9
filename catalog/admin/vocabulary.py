"""The vocabulary in the admin: terms with the rules that lead to them, a place to try them out,
and the button that gives the catalogue what the rules say."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from kombu.exceptions import OperationalError

from catalog import tasks
from catalog import vocabulary as rules
from catalog.admin.history import WithHistory
from catalog.models import GenreRule, Kind, SoundRule, Term
from catalog.vocabulary.explained import Word, in_words, vocabulary
from catalog.vocabulary.rules import FEATURES, bounds_of
from catalog.writing import slug_of

_HIGHEST = {"tempo": 300.0}


class GenreRuleForm(forms.ModelForm):
    def clean_genre_slug(self) -> str:
        """A genre's name may be typed as well: "Indie Pop" is indie-pop."""
        return slug_of(self.cleaned_data["genre_slug"])


class SoundRuleForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors or cleaned.get("DELETE"):
            return cleaned
        pairs = {name: (cleaned[f"{name}_from"], cleaned[f"{name}_below"]) for name in FEATURES}
        if all(bounds == (None, None) for bounds in pairs.values()):
            raise forms.ValidationError("Set at least one bound: no bounds hold for every track.")
        for name, (start, end) in pairs.items():
            if start is not None and end is not None and start >= end:
                self.add_error(f"{name}_below", f"No {name} is from {start:g} and under {end:g}.")
        return cleaned


class GenreRuleInline(admin.TabularInline):
    model = GenreRule
    form = GenreRuleForm
    extra = 1
    fields = ("kind", "genre_slug", "weight", "gives")
    readonly_fields = ("gives",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[GenreRule]:
        self.rules = rules.load()
        return super().get_queryset(request).select_related("term")

    @admin.display(description="This genre alone gives")
    def gives(self, rule: GenreRule) -> str:
        if rule.pk is None:
            return ""
        themes_and_moods = self.rules.terms_for(rule.kind, [rule.genre_slug])
        return "; ".join([*themes_and_moods.themes, *themes_and_moods.moods])


class SoundRuleInline(admin.StackedInline):
    model = SoundRule
    form = SoundRuleForm
    extra = 0
    fields = ("weight", *((f"{name}_from", f"{name}_below") for name in FEATURES))


class TryForm(forms.Form):
    """A work that nobody made, to see what the rules say of it."""

    kind = forms.ChoiceField(choices=Kind.choices)
    genres = forms.CharField(
        required=False,
        max_length=500,
        help_text="Names or slugs, with commas between them: Drama, coming-of-age",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in FEATURES:
            self.fields[name] = forms.FloatField(
                required=False, min_value=0, max_value=_HIGHEST.get(name, 1.0)
            )

    def votes(self) -> tuple[list[rules.Vote], rules.Terms, list[str]]:
        """All votes, the terms that the work would get, and the genres that have no rule."""
        kind = self.cleaned_data["kind"]
        names = [name for name in self.cleaned_data["genres"].split(",") if name.strip()]
        slugs = [slug_of(name.strip()) for name in names]
        audio = {name: self.cleaned_data[name] for name in FEATURES}
        heard = audio if kind == Kind.TRACK else None
        known = rules.load()
        return (
            known.votes(kind, slugs, heard),
            known.terms_for(kind, slugs, heard),
            [slug for slug in slugs if not known.knows(kind, slug)],
        )


@admin.register(Term)
class TermAdmin(WithHistory):
    change_list_template = "admin/catalog/term/change_list.html"
    list_display = ("name", "what", "description", "movies", "tracks", "books", "genres", "sounds")
    list_filter = ("what",)
    search_fields = ("name", "description")
    inlines: ClassVar[list[Any]] = [SoundRuleInline, GenreRuleInline]
    readonly_fields = ("items_with_it",)
    list_per_page = 200

    def get_queryset(self, request: HttpRequest) -> QuerySet[Term]:
        self.words = vocabulary.get().words
        counted = super().get_queryset(request)
        return counted.annotate(
            genre_count=Count("genre_rules", distinct=True),
            sound_count=Count("sound_rules", distinct=True),
        )

    def _count(self, term: Term, kind: Kind) -> int:
        word: Word | None = self.words.get(term.name)
        return word.kinds[kind].count if word else 0

    @admin.display(description="Movies")
    def movies(self, term: Term) -> str:
        return f"{self._count(term, Kind.MOVIE):,}"

    @admin.display(description="Tracks")
    def tracks(self, term: Term) -> str:
        return f"{self._count(term, Kind.TRACK):,}"

    @admin.display(description="Books")
    def books(self, term: Term) -> str:
        return f"{self._count(term, Kind.BOOK):,}"

    @admin.display(description="Genre rules", ordering="genre_count")
    def genres(self, term: Any) -> int:
        return term.genre_count

    @admin.display(description="Sound rules", ordering="sound_count")
    def sounds(self, term: Any) -> int:
        return term.sound_count

    @admin.display(description="Works that have it now")
    def items_with_it(self, term: Term) -> SafeString | str:
        if term.pk is None:
            return "None before the vocabulary is applied to the catalogue."
        counts = ", ".join(f"{self._count(term, kind):,} {kind.label.lower()}s" for kind in Kind)
        page = reverse("catalog:word", args=[term.name])
        return format_html('{} (<a href="{}">see them</a>)', counts, page)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        messages.info(request, "Works get it once the vocabulary is applied to the catalogue.")

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("apply/", self.admin_site.admin_view(self.apply), name="catalog_term_apply"),
            path("try/", self.admin_site.admin_view(self.try_out), name="catalog_term_try"),
        ]
        return [*own, *super().get_urls()]

    def apply(self, request: HttpRequest) -> HttpResponse:
        """Asks first, with the number of works that would change; then queues."""
        back = HttpResponseRedirect(reverse("admin:catalog_term_changelist"))
        if not self.has_change_permission(request):
            messages.error(request, "Only those who may change terms apply them.")
            return back
        if request.method == "POST":
            queue_apply(request)
            return back
        context = self._page(request, "Apply to the whole catalogue")
        context["affected"] = rules.affected()
        return TemplateResponse(request, "admin/catalog/term/apply.html", context)

    def try_out(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            messages.error(request, "Only those who may see terms try them out.")
            return HttpResponseRedirect(reverse("admin:index"))
        form = TryForm(request.GET or None)
        context = self._page(request, "Try the rules")
        context["form"] = form
        if form.is_valid():
            context["votes"], context["terms"], context["unknown"] = form.votes()
        return TemplateResponse(request, "admin/catalog/term/try.html", context)

    def _page(self, request: HttpRequest, title: str) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "title": title, "opts": self.opts}


def queue_apply(request: HttpRequest) -> None:
    """Hand the work to the worker and tell the curator, also when the queue is away."""
    try:
        tasks.apply_vocabulary.delay()
    except (OperationalError, OSError) as error:
        messages.error(request, f"The queue does not answer, nothing was queued: {error}")
        return
    messages.success(
        request, "Queued: the works get their new words one batch after the other, within minutes."
    )


@admin.register(GenreRule)
class GenreRuleAdmin(WithHistory):
    """The same rules by genre: what a genre leads to is read down its lines."""

    form = GenreRuleForm
    list_display = ("genre_slug", "kind", "term", "weight")
    list_editable = ("weight",)
    list_filter = ("kind", "term__what", "term")
    list_select_related = ("term",)
    search_fields = ("genre_slug", "term__name")


@admin.register(SoundRule)
class SoundRuleAdmin(WithHistory):
    form = SoundRuleForm
    list_display = ("term", "holds_for", "weight")
    list_editable = ("weight",)
    list_select_related = ("term",)
    fields = ("term", *SoundRuleInline.fields)

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> type[forms.ModelForm]:
        # The list edits weights only: it has no bounds to check.
        return super().get_changelist_form(request, **{**kwargs, "form": forms.ModelForm})

    @admin.display(description="Holds for")
    def holds_for(self, rule: SoundRule) -> str:
        return in_words(bounds_of(rule)) or "nothing: it has no bounds"
