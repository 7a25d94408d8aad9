"""The insights' figures over a catalogue small enough to count by hand, and their pages."""

import csv
import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from catalog.importing import import_source
from catalog.insights import pages
from catalog.insights.chart import Chart
from catalog.insights.selection import Selection
from catalog.models import Creator, Credit, ImportRun, Item, Role
from catalog.tests.pages import main_of
from catalog.tests.shelves import make
from catalog.tests.source_files import movie, write_csv

pytestmark = pytest.mark.django_db

EVERYTHING = Selection()


def cast(film: Item, *names: str) -> None:
    for place, name in enumerate(names):
        creator, _ = Creator.objects.get_or_create(name=name)
        Credit.objects.create(item=film, creator=creator, role=Role.ACTOR, position=place)


@pytest.fixture
def films() -> list[Item]:
    """Four: two dramas, three with money, one without a year."""
    made = [
        make("movie", "Anchor", genres=("Drama", "War"), year=1994, score=80.0, budget=1e6,
             revenue=9e6, themes=["sea"], moods=["calm"]),
        make("movie", "Beacon", genres=("Drama",), year=1994, score=60.0, budget=2e6,
             revenue=1e6, themes=["sea", "loss"], moods=["dark"]),
        make("movie", "Canal", genres=("Comedy",), year=1997, score=70.0, budget=4e7,
             revenue=3e8, themes=[]),
        make("movie", "Dune Fox", genres=(), score=None),
    ]  # fmt: skip
    cast(made[0], "Ada Moor", "Ben Lisle")
    cast(made[1], "Ada Moor")
    cast(made[2], "A.D.A. Moor", "Cy Dow")
    make("movie", "Ebb", by="Ada Moor", year=1950, genres=("War",))
    return made


def chart(name: str, **selection: Any) -> Chart:
    found = pages.chart(name, Selection(**selection))
    assert found is not None
    return found


def counts(found: Chart) -> tuple[int, list[tuple[int, str]]]:
    return found.counted, [(left.count, left.why) for left in found.left_out if left.count]


# --- movies ----------------------------------------------------------------------------------


def test_an_item_counts_in_each_of_its_genres(films: list[Item]) -> None:
    found = chart("movie-genres")
    assert [tuple(row) for row in found.rows] == [
        ("Drama", 2, 0.5, 70.0), ("War", 2, 0.5, 80.0), ("Comedy", 1, 0.25, 70.0)
    ]  # fmt: skip
    assert counts(found) == (4, [(1, "without any genre")])
    assert "several genres counts in each" in found.notes[0]


def test_genres_can_stand_by_name(films: list[Item]) -> None:
    found = chart("movie-genres", choices=(("movie-genres", "name"),))
    assert [row[0] for row in found.rows] == ["Comedy", "Drama", "War"]


def test_genres_by_median_leave_out_those_too_small_to_tell() -> None:
    for n in range(10):
        make("movie", f"Drama {n}", genres=("Drama",), score=50.0 + n)
    make("movie", "One of a kind", genres=("Noir",), score=99.0)
    found = chart("movie-genres", choices=(("movie-genres", "score"),))
    assert [(row[0], row[3]) for row in found.rows] == [("Drama", 54.5)]


def test_years_without_a_release_are_on_the_line(films: list[Item]) -> None:
    found = chart("movie-releases", first=1990)
    assert list(found.rows) == [(1994, 2), (1995, 0), (1996, 0), (1997, 1)]
    assert found.takeaway.startswith("1994 has the most, 2 movies")


def test_money_counts_only_films_whose_budget_revenue_and_score_are_known(
    films: list[Item],
) -> None:
    found = chart("movie-money")
    assert counts(found) == (3, [(2, "without a known budget, revenue or score")])
    assert sum(row[4] for row in found.rows) == 3
    assert "took in at least 7.5 times their budget" in found.takeaway
    assert "33\u00a0% took in less" in found.takeaway


@pytest.mark.parametrize("scale", ["log", "linear"])
def test_each_film_is_inside_the_cell_that_counts_it(films: list[Item], scale: str) -> None:
    found = chart("movie-money", choices=(("movie-money", "linear"),) if scale != "log" else ())
    for budget, revenue in ((1e6, 9e6), (2e6, 1e6), (4e7, 3e8)):
        fits = [
            row for row in found.rows
            if row[0] <= budget * 1.001 and budget <= row[1] * 1.001
            and row[2] <= revenue * 1.001 and revenue <= row[3] * 1.001
        ]  # fmt: skip
        assert fits, budget


