"""What the rules make of genres and sound; and the rules that Segue starts with."""

import ast
import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils.text import slugify

from catalog.models import GenreRule, Kind, SoundRule, Term
from catalog.starter_catalogue import read
from catalog.tests.words import seed_terms
from catalog.vocabulary import Rules, SeedError, seeded
from catalog.vocabulary.explained import in_words
from catalog.vocabulary.rules import MOST, bounds_of
from catalog.vocabulary.seeding import FOLDER

_SCREEN = """Action Adventure Animation Comedy Crime Documentary Drama Family Fantasy History Horror
Music Mystery Romance Thriller War"""
SCREEN = _SCREEN.split()
_STAGE = """acoustic afrobeat alt-rock alternative ambient anime black-metal bluegrass blues brazil
breakbeat british cantopop chicago-house children chill classical club comedy country dance
dancehall death-metal deep-house detroit-techno disco disney drum-and-bass dub dubstep edm electro
electronic emo folk forro french funk garage german gospel goth grindcore groove grunge guitar
happy hard-rock hardcore hardstyle heavy-metal hip-hop honky-tonk house idm indian indie indie-pop
industrial iranian j-dance j-idol j-pop j-rock jazz k-pop kids latin latino malay mandopop metal
metalcore minimal-techno mpb new-age opera pagode party piano pop pop-film power-pop
progressive-house psych-rock punk punk-rock r-n-b reggae reggaeton rock rock-n-roll rockabilly
romance sad salsa samba sertanejo show-tunes singer-songwriter ska sleep songwriter soul spanish
study swedish synth-pop tango techno trance trip-hop turkish world-music"""
STAGE = _STAGE.split()
# Shelves that name a form or a reading list, and nothing of what is inside.
_SAY_NOTHING = """audiobook book-club amazon roman read-for-school unfinished 21st-century modern
collections media-tie-in novels adult adult-fiction short-stories novella anthologies nobel-prize"""
SAY_NOTHING = set(_SAY_NOTHING.split())


@pytest.fixture(scope="module")
def rules() -> Rules:
    return seeded()


def audio(valence: float, energy: float, **others: float | None) -> dict[str, float | None]:
    return {"valence": valence, "energy": energy, **others}


def moods(rules: Rules, kind: str, *genres: str) -> list[str]:
    return rules.terms_for(kind, map(slugify, genres)).moods


def themes(rules: Rules, kind: str, *genres: str) -> list[str]:
    return rules.terms_for(kind, map(slugify, genres)).themes


# --- rules -----------------------------------------------------------------------------------


def some_rules(*genre_votes: tuple[str, int, float], sounds: tuple[SoundRule, ...] = ()) -> Rules:
    """Terms 1 and 2 are the themes sea and land, 3 to 8 are moods; votes are (genre, term, votes)
    of books."""
    terms = [Term(pk=1, name="sea", what="theme"), Term(pk=2, name="land", what="theme")]
    terms += [Term(pk=pk, name=f"mood {pk}", what="mood") for pk in range(3, 9)]
    votes = [
        GenreRule(kind="book", genre_slug=slug, term_id=term, weight=weight)
        for slug, term, weight in genre_votes
    ]
    return Rules(terms, votes, sounds)


def test_the_votes_of_all_genres_are_added_up() -> None:
    found = some_rules(("a", 2, 1.0), ("a", 1, 0.8), ("b", 1, 0.5))
    assert found.terms_for("book", ["a", "b"]).themes == ["sea", "land"]
    assert [round(vote.votes, 2) for vote in found.votes("book", ["a", "b"])] == [1.3, 1.0]


def test_a_genre_votes_once_and_only_in_its_kind() -> None:
    found = some_rules(("a", 1, 1.0))
    assert found.votes("book", ["a", "a"])[0].votes == 1.0
    assert found.terms_for("movie", ["a"]) == ([], [])


def test_of_equal_votes_the_term_that_was_added_first_wins() -> None:
    found = some_rules(("a", 2, 1.0), ("b", 1, 1.0))
    assert found.terms_for("book", ["a", "b"]).themes == ["sea", "land"]
    assert found.terms_for("book", ["b", "a"]).themes == ["sea", "land"]


