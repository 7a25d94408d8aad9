"""The page of exports in the admin, and the unified table as a download."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET

from catalog.downloads import download
from catalog.exporting import UNIFIED, unified_table
from catalog.models import Item
from catalog.tables import FORMATS


class ExportPages(admin.ModelAdmin):
    """Adds the exports to a model's admin. Who may look at the model's rows may take them along;
    the admin itself sends everybody who is not staff to its sign-in page."""

    def get_urls(self) -> list[URLPattern]:
        wrapped = self.admin_site.admin_view
        page = path("exports/", wrapped(require_GET(self.exports)), name="catalog_exports")
        table = path(
            "exports/unified.<slug:format>",
            wrapped(require_GET(self.unified)),
            name="catalog_export_unified",
        )
        return [page, table, *super().get_urls()]

    def exports(self, request: HttpRequest) -> HttpResponseBase:
        self._check(request)
        context = {
            **self.admin_site.each_context(request),
            "title": "Exports",
            "formats": FORMATS,
            "columns": list(UNIFIED.columns),
            "items": Item.objects.count(),
        }
        return TemplateResponse(request, "admin/catalog/exports.html", context)

    def unified(self, request: HttpRequest, format: str) -> HttpResponseBase:
        self._check(request)
        if format not in FORMATS:
            raise Http404(f"There is no export as {format}.")
        return download(UNIFIED, unified_table(), format=format)

    def _check(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied
