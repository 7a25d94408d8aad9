"""The sources: reading files, and every cleaning rule."""

import datetime
from pathlib import Path

import pandas as pd
import pytest
from django.test import override_settings

from catalog import cleaning as clean
from catalog.models import Role
from catalog.reading import RawRow, SourceError, cut_records, find_file, open_table
from catalog.sources import BOOKS, MOVIES, TRACKS, CleanRow, FailedRow, Source
from catalog.tests.source_files import Cells, book, movie, track, write_csv


def rows_of(source: Source, location: str) -> list[CleanRow | FailedRow]:
    return list(source.rows(source.open(location)))


def raw_rows(location: str) -> list[RawRow]:
    return list(open_table(location, ()).rows())


# --- files -----------------------------------------------------------------------------------


def test_a_cell_that_looks_like_nothing_stays_the_text_that_it_is(tmp_path: Path) -> None:
    names = ["NA", "null", "None", "nan", "007", "1e5", ""]
    location = write_csv(tmp_path / "a.csv", [{"name": name, "b": "x"} for name in names])
    assert [row.values["name"] for row in raw_rows(location)] == names


def test_quotes_commas_and_line_breaks_inside_a_cell_are_kept(tmp_path: Path) -> None:
    cell = 'one, "two"\nthree'
    location = write_csv(tmp_path / "a.csv", [{"a": cell, "b": "1"}, {"a": "x", "b": cell}])
    assert [row.values for row in raw_rows(location)] == [
        {"a": cell, "b": "1"},
        {"a": "x", "b": cell},
    ]


def test_a_byte_order_mark_is_not_part_of_the_first_column(tmp_path: Path) -> None:
    location = write_csv(tmp_path / "a.csv", [{"a": "é", "b": "1"}], encoding="utf-8-sig")
    assert [row.values for row in raw_rows(location)] == [{"a": "é", "b": "1"}]


def test_parquet_gives_the_same_rows_as_csv(tmp_path: Path) -> None:
    cells = [movie(), movie(names="Other", orig_title="Other", crew="")]
    as_csv = write_csv(tmp_path / "m.csv", cells)
    typed = pd.DataFrame(cells)
    typed = typed.assign(score=[73.0, 73.0], budget_x=[75e6, 75e6], revenue=[271616668.0] * 2)
    typed.loc[1, "crew"] = None
    typed.to_parquet(tmp_path / "m.parquet")
    from_csv = rows_of(MOVIES, as_csv)
    from_parquet = rows_of(MOVIES, str(tmp_path / "m.parquet"))
    assert len(from_csv) == 2
    assert [e.row for e in from_parquet if isinstance(e, CleanRow)] == [
        e.row for e in from_csv if isinstance(e, CleanRow)
    ]


def test_a_data_set_folder_is_found_by_the_same_code_as_a_hub_name(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "goodreads"
    folder.mkdir()
    location = write_csv(folder / "data.csv", [book()])
    with override_settings(HF_CACHE_DIR=tmp_path / "cache"):
        assert find_file(str(folder)) == Path(location)
        assert len(rows_of(BOOKS, str(folder))) == 1


def test_a_hub_that_cannot_be_reached_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*args: object, **options: object) -> None:
        raise ConnectionError("Couldn't reach the Hub")

    monkeypatch.setattr("datasets.load_dataset_builder", unreachable)
    with pytest.raises(SourceError, match=r"import_catalog --movies file\.csv"):
        MOVIES.open(MOVIES.hub_name)


def test_a_missing_column_is_refused_by_name(tmp_path: Path) -> None:
    cells = {name: value for name, value in movie().items() if name not in ("crew", "score")}
    with pytest.raises(SourceError, match=r"has no column score, crew; it has: names, date_x"):
        MOVIES.open(write_csv(tmp_path / "m.csv", [cells]))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "latin-1"])
def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path, encoding: str) -> None:
    location = write_csv(tmp_path / "m.csv", [movie(names="Amélie")], encoding=encoding)
    with pytest.raises(SourceError, match="is not UTF-8 text"):
        MOVIES.open(location)


def test_the_wrong_byte_is_told_by_its_place_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_bytes(b"a,b\n" + "é".encode() * 600_000 + b"\xff\n")
    with pytest.raises(SourceError, match="byte 1200004"):
        open_table(str(path), ())


def test_a_file_cut_within_a_character_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_bytes(b"a,b\n1,caf\xc3")
    with pytest.raises(SourceError, match="ends in the middle of a character"):
        open_table(str(path), ())


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", b"", "is empty"),
        ("a.txt", b"a,b\n", "neither a .csv nor a .parquet"),
        ("a.parquet", b"PAR1 and then nothing", "not a whole Parquet file"),
    ],
)
def test_a_file_that_is_no_table_is_refused(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceError, match=sentence):
        open_table(str(path), ())


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="There is no file"):
        open_table(str(tmp_path / "nothing.csv"), ())


