"""What is served, how it was trained, and what went wrong."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q

from catalog.models import Item
from sessions_app.models import BrowsingSession


class ModelVersionQuerySet(models.QuerySet["ModelVersion"]):
    def serving(self) -> "ModelVersion | None":
        """The version that every process serves, if there is one."""
        return self.filter(is_serving=True).first()


class ModelVersion(models.Model):
    """One trained model: the files on disk and everything needed to judge or repeat it."""

    name = models.CharField(max_length=60, unique=True, help_text="Also the artifact's folder.")
    created_at = models.DateTimeField(auto_now_add=True)
    is_serving = models.BooleanField(default=False, editable=False)
    serving_since = models.DateTimeField(null=True, blank=True, editable=False)
    preset = models.CharField(max_length=20)
    config = models.JSONField(default=dict)
    metrics = models.JSONField(default=dict, help_text="On the time hold-out, full ranking.")
    comparison = models.JSONField(
        default=dict, help_text="The champion and the simple methods on the same hold-out."
    )
    curves = models.JSONField(default=list, help_text="One entry an epoch.")
    data_summary = models.JSONField(
        default=dict, help_text="Sessions and events by origin, time span, sizes of the split."
    )
    data_fingerprint = models.CharField(max_length=64)
    last_event_id = models.BigIntegerField(default=0, help_text="Newest event in the training set.")
    checksum = models.CharField(max_length=64, help_text="SHA-256 of the weights.")
    gate_passed = models.BooleanField(default=False)
    gate_reason = models.CharField(max_length=300, blank=True)
    train_seconds = models.FloatField(default=0)

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_serving"], condition=Q(is_serving=True), name="one_serving_version"
            )
        ]

    def __str__(self) -> str:
        return self.name


class RunStatus(models.TextChoices):
    RUNNING = "running", "Running"
    PUBLISHED = "published", "Published"
    KEPT = "kept", "Kept, not served"
    SKIPPED = "skipped", "Skipped"
    FAILED = "failed", "Failed"
    LOST = "lost", "Lost: its process went away"


class TrainingRunQuerySet(models.QuerySet["TrainingRun"]):
    def running(self) -> Self:
        return self.filter(status=RunStatus.RUNNING)


class TrainingRun(models.Model):
    """One attempt to train. A unique constraint allows one running at a time."""

    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField()
    status = models.CharField(max_length=9, choices=RunStatus, default=RunStatus.RUNNING)
    started_by = models.CharField(max_length=40, help_text="schedule, admin, command, bootstrap.")
    preset = models.CharField(max_length=20, default="default")
    process = models.CharField(
        max_length=120, blank=True, help_text="The machine and process that trains."
    )
    progress = models.CharField(max_length=200, blank=True)
    error = models.TextField(blank=True)
    version = models.ForeignKey(
        ModelVersion, null=True, blank=True, on_delete=models.SET_NULL, related_name="runs"
    )

    objects = TrainingRunQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="running"), name="one_training_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"Training of {self.started_at:%Y-%m-%d %H:%M}"


class Exploration(models.Model):
    """One item shown by chance rather than by rank; see `recommender.exploration`."""

    shown_at = models.DateTimeField(auto_now_add=True)
    session = models.ForeignKey(
        BrowsingSession, on_delete=models.CASCADE, related_name="explorations"
    )
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")
    model_version = models.CharField(max_length=60, blank=True)
    position = models.PositiveSmallIntegerField(help_text="Place in the list, from 1.")
    propensity = models.FloatField(help_text="The probability with which it was shown there.")

    class Meta:
        ordering = ["-shown_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "item", "model_version"], name="explored_once_a_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.item} at {self.position}"


class Incident(models.Model):
    """Something that an operator should know. Repeats of an open one are counted, not added."""

    what = models.CharField(max_length=60, help_text="loader, training, cache, broker, ...")
    message = models.TextField()
    first_seen = models.DateTimeField(auto_now_add=True)
    last_seen = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-last_seen"]
        constraints = [
            models.UniqueConstraint(
                fields=["what"], condition=Q(resolved_at=None), name="one_open_incident_a_cause"
            )
        ]

    def __str__(self) -> str:
        return f"{self.what}: {self.message[:80]}"


class ShelfQuerySet(models.QuerySet["Shelf"]):
    def shown_on(self, day: date) -> Self:
        """Those that are turned on and whose dates, where there are any, include the day."""
        begun = Q(starts_on=None) | Q(starts_on__lte=day)
        return self.filter(begun & (Q(ends_on=None) | Q(ends_on__gte=day)), is_on=True)


class Shelf(models.Model):
    """A row of the front page that an editor made."""

    title = models.CharField(max_length=80)
    blurb = models.CharField(max_length=160, blank=True, help_text="One sentence beside the title.")
    position = models.PositiveSmallIntegerField(default=0, help_text="Lower comes first.")
    is_on = models.BooleanField("shown", default=True)
    starts_on = models.DateField(null=True, blank=True, help_text="Empty: from now on.")
    ends_on = models.DateField(null=True, blank=True, help_text="Last day; empty: for good.")

    objects = ShelfQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name_plural = "shelves"
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="a_shelf_ends_after_it_starts",
                violation_error_message="The last day is before the first.",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Pin(models.Model):
    """One item on an editor's shelf, for good or between two dates."""

    shelf = models.ForeignKey(Shelf, on_delete=models.CASCADE, related_name="pins")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField(default=0, help_text="Lower comes first.")
    note = models.CharField(max_length=120, blank=True, help_text="Why it is here, in a few words.")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True, help_text="Last day.")

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["shelf", "item"], name="an_item_once_a_shelf"),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="a_pin_ends_after_it_starts",
                violation_error_message="The last day is before the first.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} on {self.shelf}"