def test_the_first_by_revenue_come_with_their_year_and_titles_decide_between_equals() -> None:
    for title in ("Zinc", "Amber"):
        make("movie", title, year=2001, revenue=5e6)
    make("movie", "Gold", revenue=9e6)
    found = chart("movie-top-revenue")
    assert list(found.rows) == [("Gold", None, 9e6), ("Amber", 2001, 5e6), ("Zinc", 2001, 5e6)]


def test_people_are_those_who_play_and_two_spellings_are_one(films: list[Item]) -> None:
    Creator.objects.filter(name="A.D.A. Moor").update(name_key="ada moor")
    found = chart("movie-people")
    assert [tuple(row[:2]) for row in found.rows] == [
        ("Ada Moor", 3), ("Ben Lisle", 1), ("Cy Dow", 1)
    ]  # fmt: skip
    assert counts(found) == (3, [(2, "without any known person")])
    assert 'href="/people/ada-moor/"' in found.picture


def test_characters_of_an_imported_film_are_nobody(tmp_path: Any) -> None:
    cells = movie(crew="Ada Moor, The Keeper, Ben Lisle, Young Keeper")
    import_source("movie", write_csv(tmp_path / "m.csv", [cells]), progress=False)
    assert [row[0] for row in chart("movie-people").rows] == ["Ada Moor", "Ben Lisle"]


def test_a_value_on_an_edge_is_in_the_upper_column_and_the_last_holds_its_end() -> None:
    for n, score in enumerate((60.0, 64.9, 65.0, 100.0)):
        make("movie", f"Film {n}", score=score)
    rows = {row[0]: row[2] for row in chart("movie-scores").rows if row[2]}
    assert rows == {60.0: 2, 65.0: 1, 95.0: 1}


def test_the_density_line_holds_as_much_as_the_columns() -> None:
    from catalog.charts import Columns

    for n in range(40):
        make("movie", f"Film {n}", score=40.0 + n)
    drawing = chart("movie-scores").drawing
    assert isinstance(drawing, Columns)
    area = sum(height for _, height in drawing.density) / len(drawing.density) * 20
    assert area == pytest.approx(40, rel=0.03)


def test_a_correlation_counts_the_items_in_which_both_are_known() -> None:
    for n in range(12):
        make("movie", f"Film {n}", score=50.0 + n, budget=1e6 * (1 + n), year=2000)
    make("movie", "Half known", score=10.0)
    rows = {tuple(row[:2]): row[2:] for row in chart("movie-correlations").rows}
    assert rows["Score", "Budget"] == (1.0, 12)
    assert rows["Score", "Revenue"] == (None, 0)
    assert rows["Budget", "Year"] == (None, 12)  # the year never changes


# --- music, books, across --------------------------------------------------------------------


def test_tracks_are_spread_by_popularity_and_gathered_by_sound() -> None:
    for n in range(11):
        make("track", f"Song {n}", popularity=n * 10.0, danceability=0.81, energy=0.6,
             valence=0.5, genres=("Jazz",))  # fmt: skip
    assert [row[2] for row in chart("music-popularity").rows] == [1, 0] * 9 + [1, 1]
    (cell,) = chart("music-dance-energy").rows
    assert cell[4:] == (11, 0.5)
    assert [tuple(row) for row in chart("music-genres").rows] == [("Jazz", 11, 1.0, 50.0)]


def test_books_are_spread_in_tenths() -> None:
    for rating in (4.0, 4.09, 4.1, 5.0):
        make(
            "book", f"Book {rating}", by="I. Varga", rating=rating, num_ratings=round(rating * 100)
        )
    rows = {row[0]: row[2] for row in chart("book-ratings").rows if row[2]}
    assert rows == {4.0: 2, 4.1: 1, 4.9: 1}
    assert [row[2] for row in chart("book-most-rated").rows] == [500, 410, 409, 400]
    assert list(chart("book-authors").rows) == [("I. Varga", 4, 1.0)]


def test_theme_shares_are_of_the_items_that_have_any(films: list[Item]) -> None:
    make("book", "Tide", themes=["sea"])
    found = chart("themes-by-kind")
    headings = [heading.key for heading in found.headings]
    rows = {row[0]: dict(zip(headings, row, strict=True)) for row in found.rows}
    assert (rows["sea"]["movies"], rows["sea"]["share_of_movies"]) == (2, 1.0)
    assert (rows["loss"]["share_of_movies"], rows["loss"]["share_of_books"]) == (0.5, 0.0)
    assert counts(found) == (3, [(3, "movies without any theme")])


def test_a_catalogue_without_themes_says_where_they_come_from(client: Client) -> None:
    make("movie", "Bare")
    assert "None of these items has a theme yet" in client.get("/insights/across/").content.decode()


