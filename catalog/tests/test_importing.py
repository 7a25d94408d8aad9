"""Rows → database: counts, repeats, updates, failures; and the real files where they are."""

import csv
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import IntegrityError, OperationalError
from django.db.models import Count

from catalog import writing
from catalog.bulk import insert_children
from catalog.import_report import ImportReport, as_table
from catalog.importing import import_source, import_sources
from catalog.models import Book, Creator, Credit, Genre, ImportRun, Item, Movie, Track
from catalog.reading import SourceError
from catalog.revision import revision
from catalog.tests.source_files import Cells, book, movie, track, write_csv

pytestmark = pytest.mark.django_db

Import = Callable[..., ImportReport]


@pytest.fixture
def load(tmp_path: Path) -> Import:
    """Imports rows of one kind from a CSV file made of them; checks that the report adds up."""

    def load(kind: str, *cells: Cells) -> ImportReport:
        location = write_csv(tmp_path / f"{kind}.csv", cells)
        report = import_source(kind, location, failed_rows=tmp_path / "failed.csv", progress=False)
        assert report.adds_up
        return report

    return load


def counts(report: ImportReport) -> dict[str, int]:
    """The counts that are not zero."""
    names = ("read", "new", "updated", "unchanged", "repeated", "failed")
    return {name: getattr(report, name) for name in names if getattr(report, name)}


def failed_rows(report: ImportReport) -> list[Cells]:
    assert report.failed_rows_file is not None
    with report.failed_rows_file.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def some_movies(number: int) -> list[Cells]:
    return [movie(orig_title=f"Film {n}", names=f"Film {n}") for n in range(number)]


# --- what is stored --------------------------------------------------------------------------


def test_a_movie_is_stored_with_its_genres_and_people_in_billing_order(load: Import) -> None:
    assert counts(load("movie", movie())) == {"read": 1, "new": 1}
    found = Movie.objects.get()
    assert (found.title, found.title_key, found.year) == ("The Lantern", "the lantern", 2021)
    assert (found.source, found.score, found.status) == ("imdb", 73.0, "Released")
    assert {genre.slug for genre in found.genres.all()} == {"drama", "mystery"}
    assert found.names_of("actor") == ["Ada Moor", "Ben Lisle"]
    assert found.moods


def test_a_track_and_a_book_are_stored_in_their_own_tables(load: Import) -> None:
    load("track", track())
    load("book", book())
    stored_track, stored_book = Track.objects.get(), Book.objects.get()
    assert (stored_track.valence, stored_track.explicit, stored_track.album) == (0.1, False, "Quay")
    assert "melancholic" in stored_track.moods
    assert (stored_book.num_ratings, stored_book.byline) == (5_691_311, "I. Varga")
    assert Item.objects.count() == 2


def test_genres_that_are_spelled_alike_are_one_genre_across_kinds(load: Import) -> None:
    load("book", book(Genres="['Folk']"))
    load("track", track(track_genre="folk"))
    assert Genre.objects.get(slug="folk").items.count() == 2


def test_a_genre_whose_slug_someone_changed_is_still_found_by_its_name(load: Import) -> None:
    Genre.objects.create(name="Drama", slug="plays-and-drama")
    load("movie", movie(genre="Drama"))
    assert Movie.objects.get().genres.get().slug == "plays-and-drama"


def test_movies_without_crew_share_no_creator(load: Import) -> None:
    load("movie", *(cells | {"crew": ""} for cells in some_movies(3)))
    assert Creator.objects.count() == 0


# --- again -----------------------------------------------------------------------------------


def test_a_second_run_writes_nothing_but_its_record(
    load: Import, django_assert_num_queries: Callable[..., Iterator[None]]
) -> None:
    cells = some_movies(5)
    load("movie", *cells)
    revision_before = revision()
    # One query to read; the record is begun and ended.
    with django_assert_num_queries(3):  # type: ignore[attr-defined]
        report = load("movie", *cells)
    assert counts(report) == {"read": 5, "unchanged": 5}
    assert revision() == revision_before


