"""What exists: items of three kinds, their genres, moods, creators and kinships."""

from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from catalog.text import normalise


class Kind(models.TextChoices):
    """The three domains. The value is used in URLs, the API and the model artifacts."""

    MOVIE = "movie", "Movie"
    TRACK = "track", "Track"
    BOOK = "book", "Book"


class Role(models.TextChoices):
    ACTOR = "actor", "Actor"
    DIRECTOR = "director", "Director"
    ARTIST = "artist", "Artist"
    COMPOSER = "composer", "Composer"
    AUTHOR = "author", "Author"


# Whose names stand under a title: those in the first of these roles that anybody has.
BYLINE_ROLES: dict[Kind, tuple[Role, ...]] = {
    Kind.MOVIE: (Role.DIRECTOR, Role.ACTOR),
    Kind.TRACK: (Role.ARTIST, Role.COMPOSER),
    Kind.BOOK: (Role.AUTHOR,),
}


class Genre(models.Model):
    """A genre name as its source spells it; the same name in two kinds is one genre."""

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=90, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Creator(models.Model):
    """A person or band. Names are the sources' own; equal names are one creator.

    "J.K. Rowling" and "J. K. Rowling" are two rows with one `name_key`, and one page.
    """

    name = models.CharField(max_length=300, unique=True)
    name_key = models.CharField(max_length=300, editable=False, db_index=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.name_key = creator_key(self.name)
        super().save(*args, **kwargs)  # type: ignore[arg-type]


def creator_key(name: str) -> str:
    """The normal form of a creator's name; a name without letters or digits ("!!!") is its own."""
    return normalise(name)[:300] or name.casefold()[:300]


class ItemQuerySet(models.QuerySet["Item"]):
    def of_kind(self, kind: str) -> Self:
        return self.filter(kind=kind)

    def titled_like(self, query: str) -> Self:
        """Items whose title has every word of `query`, accents and case aside."""
        found = self
        for word in normalise(query).split():
            found = found.filter(title_key__contains=word)
        return found

    def with_cards(self) -> Self:
        """Everything that a card shows, in a fixed number of queries."""
        return self.select_related("picture").prefetch_related(
            "genres",
            models.Prefetch("credits", queryset=Credit.objects.select_related("creator")),
        )


class Item(models.Model):
    """What every kind has. `item_id` is public and stable: it never changes once given."""

    item_id = models.CharField(max_length=80, unique=True, editable=False)
    kind = models.CharField(max_length=5, choices=Kind, editable=False)
    title = models.CharField(max_length=500)
    title_key = models.CharField(max_length=500, editable=False, db_index=True)
    description = models.TextField(blank=True)
    year = models.SmallIntegerField(null=True, blank=True, db_index=True)
    release_date = models.DateField(null=True, blank=True)
    language = models.CharField(max_length=120, blank=True)
    country = models.CharField(max_length=80, blank=True)
    popularity = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text="0 to 100 as the source tells it: a movie's score, a track's popularity, "
        "a book's number of ratings on a logarithmic scale. Empty where no source tells.",
    )
    moods = models.JSONField(default=list, blank=True, help_text="A list of mood words.")
    own_moods = models.BooleanField(
        default=False,
        verbose_name="own moods",
        help_text="The moods were told by the source or by an editor: the vocabulary's rules "
        "leave them alone.",
    )
    themes = models.JSONField(
        default=list, blank=True, help_text="A list of themes, from the vocabulary's rules."
    )
    genres = models.ManyToManyField(Genre, related_name="items", blank=True)
    creators = models.ManyToManyField(Creator, through="Credit", related_name="items")
    source = models.CharField(max_length=40, editable=False)
    row_hash = models.CharField(
        max_length=32,
        blank=True,
        editable=False,
        help_text="Fingerprint of the cleaned row that was imported, to tell changed from same.",
    )
    added_at = models.DateTimeField(auto_now_add=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ["title", "item_id"]
        indexes = [
            models.Index(fields=["kind", "title"]),
            models.Index(fields=["kind", "-popularity"]),
            models.Index(fields=["title", "item_id"]),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.year})" if self.year is not None else self.title

    def save(self, *args: object, **kwargs: object) -> None:
        self.title_key = normalise(self.title)[:500]
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def get_absolute_url(self) -> str:
        return reverse("catalog:item", args=[self.item_id])

    def names_of(self, *roles: str) -> list[str]:
        """Names of the creators in these roles, in billing order (uses prefetched credits)."""
        return [credit.creator.name for credit in self.credits.all() if credit.role in roles]

    @property
    def billed(self) -> list[Creator]:
        """Director, artist or author: who stands under a title (uses prefetched credits)."""
        for role in BYLINE_ROLES[Kind(self.kind)]:
            creators = [credit.creator for credit in self.credits.all() if credit.role == role]
            if creators:
                return creators[:3]
        return []

    @property
    def byline(self) -> str:
        """The one line under a title."""
        return ", ".join(creator.name for creator in self.billed)


