"""The table `session_events` in the admin: a form to choose its rows, and the download."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET

from catalog.downloads import download
from catalog.tables import FORMATS
from sessions_app.exporting import ALL, SessionEvents
from sessions_app.models import Origin

_ORIGINS = [
    (Origin.LIVE.value, "Live: what people did"),
    (Origin.SIMULATED.value, "Simulated: invented visits that warm the site up"),
    (Origin.IMPORTED.value, "Imported: logs of other sites"),
    (ALL, "All of these together"),
]


class ExportForm(forms.Form):
    """Which events, in which format. Days are days in UTC, and both are included."""

    origin = forms.ChoiceField(choices=_ORIGINS, initial=Origin.LIVE.value, label="Visits")
    first = forms.DateField(
        required=False,
        label="From",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    last = forms.DateField(
        required=False,
        label="To",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text="Days in UTC, both included. Empty: no limit.",
    )
    format = forms.ChoiceField(
        choices=[(name, format.label) for name, format in FORMATS.items()], label="File"
    )

    def clean(self) -> None:
        super().clean()
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and first > last:
            raise forms.ValidationError("The first day is after the last one.")


class ExportPage(admin.ModelAdmin):
    """Adds the export to a model's admin, for staff who may look at the model's rows."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_GET(self.export))
        return [path("export/", view, name="sessions_app_export"), *super().get_urls()]

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """The form; with a format chosen, the file, or the form again with what is wrong."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = ExportForm(request.GET if "format" in request.GET else None)
        if form.is_valid():
            chosen = form.cleaned_data
            events = SessionEvents(chosen["origin"], chosen["first"], chosen["last"])
            return download(events.layout, events.rows(), format=chosen["format"])
        context = {
            **self.admin_site.each_context(request),
            "title": "Export of session events",
            "form": form,
            "columns": list(SessionEvents().layout.columns),
        }
        return TemplateResponse(
            request,
            "admin/sessions_app/export.html",
            context,
            status=400 if form.is_bound else 200,
        )
