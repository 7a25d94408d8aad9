"""The unified table: what its cells say, who may have it, and what it costs."""

import csv
import datetime
import io
from io import StringIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.http import StreamingHttpResponse
from django.test import Client, override_settings
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from catalog import exporting
from catalog.exporting import UNIFIED, UnifiedRow, item_timestamp, unified_rows, unified_table
from catalog.models import Creator, Credit, Item, Role
from catalog.tests.shelves import casablanca, make

pytestmark = pytest.mark.django_db

PAGE = "admin:catalog_exports"
FILE = "admin:catalog_export_unified"


def credit(item: Item, role: str, *names: str) -> None:
    for position, name in enumerate(names):
        creator, _ = Creator.objects.get_or_create(name=name)
        Credit.objects.create(item=item, creator=creator, role=role, position=position)


def creator_of(item: Item) -> str:
    return unified_rows([item.pk])[item.pk].creator


# --- What it says ---------------------------------------------------------------------------


def test_the_three_kinds_are_rows_of_the_same_eight_columns() -> None:
    casablanca()
    Item.objects.filter(item_id="Music_time").update(popularity=41.5)
    assert list(UNIFIED.columns) == [
        "Item_ID", "Title", "Genre", "Description", "Popularity", "Creator", "Timestamp",
        "Item_Type",
    ]  # fmt: skip
    assert list(unified_table()) == [
        UnifiedRow("Movie_casablanca", "Casablanca", "Drama, Romance",
                   "Two exit papers in Morocco.", None, "Michael Curtiz", "1942", "Movie"),
        UnifiedRow("Music_time", "As Time Goes By", "Jazz", "", 41.5, "Dooley Wilson", "1942",
                   "Music"),
        UnifiedRow("Book_stranger", "L'Étranger", "Classics", "", None, "Albert Camus", "1942",
                   "Book"),
    ]  # fmt: skip


def test_genres_stand_in_alphabetical_order() -> None:
    item = make("book", "A", genres=("War", "Art", "Humor"))
    assert unified_rows([item.pk])[item.pk].genre == "Art, Humor, War"


def test_a_films_creators_are_its_directors_in_billing_order() -> None:
    film = make("movie", "A")
    credit(film, Role.ACTOR, "An Actor")
    credit(film, Role.DIRECTOR, "Second Name", "A First", "Another", "And A Fourth")
    assert creator_of(film) == "Second Name, A First, Another, And A Fourth"


def test_a_film_without_director_has_its_three_leading_actors() -> None:
    film = make("movie", "A")
    credit(film, Role.ACTOR, "Z", "Y", "X", "W")
    assert creator_of(film) == "Z, Y, X"


def test_a_track_without_artist_has_its_composers_and_a_nameless_item_nobody() -> None:
    track = make("track", "A")
    credit(track, Role.COMPOSER, "C", "B", "A", "D")
    assert creator_of(track) == "C, B, A, D"
    assert creator_of(make("book", "Beowulf")) == ""


@pytest.mark.parametrize(
    ("date", "year", "expected"),
    [
        (datetime.date(1999, 12, 31), 1999, "1999-12-31"),
        (None, 1942, "1942"),
        (None, 800, "0800"),
        (None, -1, "0000"),
        (None, -430, "-0429"),
        (None, None, ""),
    ],
)
def test_a_timestamp_is_as_precise_as_what_is_known(
    date: datetime.date | None, year: int | None, expected: str
) -> None:
    assert item_timestamp(date, year) == expected


def test_the_order_of_the_keys_is_kept_and_a_key_that_is_gone_is_left_out() -> None:
    first, second = make("book", "A"), make("book", "B")
    assert list(unified_rows([second.pk, 999_999, first.pk])) == [second.pk, first.pk]


