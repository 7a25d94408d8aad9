"""What happened to the catalogue: its revision, and its imports."""

from django.db import models

from catalog.models.items import Kind


class Change(models.Model):
    """One write to the catalogue. Only its number matters: see `catalog.revision`."""

    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Change {self.pk}"


class ImportRun(models.Model):
    """What one import read and wrote; the counts are those of `catalog.import_report`."""

    kind = models.CharField(max_length=5, choices=Kind)
    source = models.CharField(max_length=40)
    location = models.CharField(max_length=500, help_text="File or hub name.")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True, help_text="Empty: it did not end.")
    read = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    repeated = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    missing = models.JSONField(
        default=dict, help_text="Column of the source → rows in which it was empty."
    )
    error = models.CharField(max_length=500, blank=True, help_text="What ended it early.")

    class Meta:
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} from {self.location}, {self.started_at:%-d %B %Y}"
