"""What a training reads: the sliding window, displacement, and what forgetting leaves behind."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone

from catalog.models import Item
from recommender import dataset
from recommender.dataset import (
    TrainingSet,
    events_since,
    export_training_set,
    forgotten_since,
    training_events,
)
from recommender.ml.data import ItemTable
from recommender.models import ModelVersion
from recommender.tests.cases import make_sessions
from sessions_app.models import BrowsingSession, Ignored, Origin, SessionEvent
from sessions_app.services import join_account, record_dwell, remove_step

pytestmark = pytest.mark.django_db

NOW = timezone.now()
LENGTH = 5  # views a session, where a test does not say otherwise


def live(items: list[Item], *, count: int, name: str, until: datetime = NOW, **more: Any) -> None:
    make_sessions(items, count=count, name=name, until=until, origin=Origin.LIVE, **more)


def simulated(items: list[Item], *, count: int, until: datetime, name: str = "simulated") -> None:
    make_sessions(items, count=count, name=name, until=until, origin=Origin.SIMULATED)


def by_origin(exported: TrainingSet) -> dict[str, int]:
    counts: dict[str, int] = exported.summary()["sessions_by_origin"]
    return counts


def version_of(exported: TrainingSet) -> ModelVersion:
    """What a training notes of its data."""
    return ModelVersion.objects.create(
        name="noted", data_summary=exported.summary(), last_event_id=exported.last_event_id
    )


def sessions_of_somebody(user: User, *, count: int) -> QuerySet[BrowsingSession]:
    chosen = BrowsingSession.objects.filter(origin=Origin.LIVE).order_by("pk")[3 : 3 + count]
    for session in chosen:
        join_account(session=session, user=user)
    return BrowsingSession.objects.filter(user=user)


@pytest.fixture
def somebody() -> User:
    return User.objects.create_user("somebody")


# --- The window ---------------------------------------------------------------------------


def test_sessions_older_than_the_window_are_left_out_and_counted(
    items: list[Item], settings: Any
) -> None:
    live(items, count=20, name="new")
    live(items, count=7, name="old", until=NOW - timedelta(days=40))
    settings.TRAIN_WINDOW_DAYS = 30

    exported = export_training_set()

    assert len(exported.sessions) == 20
    assert exported.sessions.ends[0] > (NOW - timedelta(days=30)).timestamp()
    assert exported.summary()["sessions_left_out"] == 7
    assert exported.summary()["window_days"] == 30


def test_the_last_moment_of_the_window_is_inside(items: list[Item], settings: Any) -> None:
    live(items, count=1, name="new")
    live(items, count=1, name="edge", until=NOW - timedelta(days=30))
    settings.TRAIN_WINDOW_DAYS = 30
    assert len(export_training_set().sessions) == 2

    edge = BrowsingSession.objects.earliest("last_event_at")
    edge.last_event_at -= timedelta(microseconds=1)
    edge.save()

    assert len(export_training_set().sessions) == 1


def test_a_site_that_was_quiet_for_years_still_trains(items: list[Item]) -> None:
    live(items, count=20, name="long-ago", until=NOW - timedelta(days=3000))

    exported = export_training_set()

    assert len(exported.sessions) == 20
    assert exported.summary()["sessions_left_out"] == 0


def test_a_visit_that_teaches_nothing_does_not_move_the_window(
    items: list[Item], settings: Any
) -> None:
    live(items, count=20, name="long-ago", until=NOW - timedelta(days=3000))
    live(items, count=3, name="one-view", length=1)
    live(items, count=3, name="bots")
    bots = BrowsingSession.objects.order_by("-pk").values_list("pk", flat=True)[:3]
    BrowsingSession.objects.filter(pk__in=list(bots)).update(is_bot=True)

    assert len(export_training_set().sessions) == 20


def test_a_window_longer_than_the_calendar_leaves_nothing_out(
    items: list[Item], settings: Any
) -> None:
    live(items, count=20, name="long-ago", until=NOW - timedelta(days=3000))
    live(items, count=1, name="new")
    settings.TRAIN_WINDOW_DAYS = 10**9

    assert len(export_training_set().sessions) == 21


@pytest.mark.parametrize(("room", "sessions"), [(50, 10), (49, 9), (45, 9), (4, 0)])
def test_the_events_are_those_of_the_newest_sessions_each_of_them_whole(
    items: list[Item], settings: Any, room: int, sessions: int
) -> None:
    live(items, count=30, name="a")
    everything = export_training_set().sessions
    settings.TRAIN_WINDOW_EVENTS = room

    exported = export_training_set()

    assert len(exported.sessions) == sessions
    assert all(exported.sessions.lengths == LENGTH)
    assert np.array_equal(exported.sessions.ends, everything.ends[30 - sessions :])
    assert exported.summary()["sessions_left_out"] == 30 - sessions
    assert exported.summary()["window_events"] == room


def test_of_sessions_that_ended_together_the_later_rows_are_taken(
    items: list[Item], settings: Any
) -> None:
    live(items, count=10, name="a")
    BrowsingSession.objects.update(last_event_at=NOW)
    settings.TRAIN_WINDOW_EVENTS = 4 * LENGTH

    exported = export_training_set()

    assert len(exported.sessions) == 4
    oldest_kept = BrowsingSession.objects.order_by("-pk")[3]
    assert exported.first_event_id == oldest_kept.events.earliest("pk").pk


def test_old_and_surplus_sessions_are_counted_together(items: list[Item], settings: Any) -> None:
    live(items, count=7, name="old", until=NOW - timedelta(days=400))
    live(items, count=20, name="new")
    settings.TRAIN_WINDOW_EVENTS = 15 * LENGTH

    exported = export_training_set()

    assert len(exported.sessions) == 15
    assert exported.summary()["sessions_left_out"] == 7 + 5


def test_the_window_is_read_in_a_fixed_number_of_queries(
    items: list[Item], settings: Any, django_assert_num_queries: Any
) -> None:
    live(items, count=20, name="a")
    settings.TRAIN_WINDOW_EVENTS = 10 * LENGTH
    with django_assert_num_queries(15):
        export_training_set()
    live(items, count=40, name="b")

    with django_assert_num_queries(15):
        export_training_set()


def test_an_empty_site_has_an_empty_training_set(items: list[Item]) -> None:
    exported = export_training_set()

    exported.sessions.validate()
    assert len(exported.sessions) == 0
    assert exported.summary()["first_session_end"] is None
    assert exported.last_event_id == exported.events_read == 0


def test_dwell_times_stay_with_their_views(items: list[Item]) -> None:
    """Row order is not time order here, and some dwell times are unknown."""
    live(items, count=4, name="later")
    live(items, count=4, name="earlier", until=NOW - timedelta(days=1))
    for event in SessionEvent.objects.all():
        known = event.pk % 3 != 0
        event.dwell_ms = 2_000 + event.pk if known else None
        event.save()

    sessions = export_training_set().sessions

    expected = SessionEvent.objects.order_by("occurred_at", "pk").values_list(
        "item__item_id", "dwell_ms"
    )
    ids = [item.item_id for item in items]
    by_hand = sorted(
        (ids.index(item_id), -1.0 if ms is None else ms / 1000) for item_id, ms in expected
    )
    dwell = np.nan_to_num(sessions.dwell.astype(np.float64), nan=-1.0)
    packed = sorted(zip(sessions.items.tolist(), dwell.tolist(), strict=True))
    assert [index for index, _ in packed] == [index for index, _ in by_hand]
    assert np.allclose([d for _, d in packed], [d for _, d in by_hand], atol=1e-3)


def test_items_that_arrive_while_the_training_set_is_read_are_left_out_of_it(
    items: list[Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    live(items, count=20, name="a")
    everything = dataset.item_table()
    for index, item in enumerate(items):
        SessionEvent.objects.filter(item=item).update(dwell_ms=(index + 2) * 1000)
    late = len(items) - 10  # the first ones, so that sessions without them come after the others
    known = ItemTable(everything.ids[late:], everything.kinds[late:], everything.texts[late:])
    monkeypatch.setattr(dataset, "item_table", lambda: known)

    exported = export_training_set()

    exported.sessions.validate()
    assert 0 < len(exported.sessions) < 20
    assert exported.sessions.lengths.min() > 1
    assert np.array_equal(exported.sessions.dwell, exported.sessions.items + late + 2)
    assert len(exported.origins) == len(exported.sessions)


# --- Displacement and the window ----------------------------------------------------------


def test_displaced_sessions_use_up_no_room(items: list[Item], settings: Any) -> None:
    """Ten visits of people displace fifty simulated ones that are newer than they are."""
    live(items, count=10, name="people", until=NOW - timedelta(days=2))
    simulated(items, count=60, until=NOW)
    settings.TRAIN_WINDOW_EVENTS = 15 * LENGTH

    exported = export_training_set()

    assert by_origin(exported) == {"live": 5, "simulated": 10}
    assert exported.summary()["sessions_left_out"] == 5


def test_the_oldest_simulated_sessions_are_the_displaced_ones(items: list[Item]) -> None:
    simulated(items, count=12, until=NOW - timedelta(days=1))
    ends = export_training_set().sessions.ends
    live(items, count=2, name="people")

    exported = export_training_set()

    assert by_origin(exported) == {"live": 2, "simulated": 2}
    assert np.array_equal(exported.sessions.ends[:2], ends[-2:])
    assert exported.summary()["sessions_left_out"] == 0


def test_origins_stay_with_their_sessions(items: list[Item]) -> None:
    """The people's rows come first here, and their visits are the newer ones."""
    live(items, count=2, name="people")
    simulated(items, count=13, until=NOW - timedelta(days=1))

    assert export_training_set().origins.tolist() == ["simulated"] * 3 + ["live"] * 2


