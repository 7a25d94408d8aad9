"""The start's parts: families, choices and what they mean, words of unknown titles, the list."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pytest
from django.http import QueryDict

from catalog import starter_catalogue
from catalog.models import Item, Kind
from catalog.tests.shelves import make
from catalog.text import normalise
from recommender.loader import Loader
from recommender.ml.clusters import families as cluster
from recommender.ml.content import ContentRecommender
from recommender.start_choices import LONGEST_TEXT, MOST_READ, Choices, settle, trouble_with
from recommender.start_list import LENGTH, first_list
from recommender.start_words import following, to_tick, words_in
from recommender.starting import FAMILIES, families, offered

pytestmark = pytest.mark.django_db


def ids_of(offer: dict[Kind, list[str]]) -> list[str]:
    return [item_id for ids in offer.values() for item_id in ids]


def shown(
    page: int = 1, without: Collection[str] = (), hidden_genres: Collection[str] = ()
) -> list[Item]:
    ids = ids_of(offered(page, without=without, hidden_genres=hidden_genres))
    items = {item.item_id: item for item in Item.objects.filter(item_id__in=ids)}
    return [items[item_id] for item_id in ids]


# --- Families -----------------------------------------------------------------------------


def test_rows_that_point_one_way_are_one_family() -> None:
    rows = np.array([[1, 0], [2, 0.1], [0, 1], [0.1, 3], [0, 0]], dtype=np.float32)

    labels, cosines = cluster(rows, 2)

    assert labels[0] == labels[1] != labels[2] == labels[3]
    assert cosines[:4].min() > 0.9
    assert cosines[4] == 0.0


def test_fewer_different_rows_than_families_make_fewer_families() -> None:
    labels, _ = cluster(np.ones((5, 3), dtype=np.float32), 4)

    assert set(labels.tolist()) == {0}


@pytest.fixture
def starter() -> None:
    starter_catalogue.seed(progress=False)


def test_a_page_shows_every_kind_in_all_its_variety_and_no_twins(starter: None) -> None:
    for page in (1, 2):
        items = shown(page)
        genres = {
            kind: {g.slug for item in items if item.kind == kind for g in item.genres.all()}
            for kind in Kind
        }
        firsts = {
            kind: {item.genres.order_by("pk").last() for item in items if item.kind == kind}
            for kind in Kind
        }
        found = families.get()
        family_of = {
            one.item_id: (kind, number)
            for kind, some in found.items()
            for number, family in enumerate(some)
            for one in family
        }

        assert len(items) == FAMILIES * len(Kind)
        assert len({family_of[item.item_id] for item in items}) == len(items)
        assert min(len(some) for some in genres.values()) >= 8, genres
        assert min(len(some) for some in firsts.values()) >= 4, firsts
        assert len({item.title_key for item in items}) == len(items)
        makers = [item.byline for item in items]
        assert len(set(makers)) == len(makers)


def test_pages_go_on_to_others_and_begin_again_after_the_last(starter: None) -> None:
    first, second = shown(1), shown(2)
    seen: set[str] = set()
    pages = 0
    while not seen & (ids := {item.item_id for item in shown(pages + 1)}):
        seen |= ids
        pages += 1

    assert not {item.pk for item in first} & {item.pk for item in second}
    assert pages > 20
    assert shown(pages + 1) == first
    assert shown(pages + 2) == second


@pytest.mark.usefixtures("items")
def test_what_is_left_out_leaves_no_gap() -> None:
    before = ids_of(offered(1, without=(), hidden_genres=()))
    gone = before[0]

    after = offered(1, without={gone}, hidden_genres=())

    assert gone not in ids_of(after)
    assert len(ids_of(after)) == len(before)


@pytest.mark.usefixtures("items")
def test_a_hidden_genre_is_in_no_family() -> None:
    pages = [shown(page, hidden_genres=["noir"]) for page in (1, 2, 3)]

    assert pages[0]
    assert not [item for page in pages for item in page if "Noir" in item.title]


def test_an_empty_catalogue_offers_nothing() -> None:
    assert offered(1, without=(), hidden_genres=()) == {}
    assert to_tick() == []


def test_the_better_known_of_two_with_one_title_is_offered() -> None:
    make("movie", "Dune", by="David Lynch", genres=("Drama",), popularity=10.0)
    make("movie", "Dune", by="Denis Villeneuve", genres=("Drama",), popularity=90.0)
    make("book", "Dune", by="Frank Herbert", genres=("Classics",), popularity=50.0)

    items = shown()

    assert [(item.kind, item.byline) for item in items] == [("movie", "Denis Villeneuve")]


def test_families_are_asked_of_the_database_once(
    items: list[Item], django_assert_num_queries: Any
) -> None:
    offered(1, without=(), hidden_genres=())

    with django_assert_num_queries(1):  # the catalogue's revision
        offered(2, without=(), hidden_genres=("noir",))


# --- Words --------------------------------------------------------------------------------


def test_content_finds_what_has_the_words_and_says_which() -> None:
    model = ContentRecommender().fit_texts(
        ["noir detective rain", "noir rain", "sea voyage", "Night_Life sea"]
    )

    found, cosines = model.similar_to_words(["noir", "Detective", "unheard"], 10)

    assert found.tolist() == [0, 1]
    assert cosines[0] > cosines[1] > 0
    assert model.words_of(0, ["noir", "sea", "unheard"]) == ["noir"]
    assert model.knows("night_life")
    assert not model.knows("night")
    assert not model.knows("-")
    allowed = np.array([False, True, True, True])
    assert model.similar_to_words(["noir"], 10, allowed)[0].tolist() == [1]
    assert model.similar_to_words(["unheard"], 10)[0].tolist() == []


@pytest.fixture
def by_content(items: list[Item], loader_without_thread: Loader) -> None:
    """No model yet: only the catalogue's words are known."""
    loader_without_thread.refresh()