def test_a_last_row_cut_within_quotes_is_the_only_one_that_fails() -> None:
    lines = ["a,b,c", "1,2,3", '4,"cut in the', "middle of it"]
    found = list(cut_records(iter(lines), 3))
    assert [fields for fields, problem in found if not problem] == [
        ["a", "b", "c"],
        ["1", "2", "3"],
    ]
    assert [problem for _, problem in found if problem] == [
        "a quote is never closed: the row is cut or garbled"
    ]
    assert "middle of it" in ",".join(found[-1][0])


def test_a_stray_quote_does_not_take_the_rows_after_it_along() -> None:
    lines = ["1,2", '3,"stray', "5,6", "7,8", '9,"ten"', "11,12"]
    good = [fields for fields, problem in cut_records(iter(lines), 2) if not problem]
    assert good == [["1", "2"], ["5", "6"], ["7", "8"], ["9", "ten"], ["11", "12"]]


def test_a_stray_quote_before_a_hundred_thousand_rows_loses_none_of_them() -> None:
    lines = ['0,"stray', *(f"{n},{n}" for n in range(100_000))]
    found = list(cut_records(iter(lines), 2))
    assert sum(1 for _, problem in found if not problem) == 100_000
    assert sum(1 for _, problem in found if problem) == 1


@pytest.mark.parametrize("line", ["1,2", "1,2,3,4", "garbage"])
def test_a_row_with_another_number_of_fields_fails_and_keeps_its_text(line: str) -> None:
    fields, problem = next(cut_records(iter([line]), 3))
    assert ",".join(fields) == line
    assert "where the header has 3" in problem


def test_a_quote_within_a_plain_cell_is_just_a_character() -> None:
    assert list(cut_records(iter(['1,12" mix', "2,x"]), 2)) == [
        (["1", '12" mix'], ""),
        (["2", "x"], ""),
    ]


def test_reading_a_local_file_asks_nothing_of_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def no_network(*args: object, **options: object) -> None:
        asked.append(args)
        raise OSError("there is no network here")

    monkeypatch.setattr("socket.getaddrinfo", no_network)
    monkeypatch.setattr("socket.socket.connect", no_network)
    assert len(rows_of(BOOKS, write_csv(tmp_path / "b.csv", [book()]))) == 1
    assert asked == []


# --- movies ----------------------------------------------------------------------------------


def test_a_movie_row_becomes_clean() -> None:
    row = MOVIES.clean(movie())
    assert row.parent_values() | row.child_values() == {
        "item_id": row.item_id,
        "kind": "movie",
        "title": "The Lantern",
        "description": "A keeper of a lighthouse, alone, finds a second light.",
        "year": 2021,
        "release_date": datetime.date(2021, 3, 2),
        "language": "English",
        "country": "AU",
        "popularity": 73.0,
        "original_title": "The Lantern",
        "status": "Released",
        "score": 73.0,
        "budget": 75_000_000.0,
        "revenue": 271_616_668.0,
    }
    assert row.genres == ("Drama", "Mystery")
    assert row.credits == (("Ada Moor", Role.ACTOR), ("Ben Lisle", Role.ACTOR))


def test_a_movie_without_genre_is_of_the_genre_unknown() -> None:
    assert MOVIES.clean(movie(genre="")).genres == ("Unknown",)


@pytest.mark.parametrize("crew", ["", "Not Available"])
def test_a_movie_without_crew_has_no_creators_that_others_could_share(crew: str) -> None:
    assert MOVIES.clean(movie(crew=crew)).credits == ()


def test_zero_score_and_revenue_mean_not_known() -> None:
    row = MOVIES.clean(movie(score="0.0", revenue="0.0", budget_x="0"))
    assert row.popularity is None
    assert {row.child_values()[name] for name in ("score", "revenue", "budget")} == {None}


@pytest.mark.parametrize(
    ("crew", "people"),
    [
        ("Ann Lee, Mary, Bo Ray, Joe", ("Ann Lee", "Bo Ray")),
        ("Ann Lee, Mary, Bo Ray, Jr., Joe", ("Ann Lee", "Bo Ray, Jr.")),
        ("Ann Lee, Robert Fischer, Sr. (voice), Bo Ray, Joe", ("Ann Lee", "Bo Ray")),
        ("Ann Lee, , Bo Ray, ", ("Ann Lee", "Bo Ray")),
        ("Ann Lee, Mary, Ann Lee, Her Twin", ("Ann Lee",)),
        ("Ann Lee, Mary", ("Ann Lee",)),
        ("Ann Lee", ("Ann Lee",)),
        ("Ann Lee, Mary, Mother of Jesus, Bo Ray, Joe", ("Ann Lee", "Bo Ray")),
        ("Ann Lee, Fox, Bo Ray, Kim, the Captain, Cy Dow, Ox", ("Ann Lee", "Bo Ray", "Cy Dow")),
    ],
)
def test_only_the_people_of_a_crew_are_people(crew: str, people: tuple[str, ...]) -> None:
    assert clean.crew_people(crew) == people


