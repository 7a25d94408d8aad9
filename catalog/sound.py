"""How a track sounds, against the average of its genre: seven measures from 0 to 100."""

from dataclasses import dataclass

from django.db.models import Avg, Count
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from catalog.charts.radar import Axis, Radar
from catalog.models import Genre, Item, Track
from catalog.revision import Kept

ENOUGH = 5  # tracks of a genre, before their average tells anything

MEASURES = {
    "danceability": gettext_lazy("Danceable"),
    "energy": gettext_lazy("Energetic"),
    "valence": gettext_lazy("Cheerful"),
    "acousticness": gettext_lazy("Acoustic"),
    "instrumentalness": gettext_lazy("Instrumental"),
    "speechiness": gettext_lazy("Spoken"),
    "liveness": pgettext_lazy("recorded before an audience", "Live"),
}


@dataclass(frozen=True)
class Measure:
    """Both 0 to 100; `average` is None where the genre has none."""

    label: str
    value: int
    average: int | None


@dataclass(frozen=True)
class Sound:
    """`genre` is what the track is held against, the average of `tracks`; None without one."""

    measures: list[Measure]
    genre: Genre | None
    tracks: int
    drawing: SafeString


@dataclass(frozen=True)
class Average:
    """Of a genre's tracks that have measures; by the name of the measure, 0 to 1."""

    tracks: int
    values: dict[str, float | None]


def read_averages() -> dict[int, Average]:
    """By the genre's key, in one query."""
    means = [Avg(f"item__track__{name}") for name in MEASURES]
    measured = Item.genres.through.objects.filter(item__track__energy__isnull=False)
    rows = measured.values_list("genre_id").annotate(Count("item_id"), *means)
    return {
        genre: Average(tracks, dict(zip(MEASURES, values, strict=True)))
        for genre, tracks, *values in rows
        if tracks >= ENOUGH
    }


averages = Kept(read_averages)


def sound_of(track: Track, genres: list[Genre]) -> Sound | None:
    """None where nothing of its sound is known. Of several genres the one with most tracks is
    what it is held against."""
    known = {name: value for name in MEASURES if (value := getattr(track, name)) is not None}
    if not known:
        return None
    held = averages.get()
    genre = max(
        (genre for genre in genres if genre.pk in held),
        key=lambda genre: held[genre.pk].tracks,
        default=None,
    )
    average = held[genre.pk] if genre else Average(0, {})
    measures = [
        Measure(str(MEASURES[name]), _percent(value), _average(average, name))
        for name, value in known.items()
    ]
    return Sound(measures, genre, average.tracks, _drawing(measures, genre))


def _average(average: Average, name: str) -> int | None:
    value = average.values.get(name)
    return None if value is None else _percent(value)


def _percent(value: float) -> int:
    return round(100 * min(max(value, 0.0), 1.0))


def _drawing(measures: list[Measure], genre: Genre | None) -> SafeString:
    axes = [
        Axis(
            measure.label,
            measure.value / 100,
            str(measure.value),
            None if measure.average is None else measure.average / 100,
        )
        for measure in measures
    ]
    title = _("How it sounds, from 0 to 100")
    return Radar("sound", title, "; ".join(_said(one, genre) for one in measures), axes).svg()


def _said(measure: Measure, genre: Genre | None) -> str:
    values = {"label": measure.label, "value": measure.value}
    if genre is None or measure.average is None:
        return _("%(label)s %(value)s") % values
    values |= {"average": measure.average, "genre": genre.name}
    return _("%(label)s %(value)s, average of %(genre)s %(average)s") % values
