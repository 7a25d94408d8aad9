"""One contract for a visit, wherever it is kept: stored and remembered ones do the same."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from catalog.models import Item
from sessions_app import services
from sessions_app.memory import Memory
from sessions_app.models import BrowsingSession, EventType, SessionEvent
from sessions_app.remembered import RememberedVisit
from sessions_app.services import UnknownStepError
from sessions_app.stored import StoredVisit, adopt
from sessions_app.visits import PausedError, PausedVisit, Visit


@pytest.fixture(params=["stored", "remembered"])
def visit(request: pytest.FixtureRequest, db: None) -> Visit:
    return StoredVisit(None) if request.param == "stored" else RememberedVisit(Memory())


def titles(visit: Visit) -> list[str]:
    return [step.item.title for step in visit.trail().steps]


def test_what_is_opened_is_the_trail(visit: Visit, dune: Item, emma: Item) -> None:
    for item in (dune, emma, emma, dune):
        visit.open(item)
    assert titles(visit) == ["Dune", "Emma", "Dune"]
    assert visit.step_item_ids() == ["Movie_dune", "Book_emma", "Movie_dune"]
    assert visit.step_item_ids(limit=1) == ["Movie_dune"]
    assert visit.seen_item_ids() == {"Movie_dune", "Book_emma"}
    assert visit.trail(limit=2).more == 1


def test_an_empty_visit_knows_nothing(visit: Visit, dune: Item) -> None:
    assert titles(visit) == [] == visit.step_item_ids() == visit.saved_item_ids()
    assert not visit.seen_item_ids() | visit.hidden_item_ids() | visit.liked_item_ids()
    assert not visit.reactions(dune).liked


def test_a_reload_is_the_same_view(visit: Visit, dune: Item) -> None:
    assert visit.open(dune) == visit.open(dune) != ""


def test_picks_are_steps_and_liked(visit: Visit, dune: Item, emma: Item) -> None:
    visit.pick([dune, emma])
    assert titles(visit) == ["Dune", "Emma"]
    assert all(step.picked for step in visit.trail().steps)
    assert visit.liked_item_ids() == {"Movie_dune", "Book_emma"}


def test_reactions_are_kept_and_taken_back(visit: Visit, dune: Item) -> None:
    for type in (EventType.LIKE, EventType.HIDE, EventType.SAVE):
        visit.react(dune, type)
    visit.react(dune, EventType.RATE, rating=4)
    said = visit.reactions(dune)
    assert (said.liked, said.hidden, said.saved, said.rating) == (True, True, True, 4)
    assert visit.hidden_item_ids() == {"Movie_dune"}
    assert visit.saved_item_ids() == ["Movie_dune"]
    for type in (EventType.LIKE, EventType.HIDE, EventType.SAVE, EventType.RATE):
        visit.take_back(dune, type)
    said = visit.reactions(dune)
    assert (said.liked, said.hidden, said.saved, said.rating) == (False, False, False, None)
    assert visit.hidden_item_ids() == set()


def test_the_last_opinion_counts(visit: Visit, dune: Item) -> None:
    visit.react(dune, EventType.LIKE)
    visit.react(dune, EventType.DISLIKE)
    assert (visit.liked_item_ids(), visit.disliked_item_ids()) == (set(), {"Movie_dune"})
    assert visit.reactions(dune).disliked
    visit.react(dune, EventType.LIKE)
    assert (visit.liked_item_ids(), visit.disliked_item_ids()) == ({"Movie_dune"}, set())


def test_what_was_saved_last_comes_first(visit: Visit, dune: Item, emma: Item) -> None:
    for item in (dune, emma, dune):
        visit.react(item, EventType.SAVE)
    assert visit.saved_item_ids() == ["Movie_dune", "Book_emma"]


def test_a_step_is_taken_out_and_put_back(visit: Visit, dune: Item, emma: Item, hurt: Item) -> None:
    for item in (dune, emma, hurt):
        visit.open(item)
    second = visit.trail().steps[1].event_id
    assert visit.remove_step(second) == emma
    assert titles(visit) == ["Dune", "Hurt"]
    visit.remove_step(second)
    visit.restore_step(second)
    assert titles(visit) == ["Dune", "Emma", "Hurt"]
    visit.restore_step(second)
    assert titles(visit) == ["Dune", "Emma", "Hurt"]


def test_a_step_of_nobody_is_refused(visit: Visit, dune: Item) -> None:
    visit.open(dune)
    for act in (visit.remove_step, visit.restore_step):
        with pytest.raises(UnknownStepError):
            act(uuid.uuid4())


def test_starting_over_and_back_again(visit: Visit, dune: Item, emma: Item, hurt: Item) -> None:
    visit.open(dune)
    visit.react(emma, EventType.HIDE)
    visit.start_over()
    assert titles(visit) == []
    assert visit.hidden_item_ids() == {"Book_emma"}
    visit.undo_start_over()
    assert titles(visit) == ["Dune"]
    assert visit.hidden_item_ids() == {"Book_emma"}
    visit.start_over()
    visit.open(hurt)
    visit.undo_start_over()  # too late: there is something in the new trail
    assert titles(visit) == ["Hurt"]


def test_undoing_a_start_over_that_never_was_does_nothing(visit: Visit, dune: Item) -> None:
    visit.undo_start_over()
    visit.open(dune)
    visit.undo_start_over()
    assert titles(visit) == ["Dune"]


def test_an_idle_visit_has_no_trail_and_the_next_click_begins_another(
    visit: Visit, dune: Item, emma: Item
) -> None:
    visit.open(dune)
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        assert titles(visit) == [] == visit.step_item_ids()
        visit.open(emma)
        assert titles(visit) == ["Emma"]


def test_forgetting_leaves_nothing(visit: Visit, dune: Item, emma: Item) -> None:
    visit.open(dune)
    visit.react(emma, EventType.HIDE)
    assert visit.forget() == 2
    assert titles(visit) == []
    assert not visit.seen_item_ids() | visit.hidden_item_ids()
    assert visit.forget() == 0


def test_forgetting_one_visit_keeps_the_others_of_this_browser(dune: Item, emma: Item) -> None:
    visit = StoredVisit(services.open_session(now=timezone.now()))
    visit.open(dune)
    visit.start_over()
    visit.open(emma)
    visit.forget()
    assert [event.item for event in SessionEvent.objects.all()] == [dune]


def test_forgetting_everything_deletes_what_was_started_over(dune: Item, emma: Item) -> None:
    visit = StoredVisit(services.open_session(now=timezone.now()))
    visit.open(dune)
    visit.start_over()
    visit.open(emma)
    assert visit.forget(everything=True) == 2
    assert not BrowsingSession.objects.exists()


def test_a_remembered_visit_writes_no_row(dune: Item, django_assert_num_queries: Any) -> None:
    visit = RememberedVisit(Memory())
    with django_assert_num_queries(0):
        visit.open(dune)
        visit.pick([dune])
        visit.react(dune, EventType.LIKE)
        visit.take_back(dune, EventType.LIKE)
        visit.search("dune")
        visit.start_over()
        visit.forget(everything=True)


def test_a_paused_visit_reads_and_writes_nothing(visit: Visit, dune: Item, emma: Item) -> None:
    visit.open(dune)
    paused = PausedVisit(visit)
    before = SessionEvent.objects.count()
    assert paused.open(emma) == ""
    paused.search("emma")
    paused.dwell(uuid.uuid4(), 5_000)
    paused.pick([emma])
    step = visit.trail().steps[0].event_id
    refused: list[Callable[[], object]] = [
        lambda: paused.react(emma, EventType.LIKE),
        lambda: paused.take_back(emma, EventType.LIKE),
        lambda: paused.remove_step(step),
        lambda: paused.restore_step(step),
        paused.start_over,
        paused.undo_start_over,
    ]
    for act in refused:
        with pytest.raises(PausedError):
            act()
    assert titles(paused) == ["Dune"]
    assert not paused.reactions(emma).liked
    assert SessionEvent.objects.count() == before


def test_what_was_remembered_can_be_stored(dune: Item, emma: Item, hurt: Item) -> None:
    remembered, stored = RememberedVisit(Memory()), StoredVisit(None)
    remembered.pick([dune])
    remembered.open(emma)
    remembered.react(hurt, EventType.HIDE)
    remembered.react(emma, EventType.RATE, rating=5)
    adopt(stored, remembered.trail().steps, remembered.said())
    assert titles(stored) == ["Dune", "Emma"]
    assert stored.hidden_item_ids() == {"Music_hurt"}
    assert stored.liked_item_ids() == {"Movie_dune"}
    assert stored.reactions(emma).rating == 5


def test_an_item_that_left_the_catalogue_is_no_step(visit: Visit, dune: Item, emma: Item) -> None:
    visit.open(dune)
    visit.open(emma)
    emma.delete()
    assert visit.step_item_ids() == ["Movie_dune"]
    assert titles(visit) == ["Dune"]
