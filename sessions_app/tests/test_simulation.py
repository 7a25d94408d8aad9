"""Simulated visits: labelled, repeatable, across kinds, and with something to learn in them."""

import itertools
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from io import StringIO
from random import Random
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Item, Kinship
from sessions_app.models import BrowsingSession, EventType, Origin, SessionEvent
from sessions_app.simulate import EmptyCatalogueError, Simulated, simulate
from sessions_app.tests.conftest import MakeItem

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_GENRES = ["Drama", "Horror", "Comedy", "Fantasy", "Crime", "Romance"]
_MOODS = ["dark", "warm", "tense", "dreamy", "epic"]


@pytest.fixture
def catalogue(make_item: MakeItem) -> list[Item]:
    """60 items of each kind; the derived half of the films is made from the books."""
    chance = Random(3)
    items = [
        make_item(
            f"{prefix}_{number:02}",
            genres=tuple(chance.sample(_GENRES, 2)),
            moods=tuple(chance.sample(_MOODS, 2)),
            creator=f"Creator {chance.randrange(40)}",
            year=chance.randrange(1950, 2020),
            popularity=chance.random() * 100,
        )
        for prefix in ("Movie", "Music", "Book")
        for number in range(60)
    ]
    for film, book in zip(items[:30], items[120:150], strict=True):
        Kinship.objects.create(derived=film, relation="based_on", origin=book)
    return items


def walks() -> list[list[int]]:
    """The items of every session, in order."""
    by_session: dict[int, list[int]] = defaultdict(list)
    for event in SessionEvent.objects.order_by("session__public_id", "occurred_at"):
        assert event.item_id is not None
        by_session[event.session_id].append(event.item_id)
    return list(by_session.values())


def pairs(sessions: list[list[int]]) -> list[tuple[int, int]]:
    return [pair for walk in sessions for pair in itertools.pairwise(walk)]


def rows() -> list[tuple[Any, ...]]:
    return list(
        SessionEvent.objects.order_by("event_id").values_list(
            "event_id", "session__public_id", "item", "dwell_ms", "occurred_at"
        )
    )


def test_everything_is_labelled_as_simulated_and_over(catalogue: list[Item]) -> None:
    result = simulate(sessions=50, seed=1, now=NOW)
    assert result == Simulated(there=0, sessions=50, views=SessionEvent.objects.count())
    assert BrowsingSession.objects.filter(origin=Origin.SIMULATED).count() == 50
    assert not BrowsingSession.objects.exclude(origin=Origin.SIMULATED).exists()
    assert not BrowsingSession.objects.open().exists()
    assert set(SessionEvent.objects.values_list("type", flat=True)) == {EventType.VIEW}


def test_one_seed_gives_the_same_visits(catalogue: list[Item]) -> None:
    simulate(sessions=30, seed=7, now=NOW)
    first = rows()
    BrowsingSession.objects.all().delete()
    simulate(sessions=30, seed=7, now=NOW)
    assert rows() == first
    BrowsingSession.objects.all().delete()
    simulate(sessions=30, seed=8, now=NOW)
    assert rows() != first


def test_a_second_run_writes_nothing(catalogue: list[Item]) -> None:
    simulate(sessions=20, seed=1, now=NOW)
    before = rows()
    again = simulate(sessions=20, seed=1, now=NOW + timedelta(days=1))
    assert again == Simulated(there=20, sessions=0, views=0)
    assert rows() == before


def test_a_run_that_was_cut_short_is_completed(catalogue: list[Item]) -> None:
    simulate(sessions=30, seed=1, now=NOW)
    whole = rows()
    BrowsingSession.objects.filter(pk__in=BrowsingSession.objects.values("pk")[:11]).delete()
    assert simulate(sessions=30, seed=1, now=NOW).sessions == 11
    assert rows() == whole


def test_a_visit_has_three_to_fifteen_steps_and_no_title_twice(catalogue: list[Item]) -> None:
    simulate(sessions=300, seed=1, now=NOW)
    lengths = [len(walk) for walk in walks()]
    assert min(lengths) == 3
    assert max(lengths) == 15
    assert 6 < sum(lengths) / len(lengths) < 9
    assert all(len(set(walk)) == len(walk) for walk in walks())


def test_visits_lie_within_the_days_and_never_pause_for_too_long(catalogue: list[Item]) -> None:
    simulate(sessions=100, seed=1, now=NOW, days=10)
    for session in BrowsingSession.objects.prefetch_related("events"):
        times = [event.occurred_at for event in session.events.all()]
        assert NOW - timedelta(days=10) <= times[0]
        assert times[-1] <= NOW
        assert session.started_at == times[0]
        assert session.ended_at == session.last_event_at == times[-1]
        gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
        assert max(gaps) < timedelta(minutes=30)


