"""How a track sounds, on its page: seven measures against the average of its genre."""

from typing import Any

import pytest
from django.test import Client

from catalog.models import Kind
from catalog.sound import ENOUGH, MEASURES, read_averages
from catalog.tests.pages import text_of
from catalog.tests.shelves import casablanca, make

pytestmark = pytest.mark.django_db

FULL: dict[str, Any] = dict.fromkeys(MEASURES, 0.5)


def test_a_tracks_sound_is_held_against_its_genre(client: Client) -> None:
    for n in range(4):
        make("track", f"Quiet {n}", genres=("Ambient",), **{**FULL, "energy": 0.1})
    track = make("track", "Loud", genres=("Ambient",), **{**FULL, "energy": 0.6})
    page = text_of(client, track.get_absolute_url())
    assert 'class="radar"' in page
    assert "Energetic 60, average of Ambient 20" in page
    assert "Average of 5 Ambient tracks" in page
    assert "<td>60</td><td>20</td>" in page
    assert "<details" in page


def test_a_genre_with_few_tracks_has_no_average(client: Client) -> None:
    track = make("track", "Alone", genres=("Ambient",), **FULL)
    page = text_of(client, track.get_absolute_url())
    assert 'class="radar"' in page
    assert "radar__other" not in page
    assert "Average of" not in page


def test_two_measures_are_a_table_without_a_drawing(client: Client) -> None:
    _, song, _ = casablanca()
    page = text_of(client, song.get_absolute_url())
    assert 'class="radar"' not in page
    assert '<details class="sound__numbers" open>' in page


def test_a_measure_of_nothing_is_told_as_nothing_and_not_left_out(client: Client) -> None:
    still = make("track", "Still", **{**FULL, "energy": 0.0})
    page = text_of(client, still.get_absolute_url())
    assert "Energetic</th><td>0</td>" in page


def test_a_film_or_a_track_without_measures_has_no_sound(client: Client) -> None:
    film, _, _ = casablanca()
    for item in (film, make("track", "Unheard", album="Silence")):
        assert "How it sounds" not in text_of(client, item.get_absolute_url())


def test_of_several_genres_the_one_with_most_tracks_is_held_against(client: Client) -> None:
    for n in range(ENOUGH):
        make("track", f"Drone {n}", genres=("Drone",), **FULL)
    for n in range(ENOUGH + 1):
        make("track", f"Quiet {n}", genres=("Ambient",), **FULL)
    track = make("track", "Both", genres=("Drone", "Ambient"), **FULL)
    page = text_of(client, track.get_absolute_url())
    assert f"Average of {ENOUGH + 2} Ambient tracks" in page


def test_averages_are_of_measured_tracks_alone() -> None:
    for n in range(ENOUGH):
        make("track", f"Track {n}", genres=("Ambient",), energy=0.2)
    make("track", "Unmeasured", genres=("Ambient",))
    for kind in (Kind.MOVIE, Kind.BOOK):
        make(kind, "Of the same name", genres=("Ambient",))
    (average,) = read_averages().values()
    assert average.tracks == ENOUGH
    assert average.values["energy"] == pytest.approx(0.2)
    assert average.values["valence"] is None