def test_a_theme_far_weaker_than_the_strongest_is_left_out_and_a_mood_is_not() -> None:
    found = some_rules(("a", 1, 1.0), ("a", 2, 0.39), ("a", 3, 1.0), ("a", 4, 0.1))
    assert found.terms_for("book", ["a"]) == (["mood 3", "mood 4"], ["sea"])


def test_there_are_never_more_than_four() -> None:
    found = some_rules(*[("a", term, 1.0) for term in range(1, 9)])
    assert found.terms_for("book", ["a"]).moods == [f"mood {n}" for n in range(3, 3 + MOST)]


def test_a_rule_without_weight_gives_nothing() -> None:
    assert some_rules(("a", 1, 0.0)).terms_for("book", ["a"]) == ([], [])


@pytest.mark.parametrize(
    ("energy", "holds"), [(0.19, False), (0.2, True), (0.49, True), (0.5, False), (None, False)]
)
def test_a_sound_counts_from_its_lower_bound_to_below_its_upper(
    energy: float | None, holds: bool
) -> None:
    sound = SoundRule(term_id=3, weight=1.0, energy_from=0.2, energy_below=0.5)
    found = some_rules(sounds=(sound,)).terms_for("track", [], {"energy": energy})
    assert found.moods == (["mood 3"] if holds else [])


def test_a_sound_rule_without_bounds_gives_nothing() -> None:
    unfinished = SoundRule(term_id=3, weight=1.0)
    assert some_rules(sounds=(unfinished,)).terms_for("track", [], audio(0.5, 0.5)) == ([], [])


def test_bounds_are_told_in_words() -> None:
    rule = SoundRule(valence_from=0.35, valence_below=0.55, energy_from=0.8, tempo_below=90)
    assert in_words(bounds_of(rule)) == (
        "cheerfulness from 0.35 to under 0.55 and energy from 0.8 and tempo under 90 beats a minute"
    )
    assert in_words([]) == ""


# --- the seed --------------------------------------------------------------------------------


def test_there_are_forty_themes_and_thirty_moods_each_with_a_line_for_readers() -> None:
    terms = seed_terms()
    assert Counter(term["what"] for term in terms) == {"theme": 40, "mood": 30}
    assert len({term["name"] for term in terms}) == 70
    assert all(10 <= len(term["description"]) <= 120 for term in terms)


def test_every_genre_of_the_music_source_has_a_mood_and_a_theme(rules: Rules) -> None:
    assert len(STAGE) == 114
    assert [name for name in STAGE if not moods(rules, "track", name)] == []
    assert [name for name in STAGE if not themes(rules, "track", name)] == []


@pytest.mark.parametrize("kind", ["movie", "book"])
def test_every_movie_genre_has_a_mood_and_a_theme_in_movies_and_books(
    rules: Rules, kind: str
) -> None:
    names = [*SCREEN, "Science Fiction", "Western"]
    assert [name for name in names if not themes(rules, kind, name)] == []
    assert [name for name in [*names, "TV Movie"] if not moods(rules, kind, name)] == []


@pytest.mark.parametrize("kind", list(Kind), ids=[kind.value for kind in Kind])
def test_every_starter_work_has_a_theme(rules: Rules, kind: Kind) -> None:
    rows = [entry.row for entry in read(kind)]  # type: ignore[union-attr]
    without = [row.title for row in rows if not themes(rules, kind.value, *row.genres)]
    assert len(without) <= 0.02 * len(rows), without


def test_a_genre_that_is_not_in_the_table_says_nothing(rules: Rules) -> None:
    assert rules.terms_for("movie", ["unknown"]) == ([], [])


def test_the_same_genres_give_the_same_terms_in_any_order(rules: Rules) -> None:
    assert moods(rules, "movie", "War", "Romance") == moods(rules, "movie", "Romance", "War")
    assert themes(rules, "movie", "War", "Romance") == themes(rules, "movie", "Romance", "War")


def test_a_mood_that_two_genres_share_comes_first(rules: Rules) -> None:
    assert moods(rules, "movie", "Mystery", "Thriller")[0] == "tense"


