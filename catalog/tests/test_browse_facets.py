"""The counts beside the choices: of what would be left, under all other filters."""

import re
from collections.abc import Mapping

import numpy as np
import pytest
from django.http import QueryDict
from django.test import Client

from catalog.browsing import narrowing_of
from catalog.columns_reading import columns
from catalog.facets import Choice, Selection
from catalog.filters import as_word, read_filters
from catalog.models import Creator, Credit, Item, Kind, Role
from catalog.tests.shelves import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> None:
    for title, genres, year, moods in (
        ("Alien", ("Horror", "SciFi"), 1979, ["dark", "tense"]),
        ("Solaris", ("Drama", "SciFi"), 1972, ["calm"]),
        ("Halloween", ("Horror",), 1978, ["dark"]),
        ("Ran", ("Drama",), 1985, ["epic"]),
    ):
        make("movie", title, genres=genres, year=year, moods=moods, country="US", score=80.0)
    make("book", "Dracula", genres=("Horror",), year=1897, moods=["dark"], rating=4.0)
    make("track", "Drone", genres=("ambient",), moods=["calm"], energy=0.1, tempo=60.0)


def narrowed(query: str, kind: str = "") -> Mapping[str, dict[str, int]]:
    """Facet → choice → count, of everything beside the list."""
    held = columns.get()
    filters = read_filters(QueryDict(query), held, kind)
    beside = narrowing_of(held, filters, Selection(held, filters))

    def counts(choices: list[Choice]) -> dict[str, int]:
        return {choice.value: choice.count for choice in choices}

    facets = [*beside.lists, *beside.drops, beside.people]
    found = {facet.name: counts([*facet.first, *facet.more]) for facet in facets}
    found["kind"] = counts(beside.kinds)
    found["rating"] = counts(beside.ratings)
    return found | {sound.name: counts(sound.named) for sound in beside.sounds}


@pytest.mark.usefixtures("shelf")
def test_everything_is_counted_where_nothing_is_asked_for() -> None:
    found = narrowed("")
    assert found["kind"] == {"": 6, "movie": 4, "track": 1, "book": 1}
    assert found["genre"] == {"horror": 3, "drama": 2, "scifi": 2, "ambient": 1}
    assert found["mood"] == {"dark": 3, "calm": 2, "epic": 1, "tense": 1}
    assert list(found["decade"].items()) == [("1980", 1), ("1970", 3), ("1890", 1)]
    assert found["rating"] == {"3": 5, "3.5": 5, "4": 5}
    assert found["tempo"] == {"slow": 1}


@pytest.mark.usefixtures("shelf")
def test_a_facet_is_counted_under_all_filters_but_its_own() -> None:
    found = narrowed("decade=1970&mood=dark")
    # The decade could be changed, so it counts what any decade would leave.
    assert found["decade"] == {"1970": 2, "1890": 1}
    assert found["kind"] == {"": 2, "movie": 2, "track": 0, "book": 0}
    # Another mood would come on top.
    assert found["mood"] == {"dark": 2, "tense": 1}
    assert found["genre"] == {"horror": 2, "scifi": 1}
    assert narrowed("decade=1970", "movie")["kind"] == {"": 3, "movie": 3, "track": 0, "book": 0}


@pytest.mark.usefixtures("shelf")
def test_a_choice_that_leaves_nothing_is_not_offered_but_one_that_was_made_stays() -> None:
    found = narrowed("genre=ambient&decade=1970")
    assert found["genre"] == {"ambient": 0}
    assert "country" not in found


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    "query", ["", "genre=horror", "genre=horror&mood=dark", "decade=1970&rating=4", "tempo_to=90"]
)
def test_every_count_is_what_choosing_it_finds(client: Client, query: str) -> None:
    """Whatever is promised beside a choice is what its page says it shows."""
    held = columns.get()
    checked = 0
    for kind in ("", *Kind.values):
        filters = read_filters(QueryDict(query), held, kind)
        beside = narrowing_of(held, filters, Selection(held, filters))
        facets = [*beside.lists, *beside.drops, beside.people]
        ways = [
            (filters.with_word(facet.name, as_word(facet.name, choice.value)).query(), choice)
            for facet in facets
            for choice in (*facet.first, *facet.more)
        ]
        named = [choice for sound in beside.sounds for choice in sound.named]
        ways += [(choice.query, choice) for choice in (*named, *beside.sound_moods)]
        for address, choice in ways:
            if not choice.on:
                after = read_filters(QueryDict(address.removeprefix("?")), held, kind)
                assert int(Selection(held, after).items.sum()) == choice.count, choice
                checked += 1
    assert checked >= 8


def test_spellings_of_a_name_and_ways_to_write_a_place_are_one_choice() -> None:
    a = make("book", "A", by="J.K. Rowling", country="GB", language="Spanish, Castilian")
    make("book", "B", by="J. K. Rowling", country="United Kingdom", language="Spanish")
    # Two roles, and two spellings, in one work count once.
    for name, role in (("J.K. Rowling", Role.ACTOR), ("J K Rowling", Role.AUTHOR)):
        creator, _ = Creator.objects.get_or_create(name=name)
        Credit.objects.create(item=a, creator=creator, role=role)
    found = narrowed("")
    assert found["creator"] == {"j-k-rowling": 2}
    assert found["country"] == {"United Kingdom": 2}
    assert found["language"] == {"Spanish": 2}


def test_a_name_without_letters_can_be_chosen_too(client: Client) -> None:
    make("track", "Heart", by="+/-")
    make("track", "Other", by="!!!")
    assert narrowed("")["creator"] == {"!!!": 1, "+/-": 1}
    assert narrowed("creator=%2B%2F-")["creator"] == {"+/-": 1}


@pytest.mark.usefixtures("shelf")
def test_the_columns_say_what_the_database_says() -> None:
    held = columns.get()
    assert sorted(held.pks.tolist()) == sorted(Item.objects.values_list("pk", flat=True))
    for number, pk in enumerate(held.pks.tolist()):
        item = Item.objects.get(pk=pk)
        assert Kind(item.kind) == list(Kind)[held.kinds[number]]
        for name, words in (
            ("mood", item.moods),
            ("genre", [genre.slug for genre in item.genres.all()]),
        ):
            tags = held.tags[name]
            codes = tags.codes[tags.rows == number]
            assert sorted(tags.words[code] for code in codes) == sorted(words)
    for order in held.orders.values():
        assert np.array_equal(np.sort(order.items), np.arange(len(held)))


def test_facets_follow_the_catalogue(client: Client) -> None:
    item = make("movie", "Alien", genres=("Horror",))
    assert narrowed("")["genre"] == {"horror": 1}
    item.genres.clear()
    assert "genre" not in narrowed("")
    assert re.search(r"data-filters-count>1 title<", client.get("/movies/").content.decode())
