"""Visits as the admin shows them: to be searched and read. What visitors did is not edited."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from sessions_app.export_pages import ExportPage
from sessions_app.models import BrowsingSession, SessionEvent


class ReadOnly:
    """No adding and no changing; deleting stays, for visitors who ask for it."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _seconds(event: SessionEvent) -> str:
    return "" if event.dwell_ms is None else f"{event.dwell_ms / 1000:.1f}"


class EventInline(ReadOnly, admin.TabularInline):
    model = SessionEvent
    fields = ("type", "item", "query", "rating", "dwell_seconds", "ignored", "occurred_at")
    readonly_fields = fields
    can_delete = False
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[SessionEvent]:
        return super().get_queryset(request).select_related("item")

    @admin.display(description="dwell, s")
    def dwell_seconds(self, event: SessionEvent) -> str:
        return _seconds(event)


@admin.register(BrowsingSession)
class BrowsingSessionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = (
        "short_id", "origin", "user", "is_bot", "started_at", "last_event_at", "number_of_events",
    )  # fmt: skip
    list_filter = ("origin", "is_bot", "started_at", ("ended_at", admin.EmptyFieldListFilter))
    list_select_related = ("user",)
    list_per_page = 50
    search_fields = ("public_id", "user__username")
    show_full_result_count = False
    inlines = (EventInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[BrowsingSession]:
        # A subquery is worked out for the rows of one page; a join would be for all of them.
        events = SessionEvent.objects.filter(session=OuterRef("pk")).order_by().values("session")
        number = Subquery(events.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
        return super().get_queryset(request).annotate(event_count=Coalesce(number, 0))

    def get_inlines(
        self, request: HttpRequest, obj: BrowsingSession | None = None
    ) -> tuple[type[EventInline], ...]:
        # A crawler's day can hold every page of the catalogue: see it in the list of events.
        return () if obj is not None and obj.is_bot else self.inlines

    @admin.display(description="session", ordering="public_id")
    def short_id(self, session: BrowsingSession) -> str:
        return str(session.public_id)[:8]

    @admin.display(description="events", ordering="event_count")
    def number_of_events(self, session: Any) -> int:
        return int(session.event_count)


@admin.register(SessionEvent)
class SessionEventAdmin(ReadOnly, ExportPage):
    list_display = (
        "type", "item", "query", "session", "dwell_seconds", "ignored", "occurred_at",
    )  # fmt: skip
    list_filter = ("type", "ignored", "session__origin", "session__is_bot")
    list_select_related = ("item", "session")
    list_per_page = 50
    search_fields = ("item__title", "query")
    date_hierarchy = "occurred_at"
    raw_id_fields = ("session", "item")
    show_full_result_count = False

    @admin.display(description="dwell, s", ordering="dwell_ms")
    def dwell_seconds(self, event: SessionEvent) -> str:
        return _seconds(event)