def test_a_long_list_of_characters_does_not_fail_its_movie() -> None:
    assert clean.crew_people(f"Ann Lee, {'Voice / ' * 100}, Bo Ray, Joe") == ("Ann Lee", "Bo Ray")


def test_movies_that_differ_in_money_only_have_one_id() -> None:
    assert MOVIES.clean(movie(revenue="1")).item_id == MOVIES.clean(movie()).item_id


@pytest.mark.parametrize(
    "changes", [{"orig_title": "Lanterna"}, {"date_x": "03/03/2021"}, {"overview": "Another."}]
)
def test_movies_that_differ_in_title_date_or_overview_have_two_ids(changes: Cells) -> None:
    assert MOVIES.clean(movie(**changes)).item_id != MOVIES.clean(movie()).item_id


def test_an_id_tells_its_kind_and_never_changes() -> None:
    # Written down once: sessions, models and logs refer to these for ever.
    assert MOVIES.clean(movie()).item_id == "Movie_cc75f63a366d"
    assert BOOKS.clean(book()).item_id == "Book_e635b12f1443"
    assert TRACKS.clean(track()).item_id == "Music_t1"


# --- tracks ----------------------------------------------------------------------------------


def test_a_track_row_becomes_clean() -> None:
    row = TRACKS.clean(track(explicit="True"))
    values = row.child_values()
    assert (row.title, row.popularity, row.genres) == ("Low Water", 41.0, ("folk",))
    assert row.credits == (("Nera", Role.ARTIST), ("Oslo Ten", Role.ARTIST))
    assert (values["duration_minutes"], values["explicit"], values["key"]) == (2.5, True, 1)
    assert (values["album"], values["instrumentalness"]) == ("Quay", 1.01e-06)


def test_a_track_without_artist_album_and_name_is_refused_by_its_columns() -> None:
    with pytest.raises(clean.BadCellError, match="no artists, album_name, track_name"):
        TRACKS.clean(track(artists="", album_name="", track_name=" "))


def test_a_key_or_tempo_that_was_not_detected_is_empty() -> None:
    values = TRACKS.clean(track(key="-1", tempo="0.0")).child_values()
    assert (values["key"], values["tempo"]) == (None, None)


# --- books -----------------------------------------------------------------------------------


def test_a_book_row_becomes_clean() -> None:
    row = BOOKS.clean(book())
    assert (row.title, row.genres) == ("Salt Roads", ("Classics", "Fiction"))
    assert row.credits == (("I. Varga", Role.AUTHOR),)
    assert row.child_values() == {
        "rating": 4.27,
        "num_ratings": 5_691_311,
        "url": "https://books.example/1",
    }


def test_a_book_without_description_says_so() -> None:
    assert BOOKS.clean(book(Description="  ")).description == "No Description Available"


@pytest.mark.parametrize(
    ("ratings", "popularity"), [(None, None), (0, 0.0), (9_999_999, 100.0), (10**9, 100.0)]
)
def test_a_books_popularity_is_its_ratings_on_a_logarithmic_scale(
    ratings: int | None, popularity: float | None
) -> None:
    assert clean.book_popularity(ratings) == popularity


def test_a_thousand_ratings_are_three_sevenths_of_the_scale() -> None:
    assert clean.book_popularity(999) == pytest.approx(100 * 3 / 7, abs=0.01)


@pytest.mark.parametrize(
    "cell", ["not a list", "['open", "{'a': 1}", "[1, 2]", "__import__('os')", "[" * 5000]
)
def test_genres_that_are_no_list_of_names_are_refused(cell: str) -> None:
    with pytest.raises(clean.BadCellError, match="not a list of names"):
        clean.list_literal(cell, "Genres")


# --- rules that all share --------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["abc", "nan", "inf", "-1", "101", "1,5"])
def test_a_number_that_is_none_or_out_of_range_is_refused(cell: str) -> None:
    with pytest.raises(clean.BadCellError, match="score is"):
        clean.number(cell, "score", 0, 100)


def test_a_whole_number_may_be_written_with_a_point_but_not_with_a_fraction() -> None:
    assert clean.whole_number("4.0", "key", 0, 11) == 4
    with pytest.raises(clean.BadCellError, match="not a whole number"):
        clean.whole_number("4.5", "key", 0, 11)


@pytest.mark.parametrize("cell", ["2021-03-02", "13/40/2021", "soon"])
def test_a_date_in_another_form_is_refused(cell: str) -> None:
    with pytest.raises(clean.BadCellError, match="MM/DD/YYYY"):
        clean.date_month_first(cell, "date_x")


def test_text_is_trimmed_composed_and_free_of_no_break_spaces() -> None:
    assert clean.text("\u00a0 Ame\u0301lie\u00a0Poulain ") == "Amélie Poulain"


def test_text_that_is_too_long_is_refused_and_not_cut() -> None:
    with pytest.raises(clean.BadCellError, match="501 characters; 500 is the most"):
        clean.line("x" * 501, "names", 500)
