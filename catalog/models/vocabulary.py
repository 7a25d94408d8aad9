"""The words that films, music and books share, and the rules that give them to an item."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from catalog.models.items import Kind


class Term(models.Model):
    """A theme (what a work is about) or a mood (how it feels)."""

    class What(models.TextChoices):
        THEME = "theme", "Theme"
        MOOD = "mood", "Mood"

    name = models.CharField(max_length=40, unique=True)
    what = models.CharField(max_length=5, choices=What)
    description = models.CharField(max_length=200, blank=True, help_text="One line for readers.")

    class Meta:
        ordering = ["what", "name"]

    def __str__(self) -> str:
        return self.name


class GenreRule(models.Model):
    """A genre of a kind votes for a term with a weight."""

    kind = models.CharField(max_length=5, choices=Kind)
    genre_slug = models.CharField(max_length=90, help_text="The genre's slug, e.g. indie-pop.")
    term = models.ForeignKey(Term, on_delete=models.CASCADE, related_name="genre_rules")
    weight = models.FloatField(default=1.0, validators=[MinValueValidator(0.0)])

    class Meta:
        ordering = ["kind", "genre_slug", "-weight", "term"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "genre_slug", "term"], name="one_genre_rule_a_term"
            ),
            models.CheckConstraint(condition=Q(weight__gte=0), name="a_genre_vote_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.genre_slug}: {self.term} {self.weight:g}"


class SoundRule(models.Model):
    """A track whose sound is within every bound that is set votes for a term with a weight.

    `from` counts, `below` does not: a value of exactly `energy_below` is outside.
    """

    term = models.ForeignKey(Term, on_delete=models.CASCADE, related_name="sound_rules")
    weight = models.FloatField(default=1.0, validators=[MinValueValidator(0.0)])
    valence_from = models.FloatField(null=True, blank=True)
    valence_below = models.FloatField(null=True, blank=True)
    energy_from = models.FloatField(null=True, blank=True)
    energy_below = models.FloatField(null=True, blank=True)
    danceability_from = models.FloatField(null=True, blank=True)
    danceability_below = models.FloatField(null=True, blank=True)
    acousticness_from = models.FloatField(null=True, blank=True)
    acousticness_below = models.FloatField(null=True, blank=True)
    instrumentalness_from = models.FloatField(null=True, blank=True)
    instrumentalness_below = models.FloatField(null=True, blank=True)
    tempo_from = models.FloatField(null=True, blank=True, help_text="Beats a minute.")
    tempo_below = models.FloatField(null=True, blank=True, help_text="Beats a minute.")

    class Meta:
        ordering = ["term", "-weight"]
        constraints = [
            models.CheckConstraint(condition=Q(weight__gte=0), name="a_sound_vote_is_not_negative")
        ]

    def __str__(self) -> str:
        return f"Sound: {self.term} {self.weight:g}"
