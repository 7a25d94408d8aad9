"""The archive: what goes in comes out, twice is once, and a damaged one changes nothing."""

import csv
import threading
from collections.abc import Callable
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import close_old_connections, connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from psycopg2.extensions import TRANSACTION_STATUS_IDLE as STATUS_READY

from catalog import starter_catalogue
from catalog.archive import import_archive, write_archive, writing
from catalog.archive.layout import DERIVED, TABLES
from catalog.import_report import ImportReport
from catalog.importing import import_sources
from catalog.merging import MergeError, current_ids, undo
from catalog.models import (
    Alias,
    Creator,
    Credit,
    Genre,
    ImportRun,
    Item,
    Kinship,
    Merge,
    Movie,
    Term,
)
from catalog.revision import revision
from catalog.tests.archives import (
    AWKWARD,
    LONG_AGO,
    checksums,
    contents,
    empty,
    full_catalogue,
)
from catalog.tests.shelves import make

pytestmark = pytest.mark.django_db


def counts(reports: list[ImportReport], name: str) -> dict[str, int]:
    return {report.label: getattr(report, name) for report in reports if getattr(report, name)}


# --- What goes in comes out -------------------------------------------------------------------


def test_every_table_and_column_of_the_catalogue_is_in_an_archive_or_left_out_on_purpose() -> None:
    kept = {table.model for table in TABLES.values()} | {Item}
    left_out = {"Change", "ImportRun", "Picture"}
    models = set(apps.get_app_config("catalog").get_models(include_auto_created=True))
    assert {model.__name__ for model in models - kept} == left_out
    for table in TABLES.values():
        paths = {column.path.split("__")[0] for column in table.columns.values()}
        fields = {field.name for field in table.model._meta.concrete_fields}
        missing = fields - paths - DERIVED
        assert missing == {
            "redirects": {"snapshot", "merged_by", "undone_at", "undone_by"},
            "movies": {"kind"}, "tracks": {"kind"}, "books": {"kind"},
        }.get(table.name, set()), table.name  # fmt: skip


def test_an_empty_catalogue_becomes_the_one_that_was_exported(archive: Path) -> None:
    before = contents()
    assert all(before.values()), "a table that is empty would prove nothing"
    empty()
    reports = import_archive(archive, progress=False)
    assert contents() == before
    assert all(report.adds_up for report in reports)
    assert counts(reports, "new") == {
        "Movie": 2, "Track": 1, "Book": 1, "Kinships": 2, "Distinct pairs": 1, "Redirects": 1,
        "Vocabulary": 6,
    }  # fmt: skip


def test_its_own_archive_is_the_same_to_the_byte(archive: Path) -> None:
    empty()
    import_archive(archive, progress=False)
    write_archive(archive.with_name("again.zip"), progress=False)
    assert checksums(archive.with_name("again.zip")) == checksums(archive)


def test_texts_numbers_and_times_come_back_as_they_were(archive: Path) -> None:
    empty()
    import_archive(archive, progress=False)
    film = Movie.objects.get(item_id="Movie_casablanca")
    assert (film.description, film.added_at) == (AWKWARD, LONG_AGO)
    assert (film.popularity, film.revenue) == (0.1 + 0.2, 1e-300)
    assert film.themes == ["war & peace", "amour é"]
    assert [credit.position for credit in film.credits.order_by("pk")] == [0, 7, 0]
    assert film.byline == "Michael Curtiz"


