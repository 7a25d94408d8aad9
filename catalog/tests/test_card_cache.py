"""Cards are remembered for a while, never beyond an edit made here or the time that is allowed."""

from typing import Any

import pytest

from catalog import card_cache
from catalog.card_cache import CardCache
from catalog.models import Genre, Item
from catalog.revision import note_change

pytestmark = pytest.mark.django_db


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch) -> CardCache:
    """A cache of its own in the place of the process's, with the signals connected to it."""
    fresh = CardCache()
    monkeypatch.setattr(card_cache, "cards", fresh)
    return fresh


@pytest.fixture
def item() -> Item:
    return Item.objects.create(item_id="Movie_a", kind="movie", title="Old", source="test")


def test_what_is_asked_for_again_costs_no_query(
    cache: CardCache, item: Item, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(4):
        first = cache.get(["Movie_a"])["Movie_a"]
    with django_assert_num_queries(0):
        again = cache.get({"Movie_a"})["Movie_a"]
        assert list(again.genres.all()) == list(again.credits.all()) == []
        assert list(again.derived_from.all()) == []
    assert again is first


def test_an_edit_shows_at_once(cache: CardCache, item: Item) -> None:
    cache.get(["Movie_a"])

    item.title = "New"
    item.save()
    assert cache.get(["Movie_a"])["Movie_a"].title == "New"

    genre = Genre.objects.create(name="Noir", slug="noir")
    item.genres.add(genre)
    assert cache.get(["Movie_a"])["Movie_a"].genres.all()[0].name == "Noir"

    item.delete()
    assert cache.get(["Movie_a"]) == {}


def test_an_edit_by_another_process_shows_when_the_time_is_up(
    cache: CardCache, item: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(card_cache.time, "monotonic", lambda: now)
    for title in ("New", "Newer"):
        before = cache.get(["Movie_a"])["Movie_a"].title
        Item.objects.filter(pk=item.pk).update(title=title)  # no signal, as from elsewhere
        note_change()

        assert cache.get(["Movie_a"])["Movie_a"].title == before
        now += card_cache.SECONDS
        assert cache.get(["Movie_a"])["Movie_a"].title == title


def test_cards_are_kept_for_as_long_as_nobody_edits_anything(
    cache: CardCache,
    item: Item,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: Any,
) -> None:
    now = 100.0
    monkeypatch.setattr(card_cache.time, "monotonic", lambda: now)
    cache.get(["Movie_a"])
    now += card_cache.SECONDS
    cache.get(["Movie_a"])  # the first look: nothing to compare with
    for _ in range(3):
        now += card_cache.SECONDS
        with django_assert_num_queries(1):
            cache.get(["Movie_a"])


def test_what_was_read_before_an_edit_is_not_kept_after_it(
    cache: CardCache, item: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_cards = Item.objects.with_cards

    def meanwhile() -> Any:
        cache.forget()
        return with_cards()

    monkeypatch.setattr(card_cache.Item.objects, "with_cards", meanwhile)
    first = cache.get(["Movie_a"])["Movie_a"]
    assert cache.get(["Movie_a"])["Movie_a"] is not first


def test_it_does_not_grow_without_end(
    cache: CardCache, item: Item, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(card_cache, "KEPT", 1)
    Item.objects.create(item_id="Movie_b", kind="movie", title="Other", source="test")
    cache.get(["Movie_a"])
    cache.get(["Movie_b"])
    with django_assert_num_queries(0):
        cache.get(["Movie_b"])
    with django_assert_num_queries(4):
        cache.get(["Movie_a"])


def test_unknown_ids_are_left_out(cache: CardCache) -> None:
    assert cache.get(["Movie_nowhere"]) == {}
