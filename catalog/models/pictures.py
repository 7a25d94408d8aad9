"""Posters and covers that were fetched from a provider; the drawn cover stays where none was."""

from django.db import models

from catalog.models.items import Item


class Picture(models.Model):
    """What a provider answered for an item: a picture, or that there is none."""

    class Status(models.TextChoices):
        FOUND = "found", "Found"
        MISSING = "missing", "The provider has none"
        FAILED = "failed", "Failed, will be tried again"

    item = models.OneToOneField(Item, on_delete=models.CASCADE, related_name="picture")
    status = models.CharField(max_length=7, choices=Status)
    provider = models.CharField(max_length=40)
    file = models.FileField(upload_to="pictures/", blank=True)
    width = models.PositiveSmallIntegerField(default=0, help_text="Pixels.")
    height = models.PositiveSmallIntegerField(default=0, help_text="Pixels.")
    attribution = models.CharField(max_length=200, blank=True)
    source_page = models.URLField(max_length=500, blank=True)
    tried_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=1)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-tried_at"]
        indexes = [models.Index(fields=["status", "tried_at"])]

    def __str__(self) -> str:
        return f"{self.item}: {self.get_status_display()}"
