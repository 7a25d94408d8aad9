"""What the tests of the archive share: a catalogue with everything in it, and damaged files."""

import csv
import datetime
import hashlib
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.contrib.auth.models import User
from django.db.models import Model

from catalog.archive.changing import delete
from catalog.models import (
    Alias,
    Book,
    Creator,
    Credit,
    DistinctPair,
    Genre,
    GenreRule,
    Item,
    Kinship,
    Merge,
    Movie,
    Relation,
    Role,
    SoundRule,
    Term,
    Track,
)
from catalog.tests.shelves import casablanca, make

LONG_AGO = datetime.datetime(2021, 2, 3, 4, 5, 6, 789, tzinfo=datetime.UTC)
AWKWARD = 'Line one\r\nline "two",\rthree\nfour, =SUM(A1) 東京 🎬 ' + "long " * 40_000

# In the order in which their rows can be deleted.
EVERYTHING: tuple[type[Model], ...] = (
    SoundRule, GenreRule, Term, Merge, DistinctPair, Kinship, Alias, Credit, Item.genres.through,
    Movie, Track, Book, Creator, Genre,
)  # fmt: skip
# How a row that another one points at is told without its key.
_NAMES = {"item": "item_id", "genre": "slug", "creator": "name", "term": "name"}
_NOT_KEPT = {"id", "item_ptr", "merged_by", "undone_by", "snapshot"}


def full_catalogue() -> None:
    """Every table and every column of an archive has something in it, or is empty on purpose."""
    film, song, book = casablanca()
    Item.objects.filter(pk=film.pk).update(
        added_at=LONG_AGO, popularity=0.1 + 0.2, release_date=datetime.date(1942, 11, 26),
        themes=["war & peace", "amour é"], own_moods=True, row_hash="a" * 32, description=AWKWARD,
    )  # fmt: skip
    Movie.objects.filter(pk=film.pk).update(status="Released", revenue=1e-300)
    Track.objects.filter(pk=song.pk).update(
        explicit=False, key=0, mode=1, loudness=-6.75, tempo=1 / 3, time_signature=4, track_id="t"
    )
    Item.objects.filter(pk=book.pk).update(year=-430)
    bogart = Creator.objects.create(name="Humphrey Bogart, Jr.")
    Credit.objects.create(item=film, creator=bogart, role=Role.ACTOR, position=7)
    Credit.objects.create(item=film, creator=bogart, role=Role.COMPOSER, position=0)
    Creator.objects.create(name="Nobody's Creator")
    Genre.objects.create(name="Nothing Yet", slug="nothing-yet")
    Alias.objects.create(item=film, name="Casablanka")
    Alias.objects.create(item=film, name="Alles auf Anfang")
    other = make("movie", "Casablanca Express", item_id="Movie_express")
    Kinship.objects.create(derived=other, relation=Relation.INSPIRED_BY, origin=film)
    DistinctPair.objects.create(first=film, second=other)
    curator = User.objects.create_user("curator")
    Merge.objects.create(
        kept=film, gone_item_id="Movie_gone", gone_title="Casablanca!", merged_at=LONG_AGO,
        merged_by=curator, snapshot={"kept": "Movie_casablanca"},
    )  # fmt: skip
    Merge.objects.create(
        kept=film, gone_item_id="Movie_back", gone_title="B", merged_at=LONG_AGO,
        undone_at=LONG_AGO, snapshot={},
    )  # fmt: skip
    war = Term.objects.create(name="war", what="theme", description='Of war, and of "war".')
    calm = Term.objects.create(name="calm", what="mood")
    GenreRule.objects.create(kind="movie", genre_slug="drama", term=war, weight=0.7)
    GenreRule.objects.create(kind="track", genre_slug="jazz", term=calm)
    SoundRule.objects.create(term=calm, energy_below=0.3, tempo_from=60)
    SoundRule.objects.create(term=calm, weight=2.5, valence_from=0.1, valence_below=0.9)


def contents() -> dict[str, list[dict[str, Any]]]:
    """Every column of every table but the database's own keys; merges that stand only."""
    return {model._meta.label: _rows(model) for model in EVERYTHING}


def _rows(model: type[Model]) -> list[dict[str, Any]]:
    paths = []
    for field in model._meta.concrete_fields:
        if field.name not in _NOT_KEPT:
            other = field.related_model
            name = _NAMES[str(other._meta.model_name)] if isinstance(other, type) else ""
            paths.append(f"{field.name}__{name}" if name else field.name)
    # Of rows that belong to an item, the order among those of the same item is what counts.
    by = ["item__item_id", "pk"] if "item__item_id" in paths else ["pk"]
    rows = model._base_manager.order_by(*by).values(*paths)
    return list(rows.filter(undone_at=None) if model is Merge else rows)


def empty() -> None:
    """Deletes the catalogue, without a signal and an entry in the history for each row."""
    for model in EVERYTHING:
        delete(model._base_manager.all())
        if model is Book:  # the last of the kinds: their shared columns are in a table of its own
            delete(Item.objects.all())


# --- Damage -----------------------------------------------------------------------------------

Rows = list[list[str]]


def rewritten(archive: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """A copy of the archive whose files (name → bytes) went through `change`."""
    with ZipFile(archive) as old:
        files = {name: old.read(name) for name in old.namelist()}
    change(files)
    path = archive.with_name(f"changed-{archive.name}")
    with ZipFile(path, "w", ZIP_DEFLATED) as new:
        for name, content in files.items():
            new.writestr(name, content)
    return path


def with_table(archive: Path, table: str, change: Callable[[Rows], object]) -> Path:
    """A copy whose table (rows of cells, the header first) was changed; checksum and number of
    rows of the manifest are those of the changed table."""

    csv.field_size_limit(max(csv.field_size_limit(), 2 * len(AWKWARD)))  # Python's own is shorter

    def edit(files: dict[str, bytes]) -> None:
        rows = list(csv.reader(io.StringIO(files[f"{table}.csv"].decode(), newline="")))
        change(rows)
        text = io.StringIO(newline="")
        csv.writer(text).writerows(rows)
        files[f"{table}.csv"] = text.getvalue().encode()
        manifest = json.loads(files["manifest.json"])
        digest = hashlib.sha256(files[f"{table}.csv"]).hexdigest()
        manifest["tables"][f"{table}.csv"] = {"rows": len(rows) - 1, "sha256": digest}
        files["manifest.json"] = json.dumps(manifest).encode()

    return rewritten(archive, edit)


def with_cell(archive: Path, table: str, column: str, cell: str, *, row: int = 1) -> Path:
    """A copy with another text in one cell; the first row below the header is 1."""

    def change(rows: Rows) -> None:
        rows[row][rows[0].index(column)] = cell

    return with_table(archive, table, change)


def with_manifest(archive: Path, **changes: Any) -> Path:
    def edit(files: dict[str, bytes]) -> None:
        files["manifest.json"] = json.dumps(json.loads(files["manifest.json"]) | changes).encode()

    return rewritten(archive, edit)


def cut_off(archive: Path, size: int) -> Path:
    """A copy of the first bytes, as a broken download leaves it."""
    path = archive.with_name("cut.zip")
    shutil.copy(archive, path)
    with path.open("r+b") as file:
        file.truncate(size)
    return path


def checksums(path: Path) -> Any:
    with ZipFile(path) as file:
        return json.loads(file.read("manifest.json"))["tables"]
