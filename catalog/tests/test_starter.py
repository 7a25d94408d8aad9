"""The starter catalogue: the files that come with Segue, and their seeding."""

import csv
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.import_report import ImportReport
from catalog.models import Book, Item, Kind, Kinship, Movie, Track
from catalog.reading import SourceError
from catalog.sources import CleanRow
from catalog.starter_catalogue import FOLDER, StarterError, read, seed
from catalog.tests.words import MOODS

GENRES = {
    Kind.MOVIE: "Action, Adventure, Animation, Comedy, Crime, Documentary, Drama, Family, Fantasy, "
    "History, Horror, Music, Mystery, Romance, Science Fiction, Thriller, War, Western",
    Kind.BOOK: "Adventure, Children's, Classics, Comedy, Coming of Age, Crime, Drama, Dystopia, "
    "Essays, Fantasy, Graphic Novel, History, Horror, Literary Fiction, Magical Realism, Memoir, "
    "Mystery, Philosophy, Poetry, Romance, Science, Science Fiction, Short Stories, Thriller, "
    "War, Western",
    Kind.TRACK: "Afrobeat, Ambient, Blues, Bolero, Bossa Nova, Chanson, Classical, Country, "
    "Cumbia, Dance, Disco, Electronic, Fado, Flamenco, Folk, Funk, Gospel, Hip-Hop, "
    "Indie, J-Pop, Jazz, K-Pop, Metal, Musical, Opera, Pop, Punk, R&B, Reggae, Rock, "
    "Salsa, Samba, Singer-Songwriter, Soul, Soundtrack, Swing, Synth-Pop, Tango, "
    "Traditional",
}
EVERY_KIND = pytest.mark.parametrize("kind", list(Kind), ids=[kind.value for kind in Kind])

MOVIES = """key,title,year,directors,actors,genres,language,country,description,moods
lantern-1999,The Lantern,1999,Ada Moor,Bo Ray; Cy Dow,Drama; War,English,Ireland,A light.,warm
"""
BOOKS = """key,title,year,authors,genres,language,country,description,moods
salt-roads-1971,Salt Roads,-50,I. Varga,Classics,Hungarian,Hungary,A road.,lonely; calm
"""
TRACKS = """key,title,year,artists,composers,album,genres,language,country,description,moods
quay-2001,Quay,2001,Nera,Oslo Ten,Tides,Folk,Instrumental,Norway,A tide.,dreamy
"""
KINSHIPS = """derived_kind,derived_key,relation,origin_kind,origin_key
movie,lantern-1999,based_on,book,salt-roads-1971
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A starter folder with one work of each kind and one kinship."""
    files = {"movies": MOVIES, "books": BOOKS, "tracks": TRACKS, "kinships": KINSHIPS}
    for name, content in files.items():
        (tmp_path / f"{name}.csv").write_text(content, encoding="utf-8")
    return tmp_path


def rows(kind: Kind) -> list[CleanRow]:
    entries = list(read(kind))
    assert [entry for entry in entries if not isinstance(entry, CleanRow)] == []
    return [entry for entry in entries if isinstance(entry, CleanRow)]


# --- seeding ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_it_seeds_all_three_kinds_with_creators_moods_and_no_invented_figures(small: Path) -> None:
    assert seed(folder=small, progress=False).new == 3
    movie, book, track = Movie.objects.get(), Book.objects.get(), Track.objects.get()
    assert movie.item_id == "Movie_lantern-1999"
    assert (movie.names_of("director"), movie.names_of("actor")) == (
        ["Ada Moor"],
        ["Bo Ray", "Cy Dow"],
    )
    assert (book.item_id, book.year, book.moods) == (
        "Book_salt-roads-1971",
        -50,
        ["lonely", "calm"],
    )
    assert (track.item_id, track.album) == ("Music_quay-2001", "Tides")
    assert (track.names_of("composer"), track.valence) == (["Oslo Ten"], None)
    assert {item.popularity for item in Item.objects.all()} == {None}
    assert {item.source for item in Item.objects.all()} == {"starter"}


@pytest.mark.django_db
def test_a_second_seeding_changes_nothing(small: Path) -> None:
    seed(folder=small, progress=False)
    again = seed(folder=small, progress=False)
    assert (again.read, again.unchanged, again.adds_up) == (3, 3, True)
    assert Kinship.objects.count() == 1


@pytest.mark.django_db
def test_a_kinship_joins_a_movie_to_its_book(small: Path) -> None:
    seed(folder=small, progress=False)
    kinship = Kinship.objects.get()
    assert str(kinship) == "The Lantern (1999) based on Salt Roads (-50)"