@pytest.mark.usefixtures("by_content")
def test_a_text_is_read_as_genres_moods_and_plain_words_once_each() -> None:
    words = words_in("Noir, calm & Things: the NOIR of 12 blargs")

    assert [word.name for word in words] == ["noir", "calm", "things"]


def test_the_longest_name_is_read_and_one_name_of_two_sorts_is_one_word() -> None:
    make("book", "One", genres=("War", "Science Fiction"), themes=["war"])

    (science_fiction,), (war,) = words_in("science fiction"), words_in("Wars")

    assert science_fiction.terms == ("Science_Fiction",)
    assert war.terms == ("War", "theme_war")


@pytest.mark.usefixtures("by_content")
def test_cards_by_words_are_of_every_kind_and_say_only_what_is_true() -> None:
    cards = following(words_in("noir calm"), k=12, barred={"Movie_0"})

    assert {card.item.kind for card in cards} == set(Kind.values)
    assert "Movie_0" not in {card.item.item_id for card in cards}
    for card in cards:
        said = card.reason.split(": ")[1].split(", ")
        about = normalise(f"{card.item.title} {card.item.moods}")
        assert said
        assert all(word in about for word in said), card.reason
    assert cards[0].reason == "Matches your words: noir, calm"


@pytest.mark.usefixtures("items")
def test_without_an_engine_words_are_genres_themes_and_moods() -> None:
    cards = following(words_in("noir things"), k=12, barred={"Book_0"})

    assert [word.name for word in words_in("noir things")] == ["noir"]
    assert {card.item.kind for card in cards} == set(Kind.values)
    assert all("Noir" in card.item.title for card in cards)
    assert "Book_0" not in {card.item.item_id for card in cards}
    assert cards[0].reason == "Matches your word: noir"


# --- Choices ------------------------------------------------------------------------------


