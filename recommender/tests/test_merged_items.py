"""What visitors did with an item follows it through a merge and back: visits, picks, training."""

import json
import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.merging import merge, undo
from catalog.models import Item, Merge
from recommender.dataset import export_training_set
from recommender.loader import Loader
from recommender.models import Exploration
from recommender.services import recommend, recommend_for
from recommender.tests.cases import make_sessions
from sessions_app import reading, services
from sessions_app.models import BrowsingSession, EventType, SessionEvent
from sessions_app.preferences import Preferences
from sessions_app.stored import StoredVisit

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(items: list[Item]) -> tuple[Item, Item]:
    """Two films of one theme: the one to keep, and the one that goes."""
    return items[0], items[4]


def visit(*opened: Item) -> BrowsingSession:
    start = timezone.now() - timedelta(minutes=5)
    session = services.open_session(now=start)
    for place, item in enumerate(opened):
        now = start + timedelta(seconds=30 * place)
        services.record_view(session=session, item=item, event_id=uuid.uuid4(), now=now)
    return session


def folded(pair: tuple[Item, Item]) -> Merge:
    return merge(kept=pair[0], gone=pair[1], by=None)


def post(client: Client, url: str, body: Any) -> Any:
    response = client.post(url, json.dumps(body), content_type="application/json")
    assert response.status_code == 200, response.content
    return response.json()


def test_views_and_ratings_move_along_and_come_back(pair: tuple[Item, Item]) -> None:
    kept, gone = pair
    session = visit(kept, gone)
    now = timezone.now()
    services.react(
        session=session, item=gone, type=EventType.RATE, event_id=uuid.uuid4(), now=now, rating=5
    )
    made = folded(pair)
    assert set(SessionEvent.objects.values_list("item", flat=True)) == {kept.pk}
    assert reading.reactions(session, kept).rating == 5
    item = undo(merge=made, by=None).item
    assert SessionEvent.objects.filter(item=item).count() == 2
    assert reading.reactions(session, kept).rating is None


def test_what_a_visitor_deleted_since_stays_deleted(pair: tuple[Item, Item]) -> None:
    session, other = visit(pair[1]), visit(pair[1])
    made = folded(pair)
    session.delete()
    item = undo(merge=made, by=None).item
    assert list(item.events.values_list("session", flat=True)) == [other.pk]


def test_what_was_opened_since_stays_with_the_kept_item(pair: tuple[Item, Item]) -> None:
    made = folded(pair)
    session = visit(pair[0])
    undo(merge=made, by=None)
    assert list(SessionEvent.objects.values_list("session", "item")) == [(session.pk, pair[0].pk)]


def test_an_exploration_that_the_kept_item_has_too_comes_back_with_the_other(
    pair: tuple[Item, Item],
) -> None:
    session, other = visit(pair[0]), visit(pair[0])
    for place, (visited, item) in enumerate(
        [(session, pair[0]), (session, pair[1]), (other, pair[1])]
    ):
        Exploration.objects.create(session=visited, item=item, position=place, propensity=0.1)
    before = sorted(Exploration.objects.values_list("session", "item", "position", "shown_at"))
    made = folded(pair)
    assert sorted(Exploration.objects.values_list("session", "item")) == [
        (session.pk, pair[0].pk),
        (other.pk, pair[0].pk),
    ]
    undo(merge=made, by=None)
    after = sorted(Exploration.objects.values_list("session", "item", "position", "shown_at"))
    assert after == before


def test_an_exploration_of_a_forgotten_visit_does_not_come_back(pair: tuple[Item, Item]) -> None:
    session = visit(pair[0])
    for item in pair:
        Exploration.objects.create(session=session, item=item, position=1, propensity=0.1)
    made = folded(pair)
    session.delete()
    assert undo(merge=made, by=None).left_out == 1
    assert not Exploration.objects.exists()


def test_many_events_move_in_few_statements(
    pair: tuple[Item, Item], django_assert_max_num_queries: Any
) -> None:
    session, now = visit(pair[1]), timezone.now()
    SessionEvent.objects.bulk_create(
        SessionEvent(session=session, type=EventType.VIEW, item=pair[1], occurred_at=now)
        for _ in range(2_000)
    )
    with django_assert_max_num_queries(90):
        made = folded(pair)
    assert pair[0].events.count() == 2_001
    with django_assert_max_num_queries(90):
        undo(merge=made, by=None)
    assert pair[1].events.count() == 2_001