def test_a_second_import_writes_nothing(archive: Path) -> None:
    empty()
    import_archive(archive, progress=False)
    before, state = contents(), revision()
    with CaptureQueriesContext(connection) as queries:
        reports = import_archive(archive, progress=False)
    assert contents() == before
    assert revision() == state
    assert not counts(reports, "new")
    assert not counts(reports, "updated")
    writes = [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert all("catalog_importrun" in sql for sql in writes)


def test_the_import_is_in_the_log_of_imports(archive: Path) -> None:
    import_archive(archive, progress=False)
    runs = ImportRun.objects.filter(source="archive", finished_at__isnull=False)
    assert sorted((run.kind, run.read, run.unchanged) for run in runs) == [
        ("book", 1, 1), ("movie", 2, 2), ("track", 1, 1),
    ]  # fmt: skip


def test_pages_do_not_lose_or_repeat_a_row(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = checksums(archive)
    monkeypatch.setattr("catalog.exporting.key_pages.__defaults__", (1,))
    monkeypatch.setattr("catalog.archive.importing.BATCH", 1)
    monkeypatch.setattr("catalog.archive.importing._NAMES", 1)
    write_archive(archive, progress=False)
    assert checksums(archive) == before
    empty()
    import_archive(archive, progress=False)
    write_archive(archive, progress=False)
    assert checksums(archive) == before


def test_the_starter_catalogue_comes_back_whole(tmp_path: Path) -> None:
    starter_catalogue.seed(progress=False)
    before = contents()
    write_archive(tmp_path / "a.zip", progress=False)
    empty()
    import_archive(tmp_path / "a.zip", progress=False)
    assert contents() == before
    again = starter_catalogue.seed(progress=False)
    assert (again.new, again.updated) == (0, 0)


def test_real_rows_come_back_whole(real: Path, tmp_path: Path) -> None:
    names = {
        "movie": "imdb_movies.csv",
        "track": "spotify_tracks.sample.csv",
        "book": "goodreads_data.partial.csv",
    }
    heads = {kind: head(real / name, tmp_path / name) for kind, name in names.items()}
    import_sources(heads, progress=False)
    before = contents()
    write_archive(tmp_path / "a.zip", progress=False)
    empty()
    import_archive(tmp_path / "a.zip", progress=False)
    assert Item.objects.count() > 2_900
    after = contents()
    different = [name for name, rows in before.items() if after[name] != rows]
    assert different == []  # not the tables themselves: pytest would print them


def head(path: Path, out: Path, rows: int = 1_000) -> str:
    """The first rows of a file, in a file of their own."""
    with path.open(encoding="utf-8", newline="") as file, out.open("w", newline="") as copy:
        csv.writer(copy).writerows(islice(csv.reader(file), rows + 1))
    return str(out)


# --- Into a catalogue that has items ----------------------------------------------------------


def test_what_was_edited_since_becomes_what_it_was(archive: Path) -> None:
    before = contents()
    film = Movie.objects.get(item_id="Movie_casablanca")
    film.title, film.status, film.year, film.moods = "Casa", "Lost", None, ["angry"]
    film.save()
    film.genres.clear()
    film.credits.all().delete()
    film.aliases.get(name="Casablanka").delete()
    Item.objects.update(added_at=LONG_AGO)
    Kinship.objects.all().delete()
    reports = import_archive(archive, progress=False)
    assert counts(reports, "updated") == {"Movie": 2, "Track": 1, "Book": 1}
    after = contents()
    assert after == before
    assert Item.objects.get(pk=film.pk).title_key == "casablanca"  # the same row, not a new one


def test_items_that_are_only_here_stay_as_they_are(archive: Path) -> None:
    mine = make("book", "Mine", by="Me", genres=("Drama",), moods=["warm"])
    film = Item.objects.get(item_id="Movie_casablanca")
    kinship = Kinship.objects.create(derived=mine, relation="inspired_by", origin=film)
    before = contents()
    import_archive(archive, progress=False)
    assert contents() == before
    assert Kinship.objects.filter(pk=kinship.pk).exists()


def test_a_kinship_that_is_not_in_the_archive_goes(archive: Path) -> None:
    film, book = (Item.objects.get(item_id=i) for i in ("Movie_casablanca", "Book_stranger"))
    Kinship.objects.create(derived=film, relation="based_on", origin=book)
    import_archive(archive, progress=False)
    assert Kinship.objects.count() == 2


def test_an_item_that_was_merged_away_here_stays_away(archive: Path) -> None:
    film, other = (Item.objects.get(item_id=i) for i in ("Movie_casablanca", "Movie_express"))
    Merge.objects.create(
        kept=film, gone_item_id="Movie_express", gone_title="E", merged_at=LONG_AGO, snapshot={}
    )
    other.delete()
    reports = import_archive(archive, progress=False)
    assert not Item.objects.filter(item_id="Movie_express").exists()
    # The item, its kinship and its pair.
    assert counts(reports, "repeated") == {"Movie": 1, "Kinships": 1, "Distinct pairs": 1}


def test_a_redirect_does_not_hide_an_item_that_is_here(archive: Path) -> None:
    empty()
    make("movie", "Here", item_id="Movie_gone")
    reports = import_archive(archive, progress=False)
    assert counts(reports, "repeated") == {"Redirects": 1}
    assert not Merge.objects.exists()


def test_a_redirect_from_an_archive_leads_on_and_is_not_undone(archive: Path) -> None:
    empty()
    import_archive(archive, progress=False)
    assert current_ids(["Movie_gone"]) == {"Movie_gone": "Movie_casablanca"}
    with pytest.raises(MergeError, match="in an archive"):
        undo(merge=Merge.objects.get(), by=None)
    assert Merge.objects.filter(undone_at=None).exists()


def test_a_genre_of_the_same_name_under_another_slug_is_that_genre(archive: Path) -> None:
    empty()
    jazz = Genre.objects.create(name="Jazz", slug="all-that-jazz")
    for _ in range(2):
        reports = import_archive(archive, progress=False)
    assert not counts(reports, "updated")
    assert Item.objects.get(item_id="Music_time").genres.get() == jazz


def test_the_vocabulary_becomes_the_archives_as_a_whole(archive: Path) -> None:
    before = contents()
    Term.objects.filter(name="war").update(description="Changed.")
    Term.objects.create(name="mine", what="mood")
    import_archive(archive, progress=False)
    assert contents() == before


def test_an_archive_without_vocabulary_leaves_the_one_that_is_here(tmp_path: Path) -> None:
    make("book", "A")
    write_archive(tmp_path / "a.zip", progress=False)
    Term.objects.create(name="mine", what="mood")
    import_archive(tmp_path / "a.zip", progress=False)
    assert Term.objects.get().name == "mine"


def test_creators_are_made_once_and_found_by_their_normal_name(archive: Path) -> None:
    Credit.objects.all().delete()
    import_archive(archive, progress=False)
    assert Creator.objects.count() == 5
    assert Creator.objects.get(name="Humphrey Bogart, Jr.").name_key == "humphrey bogart jr"
    assert Alias.objects.get(name="Casablanka").name_key == "casablanka"


# --- One moment -------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_an_export_holds_the_catalogue_of_one_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("the test database of SQLite is in memory, where readers lock writers out")
    make("book", "Before", by="One")
    write = writing._write

    def write_and_disturb(file: ZipFile, table: Any, bar: Any) -> dict[str, Any]:
        told = write(file, table, bar)
        if table.name == "creators":
            in_thread(lambda: make("book", "Meanwhile", by="Two", genres=("New",)))
        return told

    monkeypatch.setattr(writing, "_write", write_and_disturb)
    rows = write_archive(tmp_path / "a.zip", progress=False)
    assert Item.objects.count() == 2
    assert (rows["books.csv"], rows["creators.csv"], rows["credits.csv"]) == (1, 1, 1)
    import_archive(tmp_path / "a.zip", progress=False)  # nothing in it points at what is not


@pytest.mark.django_db(transaction=True)
def test_the_moment_is_over_when_the_export_is_also_when_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    within: list[bool] = []

    def fail(*_: object) -> None:
        within.append(in_transaction())
        raise OSError("the disk is full")

    monkeypatch.setattr(writing, "_manifest", fail)
    with pytest.raises(OSError, match="disk"):
        write_archive(tmp_path / "a.zip", progress=False)
    assert within == [True]
    assert not in_transaction()
    with transaction.atomic():  # SQLite would refuse one inside of another
        make("book", "After")
    assert Item.objects.count() == 1


def in_transaction() -> bool:
    """Whether the database itself says so."""
    raw = connection.connection
    if connection.vendor == "postgresql":
        return bool(raw.get_transaction_status() != STATUS_READY)
    return bool(raw.in_transaction)


def in_thread(work: Callable[[], Any]) -> Any:
    """What `work` returns on a connection of its own."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(work())
        finally:
            close_old_connections()
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    return found[0] if found else None


def test_an_export_that_fails_leaves_the_archive_that_was_there(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = archive.read_bytes()

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(writing, "_manifest", fail)
    with pytest.raises(OSError, match="disk"):
        write_archive(archive, progress=False)
    assert archive.read_bytes() == before
    assert [file.name for file in archive.parent.iterdir()] == [archive.name]


# --- The commands -----------------------------------------------------------------------------


def run(*arguments: str) -> str:
    output = StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue()


def test_the_commands_export_and_import_and_say_what_is_left_out(tmp_path: Path) -> None:
    full_catalogue()
    before = contents()
    path = tmp_path / "deep" / "a.zip"
    told = run("export_catalog", "--out", str(path))
    assert ["movies.csv", "2"] in [line.split() for line in told.splitlines()]
    assert "Left out: pictures" in told
    empty()
    lines = [line.split() for line in run("import_archive", str(path)).splitlines()]
    assert ["Movie", "2", "2", "0", "0", "0", "0"] in lines
    assert contents() == before


def test_the_command_says_when_items_here_need_the_archives_vocabulary(archive: Path) -> None:
    assert "apply_vocabulary" not in run("import_archive", str(archive))
    Term.objects.filter(name="war").update(description="Changed.")
    assert "apply_vocabulary" not in run("import_archive", str(archive))
    make("book", "Mine")
    Term.objects.filter(name="war").update(description="Changed.")
    assert "run manage.py apply_vocabulary" in run("import_archive", str(archive))


def test_the_archive_goes_to_the_data_directory_by_default(tmp_path: Path) -> None:
    with override_settings(DATA_DIR=tmp_path):
        told = run("export_catalog")
    (file,) = (tmp_path / "exports").iterdir()
    assert file.name.startswith("catalogue-")
    assert str(file) in told


def test_a_refused_archive_ends_the_command_with_the_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        run("import_archive", str(tmp_path / "absent.zip"))
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match="cannot be written"):
        run("export_catalog", "--out", str(tmp_path / "file" / "a.zip"))


def test_the_bars_are_shown_on_request(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("import_archive", str(archive))
    assert "Checking" not in capsys.readouterr().err
    run("import_archive", str(archive), "--progress")
    told = capsys.readouterr().err
    rows = sum(entry["rows"] for entry in checksums(archive).values())
    assert f"{rows}/{rows}" in told.split("Importing")[-1]
