"""Which answer of a provider is surely an item's own: near misses are no match."""

import datetime
from typing import Any

import pytest
from django.db.models import F

from catalog.models import Creator, Credit, Item, Role
from catalog.pictures.providers import CoverArtArchive, Found, OpenLibrary, Provider, Tmdb
from catalog.tests.shelves import make

pytestmark = pytest.mark.django_db
MBID = "76df3287-6cda-33eb-8e9a-044b5e15ffdd"
OTHER = "11111111-2222-3333-4444-555555555555"


def loaded(item: Item) -> Item:
    return Item.objects.select_related("movie", "track", "book").with_cards().get(pk=item.pk)


def film(**more: Any) -> dict[str, Any]:
    return {
        "id": 11, "title": "Solaris", "original_title": "Солярис", "poster_path": "/s.jpg",
        "release_date": "1972-03-20",
    } | more  # fmt: skip


def chosen(provider: Provider, item: Item, answer: Any) -> str | None:
    found: Found | None = provider.choose(loaded(item), answer)
    return found.url if found else None


@pytest.fixture
def solaris() -> Item:
    return make("movie", "Solaris", year=1972, original_title="Солярис")


@pytest.mark.parametrize(
    "film_told",
    [
        film(),
        film(title="SOLARIS!", original_title=""),
        film(title="Солярис", original_title=""),
        film(release_date="1973-01-01"),
        film(release_date="1971"),
    ],
    ids=["same", "punctuation", "original title", "a year later", "a year before"],
)
def test_a_film_is_known_by_title_and_year(solaris: Item, film_told: dict[str, Any]) -> None:
    assert chosen(Tmdb(), solaris, {"results": [film_told]}) == (
        "https://image.tmdb.org/t/p/w500/s.jpg"
    )


@pytest.mark.parametrize(
    "film_told",
    [
        film(release_date="2002-11-27"),
        film(release_date="1974-01-01"),
        film(release_date=""),
        film(release_date=None),
        film(title="Solaris 2", original_title="Solaris 2"),
        film(title="The Making of Solaris", original_title=None),
        film(title=None, original_title=None),
        film(poster_path=None),
    ],
    ids=["remake", "two years", "no date", "null date", "sequel", "about it", "none", "no poster"],
)
def test_another_film_is_not_taken_for_it(solaris: Item, film_told: dict[str, Any]) -> None:
    assert chosen(Tmdb(), solaris, {"results": [film_told]}) is None


def test_of_two_films_the_one_of_the_very_year_is_taken(solaris: Item) -> None:
    films = [film(release_date="1973-05-01", poster_path="/no.jpg"), film()]
    assert str(chosen(Tmdb(), solaris, {"results": films})).endswith("/s.jpg")


def test_of_two_films_of_a_year_the_one_of_the_very_day_is_taken(solaris: Item) -> None:
    solaris.release_date = datetime.date(1972, 3, 20)
    solaris.save()
    films = [film(release_date="1972-05-01", poster_path="/no.jpg"), film()]
    assert str(chosen(Tmdb(), solaris, {"results": films})).endswith("/s.jpg")


def test_between_two_films_that_fit_alike_there_is_no_choice(solaris: Item) -> None:
    twins = [film(id=1), film(id=2, poster_path="/other.jpg")]
    assert chosen(Tmdb(), solaris, {"results": twins}) is None


def test_a_film_without_a_year_is_not_asked_about() -> None:
    assert Tmdb().question(loaded(make("movie", "Alone"))) is None


def test_titles_without_letters_are_not_all_the_same() -> None:
    item = make("movie", "???", year=2001)
    told = film(title="!!!", original_title="...", release_date="2001-01-01")
    assert chosen(Tmdb(), item, {"results": [told]}) is None


@pytest.mark.parametrize("path", ["//evil.example/x.jpg", "/../x.jpg", "@evil.example", "/x.svg"])
def test_an_address_of_another_form_is_refused(solaris: Item, path: str) -> None:
    with pytest.raises(ValueError, match="another form"):
        chosen(Tmdb(), solaris, {"results": [film(poster_path=path)]})


def work(**more: Any) -> dict[str, Any]:
    told = {"key": "/works/OL1W", "title": "Dune", "author_name": ["Frank Herbert"], "cover_i": 5}
    return told | more


@pytest.mark.parametrize("title", ["Dune", "Dune (Dune, #1)", "DUNE"])
def test_a_book_is_known_by_title_and_author(title: str) -> None:
    item = make("book", title, by="Frank Herbert")
    assert chosen(OpenLibrary(), item, {"docs": [work(title="Dune ")]}) == (
        "https://covers.openlibrary.org/b/id/5-L.jpg?default=false"
    )


