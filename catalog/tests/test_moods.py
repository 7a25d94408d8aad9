"""Our own table of moods."""

import pytest

from catalog.moods import BY_GENRE, MOODS, moods_for

_SCREEN = """Action Adventure Animation Comedy Crime Documentary Drama Family Fantasy History Horror
Music Mystery Romance Thriller War Western"""
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


def audio(valence: float, energy: float, **others: float) -> dict[str, float | None]:
    return {"valence": valence, "energy": energy, **others}


def test_the_table_holds_only_words_of_the_vocabulary() -> None:
    assert len(MOODS) == len(set(MOODS)) == 30
    used = {mood for table in BY_GENRE.values() for moods in table.values() for mood in moods}
    assert used <= set(MOODS)


def test_every_genre_of_the_music_source_has_a_mood() -> None:
    assert len(STAGE) == 114
    assert [genre for genre in STAGE if not moods_for("track", [genre])] == []


@pytest.mark.parametrize("kind", ["movie", "book"])
def test_every_movie_genre_has_a_mood_in_movies_and_books(kind: str) -> None:
    genres = [*SCREEN, "Science Fiction"]
    assert [genre for genre in genres if not moods_for(kind, [genre])] == []


def test_a_genre_that_is_not_in_the_table_has_no_mood() -> None:
    assert moods_for("movie", ["Unknown"]) == []


def test_there_are_never_more_than_four() -> None:
    assert len(moods_for("movie", SCREEN)) == 4


def test_the_same_genres_give_the_same_moods_in_any_order() -> None:
    assert moods_for("movie", ["War", "Romance"]) == moods_for("movie", ["Romance", "War"])


def test_a_mood_that_two_genres_share_comes_first() -> None:
    assert moods_for("movie", ["Mystery", "Thriller"])[0] == "tense"


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
def test_sound_alone_tells_a_mood(sound: dict[str, float | None], mood: str) -> None:
    assert moods_for("track", [], sound)[0] == mood


def test_one_genre_sounds_different_by_its_figures() -> None:
    assert moods_for("track", ["pop"], audio(0.1, 0.2)) != moods_for(
        "track", ["pop"], audio(0.9, 0.9)
    )


def test_missing_figures_are_no_mood() -> None:
    nothing = {"valence": None, "energy": None}
    assert moods_for("track", ["folk"], nothing) == moods_for("track", ["folk"])
