"""What visitors did: browsing sessions and the events in them."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.models import Genre, Item


class Origin(models.TextChoices):
    """Where a session comes from. Simulated traffic is never mixed up with people."""

    LIVE = "live", "Live"
    SIMULATED = "simulated", "Simulated"
    IMPORTED = "imported", "Imported"


class BrowsingSessionQuerySet(models.QuerySet["BrowsingSession"]):
    def of_people(self) -> Self:
        return self.filter(is_bot=False)

    def open(self) -> Self:
        return self.filter(ended_at=None)


class BrowsingSession(models.Model):
    """One visit. Anonymous until its visitor signs in; it ends after 30 idle minutes."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="browsing_sessions",
    )
    origin = models.CharField(max_length=9, choices=Origin, default=Origin.LIVE)
    is_bot = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    last_event_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = BrowsingSessionQuerySet.as_manager()

    class Meta:
        ordering = ["-last_event_at"]
        indexes = [models.Index(fields=["origin", "last_event_at"])]

    def __str__(self) -> str:
        return f"{self.get_origin_display()} session {str(self.public_id)[:8]}"


class EventType(models.TextChoices):
    VIEW = "view", "View"
    SEARCH = "search", "Search"
    LIKE = "like", "Like"
    DISLIKE = "dislike", "Dislike"
    HIDE = "hide", "Not interested"
    RATE = "rate", "Rate"
    SAVE = "save", "Save for later"
    PICK = "pick", "Picked at the start"


# What a session is made of, for the trail and for the recommender: a title that was opened, or
# named at the start as one that the visitor loves. A training reads what was opened, alone.
STEPS = (EventType.VIEW, EventType.PICK)


class Ignored(models.TextChoices):
    """Why an event is kept but never trained on nor shown in the trail."""

    NO = "", "No"
    BOT = "bot", "Bot"
    PREFETCH = "prefetch", "Prefetch"
    REMOVED = "removed", "Removed by the visitor"


class SessionEventQuerySet(models.QuerySet["SessionEvent"]):
    def counted(self) -> Self:
        """Events of people, not taken back by them."""
        return self.filter(ignored=Ignored.NO, session__is_bot=False)

    def steps(self) -> Self:
        """What makes up the trail: items opened, or picked at the start, in order."""
        return self.filter(ignored=Ignored.NO, type__in=STEPS).order_by("occurred_at", "id")


class SessionEvent(models.Model):
    """One thing a visitor did. `event_id` comes from the client and makes writing idempotent."""

    event_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    session = models.ForeignKey(BrowsingSession, on_delete=models.CASCADE, related_name="events")
    type = models.CharField(max_length=7, choices=EventType)
    item = models.ForeignKey(
        Item, null=True, blank=True, on_delete=models.CASCADE, related_name="events"
    )
    query = models.CharField(max_length=200, blank=True, help_text="Of a search.")
    rating = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 to 5 stars.")
    dwell_ms = models.PositiveIntegerField(
        null=True, blank=True, help_text="Visible time of a view, milliseconds; empty if unknown."
    )
    ignored = models.CharField(max_length=8, choices=Ignored, blank=True, default=Ignored.NO)
    occurred_at = models.DateTimeField()

    objects = SessionEventQuerySet.as_manager()

    class Meta:
        ordering = ["occurred_at", "id"]
        indexes = [
            models.Index(fields=["session", "type", "occurred_at"]),
            models.Index(fields=["type", "occurred_at"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(type=EventType.SEARCH, item=None) | Q(item__isnull=False),
                name="only_a_search_has_no_item",
            ),
            models.CheckConstraint(
                condition=Q(type=EventType.RATE, rating__gte=1, rating__lte=5)
                | (~Q(type=EventType.RATE) & Q(rating=None)),
                name="a_rating_has_one_to_five_stars",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.item or self.query}"


class Preference(models.Model):
    """What an account set for itself; `sessions_app.preferences` says what each field means.

    Who has no account keeps the same in a cookie.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="preference"
    )
    consent = models.BooleanField(
        default=True, help_text="Whether visits may be stored; making an account says yes."
    )
    paused = models.BooleanField(default=False)
    include_seen = models.BooleanField(default=False)
    dial = models.JSONField(default=dict, blank=True)
    hidden_genres = models.ManyToManyField(Genre, blank=True, related_name="+")

    def __str__(self) -> str:
        return f"Preferences of {self.user}"
