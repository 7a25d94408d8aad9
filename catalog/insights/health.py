"""How well the catalogue is filled: missing fields by kind, repeats, and what imports did."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import duplicates
from catalog.charts import Bar, Bars, Mark
from catalog.cleaning import NO_DESCRIPTION, UNKNOWN_GENRE
from catalog.insights.chart import Chart, Heading
from catalog.insights.words import counted, sentence, shares_as, with_commas
from catalog.models import Book, Credit, ImportRun, Item, Kind, Movie, Picture, Role, Track
from catalog.pictures import providers
from catalog.revision import Kept
from catalog.wording import counted as noun_of
from catalog.wording import nouns, plural

NAMES = {Kind.MOVIE: "missing-movies", Kind.TRACK: "missing-music", Kind.BOOK: "missing-books"}
RUNS_SHOWN = 12

_MODELS: dict[str, type[Item]] = {Kind.MOVIE: Movie, Kind.TRACK: Track, Kind.BOOK: Book}
_PEOPLE = {
    Kind.MOVIE: (gettext_lazy("People"), (Role.ACTOR, Role.DIRECTOR)),
    Kind.TRACK: (gettext_lazy("Artist or composer"), (Role.ARTIST, Role.COMPOSER)),
    Kind.BOOK: (gettext_lazy("Author"), (Role.AUTHOR,)),
}


@dataclass(frozen=True, slots=True)
class Field:
    """A column, and the lookups that find the items without it, also in the admin's list."""

    label: Promise
    lookup: str
    value: object = True

    @property
    def query(self) -> Q:
        return Q(**{self.lookup: self.value})

    @property
    def in_admin(self) -> str:
        """The value as the admin's address takes it."""
        return ",".join(self.value) if isinstance(self.value, list) else str(self.value)


def _empty(label: Promise, name: str) -> Field:
    return Field(label, f"{name}__exact", "")


def _null(label: Promise, name: str) -> Field:
    return Field(label, f"{name}__isnull")


_DESCRIPTION = Field(gettext_lazy("Description"), "description__in", ["", NO_DESCRIPTION])
_SHARED = (
    _null(gettext_lazy("Year"), "year"),
    _empty(gettext_lazy("Language"), "language"),
    _null(gettext_lazy("Popularity"), "popularity"),
)
_FIELDS: dict[str, tuple[Field, ...]] = {
    Kind.MOVIE: (
        _DESCRIPTION,
        *_SHARED,
        _empty(gettext_lazy("Country"), "country"),
        _empty(gettext_lazy("Original title"), "original_title"),
        _null(gettext_lazy("Score"), "score"),
        _null(gettext_lazy("Budget"), "budget"),
        _null(gettext_lazy("Revenue"), "revenue"),
    ),
    Kind.TRACK: (
        *_SHARED,
        _empty(gettext_lazy("Album"), "album"),
        _null(gettext_lazy("Duration"), "duration_minutes"),
        _null(gettext_lazy("Danceability"), "danceability"),
        _null(gettext_lazy("Energy"), "energy"),
        _null(gettext_lazy("Valence"), "valence"),
        _null(gettext_lazy("Tempo"), "tempo"),
        _null(gettext_lazy("Key"), "key"),
    ),
    Kind.BOOK: (
        _DESCRIPTION,
        *_SHARED,
        _null(gettext_lazy("Rating"), "rating"),
        _null(gettext_lazy("Number of ratings"), "num_ratings"),
        _empty(gettext_lazy("Page at the source"), "url"),
    ),
}


@dataclass(frozen=True, slots=True)
class Gap:
    """Items of a kind that lack something; `address` is the admin's list of them, if it has one."""

    label: Promise
    number: int
    address: str = ""

    @property
    def name(self) -> str:
        """`label` in the language of the visitor."""
        return str(self.label)


@dataclass(frozen=True, slots=True)
class Health:
    kind: Kind
    total: int
    gaps: tuple[Gap, ...]

    @property
    def noun(self) -> str:
        return noun_of(self.kind, self.total)


def health(kind: str) -> Health:
    """Of the catalogue as it is (one small query where nothing changed)."""
    return _KEPT[kind].get()


def read(kind: str) -> Health:
    """Counted in the database, in six queries."""
    model = _MODELS[kind]
    fields = _FIELDS[kind]
    numbers = model.objects.aggregate(
        total=Count("pk"),
        no_moods=Count("pk", filter=Q(moods=[])),
        no_themes=Count("pk", filter=Q(themes=[])),
        **{f"gap_{place}": Count("pk", filter=field.query) for place, field in enumerate(fields)},
    )
    total = numbers["total"]
    genres = Item.genres.through.objects.filter(item__kind=kind)
    known = genres.exclude(genre__name=UNKNOWN_GENRE).values("item").distinct().count()
    label, roles = _PEOPLE[Kind(kind)]
    credited = Credit.objects.filter(item__kind=kind, role__in=roles)
    gaps = [
        *(
            Gap(field.label, numbers[f"gap_{place}"], _admin(kind, field))
            for place, field in enumerate(fields)
        ),
        Gap(gettext_lazy("Genre"), total - known),
        Gap(label, total - credited.values("item").distinct().count()),
        Gap(gettext_lazy("Moods"), numbers["no_moods"]),
        Gap(gettext_lazy("Themes"), numbers["no_themes"]),
    ]
    if providers.active():
        found = Picture.objects.filter(item__kind=kind, status=Picture.Status.FOUND)
        gaps.append(Gap(gettext_lazy("Fetched picture"), total - found.count()))
    gaps.sort(key=lambda gap: -gap.number)
    return Health(Kind(kind), total, tuple(gaps))