def test_a_film_a_track_and_a_novel_meet_in_a_theme(rules: Rules) -> None:
    meet = [
        ("love", "Romance", "soul", "Love Story"),
        ("fear", "Horror", "goth", "Ghosts"),
        ("future", "Science Fiction", "techno", "Cyberpunk"),
        ("home", "Documentary", "country", "India"),
        ("humour", "Comedy", "comedy", "Humor"),
        ("childhood", "Family", "kids", "Picture Books"),
    ]
    for theme, film, track, book in meet:
        assert theme in themes(rules, "movie", film), film
        assert theme in themes(rules, "track", track), track
        assert theme in themes(rules, "book", book), book


@pytest.mark.parametrize(
    ("sound", "mood"),
    [
        (audio(0.1, 0.2), "melancholic"),
        (audio(0.1, 0.9), "dark"),
        (audio(0.9, 0.9), "energetic"),
        (audio(0.9, 0.7), "uplifting"),
        (audio(0.8, 0.4), "warm"),
        (audio(0.6, 0.1), "calm"),
        (audio(0.45, 0.4, acousticness=0.9), "intimate"),
    ],
)
def test_sound_alone_tells_a_mood(rules: Rules, sound: dict[str, float | None], mood: str) -> None:
    assert rules.terms_for("track", [], sound).moods[0] == mood


def test_a_fast_loud_track_to_dance_to_is_of_the_night(rules: Rules) -> None:
    club = audio(0.5, 0.8, danceability=0.8, tempo=124.0)
    assert rules.terms_for("track", [], club).themes == ["night"]
    assert rules.terms_for("track", [], club | {"tempo": 90.0}).themes == []


def test_one_genre_sounds_different_by_its_figures(rules: Rules) -> None:
    sad, glad = (
        rules.terms_for("track", ["pop"], sound) for sound in (audio(0.1, 0.2), audio(0.9, 0.9))
    )
    assert sad != glad


def test_missing_figures_are_no_mood(rules: Rules) -> None:
    nothing = {"valence": None, "energy": None}
    assert rules.terms_for("track", ["folk"], nothing) == rules.terms_for("track", ["folk"])


def _edited(tmp_path: Path, name: str, line: str) -> Path:
    for file in FOLDER.iterdir():
        (tmp_path / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    with (tmp_path / name).open("a", encoding="utf-8") as edited:
        edited.write(line + "\n")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "line", "sentence"),
    [
        ("genre_rules.csv", "book,polka,gladness", "there is no term 'gladness'"),
        ("genre_rules.csv", "song,polka,love", "there is no kind 'song'"),
        ("genre_rules.csv", "movie,romance,grief", "movie romance has its themes in another line"),
        ("sound_rules.csv", "gladness,1.0,,,,,,,,,,,,", "there is no term 'gladness'"),
    ],
)
def test_a_seed_that_contradicts_itself_is_an_error_by_line(
    tmp_path: Path, name: str, line: str, sentence: str
) -> None:
    with pytest.raises(SeedError, match=rf"{name}, line \d+: {sentence}"):
        seeded(folder=_edited(tmp_path, name, line))


# --- the real sources ------------------------------------------------------------------------


def _uses(path: Path, column: str, names: Callable[[str], list[str]]) -> Counter[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return Counter(
            slugify(name) for row in csv.DictReader(file) for name in names(row[column]) if name
        )


def test_of_every_hundred_uses_of_a_genre_the_rules_know_ninety_seven(
    rules: Rules, real: Path
) -> None:
    uses = {
        "movie": _uses(
            real / "imdb_movies.csv", "genre", lambda cell: cell.replace("\u00a0", " ").split(",")
        ),
        "track": _uses(real / "spotify_tracks.sample.csv", "track_genre", lambda cell: [cell]),
        "book": _uses(real / "goodreads_data.partial.csv", "Genres", ast.literal_eval),
    }
    for kind, counted in uses.items():
        known = sum(times for slug, times in counted.items() if rules.knows(kind, slug))
        assert known >= 0.97 * counted.total(), kind
    books = uses["book"]
    common = {slug for slug, times in books.items() if times >= 5} - SAY_NOTHING
    assert {slug for slug in common if not rules.terms_for("book", [slug]).themes} == set()
