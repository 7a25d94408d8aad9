"""Duplicates, merges and what is kept apart, in the admin. Views: load, call one function,
respond; what they call is in `catalog.duplicates` and `catalog.merging`."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_POST

from catalog import duplicates
from catalog.merge_preview import better_first, preview
from catalog.merging import MergeError, merge, undo
from catalog.models import Alias, DistinctPair, Item, Kind, Merge

PAIRS_A_PAGE = 30


def may_merge(request: HttpRequest, kind: str) -> bool:
    """A merge changes one item and deletes the other."""
    may = request.user.has_perm
    return may(f"catalog.change_{kind}") and may(f"catalog.delete_{kind}")


def kinds_to_merge(request: HttpRequest) -> list[Kind]:
    return [kind for kind in Kind if may_merge(request, kind)]


@admin.action(description="Merge two items")
def merge_two(
    model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[Any]
) -> HttpResponse | None:
    """Leads to the page that shows both; nothing is merged before that one is sent."""
    chosen = list(queryset[:3])
    if len(chosen) != 2:
        messages.error(request, "Choose exactly two items to merge.")
        return None
    kept, gone = better_first(*chosen)
    return redirect("admin:catalog_merge_two", kept.pk, gone.pk)


class AliasInline(admin.TabularInline):
    model = Alias
    extra = 0
    verbose_name = "other name"
    verbose_name_plural = "other names, by which it is found too"


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("merged", "Merged"), ("undone", "Undone")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Merge]) -> QuerySet[Merge]:
        if self.value() is None:
            return queryset
        return queryset.filter(undone_at__isnull=self.value() == "merged")


@admin.register(Merge)
class MergeAdmin(admin.ModelAdmin):
    """The list of merges, and the pages that lead to one."""

    change_list_template = "admin/catalog/merges.html"
    list_display = ("gone", "into", "merged_at", "merged_by", "state")
    list_display_links = None
    list_select_related = ("kept", "merged_by", "undone_by")
    list_filter = ("kept__kind", StateFilter)
    search_fields = ("gone_title", "gone_item_id", "kept__title", "kept__item_id")
    actions = None

    class Media:
        css = {"all": ["css/admin-quality.css"]}

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Merges", **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(kinds_to_merge(request)) or super().has_view_permission(request, obj)

    has_module_permission = has_view_permission

    def get_queryset(self, request: HttpRequest) -> QuerySet[Merge]:
        # A snapshot can be long; the list only asks whether there is one.
        bare = ExpressionWrapper(Q(snapshot={}), output_field=BooleanField())
        return super().get_queryset(request).annotate(bare=bare).defer("snapshot")

    @admin.display(description="Item that went", ordering="gone_title")
    def gone(self, row: Merge) -> SafeString:
        return format_html("{}<br><code>{}</code>", row.gone_title, row.gone_item_id)

    @admin.display(description="Merged into", ordering="kept__title")
    def into(self, row: Merge) -> SafeString:
        return format_html(
            '<a href="{}">{}</a><br><code>{}</code>',
            reverse(f"admin:catalog_{row.kept.kind}_change", args=[row.kept_id]),
            row.kept,
            row.kept.item_id,
        )

    @admin.display(description="")
    def state(self, row: Any) -> SafeString | str:
        if row.undone_at:
            by = f" by {row.undone_by}" if row.undone_by else ""
            return f"Undone on {row.undone_at:%-d %B %Y}{by}"
        if row.bare:
            return "Came in an archive"
        # The list is one form, with its token: the button sends it to another address.
        return format_html(
            '<button type="submit" class="button" formaction="{}"'
            ' aria-label="Undo the merge of {}">Undo</button>',
            reverse("admin:catalog_merge_undo", args=[row.pk]),
            row.gone_title,
        )

    # --- Pages ----------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        pages: list[tuple[str, Any, str]] = [
            ("duplicates/", require_GET(self.duplicates_page), "duplicates"),
            ("two/<int:kept_pk>/<int:gone_pk>/", self.merge_page, "merge_two"),
            ("apart/", require_POST(self.keep_apart), "keep_apart"),
            ("<int:pk>/undo/", require_POST(self.undo), "merge_undo"),
        ]
        wrapped = self.admin_site.admin_view
        return [
            *(path(route, wrapped(view), name=f"catalog_{name}") for route, view, name in pages),
            *super().get_urls(),
        ]

    def _page(
        self, request: HttpRequest, template: str, title: str, context: dict[str, Any]
    ) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "title": title, "opts": self.opts}
        return TemplateResponse(request, f"admin/catalog/{template}", {**shared, **context})

    def duplicates_page(self, request: HttpRequest) -> HttpResponse:
        """Pairs that look like one work, by kind."""
        kinds = kinds_to_merge(request)
        if not kinds:
            raise PermissionDenied
        kind = next((kind for kind in kinds if kind == request.GET.get("kind")), kinds[0])
        found = duplicates.pairs(kind)
        page = Paginator(found, PAIRS_A_PAGE).get_page(request.GET.get("page"))
        counts = duplicates.count()
        context = {
            "kind": kind,
            "kinds": [(each, counts[each]) for each in kinds],
            "sure": sum(pair.sure for pair in found),
            "page": page,
            "pairs": _with_items(page),
        }
        return self._page(request, "duplicates.html", "Duplicates", context)

    def merge_page(self, request: HttpRequest, kept_pk: int, gone_pk: int) -> HttpResponse:
        """Both items side by side; a POST merges them."""
        kept, gone = get_object_or_404(Item, pk=kept_pk), get_object_or_404(Item, pk=gone_pk)
        _check(request, kept, gone)
        if "suggest" in request.GET:
            kept, gone = better_first(kept, gone)
            return redirect("admin:catalog_merge_two", kept.pk, gone.pk)
        try:
            if request.method == "POST":
                fill = request.POST.getlist("fill")
                merge(kept=kept, gone=gone, by=_curator(request), fill=fill)
                return self._merged(request, kept, gone)
            context = {"preview": preview(kept=kept, gone=gone)}
        except MergeError as error:
            messages.error(request, str(error))
            return redirect("admin:catalog_duplicates")
        return self._page(request, "merge_two.html", "Merge two items", context)

    def _merged(self, request: HttpRequest, kept: Item, gone: Item) -> HttpResponseRedirect:
        link = partial(format_html, '<a href="{}">{}</a>')
        item = link(reverse(f"admin:catalog_{kept.kind}_change", args=[kept.pk]), kept)
        merges = link(reverse("admin:catalog_merge_changelist"), "list of merges")
        told = format_html(
            "“{}” was merged into {}. It can be undone in the {}.", gone.title, item, merges
        )
        messages.success(request, told)
        return HttpResponseRedirect(f"{reverse('admin:catalog_duplicates')}?kind={kept.kind}")

    def keep_apart(self, request: HttpRequest) -> HttpResponse:
        """A pair is two works; it leaves the list."""
        first, second = (
            get_object_or_404(Item, pk=_number(request.POST.get(name)))
            for name in ("first", "second")
        )
        _check(request, first, second)
        try:
            duplicates.keep_apart(first=first, second=second)
        except ValueError as error:
            messages.error(request, str(error))
        else:
            link = reverse("admin:catalog_distinctpair_changelist")
            said = format_html(
                '“{}” and “{}” are two works. <a href="{}">Take it back</a>', first, second, link
            )
            messages.success(request, said)
        return HttpResponseRedirect(f"{reverse('admin:catalog_duplicates')}?kind={first.kind}")

    def undo(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Brings the item that went back."""
        row = get_object_or_404(Merge.objects.select_related("kept"), pk=pk)
        _check(request, row.kept)
        try:
            item, left_out = undo(merge=row, by=_curator(request))
        except MergeError as error:
            messages.error(request, str(error))
        else:
            link = reverse(f"admin:catalog_{item.kind}_change", args=[item.pk])
            said = format_html(
                '<a href="{}">{}</a> is back, apart from “{}”.', link, item, row.kept
            )
            messages.success(request, said)
            if left_out:
                messages.warning(
                    request,
                    f"{left_out} row(s) of it could not come back: what they point at is gone.",
                )
        return redirect("admin:catalog_merge_changelist")


@admin.register(DistinctPair)
class DistinctPairAdmin(admin.ModelAdmin):
    """What a curator said are two works; deleting a row proposes the pair again."""

    list_display = ("first", "second")
    list_select_related = ("first", "second")
    search_fields = ("first__title", "second__title")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _check(request: HttpRequest, *items: Item) -> None:
    if not all(may_merge(request, item.kind) for item in items):
        raise PermissionDenied


def _curator(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 19 else 0


def _with_items(page: Page[duplicates.Pair]) -> list[dict[str, Any]]:
    """The pairs of a page with their items, the one to keep first; what is merged by now is
    left out until the next look at the whole catalogue."""
    keys = {key for pair in page for key in (pair.first, pair.second)}
    items = Item.objects.with_cards().in_bulk(keys)
    return [
        {"pair": pair, "kept": items[pair.first], "gone": items[pair.second]}
        for pair in page
        if pair.first in items and pair.second in items
    ]
