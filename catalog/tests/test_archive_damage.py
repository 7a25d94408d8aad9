"""A damaged archive is refused with a sentence, and nothing is written."""

from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

from catalog.archive import ArchiveError, import_archive
from catalog.revision import revision
from catalog.tests.archives import (
    checksums,
    contents,
    cut_off,
    empty,
    rewritten,
    with_cell,
    with_manifest,
    with_table,
)

pytestmark = pytest.mark.django_db


def without(name: str) -> Callable[[Path], Path]:
    return lambda archive: rewritten(archive, lambda files: files.__delitem__(name))


def garbled(archive: Path) -> Path:
    """A byte in the middle of the packed data is another one."""
    data = bytearray(archive.read_bytes())
    with ZipFile(archive) as file:
        at = file.getinfo("movies.csv").header_offset + 200
    data[at] ^= 0xFF
    path = archive.with_name("garbled.zip")
    path.write_bytes(data)
    return path


def edited(archive: Path) -> Path:
    """A title mended by hand; the manifest knows nothing of it."""

    def change(files: dict[str, bytes]) -> None:
        files["books.csv"] = files["books.csv"].replace(b"tranger", b"trainger")

    return rewritten(archive, change)


def cell(table: str, column: str, text: str, row: int = 1) -> Callable[[Path], Path]:
    return lambda archive: with_cell(archive, table, column, text, row=row)


def table(name: str, change: Callable[[list[list[str]]], object]) -> Callable[[Path], Path]:
    return lambda archive: with_table(archive, name, change)


DAMAGED = {
    "no zip": (lambda a: a.with_name("x.zip") if a.with_name("x.zip").write_text("Item") else a,
               "is damaged, or no archive of Segue"),
    "cut off": (lambda a: cut_off(a, a.stat().st_size - 40), "is damaged, or no archive of Segue"),
    "absent": (lambda a: a.with_name("absent.zip"), "cannot be read: No such file"),
    "garbled": (garbled, "is damaged"),
    "edited": (edited, "books.csv is not what was exported: its checksum"),
    "no manifest": (without("manifest.json"), "it has no manifest.json"),
    "no table": (without("credits.csv"), "is not whole: credits.csv is missing"),
    "bad manifest": (lambda a: rewritten(a, lambda f: f.update({"manifest.json": b"{"})),
                     "The manifest.json of .* cannot be read"),
    "half a manifest": (lambda a: with_manifest(a, tables={"movies.csv": {}}),
                        "The manifest.json of .* cannot be read"),
    "other format": (lambda a: with_manifest(a, format="songs"), "its format is 'songs'"),
    "newer": (lambda a: with_manifest(a, version=2), "has version 2; this Segue reads version 1"),
    "column": (table("movies", lambda rows: rows[0].__setitem__(0, "id")),
               "movies.csv has the columns id, .* instead of item_id"),
    "short row": (table("genres", lambda rows: rows[2].pop()),
                  "genres.csv, row 2 has 1 cells instead of 2"),
    "number": (cell("movies", "score", "good"), "movies.csv, row 1: score is 'good'.* no number"),
    "infinite": (cell("movies", "budget", "inf"), "budget is 'inf'"),
    "whole number": (cell("tracks", "key", "1.5"), "key is '1.5', which is no whole number"),
    "too large": (cell("books", "year", "40000"), "year is '40000', which is too"),
    "negative": (cell("books", "num_ratings", "-1"), "num_ratings is '-1'"),
    "boolean": (cell("tracks", "explicit", "yes"), "explicit is 'yes', which is neither"),
    "date": (cell("movies", "release_date", "11/26/1942"), "no date of ISO 8601"),
    "time": (cell("movies", "added_at", "2021-02-03T04:05:06"), "without its offset from UTC"),
    "words": (cell("movies", "moods", "tense"), "moods is 'tense', which is no list of words"),
    "no words": (cell("movies", "moods", "[1]"), "moods is '.1.', which is no list of words"),
    "required": (cell("books", "title", ""), "books.csv, row 1: title is empty"),
    "long": (cell("books", "title", "x" * 501), "title has 501 characters; 500 is the most"),
    "nul": (cell("books", "title", "a\0b"), "holds a NUL character"),
    "choice": (cell("credits", "role", "stuntman"), "role is 'stuntman', which is none of its"),
    "unknown item": (cell("credits", "item_id", "Movie_x"),
                     "credits.csv, row 1: item_id is 'Movie_x', which is not among the items"),
    "unknown creator": (cell("credits", "creator", "X"), "'X', which is not among the creators"),
    "unknown genre": (cell("item_genres", "genre", "x"), "'x', which is not among the genres"),
    "unknown term": (cell("sound_rules", "term", "x"), "'x', which is not among the terms"),
    "unknown kin": (cell("kinships", "origin", "x"), "'x', which is not among the items"),
    "itself": (cell("kinships", "derived", "Movie_casablanca"), "joins an item with itself"),
    "item twice": (cell("books", "item_id", "Movie_casablanca"),
                   "books.csv, row 1 is there twice: Movie_casablanca"),
    "row twice": (table("aliases", lambda rows: rows.append(rows[-1])),
                  "aliases.csv, row 3 is there twice"),
    "order": (table("credits", lambda rows: rows.append(rows.pop(1))), "in the order of the items"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_archive_is_refused_with_a_sentence_before_anything_is_written(
    archive: Path, damage: str
) -> None:
    make_worse, sentence = DAMAGED[damage]
    path = make_worse(archive)
    empty()
    state = revision()
    with pytest.raises(ArchiveError, match=sentence) as refusal:
        import_archive(path, progress=False)
    assert str(refusal.value).endswith(".")
    assert "\n" not in str(refusal.value)
    assert not any(contents().values())
    assert revision() == state


def test_a_wrong_number_of_rows_is_noticed(archive: Path) -> None:
    tables = checksums(archive)
    tables["aliases.csv"]["rows"] = 3
    path = with_manifest(archive, tables=tables)
    with pytest.raises(ArchiveError, match="has 2 rows; the manifest says 3"):
        import_archive(path, progress=False)