@pytest.mark.django_db(transaction=True)
def test_an_event_written_during_a_merge_is_not_lost_in_silence(pair: tuple[Item, Item]) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("the tests' SQLite, in memory, has one writer and no queue")
    kept, gone = pair
    now = timezone.now()
    session = services.open_session(now=now)
    recorded, failed, stop = [0], [0], threading.Event()

    def visit_on() -> None:
        try:
            while not stop.is_set():
                new = services.NewEvent(uuid.uuid4(), EventType.VIEW, now, item_id=gone.item_id)
                try:
                    recorded[0] += services.record_events(session=session, events=[new]).recorded
                except IntegrityError:  # the client sends it again
                    failed[0] += 1
        finally:
            connection.close()

    visitor = threading.Thread(target=visit_on)
    visitor.start()
    try:
        for _ in range(10):
            undo(merge=folded(pair), by=None)
        folded(pair)
    finally:
        stop.set()
        visitor.join(20)
    assert recorded[0] > 0
    assert SessionEvent.objects.count() == recorded[0]
    assert set(SessionEvent.objects.values_list("item", flat=True)) == {kept.pk}


# --- Old ids ------------------------------------------------------------------------------


def test_an_event_on_an_old_id_counts_for_the_kept_item(
    client: Client, pair: tuple[Item, Item]
) -> None:
    kept, gone = pair
    folded(pair)
    events = [
        {"event_id": str(uuid.uuid4()), "type": "view", "item_id": item_id}
        for item_id in (gone.item_id, "Movie_nobody")
    ]
    answer = post(client, "/api/v1/events/", {"events": events})
    assert answer == {"recorded": 1, "repeated": 0, "unknown_items": ["Movie_nobody"]}
    assert SessionEvent.objects.get().item_id == kept.pk


def test_a_reaction_from_a_page_that_was_open_during_the_merge_counts(
    client: Client, pair: tuple[Item, Item]
) -> None:
    folded(pair)
    client.post(reverse("sessions:react"), {"item_id": pair[1].item_id, "action": "like"})
    assert SessionEvent.objects.get().item_id == pair[0].pk


def test_the_session_call_understands_old_ids(
    served: str, client: Client, items: list[Item], loader_without_thread: Loader
) -> None:
    kept, gone, barred = items[0], items[4], items[8]
    merge(kept=kept, gone=gone, by=None)
    merge(kept=items[1], gone=barred, by=None)
    loader_without_thread.refresh()
    asked = {"items": [gone.item_id, "Movie_nobody"], "exclude": [barred.item_id], "k": 30}
    answer = post(client, "/api/v1/recommendations/", asked)
    assert (answer["steps"], answer["unknown"]) == (1, ["Movie_nobody"])
    shown = {card["item"]["item_id"] for card in answer["cards"]}
    assert shown.isdisjoint({kept.item_id, gone.item_id, barred.item_id, items[1].item_id})
    assert any(card["because"] == kept.item_id for card in answer["cards"])
    similar = client.get(f"/api/v1/items/{gone.item_id}/similar/")
    assert similar.status_code == 200


def test_before_the_engine_is_made_anew_nothing_that_went_is_shown(
    served: str, items: list[Item]
) -> None:
    merge(kept=items[0], gone=items[4], by=None)
    answer = recommend(steps=[items[8].item_id], k=30)
    assert len(answer.cards) == 30
    assert items[4].item_id not in {card.item.item_id for card in answer.cards}


def test_the_trail_and_the_picks_go_on_with_the_kept_item(
    served: str, items: list[Item], loader_without_thread: Loader
) -> None:
    session = visit(items[1], items[4])
    merge(kept=items[0], gone=items[4], by=None)
    loader_without_thread.refresh()
    steps = [step.item.item_id for step in reading.trail(session).steps]
    assert steps == [items[1].item_id, items[0].item_id]
    answer = recommend_for(StoredVisit(session), preferences=Preferences(), k=12)
    assert answer.steps == 2
    assert len(answer.cards) == 12
    assert items[0].item_id not in {card.item.item_id for card in answer.cards}


# --- Training -----------------------------------------------------------------------------


def test_moved_views_are_learned_as_the_kept_item(items: list[Item]) -> None:
    make_sessions(items, count=24, length=4)
    kept, gone = items[0], items[4]
    before = export_training_set()
    views = SessionEvent.objects.filter(item__in=[kept, gone]).count()
    made = merge(kept=kept, gone=gone, by=None)
    after = export_training_set()
    assert gone.item_id not in after.items.index_of
    learned = int((after.sessions.items == after.items.index_of[kept.item_id]).sum())
    # The walks step from the one to the other: one item twice in a row counts once.
    pairs = [
        (a, b)
        for start, end in zip(before.sessions.offsets, before.sessions.offsets[1:], strict=False)
        for a, b in zip(
            before.sessions.items[start:end], before.sessions.items[start + 1 : end], strict=False
        )
    ]
    both = {before.items.index_of[kept.item_id], before.items.index_of[gone.item_id]}
    assert learned == views - sum(set(pair) == both for pair in pairs)
    undo(merge=made, by=None)
    again = export_training_set()
    assert (again.sessions.items == before.sessions.items).all()
    assert again.fingerprint == before.fingerprint