def test_one_changed_row_is_the_only_one_updated(load: Import) -> None:
    cells = some_movies(5)
    load("movie", *cells)
    before = Movie.objects.get(title="Film 2")
    cells[2] |= {"score": "12", "genre": "Comedy", "crew": "Cy Dow, Fox, Ada Moor, Keeper"}
    assert counts(load("movie", *cells)) == {"read": 5, "updated": 1, "unchanged": 4}
    after = Movie.objects.get(title="Film 2")
    assert (after.pk, after.item_id, after.added_at) == (before.pk, before.item_id, before.added_at)
    assert (after.score, after.popularity) == (12.0, 12.0)
    assert [genre.name for genre in after.genres.all()] == ["Comedy"]
    assert after.names_of("actor") == ["Cy Dow", "Ada Moor"]
    assert Movie.objects.get(title="Film 1").names_of("actor") == ["Ada Moor", "Ben Lisle"]
    assert counts(load("movie", *cells)) == {"read": 5, "unchanged": 5}


# --- repeats ---------------------------------------------------------------------------------


def test_a_movie_row_that_repeats_another_leaves_the_first(load: Import) -> None:
    cells = [movie(revenue="5"), movie(revenue="9")]
    assert counts(load("movie", *cells)) == {"read": 2, "new": 1, "repeated": 1}
    assert Movie.objects.get().revenue == 5.0
    assert counts(load("movie", *cells)) == {"read": 2, "unchanged": 1, "repeated": 1}


def test_a_book_row_that_repeats_another_leaves_the_first(load: Import) -> None:
    cells = [book(Num_Ratings="5"), book(Num_Ratings="9"), book(Author="A. Other")]
    assert counts(load("book", *cells)) == {"read": 3, "new": 2, "repeated": 1}
    assert Book.objects.get(credits__creator__name="I. Varga").num_ratings == 5


def test_a_track_under_several_genres_is_one_track_with_all_of_them(load: Import) -> None:
    others = [track(track_id=f"other{n}", track_genre="pop") for n in range(1500)]
    cells = [track(), *others, track(track_genre="sad"), track(track_genre="folk")]
    assert counts(load("track", *cells)) == {"read": 1503, "new": 1501, "repeated": 2}
    found = Track.objects.get(track_id="t1")
    assert {genre.name for genre in found.genres.all()} == {"folk", "sad"}
    assert counts(load("track", *cells)) == {"read": 1503, "unchanged": 1501, "repeated": 2}


def test_a_failed_row_gives_no_genre_to_the_track_that_it_repeats(load: Import) -> None:
    report = load("track", track(), track(track_genre="sad", energy="loud"))
    assert counts(report) == {"read": 2, "new": 1, "failed": 1}
    assert [genre.name for genre in Track.objects.get().genres.all()] == ["folk"]


# --- failures --------------------------------------------------------------------------------


def test_a_garbage_row_fails_alone_and_is_written_down_with_a_reason(load: Import) -> None:
    cells = [*some_movies(3), movie(date_x="soon", orig_title="Bad", names="Bad")]
    report = load("movie", *cells)
    assert counts(report) == {"read": 4, "new": 3, "failed": 1}
    (row,) = failed_rows(report)
    assert row.pop("reason") == "date_x is 'soon', which is not a MM/DD/YYYY date"
    assert row == cells[-1]


def test_no_file_of_failed_rows_is_made_when_none_fail(load: Import, tmp_path: Path) -> None:
    assert load("movie", movie()).failed_rows_file is None
    assert not (tmp_path / "failed.csv").exists()


def test_a_cut_last_row_fails_and_the_rest_is_imported(tmp_path: Path) -> None:
    path = Path(write_csv(tmp_path / "m.csv", some_movies(3)))
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole[: whole.rindex('"Ada Moor') + 12], encoding="utf-8")
    report = import_source("movie", str(path), failed_rows=tmp_path / "failed.csv", progress=False)
    assert counts(report) == {"read": 3, "new": 2, "failed": 1}
    (row,) = failed_rows(report)
    assert "a quote is never closed" in row["reason"]
    assert row["names"] == "Film 2"