@pytest.mark.parametrize("people", [3, 50])
def test_people_can_displace_all_simulated_sessions(items: list[Item], people: int) -> None:
    simulated(items, count=12, until=NOW - timedelta(days=1))
    live(items, count=people, name="people")

    assert by_origin(export_training_set()) == {"live": people}


def test_people_outside_the_window_displace_nobody(items: list[Item], settings: Any) -> None:
    live(items, count=10, name="people", until=NOW - timedelta(days=40))
    simulated(items, count=30, until=NOW)
    settings.TRAIN_WINDOW_DAYS = 30

    assert by_origin(export_training_set()) == {"simulated": 30}


def test_people_beyond_the_number_of_events_still_displace(
    items: list[Item], settings: Any
) -> None:
    live(items, count=5, name="people", until=NOW - timedelta(days=2))
    simulated(items, count=30, until=NOW)
    settings.TRAIN_WINDOW_EVENTS = 5 * LENGTH

    assert by_origin(export_training_set()) == {"simulated": 5}


def test_a_visit_that_saw_one_item_over_and_over_displaces_nobody(items: list[Item]) -> None:
    simulated(items, count=30, until=NOW - timedelta(days=1))
    live(items, count=2, name="people")
    SessionEvent.objects.filter(session__origin=Origin.LIVE).update(item=items[0])

    assert by_origin(export_training_set()) == {"simulated": 30}


