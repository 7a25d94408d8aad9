"""The history of a row in the admin: who changed what, from what to what."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from catalog.history import history_of

EDITS_A_PAGE = 50


class WithHistory(admin.ModelAdmin):
    """The button "History" leads to the edits that `catalog.history` keeps."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404(f"Nothing has the key {object_id!r}.")
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of {row}",
            "opts": self.opts,
            "object": row,
            "page": Paginator(history_of(row), EDITS_A_PAGE).get_page(request.GET.get("page")),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/catalog/history.html", context)
