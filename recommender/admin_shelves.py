"""Editors' shelves in the admin: what stands on the front page beside what is computed."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.templatetags.catalogue import cover_url
from recommender import home, shelves
from recommender.models import Pin, Shelf


class PinInline(admin.TabularInline):
    """The titles on a shelf; found by typing a part of the title."""

    model = Pin
    extra = 3
    autocomplete_fields = ("item",)
    fields = ("cover", "item", "note", "position", "starts_on", "ends_on")
    readonly_fields = ("cover",)
    verbose_name = "title"
    verbose_name_plural = "titles on this shelf"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Pin]:
        pins = super().get_queryset(request).select_related("item__picture")
        return pins.prefetch_related("item__genres", "item__credits__creator")

    @admin.display(description="")
    def cover(self, pin: Pin) -> SafeString | str:
        if pin.item_id is None:
            return ""
        kind = pin.item.get_kind_display()
        return format_html('<img src="{}" alt="{}" height="48">', cover_url(pin.item), kind)


class ShelfAdmin(admin.ModelAdmin):
    """Order and switch can be changed in the list itself."""

    list_display = ("title", "position", "is_on", "starts_on", "ends_on", "titles", "stands")
    list_editable = ("position", "is_on")
    list_filter = ("is_on",)
    search_fields = ("title", "blurb")
    fields = (
        "title",
        "blurb",
        ("position", "is_on"),
        ("starts_on", "ends_on"),
        "preview",
    )
    readonly_fields = ("preview",)
    inlines = (PinInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(size=Count("pins"))

    @admin.display(description="Titles", ordering="size")
    def titles(self, shelf: Any) -> int:
        return shelf.size

    @admin.display(description="On the front page")
    def stands(self, shelf: Any) -> str:
        today = timezone.localdate()
        if not shelf.is_on:
            return "No: turned off"
        if shelf.starts_on and shelf.starts_on > today:
            return f"From {shelf.starts_on:%d %b %Y}"
        if shelf.ends_on and shelf.ends_on < today:
            return "No: it is over"
        if shelf.size < home.FEWEST:
            return f"No: a row has at least {home.FEWEST} titles"
        return "Yes"

    @admin.display(description="Preview")
    def preview(self, shelf: Shelf) -> SafeString | str:
        if shelf.pk is None:
            return "After the first save."
        address = reverse("admin:recommender_shelf_preview", args=[shelf.pk])
        return format_html('<a href="{}">See it as visitors will</a> (as last saved)', address)

    # What visitors see follows at once -----------------------------------------------------

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        shelves.forget(timezone.localdate())

    def delete_model(self, request: HttpRequest, obj: Shelf) -> None:
        super().delete_model(request, obj)
        shelves.forget(timezone.localdate())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Shelf]) -> None:
        super().delete_queryset(request, queryset)
        shelves.forget(timezone.localdate())

    # Preview -------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        preview = path(
            "<int:pk>/preview/",
            self.admin_site.admin_view(self.preview_page),
            name="recommender_shelf_preview",
        )
        return [preview, *super().get_urls()]

    def preview_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The shelf as a row, on its first day or today, whether it is turned on or not."""
        shelf = shelves.with_pins(Shelf.objects.filter(pk=pk)).first()
        if shelf is None:
            raise Http404(f"There is no shelf {pk}.")
        if not self.has_view_permission(request, shelf):
            raise PermissionDenied
        day = max(shelf.starts_on or timezone.localdate(), timezone.localdate())
        row = home.shelf_row(shelves.as_shown(shelf, day))
        context = {"shelf": shelf, "row": row, "day": day, "fewest": home.FEWEST}
        return TemplateResponse(request, "recommender/shelf_preview.html", context)
