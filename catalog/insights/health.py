"""How well the catalogue is filled: missing fields by kind, repeats, and what imports did."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse

from catalog import duplicates
from catalog.charts import Bar, Bars, Mark
from catalog.cleaning import NO_DESCRIPTION, UNKNOWN_GENRE
from catalog.insights.chart import Chart, Heading
from catalog.insights.words import counted, shares_as, with_commas
from catalog.models import Book, Credit, ImportRun, Item, Kind, Movie, Picture, Role, Track
from catalog.pictures import providers
from catalog.revision import Kept
from catalog.wording import NOUNS, PLURAL

NAMES = {Kind.MOVIE: "missing-movies", Kind.TRACK: "missing-music", Kind.BOOK: "missing-books"}
RUNS_SHOWN = 12

_MODELS: dict[str, type[Item]] = {Kind.MOVIE: Movie, Kind.TRACK: Track, Kind.BOOK: Book}
_PEOPLE = {
    Kind.MOVIE: ("People", (Role.ACTOR, Role.DIRECTOR)),
    Kind.TRACK: ("Artist or composer", (Role.ARTIST, Role.COMPOSER)),
    Kind.BOOK: ("Author", (Role.AUTHOR,)),
}


@dataclass(frozen=True, slots=True)
class Field:
    """A column, and the lookups that find the items without it, also in the admin's list."""

    label: str
    lookup: str
    value: object = True

    @property
    def query(self) -> Q:
        return Q(**{self.lookup: self.value})

    @property
    def in_admin(self) -> str:
        """The value as the admin's address takes it."""
        return ",".join(self.value) if isinstance(self.value, list) else str(self.value)


def _empty(label: str, name: str) -> Field:
    return Field(label, f"{name}__exact", "")


def _null(label: str, name: str) -> Field:
    return Field(label, f"{name}__isnull")


_DESCRIPTION = Field("Description", "description__in", ["", NO_DESCRIPTION])
_SHARED = (
    _null("Year", "year"), _empty("Language", "language"), _null("Popularity", "popularity")
)  # fmt: skip
_FIELDS: dict[str, tuple[Field, ...]] = {
    Kind.MOVIE: (
        _DESCRIPTION, *_SHARED, _empty("Country", "country"),
        _empty("Original title", "original_title"), _null("Score", "score"),
        _null("Budget", "budget"), _null("Revenue", "revenue"),
    ),
    Kind.TRACK: (
        *_SHARED, _empty("Album", "album"), _null("Duration", "duration_minutes"),
        _null("Danceability", "danceability"), _null("Energy", "energy"),
        _null("Valence", "valence"), _null("Tempo", "tempo"), _null("Key", "key"),
    ),
    Kind.BOOK: (
        _DESCRIPTION, *_SHARED, _null("Rating", "rating"),
        _null("Number of ratings", "num_ratings"), _empty("Page at the source", "url"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gap:
    """Items of a kind that lack something; `address` is the admin's list of them, if it has one."""

    label: str
    number: int
    address: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    kind: Kind
    total: int
    gaps: tuple[Gap, ...]  # the largest first

    @property
    def noun(self) -> str:
        return NOUNS[self.kind][self.total != 1]


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
        Gap("Genre", total - known),
        Gap(label, total - credited.values("item").distinct().count()),
        Gap("Moods", numbers["no_moods"]),
        Gap("Themes", numbers["no_themes"]),
    ]
    if providers.active():
        found = Picture.objects.filter(item__kind=kind, status=Picture.Status.FOUND)
        gaps.append(Gap("Fetched picture", total - found.count()))
    gaps.sort(key=lambda gap: (-gap.number, gap.label))
    return Health(Kind(kind), total, tuple(gaps))


def _admin(kind: str, field: Field) -> str:
    address = reverse(f"admin:catalog_{kind}_changelist")
    return f"{address}?{urlencode({field.lookup: field.in_admin})}"


def charts(*, staff: bool) -> list[Chart]:
    """Missing fields by kind; for the staff, bars lead to the admin's lists."""
    return [missing(health(kind), staff=staff) for kind in Kind]


def missing(found: Health, *, staff: bool) -> Chart:
    several = NOUNS[found.kind][1]
    title = f"Missing in {PLURAL[found.kind].lower()}"
    return Chart(
        name=NAMES[found.kind],
        title=title,
        takeaway=_missing_takeaway(found),
        counted=found.total,
        noun=several,
        headings=(
            Heading("field", "Field"),
            Heading("missing", f"{several.capitalize()} without it", "whole"),
            Heading("share", f"Share of {several}", "share"),
        ),
        rows=[(gap.label, gap.number, gap.number / found.total) for gap in found.gaps]
        if found.total
        else [],
        drawing=Bars(title, list(_gap_bars(found, staff=staff)), full=1.0),
        css=f"kind-{found.kind.value}",
        notes=[
            "The whole width is all of them. Zeros that stand for “not known” count as missing."
        ],
    )


def _gap_bars(found: Health, *, staff: bool) -> Iterator[Bar]:
    for gap in found.gaps:
        share = gap.number / (found.total or 1)
        name = f"{gap.label}: missing in {counted(gap.number, found.kind)}, {shares_as(share)}"
        shown = f"{with_commas(gap.number)} · {shares_as(share)}" if gap.number else "none"
        address = gap.address if staff and gap.number else ""
        yield Bar(gap.label, share, shown, Mark(name, address))


def _missing_takeaway(found: Health) -> str:
    whole = [gap.label.lower() for gap in found.gaps if not gap.number]
    worst = next((gap for gap in found.gaps if gap.number), None)
    if not found.total:
        return ""
    if worst is None:
        return "Nothing is missing."
    return (
        f"Missing most: {worst.label.lower()}, in {shares_as(worst.number / found.total)} of the "
        f"{NOUNS[found.kind][1]}; {len(whole)} of {len(found.gaps)} fields are known everywhere."
    )


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