def test_visits_wander_between_the_kinds(catalogue: list[Item]) -> None:
    simulate(sessions=300, seed=1, now=NOW)
    kinds = dict(Item.objects.values_list("pk", "kind"))
    steps = pairs(walks())
    switched = sum(kinds[a] != kinds[b] for a, b in steps) / len(steps)
    assert 0.4 < switched < 0.65
    assert min(Counter(kinds[item] for walk in walks() for item in walk).values()) > 300


def test_neighbouring_steps_have_something_in_common(catalogue: list[Item]) -> None:
    simulate(sessions=300, seed=1, now=NOW)
    traits: dict[int, set[Any]] = {}
    for item in Item.objects.prefetch_related("genres", "creators"):
        assert item.year is not None
        near = {("era", item.year // 10 + shift) for shift in (-1, 0, 1)}
        named = {*item.genres.all(), *item.creators.all(), *item.moods}
        traits[item.pk] = near | named
    kin = {frozenset(pair) for pair in Kinship.objects.values_list("derived", "origin")}
    steps = pairs(walks())
    # Years are left out: in so small a catalogue nearly everything is of a near decade.
    shared = [
        any(not isinstance(trait, tuple) for trait in traits[a] & traits[b])
        or frozenset((a, b)) in kin
        for a, b in steps
    ]
    chance = Random(0)
    items = list(traits)
    by_chance = [traits[chance.choice(items)] & traits[chance.choice(items)] for _ in range(2000)]
    expected = sum(any(not isinstance(t, tuple) for t in s) for s in by_chance) / 2000
    assert sum(shared) / len(shared) > 0.8
    assert sum(shared) / len(shared) > expected + 0.05
    assert sum(frozenset(step) in kin for step in steps) > 30


def test_the_next_title_is_told_better_by_the_last_than_by_popularity(
    catalogue: list[Item],
) -> None:
    simulate(sessions=600, seed=1, now=NOW)
    everything = walks()
    past, future = everything[:500], everything[500:]
    popular = Counter(item for walk in past for item in walk).most_common(5)
    after: dict[int, Counter[int]] = defaultdict(Counter)
    for last, following in pairs(past):
        after[last][following] += 1
    steps = pairs(future)
    by_last = sum(b in dict(after[a].most_common(5)) for a, b in steps) / len(steps)
    by_popularity = sum(b in dict(popular) for _, b in steps) / len(steps)
    assert by_last > 2 * by_popularity


def test_what_is_closer_is_looked_at_longer_and_some_views_bounce(catalogue: list[Item]) -> None:
    simulate(sessions=300, seed=1, now=NOW)
    creators = dict(Item.objects.values_list("pk", "creators"))
    same: list[int] = []
    other: list[int] = []
    for session in BrowsingSession.objects.prefetch_related("events"):
        events = list(session.events.all())
        for last, event in itertools.pairwise(events):
            assert last.item_id is not None
            assert event.item_id is not None
            assert event.dwell_ms is not None
            alike = creators[last.item_id] == creators[event.item_id]
            (same if alike else other).append(event.dwell_ms)
    assert sorted(same)[len(same) // 2] > sorted(other)[len(other) // 2]
    bounces = SessionEvent.objects.filter(dwell_ms__lt=2000).count()
    assert 0.05 < bounces / SessionEvent.objects.count() < 0.3


def test_a_catalogue_of_one_title_does_not_hang(make_item: MakeItem) -> None:
    make_item("Movie_1")
    assert simulate(sessions=3, seed=1, now=NOW) == Simulated(there=0, sessions=3, views=3)


def test_an_empty_catalogue_is_refused(db: None) -> None:
    with pytest.raises(EmptyCatalogueError, match="import items first"):
        simulate(sessions=1, seed=1, now=NOW)
    with pytest.raises(CommandError, match="The catalogue is empty"):
        call_command("simulate_sessions", sessions=1)


def test_the_command_says_what_it_wrote_and_what_was_there(catalogue: list[Item]) -> None:
    said = StringIO()
    call_command("simulate_sessions", sessions=10, seed=4, stdout=said)
    call_command("simulate_sessions", sessions=10, seed=4, stdout=said)
    wrote, nothing = said.getvalue().splitlines()
    assert wrote.startswith("Wrote 10 simulated sessions with ")
    assert nothing == "The 10 sessions of seed 4 are already there: nothing was written."


@pytest.mark.parametrize("option", ["sessions", "days"])
def test_the_command_refuses_less_than_one(db: None, option: str) -> None:
    with pytest.raises(CommandError, match=f"--{option} is 0: it must be at least 1."):
        call_command("simulate_sessions", **{option: 0})


def test_progress_is_told_after_each_batch(catalogue: list[Item]) -> None:
    told: list[int] = []
    simulate(sessions=600, seed=1, now=NOW, progress=told.append)
    assert told == [500, 600]
