"""Which pairs look like one work, why, and which do not."""

from typing import Any

import pytest

from catalog import duplicates
from catalog.duplicates import Pair, keep_apart
from catalog.merging import merge
from catalog.models import Creator, Credit, Item, Role, Track
from catalog.tests.shelves import make

pytestmark = pytest.mark.django_db


def cast(item: Item, *names: str) -> Item:
    """Credits these people, after whoever is credited."""
    for place, name in enumerate(names, start=item.credits.count()):
        creator, _ = Creator.objects.get_or_create(name=name)
        Credit.objects.create(item=item, creator=creator, role=Role.ACTOR, position=place)
    return item


def film(title: str, year: int | None, *names: str, **more: Any) -> Item:
    return cast(make("movie", title, year=year, **more), *names)


def track(title: str, artist: str, minutes: float | None, track_id: str = "") -> Item:
    return make("track", title, by=artist, duration_minutes=minutes, track_id=track_id)


def the_pair(kind: str) -> Pair:
    (pair,) = duplicates.pairs(kind)
    return pair


# --- Movies -------------------------------------------------------------------------------


@pytest.mark.parametrize("year", [1979, 1980, None])
def test_a_film_of_one_title_cast_and_year_is_surely_the_same(year: int | None) -> None:
    first = film("The Alien", 1979, "Sigourney Weaver", "John Hurt", "Ian Holm")
    second = film("Alien!", year, "Ian Holm", "Sigourney  Weaver")
    pair = the_pair("movie")
    assert (pair.first, pair.second, pair.sure) == (first.pk, second.pk, True)
    assert "2 people in common" in pair.reasons


def test_a_remake_with_another_cast_is_another_film() -> None:
    film("Ghostbusters", 1984, "Bill Murray", "Dan Aykroyd")
    film("Ghostbusters", 2016, "Kristen Wiig", "Melissa McCarthy")
    film("Ghostbusters", 1985, "Somebody Else")
    film("Ghostbusters", None, "Another One")
    assert duplicates.pairs("movie") == []


def test_a_sequel_with_a_few_of_the_same_people_is_another_film() -> None:
    film("Suicide Squad", 2016, *(f"Old {n}" for n in range(6)), "A", "B", "C")
    film("The Suicide Squad", 2021, *(f"New {n}" for n in range(6)), "A", "B", "C")
    assert duplicates.pairs("movie") == []


def test_a_re_release_with_the_same_cast_is_likely_the_same() -> None:
    film("Ikiru", 1952, "Takashi Shimura", "Nobuo Kaneko")
    film("Ikiru", 2006, "Takashi Shimura", "Nobuo Kaneko", "Haruo Tanaka")
    pair = the_pair("movie")
    assert not pair.sure
    assert pair.reasons == ("same title", "54 years apart", "2 people in common")


def test_films_are_compared_by_original_title_too() -> None:
    film("The Raid", 2012, "Iko Uwais", original_title="Serbuan Maut")
    film("The Raid: Redemption", 2011, "Iko Uwais", original_title="Serbuan maut")
    assert the_pair("movie").sure


def test_where_nobody_is_named_the_year_must_be_the_same() -> None:
    film("It", 2017, "Bill Skarsgård")
    film("It", 2016)
    assert duplicates.pairs("movie") == []
    film("It", 2017)
    assert not the_pair("movie").sure


# --- Books --------------------------------------------------------------------------------


def test_a_book_of_one_title_and_author_is_surely_the_same() -> None:
    make("book", "The Hobbit", by="J. R. R. Tolkien", year=1937)
    make("book", "The Hobbit (The Lord of the Rings, #0)", by="J.R.R. Tolkien")
    assert the_pair("book").sure


def test_volumes_of_a_series_are_different_books() -> None:
    make("book", "Vampire Knight (Vampire Knight, #1)", by="Matsuri Hino")
    make("book", "Vampire Knight (Vampire Knight, #2)", by="Matsuri Hino")
    assert duplicates.pairs("book") == []