# --- Forgetting ---------------------------------------------------------------------------


def test_what_an_account_did_is_gone_from_the_next_training_set_once_it_is_deleted(
    items: list[Item], somebody: User
) -> None:
    live(items, count=20, name="a")
    theirs = sessions_of_somebody(somebody, count=4)
    their_ends = {
        int(session.events.latest("occurred_at").occurred_at.timestamp()) for session in theirs
    }
    before = export_training_set()
    assert their_ends <= set(before.sessions.ends.tolist())

    somebody.delete()

    after = export_training_set()
    assert len(after.sessions) == len(before.sessions) - 4
    assert not their_ends & set(after.sessions.ends.tolist())
    assert after.fingerprint != before.fingerprint


def test_a_deletion_is_seen_although_no_new_event_came(items: list[Item], somebody: User) -> None:
    live(items, count=20, name="a")
    sessions_of_somebody(somebody, count=4)
    version = version_of(export_training_set())
    assert forgotten_since(version) == 0

    somebody.delete()

    assert events_since(version.last_event_id) == 0
    assert forgotten_since(version) == 4 * LENGTH


def test_new_events_are_counted_although_the_newest_ones_were_deleted(items: list[Item]) -> None:
    """A row's number is not given away again, so whatever comes is newer than what was read."""
    live(items, count=20, name="a")
    version = version_of(export_training_set())
    newest = BrowsingSession.objects.order_by("-pk").values_list("pk", flat=True)[:10]
    BrowsingSession.objects.filter(pk__in=list(newest)).delete()
    assert events_since(version.last_event_id) == 0

    live(items, count=2, name="b")

    assert events_since(version.last_event_id) == 2 * LENGTH
    assert export_training_set().last_event_id > version.last_event_id