def test_foreign_text_is_cut_and_cleaned() -> None:
    values = QueryDict(mutable=True)
    values.setlist("title", ["  a\0 b\n c ", "x" * 5_000, "", "a b c"])
    values.setlist("item", [f"Movie_{number}" for number in range(500)])

    choices = Choices.read(values)

    assert choices.titles == ("a b c", "x" * LONGEST_TEXT)
    assert len(choices.item_ids) == MOST_READ
    assert Choices.read(QueryDict(choices.query)) == choices


@pytest.mark.usefixtures("items")
def test_a_typed_title_of_ours_is_that_item_and_counts_once() -> None:
    settled = settle(Choices(item_ids=("Movie_0",), titles=("noir movie 0", "Sea Book 1")))

    assert [item.item_id for item in settled.items] == ["Movie_0", "Book_1"]
    assert [(one.typed, one.item.item_id) for one in settled.taken] == [
        ("noir movie 0", "Movie_0"),
        ("Sea Book 1", "Book_1"),
    ]


def test_a_misspelt_title_is_taken_only_where_nobody_insisted_on_it() -> None:
    make("movie", "Chinatown", by="Roman Polanski", genres=("Noir",))
    choices = Choices(titles=("Chinatwon",))

    assert [taken.item.title for taken in settle(choices, meant="Chinatwon").taken] == ["Chinatown"]
    assert settle(choices).strange == ["Chinatwon"]


@pytest.mark.usefixtures("items")
def test_words_that_were_ticked_stand_for_a_title_without_any() -> None:
    asked = settle(Choices(titles=("Qzzxv",)))
    answered = settle(Choices(titles=("Qzzxv",), words=("sea",)))

    trouble = trouble_with(asked)
    assert trouble is not None
    assert trouble.about == "Qzzxv"
    assert trouble_with(answered) is None
    assert [word.name for word in answered.words] == ["sea"]


@pytest.mark.usefixtures("items")
def test_one_to_five_are_enough_and_no_more() -> None:
    def of(number: int) -> Choices:
        return Choices(item_ids=tuple(f"Movie_{place}" for place in range(number)))

    assert trouble_with(settle(of(0))) is not None
    assert trouble_with(settle(of(1))) is None
    assert trouble_with(settle(of(5))) is None
    assert trouble_with(settle(of(6))) is not None
    assert trouble_with(settle(Choices(item_ids=("Movie_gone",)))) is not None


# --- The list -----------------------------------------------------------------------------


def test_every_pick_has_a_part_in_the_list(served: str, items: list[Item]) -> None:
    picked = ("Movie_0", "Music_1", "Book_2")

    answer = first_list(settle(Choices(item_ids=picked)))

    because = {card.because.item_id for card in answer.cards if card.because}
    shown = [card.item.item_id for card in answer.cards]
    assert because == set(picked)
    assert len(shown) == len(set(shown)) == LENGTH
    assert not set(shown) & set(picked)
    assert {card.item.kind for card in answer.cards} == set(Kind.values)


def test_words_and_picks_share_the_list(served: str, items: list[Item]) -> None:
    choices = Choices(item_ids=("Movie_0",), titles=("Desert of Qzzxv",))

    answer = first_list(settle(choices), barred={"Book_3"})

    by_words = [card for card in answer.cards if card.reason.startswith("Matches")]
    assert 8 <= len(by_words) <= 16
    assert any(card in by_words for card in answer.cards[:3])
    assert all("Desert" in card.item.title for card in by_words[:4])
    assert "Book_3" not in {card.item.item_id for card in answer.cards}


def test_a_hidden_genre_is_not_in_the_list(served: str, items: list[Item]) -> None:
    choices = Choices(item_ids=("Movie_1",), titles=("noir calm",))

    answer = first_list(settle(choices), hidden_genres=["noir"])

    assert answer.cards
    assert not [card for card in answer.cards if "Noir" in card.item.title]


@pytest.mark.usefixtures("items")
def test_no_list_follows_nothing() -> None:
    with pytest.raises(ValueError, match="at least one"):
        first_list(settle(Choices()))
