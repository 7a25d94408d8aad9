"""Rules → items: at import, over the whole catalogue, after an edit; and the seed's place in it."""

from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from catalog import tasks, vocabulary
from catalog.card_cache import cards
from catalog.importing import import_source
from catalog.models import Book, GenreRule, Item, Movie, SoundRule, Term, Track
from catalog.revision import revision
from catalog.tests.shelves import make
from catalog.tests.source_files import Cells, book, movie, track, write_csv
from catalog.vocabulary import seeding

pytestmark = pytest.mark.django_db

Import = Callable[..., object]


@pytest.fixture
def load(tmp_path: Path) -> Import:
    def load(kind: str, *cells: Cells) -> object:
        location = write_csv(tmp_path / f"{kind}.csv", cells)
        return import_source(kind, location, failed_rows=tmp_path / "failed.csv", progress=False)

    return load


@pytest.fixture
def words() -> None:
    """A vocabulary of two themes and a mood."""
    love = Term.objects.create(name="love", what="theme")
    night = Term.objects.create(name="night", what="theme")
    warm = Term.objects.create(name="warm", what="mood")
    for kind, slug, term in (("movie", "romance", love), ("track", "house", night)):
        GenreRule.objects.create(kind=kind, genre_slug=slug, term=term)
    GenreRule.objects.create(kind="movie", genre_slug="romance", term=warm)
    SoundRule.objects.create(term=night, danceability_from=0.8)


def change_rules() -> None:
    """Romance is about the night now, and tender."""
    GenreRule.objects.filter(term__name="love").update(term=Term.objects.get(name="night"))
    tender = Term.objects.create(name="tender", what="mood")
    GenreRule.objects.filter(term__name="warm").update(term=tender)


# --- the seed --------------------------------------------------------------------------------


def test_a_site_without_terms_gets_the_seed_and_one_with_terms_keeps_its_own() -> None:
    assert vocabulary.ensure()
    assert (Term.objects.count(), SoundRule.objects.count()) == (70, 19)
    rules = GenreRule.objects.count()
    Term.objects.get(name="love").delete()
    assert not vocabulary.ensure()
    assert Term.objects.count() == 69
    assert GenreRule.objects.count() < rules


def test_what_is_stored_are_the_rules_of_the_seed() -> None:
    vocabulary.ensure()
    stored, seeded = vocabulary.load(), vocabulary.seeded()
    heard = {"valence": 0.2, "energy": 0.3, "tempo": 80.0}
    for kind, slug in (("movie", "war"), ("book", "poetry"), ("track", "blues")):
        assert stored.votes(kind, [slug], heard) == seeded.votes(kind, [slug], heard)


def test_of_two_processes_that_seed_at_once_the_slower_one_does_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def beaten(folder: Path) -> None:
        Term.objects.create(name="love", what="theme")
        raise IntegrityError

    monkeypatch.setattr(seeding, "_write", beaten)
    assert not vocabulary.ensure()
    assert not Term.objects.exists()


def test_a_reset_takes_the_vocabulary_back_and_leaves_the_items_alone(words: None) -> None:
    film = make("movie", "Brief", moods=["warm"], themes=["love"])
    vocabulary.reset()
    assert Term.objects.count() == 70
    film.refresh_from_db()
    assert (film.moods, film.themes) == (["warm"], ["love"])


# --- at import -------------------------------------------------------------------------------


def test_an_import_into_an_empty_site_brings_the_vocabulary_with_it(load: Import) -> None:
    load("movie", movie(genre="Romance"))
    load("track", track(track_genre="techno"))
    load("book", book(Genres="['Love Story']"))
    assert Movie.objects.get().themes[0] == Book.objects.get().themes[0] == "love"
    assert "night" in Track.objects.get().themes
    assert not Item.objects.filter(own_moods=True).exists()