def test_every_item_comes_once_at_four_queries_a_page(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    items = [make("book", f"B{n}", by=f"A{n}", genres=("G",)) for n in range(7)]
    monkeypatch.setattr(exporting.key_pages, "__defaults__", (3,))
    with django_assert_num_queries(3 * 4 + 1):  # keys, items, genres, credits; no more keys
        rows = list(unified_table())
    assert [row.item_id for row in rows] == [item.item_id for item in items]


# --- Who may have it ------------------------------------------------------------------------


def user_with(*permissions: str, staff: bool = True) -> Client:
    user = User.objects.create_user("curator", is_staff=staff)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def pages() -> list[str]:
    return [reverse(PAGE), reverse(FILE, args=["csv"]), reverse(FILE, args=["parquet"])]


def test_nobody_but_staff_gets_further_than_the_sign_in_page(client: Client) -> None:
    reader = user_with("view_item", staff=False)
    for page in pages():
        for outsider in (client, reader):
            response = outsider.get(page)
            assert response.status_code == 302
            assert "/login/" in response["Location"]


def test_staff_without_the_permission_are_refused() -> None:
    curator = user_with("view_genre")
    assert [curator.get(page).status_code for page in pages()] == [403] * 3


def test_staff_who_may_look_at_items_get_the_page_and_the_files() -> None:
    curator = user_with("view_item")
    casablanca()
    page = curator.get(reverse(PAGE)).content.decode()
    for format in ("csv", "parquet"):
        assert reverse(FILE, args=[format]) in page
    assert "Item_Type" in page
    assert "Session events" not in page  # these need a permission of their own
    assert 'href="' + reverse(PAGE) in curator.get(reverse("admin:index")).content.decode()


def test_the_page_names_the_session_events_to_who_may_have_them() -> None:
    curator = user_with("view_item", "view_sessionevent")
    page = curator.get(reverse(PAGE)).content.decode()
    assert reverse("admin:sessions_app_export") in page


def test_a_download_is_a_stream_with_a_name_that_no_cache_keeps() -> None:
    casablanca()
    response = user_with("view_item").get(reverse(FILE, args=["csv"]))
    assert isinstance(response, StreamingHttpResponse)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in response["Cache-Control"]
    assert response["Content-Disposition"].startswith('attachment; filename="unified-20')
    assert response["Content-Disposition"].endswith('.csv"')
    rows = list(csv.DictReader(io.StringIO(response.getvalue().decode(), newline="")))
    assert [row["Title"] for row in rows] == ["Casablanca", "As Time Goes By", "L'Étranger"]


def test_the_parquet_download_has_the_same_rows() -> None:
    casablanca()
    response = user_with("view_item").get(reverse(FILE, args=["parquet"]))
    table = pq.read_table(io.BytesIO(response.getvalue()))
    assert [UnifiedRow(*row.values()) for row in table.to_pylist()] == list(unified_table())


def test_another_format_is_not_found_and_nothing_is_posted() -> None:
    curator = user_with("view_item")
    assert curator.get(reverse(FILE, args=["xlsx"])).status_code == 404
    assert curator.post(reverse(FILE, args=["csv"])).status_code == 405


# --- The command ----------------------------------------------------------------------------


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("export_unified", *arguments, stdout=output)
    return output.getvalue()


def test_the_command_writes_the_file_and_says_how_many_rows(tmp_path: Path) -> None:
    casablanca()
    for name in ("t.csv", "deep/t.parquet"):
        assert "3 rows" in run("--out", str(tmp_path / name))
    assert (tmp_path / "t.csv").read_text().count("\n") == 4
    assert pq.read_table(tmp_path / "deep" / "t.parquet").num_rows == 3


def test_without_a_name_the_file_goes_to_the_data_directory(tmp_path: Path) -> None:
    with override_settings(DATA_DIR=tmp_path):
        told = run("--format", "parquet")
    (file,) = (tmp_path / "exports").iterdir()
    assert file.name.startswith("unified-")
    assert file.suffix == ".parquet"
    assert str(file) in told


def test_a_file_that_cannot_be_written_ends_it_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="add --format"):
        run("--out", str(tmp_path / "table.xlsx"))
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match="cannot be written"):
        run("--out", str(tmp_path / "file" / "t.csv"))


def test_the_bar_is_shown_on_request(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    casablanca()
    run("--out", str(tmp_path / "t.csv"))
    assert "unified" not in capsys.readouterr().err
    run("--out", str(tmp_path / "t.csv"), "--progress")
    assert "3/3" in capsys.readouterr().err
