"""What curators decide: other names of a work, merges of two rows, pairs that are two works."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from catalog.models.items import Item
from catalog.text import normalise


class Alias(models.Model):
    """Another name that a work is known and found by: a translation, a former title."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=500)
    name_key = models.CharField(max_length=500, editable=False, db_index=True)

    class Meta:
        verbose_name_plural = "aliases"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["item", "name"], name="one_alias_an_item_and_name")
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.name_key = normalise(self.name)[:500]
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class Merge(models.Model):
    """One item was folded into another. Its address redirects; `snapshot` can bring it back.

    The row of the item that went is deleted: no query has to leave merged items out. See
    `catalog.merging` and docs/adr/0015.
    """

    kept = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="merges")
    gone_item_id = models.CharField(max_length=80, db_index=True)
    gone_title = models.CharField(max_length=500)
    snapshot = models.JSONField()
    merged_at = models.DateTimeField()
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-merged_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["gone_item_id"],
                condition=Q(undone_at=None),
                name="an_item_is_merged_away_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.gone_title} into {self.kept}"


class DistinctPair(models.Model):
    """Two items that look like one work and are two: a curator said so. `first` < `second`."""

    first = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="a_distinct_pair_once"),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")), name="the_lower_key_of_a_pair_is_first"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} is not {self.second}"