@pytest.mark.django_db
def test_a_kinship_that_left_the_file_leaves_the_database(small: Path) -> None:
    seed(folder=small, progress=False)
    (small / "kinships.csv").write_text(KINSHIPS.splitlines()[0] + "\n", encoding="utf-8")
    seed(folder=small, progress=False)
    assert Kinship.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("salt-roads-1971", "pepper", "line 2: there is no book with the key 'pepper'"),
        ("book,salt", "song,salt", "line 2: there is no song with the key"),
        ("based_on", "like", "line 2: there is no relation 'like'"),
    ],
)
def test_a_kinship_that_names_nothing_known_is_an_error_before_anything_is_written(
    small: Path, old: str, new: str, sentence: str
) -> None:
    (small / "kinships.csv").write_text(KINSHIPS.replace(old, new), encoding="utf-8")
    with pytest.raises(StarterError, match=sentence):
        seed(folder=small, progress=False)
    assert Item.objects.count() == 0


@pytest.mark.django_db
def test_starter_files_without_kinships_are_fine(small: Path) -> None:
    (small / "kinships.csv").unlink()
    assert seed(folder=small, progress=False).new == 3


@pytest.mark.django_db
def test_a_key_that_comes_twice_is_an_error(small: Path) -> None:
    (small / "books.csv").write_text(BOOKS + BOOKS.splitlines()[1] + "\n", encoding="utf-8")
    with pytest.raises(StarterError, match=r"books\.csv has the key salt-roads-1971 twice"):
        seed(folder=small, progress=False)


@pytest.mark.django_db
def test_a_starter_row_that_cannot_be_read_is_an_error_by_key(small: Path) -> None:
    (small / "books.csv").write_text(BOOKS.replace("-50", "old"), encoding="utf-8")
    with pytest.raises(StarterError, match=r"books\.csv, key salt-roads-1971: year is 'old'"):
        seed(folder=small, progress=False)


@pytest.mark.django_db
def test_a_missing_starter_file_is_an_error(small: Path) -> None:
    (small / "tracks.csv").unlink()
    with pytest.raises(SourceError, match=r"There is no file .*tracks\.csv"):
        seed(folder=small, progress=False)


@pytest.mark.django_db
def test_the_command_seeds_and_says_when_there_was_nothing_to_do() -> None:
    first, second = StringIO(), StringIO()
    call_command("seed_starter", stdout=first)
    call_command("seed_starter", stdout=second)
    assert "nothing has changed" not in first.getvalue()
    assert "nothing has changed" in second.getvalue()
    assert Item.objects.count() >= 1200


@pytest.mark.django_db
def test_the_command_ends_with_a_sentence_when_the_files_are_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(**options: object) -> ImportReport:
        raise StarterError("kinships.csv, line 2: there is no book with the key 'x'.")

    monkeypatch.setattr("catalog.starter_catalogue.seed", fail)
    with pytest.raises(CommandError, match="no book with the key 'x'"):
        call_command("seed_starter")


# --- the files -------------------------------------------------------------------------------


@EVERY_KIND
def test_there_are_at_least_four_hundred_works_with_keys_of_their_own(kind: Kind) -> None:
    keys = Counter(entry.row.item_id for entry in rows(kind))
    assert [key for key, number in keys.items() if number > 1] == []
    assert len(keys) >= 400


@EVERY_KIND
def test_genres_and_moods_are_of_the_vocabulary(kind: Kind) -> None:
    genres = set(GENRES[kind].split(", "))
    for entry in rows(kind):
        row = entry.row
        assert set(row.genres) <= genres, row.item_id
        assert 1 <= len(row.genres) <= 3, row.item_id
        assert set(row.moods) <= MOODS, row.item_id
        assert 2 <= len(row.moods) <= 4, row.item_id


@EVERY_KIND
def test_every_genre_is_used(kind: Kind) -> None:
    used = {genre for entry in rows(kind) for genre in entry.row.genres}
    assert used == set(GENRES[kind].split(", "))


@EVERY_KIND
def test_the_works_come_from_thirty_countries_or_more(kind: Kind) -> None:
    assert len({entry.row.country for entry in rows(kind)}) >= 30


@EVERY_KIND
def test_every_work_has_a_creator_a_year_and_a_description_of_its_own(kind: Kind) -> None:
    entries = rows(kind)
    assert [e.row.item_id for e in entries if not (e.row.credits and e.row.year)] == []
    texts = Counter(entry.row.description for entry in entries)
    assert [text for text, number in texts.items() if number > 1 or not text] == []


def test_every_kinship_of_the_files_names_known_works() -> None:
    path = FOLDER / "kinships.csv"
    known = {entry.row.item_id.split("_", 1)[1] for kind in Kind for entry in rows(kind)}
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert lines
    assert {line[end] for line in lines for end in ("derived_key", "origin_key")} <= known