def test_decades_stand_side_by_side_and_the_old_ones_together(films: list[Item]) -> None:
    make("book", "Iliad", year=-750)
    make("book", "Emma", year=1815)
    make("book", "Undated")
    found = chart("decades-by-kind")
    assert (found.rows[0][0], found.rows[-1][0]) == ("before 1900", "1990s")
    assert found.rows[0][5:] == (2, 1.0)
    assert found.rows[-1][1:3] == (3, 0.75)
    assert counts(found) == (
        6, [(1, "movies without a known year"), (1, "books without a known year")]
    )  # fmt: skip


def test_kinds_can_be_left_out(films: list[Item]) -> None:
    make("book", "Emma", year=1815)
    found = chart("decades-by-kind", kinds=("book",))
    assert [row[0] for row in found.rows] == ["before 1900"]
    assert len(found.headings) == 3


# --- selection -------------------------------------------------------------------------------


def test_years_narrow_every_chart_and_undated_items_are_said_to_be_left_out(
    films: list[Item],
) -> None:
    found = chart("movie-genres", first=1994, last=1996)
    assert [tuple(row[:2]) for row in found.rows] == [("Drama", 2), ("War", 1)]
    assert counts(found) == (2, [(1, "without a known year")])
    assert chart("movie-people", last=1994).counted == 2


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("from=soon", "“soon” is not a year and was left out."),
        ("to=99999", "99999 is outside -3000 to 3000 and was left out."),
        ("from=1999&to=1990", "1999 comes after 1990; all years are shown."),
    ],
)
def test_a_year_that_makes_no_sense_is_named_and_all_years_are_shown(
    client: Client, films: list[Item], query: str, problem: str
) -> None:
    page = client.get(f"/insights/movies/?{query}")
    assert page.status_code == 200
    assert problem in page.content.decode()
    assert "Counts 4 movies; left out: 1 without any genre" in page.content.decode()


def test_an_option_that_does_not_exist_is_the_default(client: Client, films: list[Item]) -> None:
    usual = main_of(client, "/insights/movies/")
    assert main_of(client, "/insights/movies/?movie-genres=weight&x=1") == usual


def test_the_choice_of_one_chart_keeps_the_years_and_the_other_choices(
    client: Client, films: list[Item]
) -> None:
    page = client.get("/insights/movies/?from=1990&movie-money=linear").content.decode()
    assert 'href="?from=1990&amp;movie-genres=name&amp;movie-money=linear#movie-genres"' in page
    assert 'href="?from=1990#movie-money"' in page
    assert '<input type="hidden" name="movie-money" value="linear">' in page
    assert 'href="/insights/movie-people.csv?from=1990&amp;movie-money=linear"' in page


# --- pages -----------------------------------------------------------------------------------

ADDRESSES = ["/insights/", *(f"/insights/{page}/" for page in (*pages.PAGES, "health"))]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_of_an_empty_catalogue_is_a_page(client: Client, address: str) -> None:
    page = client.get(address)
    assert page.status_code == 200
    assert "nan" not in re.findall(r"\w+", page.content.decode())


def test_a_page_that_is_not_there_is_not_found(client: Client) -> None:
    assert client.get("/insights/weather/").status_code == 404
    assert client.get("/insights/weather.csv").status_code == 404
    assert client.post("/insights/movies/").status_code == 405


@pytest.mark.parametrize("page", pages.PAGES.values(), ids=lambda page: page.slug)
def test_a_page_has_the_charts_that_its_names_promise(page: pages.Page) -> None:
    shown = pages.show(page, EVERYTHING).charts
    assert tuple(chart.name for chart in shown) == page.names
    assert set(page.options) <= set(page.names)


def test_every_chart_has_a_sentence_a_count_a_table_and_its_data(
    client: Client, films: list[Item]
) -> None:
    page = client.get("/insights/movies/").content.decode()
    for figure in re.findall(r"<figure.*?</figure>", page, re.DOTALL):
        assert 'class="insight__takeaway"' in figure
        assert "Counts " in figure
        assert '<table class="figures">' in figure or "Nothing to draw" in figure
    for chart in pages.show(pages.PAGES["movies"], EVERYTHING).charts:
        assert f'id="{chart.name}"' in page


def test_a_bar_leads_to_what_it_counts(client: Client, films: list[Item]) -> None:
    page = client.get("/insights/movies/").content.decode()
    for href in ("/movies/?genre=drama", "/movies/?decade=1990", f"/items/{films[0].item_id}/"):
        assert f'href="{href}"' in page
        assert client.get(href).status_code == 200


def test_the_overview_says_what_every_chart_found(client: Client, films: list[Item]) -> None:
    page = client.get("/insights/").content.decode()
    assert "1994 has the most, 2 movies" in page
    assert 'href="/insights/movies/#movie-releases"' in page


QUERIES = {"/insights/movies/": 1, "/insights/across/": 3, "/insights/": 6, "/insights/health/": 13}