class Movie(Item):
    original_title = models.CharField(max_length=500, blank=True)
    status = models.CharField(max_length=40, blank=True)
    score = models.FloatField(null=True, blank=True, help_text="0 to 100.")
    budget = models.FloatField(null=True, blank=True, help_text="US dollars.")
    revenue = models.FloatField(null=True, blank=True, help_text="US dollars.")


class Track(Item):
    track_id = models.CharField(max_length=40, blank=True)
    album = models.CharField(max_length=500, blank=True)
    duration_minutes = models.FloatField(null=True, blank=True)
    explicit = models.BooleanField(null=True, blank=True)
    danceability = models.FloatField(null=True, blank=True)
    energy = models.FloatField(null=True, blank=True)
    key = models.SmallIntegerField(null=True, blank=True, help_text="Pitch class, 0 = C.")
    loudness = models.FloatField(null=True, blank=True, help_text="Decibels.")
    mode = models.SmallIntegerField(null=True, blank=True, help_text="1 major, 0 minor.")
    speechiness = models.FloatField(null=True, blank=True)
    acousticness = models.FloatField(null=True, blank=True)
    instrumentalness = models.FloatField(null=True, blank=True)
    liveness = models.FloatField(null=True, blank=True)
    valence = models.FloatField(null=True, blank=True)
    tempo = models.FloatField(null=True, blank=True, help_text="Beats a minute.")
    time_signature = models.SmallIntegerField(null=True, blank=True)


class Book(Item):
    rating = models.FloatField(null=True, blank=True, help_text="Average, 0 to 5.")
    num_ratings = models.PositiveIntegerField(null=True, blank=True)
    url = models.URLField(max_length=500, blank=True)


class Credit(models.Model):
    """One creator's part in one item; `position` is the billing order within the item."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="credits")
    creator = models.ForeignKey(Creator, on_delete=models.CASCADE, related_name="credits")
    role = models.CharField(max_length=8, choices=Role)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["item", "creator", "role"], name="one_credit_a_role")
        ]

    def __str__(self) -> str:
        return f"{self.creator} ({self.role}) in {self.item}"


class Relation(models.TextChoices):
    """Reads from `origin` to `derived`: the film is *based on* the book."""

    BASED_ON = "based_on", "based on"
    COMPOSED_FOR = "composed_for", "composed for"
    FEATURED_IN = "featured_in", "featured in"
    INSPIRED_BY = "inspired_by", "inspired by"


class KinshipQuerySet(models.QuerySet["Kinship"]):
    def touching(self, item: Item) -> Self:
        return self.filter(Q(derived=item) | Q(origin=item)).select_related("derived", "origin")


class Kinship(models.Model):
    """A fact that joins two works, mostly of two kinds: `derived` is `relation` `origin`."""

    derived = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="derived_from")
    relation = models.CharField(max_length=12, choices=Relation)
    origin = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="gave_rise_to")

    objects = KinshipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["derived", "relation", "origin"], name="one_kinship_a_relation"
            ),
            models.CheckConstraint(
                condition=~Q(derived=models.F("origin")), name="no_kinship_with_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.derived} {self.get_relation_display()} {self.origin}"