def test_an_import_reads_the_rules_once_and_an_unchanged_one_not_at_all(
    load: Import, words: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    real = vocabulary.load

    def counted() -> vocabulary.Rules:
        calls.append(1)
        return real()

    monkeypatch.setattr(vocabulary, "load", counted)
    monkeypatch.setattr("catalog.importing.BATCH", 2)
    films = [movie(orig_title=f"Film {n}") for n in range(5)]
    load("movie", *films)
    load("movie", *films)
    assert calls == [1]


def test_changed_rules_do_not_make_a_row_a_changed_one(load: Import, words: None) -> None:
    load("movie", movie(genre="Romance"))
    change_rules()
    report = load("movie", movie(genre="Romance"))
    assert (report.updated, report.unchanged) == (0, 1)  # type: ignore[attr-defined]
    assert Movie.objects.get().themes == ["love"]


def test_a_changed_row_gets_the_themes_of_today_and_leaves_an_editors_moods_alone(
    load: Import, words: None
) -> None:
    load("movie", movie(genre="Romance"))
    Movie.objects.update(moods=["bleak"], own_moods=True)
    change_rules()
    load("movie", movie(genre="Romance", score="12"))
    film = Movie.objects.get()
    assert (film.moods, film.own_moods, film.themes) == (["bleak"], True, ["night"])


def test_what_is_imported_and_what_is_applied_are_the_same(load: Import) -> None:
    load("movie", movie(), movie(orig_title="Other", genre="War,\u00a0Romance"))
    load("track", track(), track(track_id="t2", valence="0.9", energy="0.9", danceability="0.9"))
    load("book", book(), book(Book="Other", Genres="['Sci-Fi', 'Love', 'Ghosts']"))
    assert vocabulary.affected() == 0


# --- the whole catalogue ---------------------------------------------------------------------


def test_applying_gives_every_item_what_the_rules_say(words: None) -> None:
    film = make("movie", "Brief", genres=("Romance",))
    song = make("track", "Loop", danceability=0.9)
    told = make("movie", "Told", genres=("Romance",), moods=["bleak"], own_moods=True)
    other = make("book", "Salt", themes=["love"])
    assert vocabulary.affected() == 4
    assert vocabulary.apply(progress=False) == (4, 4)
    for item, moods, themes in (
        (film, ["warm"], ["love"]),
        (song, [], ["night"]),
        (told, ["bleak"], ["love"]),
        (other, [], []),
    ):
        item.refresh_from_db()
        assert (item.moods, item.themes) == (moods, themes), item.title


def test_applying_again_writes_nothing_and_is_no_change_of_the_catalogue(words: None) -> None:
    make("movie", "Brief", genres=("Romance",))
    vocabulary.apply(progress=False)
    before = revision()
    assert vocabulary.apply(progress=False) == (1, 0)
    assert revision() == before


def test_applying_is_noticed_by_all_that_is_kept_of_the_catalogue(words: None) -> None:
    film = make("movie", "Brief", genres=("Romance",))
    assert cards.get([film.item_id])[film.item_id].themes == []
    before = revision()
    vocabulary.apply(progress=False)
    assert revision() != before
    assert cards.get([film.item_id])[film.item_id].themes == ["love"]


def test_applying_goes_through_the_catalogue_in_batches(
    words: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("catalog.vocabulary.applying.BATCH", 2)
    for n in range(5):
        make("movie", f"Film {n}", genres=("Romance",))
    assert vocabulary.apply(progress=True) == (5, 5)
    assert "5/5" in capsys.readouterr().err


def test_one_item_is_brought_up_to_date_in_few_queries(
    words: None, django_assert_max_num_queries: Callable[..., Iterator[None]]
) -> None:
    film = make("movie", "Brief", genres=("Romance",))
    with django_assert_max_num_queries(10):  # type: ignore[attr-defined]
        assert vocabulary.refresh(item=film)
    assert film.themes == ["love"]
    assert not vocabulary.refresh(item=film)


def test_the_task_applies_the_vocabulary(words: None) -> None:
    make("movie", "Brief", genres=("Romance",))
    assert tasks.apply_vocabulary() == "1 of 1 items changed"
    assert Movie.objects.get().themes == ["love"]


# --- the command -----------------------------------------------------------------------------


def command(*options: str) -> str:
    out = StringIO()
    call_command("apply_vocabulary", *options, stdout=out)
    return out.getvalue()


def test_the_command_applies_and_says_how_many_changed(words: None) -> None:
    make("movie", "Brief", genres=("Romance",))
    make("movie", "Plain")
    assert command() == "1 of 2 items changed.\n"


def test_the_command_can_only_look(words: None) -> None:
    make("movie", "Brief", genres=("Romance",))
    assert command("--dry-run") == "1 items would change.\n"
    assert Movie.objects.get().themes == []


def test_the_command_can_go_back_to_the_seed(words: None) -> None:
    make("movie", "Brief", genres=("Romance",))
    command("--reset")
    assert Term.objects.count() == 70
    assert Movie.objects.get().themes == ["love", "desire"]


def test_a_reset_is_not_tried_out(words: None) -> None:
    with pytest.raises(CommandError, match="leave out --reset or --dry-run"):
        command("--reset", "--dry-run")
    assert Term.objects.count() == 3