@pytest.mark.parametrize(("address", "queries"), QUERIES.items())
def test_a_warm_page_asks_the_database_only_whether_anything_changed(
    client: Client,
    films: list[Item],
    address: str,
    queries: int,
    django_assert_num_queries: Callable[..., Any],
) -> None:
    client.get(address)
    with django_assert_num_queries(queries):
        client.get(address)


def test_a_change_shows_at_the_next_look(client: Client, films: list[Item]) -> None:
    before = client.get("/insights/movies/").content.decode()
    make("movie", "Fresh", year=2003)
    after = client.get("/insights/movies/").content.decode()
    assert "1994 has the most" in before
    assert "2003: 1 movie" not in before
    assert "2003: 1 movie" in after


# --- downloads -------------------------------------------------------------------------------

CHARTS = [*(name for page in pages.PAGES.values() for name in page.names), *pages.HEALTH]


def test_the_figures_of_a_chart_can_be_had_as_csv(client: Client, films: list[Item]) -> None:
    answer = client.get("/insights/movie-genres.csv?from=1994")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="movie-genres.csv"' in answer["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))
    assert [(row["genre"], row["movies"]) for row in rows] == [
        ("Drama", "2"), ("Comedy", "1"), ("War", "1")
    ]  # fmt: skip


def test_the_figures_of_a_chart_can_be_had_as_json_with_what_they_leave_out(
    client: Client, films: list[Item]
) -> None:
    found = json.loads(client.get("/insights/movie-people.json").content)
    assert (found["chart"], found["counted"], found["noun"]) == ("movie-people", 3, "movies")
    assert found["left_out"] == [{"count": 2, "why": "without any known person"}]
    assert found["rows"][0] == {"name": "Ada Moor", "movies": 2, "share": 2 / 3}


@pytest.mark.parametrize(
    "name", [*(n for p in pages.PAGES.values() for n in p.names), *pages.HEALTH]
)
def test_every_chart_can_be_downloaded(client: Client, films: list[Item], name: str) -> None:
    assert client.get(f"/insights/{name}.csv").status_code == 200
    assert json.loads(client.get(f"/insights/{name}.json").content)["chart"] == name


# --- health ----------------------------------------------------------------------------------


def missing(name: str) -> dict[str, int]:
    return {row[0]: row[1] for row in chart(name).rows}


def test_missing_fields_are_counted_by_kind(films: list[Item]) -> None:
    make("movie", "Nameless", description="No Description Available", genres=("Unknown",))
    found = missing("missing-movies")
    assert found["Genre"] == 2
    assert (found["Description"], found["Year"], found["Score"]) == (6, 2, 3)
    assert (found["People"], found["Moods"], found["Themes"]) == (2, 4, 4)
    assert missing("missing-books") == {}


def test_health_leads_the_staff_to_the_items_and_nobody_else(
    client: Client, films: list[Item], admin_client: Client, admin_user: User
) -> None:
    assert "/admin/" not in client.get("/insights/health/").content.decode()
    page = admin_client.get("/insights/health/").content.decode()
    links = re.findall(r'href="(/admin/catalog/movie/\?[^"]+)"', page)
    assert len(links) >= 8
    for link in links:
        listed = admin_client.get(link.replace("&amp;", "&"))
        assert listed.status_code == 200, link


def test_the_admin_lists_as_many_as_the_bar_says(films: list[Item], admin_client: Client) -> None:
    listed = admin_client.get("/admin/catalog/movie/?score__isnull=True")
    assert listed.context["cl"].result_count == missing("missing-movies")["Score"] == 2


def test_the_last_imports_tell_their_counts_and_no_folder(client: Client, tmp_path: Any) -> None:
    location = write_csv(tmp_path / "films.csv", [movie(), movie(genre=""), movie(date_x="soon")])
    import_source("movie", location, failed_rows=tmp_path / "failed.csv", progress=False)
    page = client.get("/insights/health/").content.decode()
    assert "films.csv" in page
    assert str(tmp_path) not in page
    row = json.loads(client.get("/insights/imports.json").content)["rows"][0]
    assert (row["read"], row["new"], row["repeated"], row["failed"]) == (3, 1, 1, 1)
    assert row["missing"] == "genre 1"


def test_an_import_that_did_not_end_says_so_and_tells_only_the_staff_why(
    client: Client, admin_client: Client
) -> None:
    ImportRun.objects.create(
        kind="movie", source="imdb", location="owner/name", started_at=timezone.now(), error="Disk"
    )
    seen = client.get("/insights/health/").content.decode()
    assert "owner/name" in seen
    assert "ended early" in seen
    assert "Disk" not in seen
    assert "ended early: Disk" in admin_client.get("/insights/health/").content.decode()
