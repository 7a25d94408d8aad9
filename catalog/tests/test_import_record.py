"""Every import leaves a record: what it read, what became of it, which cells were empty."""

from pathlib import Path

import pytest

from catalog import importing, starter_catalogue
from catalog.importing import import_source
from catalog.models import ImportRun, Item
from catalog.reading import SourceError
from catalog.tests.source_files import book, movie, write_csv
from catalog.writing import Writer

pytestmark = pytest.mark.django_db


def test_the_record_has_the_counts_and_the_empty_cells_by_column(tmp_path: Path) -> None:
    rows = [
        movie(orig_title="Alien"),
        movie(orig_title="Aliens", genre="", crew=""),
        movie(orig_title="Alien"),
        movie(orig_title="Brazil", genre=" "),
    ]
    path = write_csv(tmp_path / "movies.csv", rows)
    import_source("movie", path, progress=False)

    run = ImportRun.objects.get()
    assert (run.kind, run.location) == ("movie", path)
    assert (run.read, run.new, run.repeated, run.failed) == (4, 3, 1, 0)
    assert (run.missing["genre"], run.missing["crew"]) == (2, 1)
    assert "names" not in run.missing
    assert run.finished_at is not None
    assert run.finished_at >= run.started_at
    assert run.error == ""


def test_an_import_that_is_cut_short_says_so_and_keeps_what_it_had_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_csv(tmp_path / "books.csv", [book(Book=f"Title {n}") for n in range(5)])
    monkeypatch.setattr(importing, "BATCH", 2)
    write = Writer.create

    def stop_at_the_second(self: Writer, rows: list) -> None:
        if Item.objects.exists():
            raise KeyboardInterrupt
        write(self, rows)

    monkeypatch.setattr(Writer, "create", stop_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        import_source("book", path, progress=False)

    run = ImportRun.objects.get()
    assert (run.finished_at, run.error, run.new) == (None, "KeyboardInterrupt", 2)


def test_a_source_that_is_refused_leaves_no_record(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        import_source("book", str(tmp_path / "nothing.csv"), progress=False)
    assert not ImportRun.objects.exists()


def test_the_starter_catalogue_is_recorded_too() -> None:
    starter_catalogue.seed(progress=False)
    assert set(ImportRun.objects.values_list("source", "location")) == {
        ("starter", "movies.csv"),
        ("starter", "tracks.csv"),
        ("starter", "books.csv"),
    }
