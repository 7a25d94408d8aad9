"""Rows that follow no session: what trends, what is new, what is best known."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from catalog.models import Genre, Item
from catalog.revision import note_change
from recommender.candidates import popular_ones
from recommender.cards import Card
from recommender.opened import most_opened
from recommender.popular import best_known, newest, trending
from recommender.tests.cases import make_catalogue
from sessions_app.models import BrowsingSession, EventType, Origin

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_counted_before() -> None:
    cache.clear()


def ids(cards: list[Card]) -> list[str]:
    return [card.item.item_id for card in cards]


def visits(
    item: Item, count: int, *, days_ago: float, origin: str = Origin.LIVE, views: int = 1
) -> None:
    """So many visits that opened nothing else, a minute apart, the first so long ago."""
    first = timezone.now() - timedelta(days=days_ago)
    for number in range(count):
        at = first + timedelta(minutes=number)
        session = BrowsingSession.objects.create(origin=origin, started_at=at, last_event_at=at)
        for view in range(views):
            session.events.create(
                type=EventType.VIEW, item=item, occurred_at=at + timedelta(seconds=view)
            )


# --- Trending -----------------------------------------------------------------------------


def test_what_is_opened_more_than_usual_trends_and_says_how_often(items: list[Item]) -> None:
    visits(items[0], 5, days_ago=1)
    visits(items[4], 8, days_ago=1)  # more often, and no more than ever
    visits(items[4], 40, days_ago=10)
    visits(items[8], 1, days_ago=1)  # one visit is no trend

    cards = trending(k=8)

    assert ids(cards) == ["Movie_0"]
    assert cards[0].reason == "Trending: opened in 5 sessions this week"
    assert cards[0].why is not None
    assert (cards[0].why.kind, cards[0].why.count) == ("trending", 5)


def test_the_fresher_of_two_trends_comes_first(items: list[Item]) -> None:
    visits(items[0], 5, days_ago=6)
    visits(items[4], 5, days_ago=0.1)

    assert ids(trending(k=8)) == ["Movie_4", "Movie_0"]


def test_a_visit_that_opened_an_item_twice_counts_once(items: list[Item]) -> None:
    visits(items[0], 3, days_ago=1, views=4)

    assert trending(k=8)[0].reason == "Trending: opened in 3 sessions this week"


def test_people_go_before_simulated_visits_which_are_called_so(items: list[Item]) -> None:
    visits(items[0], 9, days_ago=1, origin=Origin.SIMULATED)
    visits(items[1], 2, days_ago=1)  # a film as well: no simulated film trends beside it
    visits(items[12], 9, days_ago=1, origin=Origin.SIMULATED)

    cards = trending(k=8)

    assert ids(cards) == ["Movie_1", "Music_0"]
    assert cards[1].reason == "Trending: opened in 9 simulated sessions this week"


def test_nothing_trends_without_traffic_or_when_it_is_old(items: list[Item]) -> None:
    assert trending(k=8) == []
    visits(items[0], 9, days_ago=8)
    cache.clear()
    assert trending(k=8) == []


def test_what_trends_is_counted_once_in_five_minutes(
    items: list[Item], django_assert_num_queries: Any
) -> None:
    visits(items[0], 5, days_ago=1)
    trending(k=8)
    with django_assert_num_queries(0):
        assert len(trending(k=8)) == 1


# --- New ----------------------------------------------------------------------------------


def test_what_came_after_the_first_import_is_new_here(items: list[Item]) -> None:
    month_ago = timezone.now() - timedelta(days=30)
    Item.objects.update(added_at=month_ago)
    when = timezone.now() - timedelta(days=2)
    Item.objects.filter(pk=items[5].pk).update(added_at=when)

    cards = newest(k=4)

    assert cards[0].item.pk == items[5].pk
    assert cards[0].reason == f"New here since {when.day} {when:%B %Y}"
    assert [card.reason for card in cards[1:]] == ["Among the newest here: 1971"] * 3
    assert {card.item.kind for card in cards[1:]} == {"movie", "track", "book"}


def test_what_came_with_the_site_is_not_called_new(items: list[Item]) -> None:
    assert {card.why.kind for card in newest(k=6) if card.why} == {"new"}
    assert not [card for card in newest(k=6) if card.reason.startswith("New here")]


# --- Best known ---------------------------------------------------------------------------


def known(items: list[Item]) -> None:
    for place, item in enumerate(items):
        Item.objects.filter(pk=item.pk).update(popularity=90 - place)
    note_change()


def test_the_best_known_are_the_first_tenth_by_what_the_sources_tell(db: None) -> None:
    items = make_catalogue(per_kind=30)
    known(items)

    cards = best_known("book", 12)

    assert ids(cards) == ["Book_0", "Book_1", "Book_2"]
    assert {card.reason for card in cards} == {"Among the best known books"}


def test_where_no_source_tells_the_most_opened_stand_in_with_their_own_reason(
    items: list[Item],
) -> None:
    visits(items[3], 4, days_ago=1)

    cards = best_known("movie", 3)

    assert ids(cards)[0] == "Movie_3"
    assert [card.reason for card in cards] == ["Opened in 4 sessions this month"] + [
        "A place to start"
    ] * 2


def test_only_the_well_known_among_those_that_nobody_opened_are_called_so(db: None) -> None:
    known(make_catalogue(per_kind=30))

    whys = Counter(c.why.kind for c in popular_ones(["movie"], 30, set()) if c.why)

    assert whys == {"known": 3, "start": 27}


# --- What is barred -----------------------------------------------------------------------


def test_no_row_has_what_is_barred_or_of_a_hidden_genre(items: list[Item]) -> None:
    known(items)
    for item in items[:12]:
        visits(item, 3, days_ago=1)
    gone = "Movie_1"
    noir = set(Genre.objects.get(slug="noir").items.values_list("item_id", flat=True))
    for row in (trending, newest):
        shown = ids(row(k=30))
        assert shown
        assert {gone, *noir} & set(shown)
        barred = ids(row(k=30, exclude=[gone], hidden_genres=["noir"]))
        assert barred
        assert not {gone, *noir} & set(barred)
    assert ids(best_known("movie", 5)) == ["Movie_0"]
    assert best_known("movie", 5, hidden_genres=["noir"]) == []
    assert best_known("movie", 5, exclude=["Movie_0"]) == []


def test_a_kind_limits_every_row(items: list[Item]) -> None:
    visits(items[0], 5, days_ago=1)
    visits(items[30], 5, days_ago=1)

    assert {card.item.kind for card in trending(k=9, kinds=["book"])} == {"book"}
    assert {card.item.kind for card in newest(k=9, kinds=["book"])} == {"book"}


def test_the_counts_of_popular_are_those_of_the_month(items: list[Item]) -> None:
    visits(items[0], 3, days_ago=1)
    visits(items[0], 7, days_ago=29)
    visits(items[0], 50, days_ago=31)

    first = most_opened("movie")[0]

    assert (first.item_id, first.by_people, first.simulated) == ("Movie_0", 10, 0)