def _admin(kind: str, field: Field) -> str:
    address = reverse(f"admin:catalog_{kind}_changelist")
    return f"{address}?{urlencode({field.lookup: field.in_admin})}"


def charts(*, staff: bool) -> list[Chart]:
    """Missing fields by kind; for the staff, bars lead to the admin's lists."""
    return [missing(health(kind), staff=staff) for kind in Kind]


def missing(found: Health, *, staff: bool) -> Chart:
    several = nouns(found.kind)
    title = _("Missing in %(kinds)s") % {"kinds": plural(found.kind).lower()}
    gaps = _ranked(found)
    return Chart(
        name=NAMES[found.kind],
        title=title,
        takeaway=_missing_takeaway(found),
        counted=found.total,
        noun=several,
        headings=(
            Heading("field", _("Field")),
            Heading("missing", _("%(kinds)s without it") % {"kinds": sentence(several)}, "whole"),
            Heading("share", _("Share of %(kinds)s") % {"kinds": several}, "share"),
        ),
        rows=[(gap.name, gap.number, gap.number / found.total) for gap in gaps]
        if found.total
        else [],
        drawing=Bars(title, list(_gap_bars(found, staff=staff)), full=1.0),
        css=f"kind-{found.kind.value}",
        notes=[
            _("The whole width is all of them. Zeros that stand for “not known” count as missing.")
        ],
    )


def _ranked(found: Health) -> list[Gap]:
    """The largest first; of equals by what they are called."""
    return sorted(found.gaps, key=lambda gap: (-gap.number, gap.name))


def _gap_bars(found: Health, *, staff: bool) -> Iterator[Bar]:
    for gap in _ranked(found):
        share = gap.number / (found.total or 1)
        name = _("%(field)s: missing in %(titles)s, %(share)s") % {
            "field": gap.name,
            "titles": counted(gap.number, found.kind),
            "share": shares_as(share),
        }
        shown = f"{with_commas(gap.number)} · {shares_as(share)}" if gap.number else _("none")
        address = gap.address if staff and gap.number else ""
        yield Bar(gap.name, share, shown, Mark(name, address))


def _missing_takeaway(found: Health) -> str:
    worst = next((gap for gap in _ranked(found) if gap.number), None)
    if not found.total:
        return ""
    if worst is None:
        return _("Nothing is missing.")
    text = _(
        "Missing most: %(field)s, in %(share)s of the %(kinds)s; %(whole)s of %(all)s fields are "
        "known everywhere."
    )
    return text % {
        "field": worst.name.lower(),
        "share": shares_as(worst.number / found.total),
        "kinds": nouns(found.kind),
        "whole": sum(not gap.number for gap in found.gaps),
        "all": len(found.gaps),
    }


@dataclass(frozen=True, slots=True)
class Run:
    """One import as the page tells it; `missing`: column of the source and empty cells."""

    run: ImportRun
    source: str
    missing: tuple[tuple[str, int], ...]


def runs() -> list[Run]:
    """The newest imports; one query."""
    return [
        Run(run, file_name(run.location), tuple(sorted(run.missing.items(), key=lambda m: -m[1])))
        for run in ImportRun.objects.all()[:RUNS_SHOWN]
    ]


def runs_chart() -> Chart:
    """The newest imports as a table to download."""
    counts = ("read", "new", "updated", "unchanged", "repeated", "failed")
    found = [told.run for told in runs()]
    return Chart(
        name="imports",
        title="The last imports",
        takeaway="",
        counted=len(found),
        noun="imports",
        headings=(
            Heading("kind", "Kind"), Heading("source", "Source"), Heading("location", "From"),
            Heading("started_at", "Started"), Heading("finished_at", "Ended"),
            *(Heading(name, name.capitalize(), "whole") for name in counts),
            Heading("missing", "Empty cells"),
        ),
        rows=[
            (
                run.kind, run.source, file_name(run.location), run.started_at.isoformat(),
                run.finished_at.isoformat() if run.finished_at else None,
                *(getattr(run, name) for name in counts),
                "; ".join(f"{column} {number}" for column, number in sorted(run.missing.items())),
            )
            for run in found
        ],
    )  # fmt: skip


def repeats() -> int:
    """Pairs of items that look like one work, all kinds together."""
    return sum(duplicates.count().values())


def file_name(location: str) -> str:
    """A file without its folder, which is nobody's business; a hub name as it is."""
    path = PurePath(location)
    return path.name if path.is_absolute() or path.suffix else location


_KEPT = {kind.value: Kept(partial(read, kind.value), ahead=False) for kind in Kind}