def test_a_title_that_two_authors_used_is_two_books() -> None:
    make("book", "Invisible Man", by="Ralph Ellison")
    make("book", "The Invisible Man", by="H. G. Wells")
    make("book", "Poems", by="Unknown")
    make("book", "Poems", by="Unknown")  # nobody knows that it is the same nobody
    assert duplicates.pairs("book") == []


# --- Tracks -------------------------------------------------------------------------------


def test_a_release_of_the_same_length_is_surely_the_same_recording() -> None:
    first = track("Holiday", "Madonna", 6.12, "a")
    second = track("Holiday", "Madonna", 6.13, "b")
    reasons = ("same title", "same artist", "same length")
    assert the_pair("track") == Pair("track", first.pk, second.pk, True, reasons)


@pytest.mark.parametrize(("minutes", "found"), [(6.18, [False]), (None, [False]), (5.0, [])])
def test_another_length_makes_it_less_sure_or_another_version(
    minutes: float | None, found: list[bool]
) -> None:
    track("Holiday", "Madonna", 6.12, "a")
    track("Holiday", "Madonna", minutes, "b")
    assert [pair.sure for pair in duplicates.pairs("track")] == found


def test_a_carol_by_two_artists_is_two_tracks() -> None:
    track("Silent Night", "Annie Lennox", 3.7)
    track("Silent Night", "Bing Crosby", 3.7)
    assert duplicates.pairs("track") == []


def test_one_track_id_is_one_track_whatever_it_is_called() -> None:
    track("Holiday", "Madonna", 6.1, "same")
    track("Ferien", "Madonna", 4.0, "same")
    assert the_pair("track").reasons == ("same track id",)


def test_many_releases_make_one_pair_less_than_there_are() -> None:
    for number in range(30):
        track("Run Rudolph Run", "Chuck Berry", 2.7, str(number))
    assert len(duplicates.pairs("track")) == 29


# --- All kinds ----------------------------------------------------------------------------


def test_a_film_and_its_book_are_two_works() -> None:
    film("Dune", 1984, "Frank Herbert")
    make("book", "Dune", by="Frank Herbert", year=1984)
    assert duplicates.count() == {"movie": 0, "track": 0, "book": 0}


def test_titles_without_letters_are_not_like_each_other() -> None:
    make("book", "!!!", by="A")
    make("book", "???", by="A")
    assert duplicates.pairs("book") == []


def test_what_is_said_to_be_two_works_is_proposed_again_only_when_that_is_taken_back() -> None:
    first, second = (make("book", "Emma", by="Jane Austen") for _ in range(2))
    assert duplicates.count()["book"] == 1
    decision = keep_apart(first=second, second=first)
    assert keep_apart(first=first, second=second) == decision
    assert duplicates.count()["book"] == 0
    decision.delete()
    assert duplicates.count()["book"] == 1
    with pytest.raises(ValueError, match="itself"):
        keep_apart(first=first, second=first)


def test_a_third_twin_is_compared_with_the_one_that_it_may_be() -> None:
    first, second, third = (make("book", "Emma", by="Jane Austen") for _ in range(3))
    keep_apart(first=first, second=third)
    found = [(pair.first, pair.second) for pair in duplicates.pairs("book")]
    assert found == [(first.pk, second.pk), (second.pk, third.pk)]


def test_a_merge_takes_its_pair_off_the_list() -> None:
    first, second = (make("book", "Emma", by="Jane Austen") for _ in range(2))
    assert duplicates.count()["book"] == 1
    merge(kept=first, gone=second, by=None)
    assert duplicates.count()["book"] == 0


def test_a_look_at_everything_takes_few_queries(django_assert_max_num_queries: Any) -> None:
    for number in range(80):
        title, pair = f"Title {number // 2}", number % 2
        make("track", title, by=f"Artist {number // 2}", duration_minutes=3.0, track_id=str(number))
        make("book", title, by=f"Author {number // 2}", language="English" if pair else "")
    Track.objects.update(year=2000)
    with django_assert_max_num_queries(8):
        found = duplicates.find()
    assert len(found) == 80