def test_a_row_that_the_database_refuses_takes_no_other_row_with_it(
    load: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse_film_3(model: type[Item], keys: list[int], values: list[dict[str, object]]) -> None:
        if any(row["original_title"] == "Film 3" for row in values):
            raise IntegrityError("Film 3 is not welcome")
        insert_children(model, keys, values)

    monkeypatch.setattr(writing, "insert_children", refuse_film_3)
    report = load("movie", *some_movies(6))
    assert counts(report) == {"read": 6, "new": 5, "failed": 1}
    assert failed_rows(report)[0]["reason"] == "the database refused the row: Film 3 is not welcome"
    assert Item.objects.count() == Movie.objects.count() == 5
    assert Credit.objects.count() == 10  # keys learned in the refused batch were not used again


def test_a_database_that_is_away_ends_the_import_and_is_no_failed_row(
    load: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: object) -> None:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(writing, "insert_children", away)
    with pytest.raises(OperationalError):
        load("movie", movie())
    assert Item.objects.count() == 0


def test_nothing_is_written_when_one_of_several_files_is_refused(tmp_path: Path) -> None:
    good = write_csv(tmp_path / "m.csv", [movie()])
    bad = write_csv(tmp_path / "b.csv", [{"Book": "Salt Roads"}])
    with pytest.raises(SourceError, match="has no column Author"):
        import_sources({"movie": good, "book": bad}, progress=False)
    assert Item.objects.count() == 0


# --- report ----------------------------------------------------------------------------------


def test_a_report_with_a_row_unaccounted_for_does_not_add_up() -> None:
    assert ImportReport("x", read=6, new=1, updated=1, unchanged=1, repeated=1, failed=2).adds_up
    assert not ImportReport("x", read=7, new=6).adds_up


def test_reports_are_printed_as_a_table() -> None:
    lines = as_table([ImportReport("Movie", read=10_178, new=10_000, repeated=178)]).splitlines()
    assert lines[0].split() == ["read", "new", "updated", "unchanged", "repeated", "failed"]
    assert lines[1].split() == ["Movie", "10,178", "10,000", "0", "0", "178", "0"]


# --- bulk ------------------------------------------------------------------------------------


def test_more_children_than_fit_in_one_statement_are_all_inserted() -> None:
    parents = Item.objects.bulk_create(
        Item(item_id=f"Book_{n}", kind="book", title=str(n), title_key=str(n), source="t")
        for n in range(1201)
    )
    values = [{"rating": None, "num_ratings": n, "url": ""} for n in range(1201)]
    insert_children(Book, [item.pk for item in parents], values)
    assert Book.objects.count() == 1201
    assert Book.objects.get(item_id="Book_1200").num_ratings == 1200


# --- the real files --------------------------------------------------------------------------


def test_the_real_files_give_the_known_numbers_of_items(real: Path, tmp_path: Path) -> None:
    locations = {
        "movie": str(real / "imdb_movies.csv"),
        "track": str(real / "spotify_tracks.sample.csv"),
        "book": str(real / "goodreads_data.partial.csv"),
    }
    paths = {kind: tmp_path / f"{kind}.csv" for kind in locations}
    started = time.monotonic()
    first = import_sources(locations, failed_rows=paths, progress=False)
    assert time.monotonic() - started < 90
    assert [counts(report) for report in first] == [
        {"read": 10_178, "new": 10_000, "repeated": 178},
        {"read": 11_258, "new": 10_943, "repeated": 314, "failed": 1},
        {"read": 10_000, "new": 9_896, "repeated": 104},
    ]
    assert "no artists, album_name, track_name" in failed_rows(first[1])[0]["reason"]
    films = ImportRun.objects.get(kind="movie")
    assert (films.read, films.missing["genre"], films.missing["crew"]) == (10_178, 85, 56)
    second = import_sources(locations, failed_rows=paths, progress=False)
    assert [(report.new, report.updated) for report in second] == [(0, 0)] * 3
    _check_real_catalogue()


def _check_real_catalogue() -> None:
    assert (Movie.objects.count(), Track.objects.count(), Book.objects.count()) == (
        10_000,
        10_943,
        9_896,
    )
    assert not Creator.objects.filter(name__in=["", "Not Available", "Adonis Creed"]).exists()
    creed = Movie.objects.get(title="Creed III")
    assert creed.names_of("actor")[:2] == ["Michael B. Jordan", "Tessa Thompson"]
    assert Movie.objects.filter(score=None).exists()
    assert not Item.objects.filter(title__contains="\u00a0").exists()
    several = Track.objects.annotate(n=Count("genres")).filter(n__gt=1)
    assert several.count() >= 300
    assert not Track.objects.filter(moods=[]).exists()