def test_new_events_do_not_hide_forgotten_ones(items: list[Item], somebody: User) -> None:
    live(items, count=20, name="a")
    sessions_of_somebody(somebody, count=4)
    version = version_of(export_training_set())
    somebody.delete()

    live(items, count=30, name="b")

    assert forgotten_since(version) == 4 * LENGTH


def test_after_the_next_training_nothing_is_left_to_forget(
    items: list[Item], somebody: User
) -> None:
    live(items, count=20, name="a")
    sessions_of_somebody(somebody, count=4)
    somebody.delete()

    assert forgotten_since(version_of(export_training_set())) == 0


def test_a_step_that_was_taken_back_is_forgotten_too(items: list[Item]) -> None:
    live(items, count=20, name="a")
    version = version_of(export_training_set())
    step = SessionEvent.objects.earliest("pk")

    remove_step(session=step.session, event_id=step.event_id)

    assert forgotten_since(version) == 1


def test_a_view_that_turns_out_to_have_been_an_accident_is_no_forgetting(
    items: list[Item],
) -> None:
    live(items, count=20, name="a")
    view = SessionEvent.objects.earliest("pk")
    SessionEvent.objects.filter(pk=view.pk).update(dwell_ms=None)
    version = version_of(export_training_set())

    record_dwell(session=view.session, view_id=view.event_id, dwell_ms=500)

    assert not training_events().filter(pk=view.pk).exists()
    assert forgotten_since(version) == 0


def test_a_prefetched_page_that_is_looked_at_later_hides_no_forgetting(items: list[Item]) -> None:
    live(items, count=20, name="a")
    prefetched, other = SessionEvent.objects.order_by("pk")[1:3]
    SessionEvent.objects.filter(pk=prefetched.pk).update(ignored=Ignored.PREFETCH)
    version = version_of(export_training_set())

    record_dwell(session=prefetched.session, view_id=prefetched.event_id, dwell_ms=30_000)
    other.delete()

    assert training_events().filter(pk=prefetched.pk).exists()
    assert forgotten_since(version) == 1


def test_what_the_window_left_out_before_the_oldest_row_read_may_go_unnoticed(
    items: list[Item], settings: Any
) -> None:
    live(items, count=10, name="old", until=NOW - timedelta(days=400))
    live(items, count=20, name="new")
    version = version_of(export_training_set())

    BrowsingSession.objects.filter(last_event_at__lt=NOW - timedelta(days=300)).delete()

    assert forgotten_since(version) == 0


def test_a_version_from_before_this_was_noted_has_nothing_to_forget(items: list[Item]) -> None:
    live(items, count=20, name="a")
    version = ModelVersion.objects.create(name="ancient", data_summary={}, last_event_id=50)

    assert forgotten_since(version) == 0


def test_an_import_of_old_sessions_is_new_once(items: list[Item], settings: Any) -> None:
    """The window leaves them out, and they must not ask for a training again and again."""
    live(items, count=20, name="a")
    version = version_of(export_training_set())
    make_sessions(items, count=9, name="b", until=NOW - timedelta(days=900), origin=Origin.IMPORTED)
    assert events_since(version.last_event_id) == 9 * LENGTH

    assert events_since(export_training_set().last_event_id) == 0
