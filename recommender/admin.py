"""The admin of the recommender: versions, trainings, incidents, and one status page."""

import json
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from kombu.exceptions import OperationalError

from recommender import incidents, runs, status, tasks
from recommender.admin_shelves import ShelfAdmin
from recommender.models import Exploration, Incident, ModelVersion, Shelf, TrainingRun


class ReadOnlyAdmin(admin.ModelAdmin):
    """Records of what happened: looked at, never typed in."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _as_json(value: Any) -> SafeString:
    return format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=False))


def queue_training(request: HttpRequest) -> None:
    """Hand a training to the worker and tell the curator, also when the queue is away."""
    try:
        tasks.train.delay(started_by="admin", force=True)
    except (OperationalError, OSError) as error:
        incidents.report(what="broker", message=f"A training could not be queued: {error}")
        messages.error(request, f"The queue does not answer, nothing was queued: {error}")
        return
    incidents.resolve(what="broker")
    messages.success(request, "A training is queued; its progress is in the list of trainings.")


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnlyAdmin):
    list_display = [
        "name",
        "is_serving",
        "created_at",
        "preset",
        "recall_at_20",
        "mrr_at_20",
        "trained_on",
        "gate_passed",
        "train_seconds",
    ]
    list_filter = ["is_serving", "preset", "gate_passed", "created_at"]
    search_fields = ["name", "data_fingerprint", "checksum"]
    actions = ["serve_this_one"]
    exclude = ["config", "metrics", "comparison", "curves", "data_summary"]
    readonly_fields = [
        "settings_used",
        "hold_out_metrics",
        "simple_methods",
        "training_curves",
        "data",
    ]

    @admin.display(description="Recall@20")
    def recall_at_20(self, version: ModelVersion) -> str:
        return _metric(version.metrics, "recall")

    @admin.display(description="MRR@20")
    def mrr_at_20(self, version: ModelVersion) -> str:
        return _metric(version.metrics, "mrr")

    @admin.display(description="Trained on")
    def trained_on(self, version: ModelVersion) -> str:
        return status.traffic_in_words(version)

    @admin.display(description="Settings")
    def settings_used(self, version: ModelVersion) -> SafeString:
        return _as_json(version.config)

    @admin.display(description="Metrics on the time hold-out (full ranking)")
    def hold_out_metrics(self, version: ModelVersion) -> SafeString:
        return _as_json(version.metrics)

    @admin.display(description="Champion and simple methods on the same hold-out")
    def simple_methods(self, version: ModelVersion) -> SafeString:
        return _as_json(version.comparison)

    @admin.display(description="Curves, one entry an epoch")
    def training_curves(self, version: ModelVersion) -> SafeString:
        return _as_json(version.curves)

    @admin.display(description="Data")
    def data(self, version: ModelVersion) -> SafeString:
        return _as_json(version.data_summary)

    @admin.action(description="Serve this one", permissions=["serve"])
    def serve_this_one(self, request: HttpRequest, queryset: QuerySet[ModelVersion]) -> None:
        # Here, not above: every command imports the admin, and PyTorch is slow to import.
        from recommender.ml.artifacts import ArtifactError
        from recommender.publishing import serve_version

        if queryset.count() != 1:
            messages.error(request, "Choose exactly one version to serve.")
            return
        version = queryset.get()
        try:
            serve_version(version=version)
        except ArtifactError as error:
            messages.error(request, f"{version} cannot be served: {error}")
            return
        messages.success(request, f"{version} is served; every process loads it within seconds.")

    def has_serve_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return user.is_active and user.has_perm("recommender.change_modelversion")


def _metric(metrics: dict[str, Any], name: str) -> str:
    value = metrics.get("at", {}).get("20", {}).get(name)
    return "–" if value is None else f"{value:.4f}"


@admin.register(TrainingRun)
class TrainingRunAdmin(ReadOnlyAdmin):
    change_list_template = "admin/recommender/trainingrun/change_list.html"
    list_display = ["started_at", "status", "started_by", "preset", "progress", "error", "version"]
    list_filter = ["status", "started_by", "preset"]
    search_fields = ["progress", "error", "version__name"]
    list_select_related = ["version"]
    date_hierarchy = "started_at"
    actions = ["stop_training"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[TrainingRun]:
        runs.declare_lost_runs()
        return super().get_queryset(request)

    @admin.action(description="Stop this training", permissions=["train"])
    def stop_training(self, request: HttpRequest, queryset: QuerySet[TrainingRun]) -> None:
        stopped = sum(runs.stop(run=run) for run in queryset)
        messages.info(request, f"{stopped} training(s) told to stop.")

    def has_train_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.has_perm("recommender.add_trainingrun")

    def get_urls(self) -> list[URLPattern]:
        train = path(
            "train-now/",
            self.admin_site.admin_view(self.train_now),
            name="recommender_train_now",
        )
        status_page = path(
            "status/",
            self.admin_site.admin_view(self.status_page),
            name="recommender_status",
        )
        return [train, status_page, *super().get_urls()]

    def train_now(self, request: HttpRequest) -> HttpResponse:
        back = HttpResponseRedirect(reverse("admin:recommender_trainingrun_changelist"))
        if request.method != "POST" or not self.has_train_permission(request):
            messages.error(request, "Training is started by a curator with its button.")
            return back
        queue_training(request)
        return back

    def status_page(self, request: HttpRequest) -> HttpResponse:
        return TemplateResponse(
            request,
            "admin/recommender/status.html",
            {
                **self.admin_site.each_context(request),
                "title": "Status of the recommender",
                "status": status.current_status(),
                "services": status.services_in_words(),
                "failed_runs": status.failed_runs(),
                "may_train": self.has_train_permission(request),
            },
        )


@admin.register(Exploration)
class ExplorationAdmin(ReadOnlyAdmin):
    list_display = ["shown_at", "item", "position", "propensity", "model_version", "session"]
    list_select_related = ["item", "session"]
    date_hierarchy = "shown_at"


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    list_display = ["what", "message", "count", "first_seen", "last_seen", "resolved_at"]
    list_filter = ["what", ("resolved_at", admin.EmptyFieldListFilter)]
    search_fields = ["message"]
    actions = ["mark_resolved"]

    @admin.action(description="Mark as resolved", permissions=["resolve"])
    def mark_resolved(self, request: HttpRequest, queryset: QuerySet[Incident]) -> None:
        closed = queryset.filter(resolved_at=None).update(resolved_at=timezone.now())
        messages.success(request, f"{closed} incident(s) resolved.")

    def has_resolve_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.has_perm("recommender.change_incident")


admin.site.register(Shelf, ShelfAdmin)
