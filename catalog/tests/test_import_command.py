"""`import_catalog` and `seed_starter` as a person runs them."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from catalog.models import Item
from catalog.tests.source_files import book, movie, track, write_csv

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("import_catalog", *arguments, stdout=output)
    return output.getvalue()


def test_it_imports_the_kinds_that_are_given_and_prints_a_table(tmp_path: Path) -> None:
    movies = write_csv(tmp_path / "m.csv", [movie()])
    tracks = write_csv(tmp_path / "t.csv", [track(), track(track_genre="sad")])
    lines = [line.split() for line in run("--movies", movies, "--tracks", tracks).splitlines()]
    assert lines[1:] == [
        ["Movie", "1", "1", "0", "0", "0", "0"],
        ["Track", "2", "1", "0", "0", "1", "0"],
    ]
    assert Item.objects.count() == 2


def test_it_asks_what_to_import_when_nothing_is_given() -> None:
    with pytest.raises(CommandError, match="Say what to import"):
        run()


def test_a_refused_file_ends_it_with_one_sentence_and_nothing_written(tmp_path: Path) -> None:
    movies = write_csv(tmp_path / "m.csv", [movie()])
    books = write_csv(tmp_path / "b.csv", [book(Book="Café")], encoding="latin-1")
    with pytest.raises(CommandError, match="not UTF-8 text") as refusal:
        run("--movies", movies, "--books", books)
    assert "\n" not in str(refusal.value)
    assert Item.objects.count() == 0


def test_failed_rows_go_to_the_path_that_is_given(tmp_path: Path) -> None:
    books = write_csv(tmp_path / "b.csv", [book(), book(Book="")])
    failed = tmp_path / "out" / "bad.csv"
    assert str(failed) in run("--books", books, "--failed-rows", str(failed))
    assert "Book is empty" in failed.read_text(encoding="utf-8")


def test_failed_rows_of_several_sources_go_to_a_file_each(tmp_path: Path) -> None:
    books = write_csv(tmp_path / "b.csv", [book(Book="")])
    movies = write_csv(tmp_path / "m.csv", [movie(names="")])
    run("--books", books, "--movies", movies, "--failed-rows", str(tmp_path / "bad.csv"))
    assert "Book is empty" in (tmp_path / "bad-book.csv").read_text(encoding="utf-8")
    assert "names is empty" in (tmp_path / "bad-movie.csv").read_text(encoding="utf-8")


def test_failed_rows_go_to_the_data_directory_by_default(tmp_path: Path) -> None:
    books = write_csv(tmp_path / "b.csv", [book(Book="")])
    with override_settings(DATA_DIR=tmp_path / "data"):
        run("--books", books)
    assert (tmp_path / "data" / "imports" / "goodreads-failed.csv").exists()


def test_the_hub_option_takes_the_hubs_names_but_for_what_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, str] = {}
    monkeypatch.setattr(
        "catalog.management.commands.import_catalog.import_sources",
        lambda locations, **options: asked.update(locations) or [],
    )
    run("--hub", "--books", "books.csv")
    assert asked == {
        "movie": "ExecuteAutomation/ImdbMovieDataSet",
        "track": "maharshipandya/spotify-tracks-dataset",
        "book": "books.csv",
    }


def test_the_bar_is_hidden_where_stderr_is_no_terminal_and_shown_on_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    movies = write_csv(tmp_path / "m.csv", [movie()])
    run("--movies", movies)
    assert "rows" not in capsys.readouterr().err
    run("--movies", movies, "--progress")
    assert "1 rows" in capsys.readouterr().err