def test_a_name_with_other_spaces_and_accents_is_the_same_author() -> None:
    item = make("book", "Emma", by="J. K. Brontë")
    told = work(title="Emma", author_name=["Someone", "J.K. Bronte"])
    assert chosen(OpenLibrary(), item, {"docs": [told]}) is not None


@pytest.mark.parametrize(
    "told",
    [
        work(author_name=["Brian Herbert"]),
        work(author_name=None),
        work(title="Dune Messiah"),
        work(title="Dune (graphic novel)"),
        work(cover_i=None),
    ],
    ids=["another author", "no author", "another book", "another form", "no cover"],
)
def test_another_book_is_not_taken_for_it(told: dict[str, Any]) -> None:
    item = make("book", "Dune", by="Frank Herbert")
    assert chosen(OpenLibrary(), item, {"docs": [told]}) is None


def test_a_book_without_an_author_is_not_asked_about() -> None:
    assert OpenLibrary().question(loaded(make("book", "Beowulf"))) is None


def release(**more: Any) -> dict[str, Any]:
    return {
        "id": OTHER, "title": "Blue", "status": "Official",
        "release-group": {"id": MBID, "primary-type": "Album"},
    } | more  # fmt: skip


def recording(**more: Any) -> dict[str, Any]:
    return {
        "title": "River", "artist-credit": [{"name": "Joni Mitchell"}], "releases": [release()]
    } | more  # fmt: skip


@pytest.fixture
def river() -> Item:
    return make("track", "River", by="Joni Mitchell", album="Blue")


@pytest.mark.parametrize(
    ("title", "album"),
    [
        ("River", "Blue"),
        ("River - Remastered 2011", "Blue"),
        ("River - 2011 Remaster", "Blue"),
        ("River (feat. Someone Else)", "Blue"),
        ("River", ""),
    ],
)
def test_a_track_is_known_by_recording_artist_and_album(title: str, album: str) -> None:
    item = make("track", title, by="Joni Mitchell", album=album)
    assert chosen(CoverArtArchive(), item, {"recordings": [recording()]}) == (
        f"https://coverartarchive.org/release-group/{MBID}/front-500"
    )


def test_a_release_without_a_group_is_asked_for_by_itself(river: Item) -> None:
    told = recording(releases=[release(**{"release-group": None})])
    assert str(chosen(CoverArtArchive(), river, {"recordings": [told]})).endswith(
        f"/release/{OTHER}/front-500"
    )


@pytest.mark.parametrize(
    "told",
    [
        recording(title="River (live)"),
        recording(**{"artist-credit": [{"name": "Herbie Hancock"}]}),
        recording(**{"artist-credit": []}),
        recording(releases=[release(title="Hits")]),
        recording(releases=[]),
    ],
    ids=["live", "another artist", "nobody", "another album", "no release"],
)
def test_another_recording_is_not_taken_for_it(river: Item, told: dict[str, Any]) -> None:
    assert chosen(CoverArtArchive(), river, {"recordings": [told]}) is None


@pytest.mark.parametrize(
    "told",
    [
        release(status="Bootleg"),
        release(**{"release-group": {"id": MBID, "secondary-types": ["Compilation"]}}),
    ],
)
def test_without_an_album_a_compilation_or_bootleg_is_not_taken(told: dict[str, Any]) -> None:
    item = make("track", "River", by="Joni Mitchell")
    answer = {"recordings": [recording(releases=[told])]}
    assert chosen(CoverArtArchive(), item, answer) is None


def test_quotes_in_a_title_do_not_change_the_search() -> None:
    item = make("track", 'Say "Yes" \\ No', by="Ada")
    question = CoverArtArchive().question(loaded(item))
    assert question is not None
    assert question.params["query"] == r'recording:"Say \"Yes\" \\ No" AND artist:"Ada"'


def test_a_performer_who_only_composed_is_not_asked_about() -> None:
    item = make("track", "Nocturne")
    composer = Creator.objects.create(name="Chopin")
    Credit.objects.create(item=item, creator=composer, role=Role.COMPOSER)
    assert CoverArtArchive().question(loaded(item)) is None


def test_a_picture_comes_with_a_card_at_no_query(django_assert_num_queries: Any) -> None:
    make("book", "Dune", by="Frank Herbert", genres=("Classics",))
    with django_assert_num_queries(3):
        cards = list(Item.objects.with_cards().order_by(F("pk")))
        assert [getattr(item, "picture", None) for item in cards] == [None]
