"""Exploration: now and then the last card is one by chance, and a record says how likely it was."""

import math
from typing import Any
from uuid import UUID, uuid5

import pytest
from django.utils import timezone

from catalog.models import Item
from recommender import exploration
from recommender.candidates import Candidate
from recommender.exploration import SHORTEST
from recommender.models import Exploration
from recommender.services import Answer, recommend_for
from sessions_app.models import BrowsingSession, EventType, Origin
from sessions_app.preferences import Preferences
from sessions_app.stored import StoredVisit

pytestmark = pytest.mark.django_db

_NAMES = UUID("5b2a9b3e-6a5e-4d0e-9c57-1d5f0c1f0002")
STEPS = ["Movie_0"]


def visitor(number: int = 1, *, opened: str | None = "Movie_0", **fields: Any) -> BrowsingSession:
    now = timezone.now()
    session = BrowsingSession.objects.create(
        public_id=uuid5(_NAMES, str(number)), started_at=now, last_event_at=now, **fields
    )
    if opened is not None:
        item = Item.objects.get(item_id=opened)
        session.events.create(type=EventType.VIEW, item=item, occurred_at=now)
    return session


def followed(session: BrowsingSession | None, *, k: int) -> Answer:
    return recommend_for(StoredVisit(session), preferences=Preferences(), k=k)


def ids(answer: Answer) -> list[str]:
    return [card.item.item_id for card in answer.cards]


def ranking(items: list[Item]) -> list[Candidate]:
    """All items but the first, best first."""
    return [
        Candidate(item.item_id, item.kind, -float(place), "blend", because="Movie_0")
        for place, item in enumerate(items[1:])
    ]


def test_the_last_card_is_exchanged_and_recorded_once(served: str, settings: Any) -> None:
    session = visitor()
    plain = followed(session, k=8)
    assert not Exploration.objects.exists()
    settings.EXPLORE = 1.0

    answer = followed(session, k=8)
    again = followed(session, k=8)

    assert ids(answer)[:-1] == ids(plain)[:-1]
    assert ids(answer)[-1] not in ids(plain)
    assert [card.tier for card in answer.cards] == ["blend"] * 7 + ["exploring"]
    assert answer.tier == "blend"
    assert ids(again) == ids(answer)
    record = Exploration.objects.get()
    assert record.session == session
    assert record.item == answer.cards[-1].item
    assert record.model_version == served
    assert record.position == 8


def test_the_reason_says_that_it_is_a_try_and_stays_true(served: str, settings: Any) -> None:
    settings.EXPLORE = 1.0

    answer = followed(visitor(), k=8)

    assert answer.cards[-1].reason.startswith("Exploring: ")
    why = answer.cards[-1].why
    assert why is not None
    assert why.kind == "exploring"
    assert why.fact is not None
    assert why.text == f"Exploring: {why.fact.text}"
    assert not any("Exploring" in card.reason for card in answer.cards[:-1])


def test_the_record_holds_how_likely_the_item_was(items: list[Item], settings: Any) -> None:
    settings.EXPLORE = 1.0
    pool = ranking(items)
    chosen = pool[:8]

    found = exploration.explore(visitor(), STEPS, "v1", chosen, pool)

    assert found[:-1] == chosen[:-1]
    assert found[-1].item_id in {candidate.item_id for candidate in pool[8:]}
    assert Exploration.objects.get().propensity == pytest.approx(1 / (len(pool) - 8))


def test_every_other_candidate_is_drawn_alike(items: list[Item], settings: Any) -> None:
    settings.EXPLORE = 1.0
    pool = ranking(items)[:12]
    chosen, others = pool[:8], pool[8:]
    session = visitor()

    drawn = [
        exploration.explore(session, STEPS, f"v{number}", chosen, pool)[-1].item_id
        for number in range(400)
    ]

    for candidate in others:
        # 400 draws of one in four: three standard errors are 26.
        assert abs(drawn.count(candidate.item_id) - 100) <= 26


@pytest.mark.parametrize("share", [0.25, 0.9])
def test_as_many_lists_explore_as_the_setting_says(
    items: list[Item], settings: Any, share: float
) -> None:
    settings.EXPLORE = share
    pool = ranking(items)[:10]
    chosen = pool[:8]

    for number in range(400):
        session = visitor(number, opened=None)
        exploration.explore(session, STEPS, "v1", chosen, pool)

    explored = Exploration.objects.count()
    assert abs(explored / 400 - share) <= 3 * math.sqrt(share * (1 - share) / 400)
    assert {record.propensity for record in Exploration.objects.all()} == {share / 2}


def test_another_step_or_version_draws_anew(items: list[Item], settings: Any) -> None:
    settings.EXPLORE = 1.0
    pool = ranking(items)
    session = visitor()

    def drawn(steps: list[str], version: str | None) -> str:
        return exploration.explore(session, steps, version, pool[:8], pool)[-1].item_id

    assert drawn(STEPS, "v1") == drawn(STEPS, "v1")
    assert len({drawn([*STEPS, f"Book_{number}"], "v1") for number in range(10)}) > 3
    assert len({drawn(STEPS, f"v{number}") for number in range(10)}) > 3


def test_without_a_version_the_record_names_none(items: list[Item], settings: Any) -> None:
    settings.EXPLORE = 1.0
    pool = ranking(items)

    exploration.explore(visitor(), STEPS, None, pool[:8], pool)

    assert Exploration.objects.get().model_version == ""


def test_a_share_of_nothing_changes_nothing(served: str, settings: Any) -> None:
    settings.EXPLORE = 0.0

    answers = [followed(visitor(number), k=8) for number in range(5)]

    assert {card.tier for answer in answers for card in answer.cards} == {"blend"}
    assert not Exploration.objects.exists()


def test_a_short_list_has_no_place_to_spare(served: str, settings: Any) -> None:
    settings.EXPLORE = 1.0
    session = visitor()

    assert {card.tier for card in followed(session, k=SHORTEST - 1).cards} == {"blend"}
    assert not Exploration.objects.exists()

    assert followed(session, k=SHORTEST).cards[-1].tier == "exploring"


def test_a_list_that_holds_every_candidate_stays(items: list[Item], settings: Any) -> None:
    settings.EXPLORE = 1.0
    pool = ranking(items)

    assert exploration.explore(visitor(), STEPS, "v1", pool, pool) == pool
    assert not Exploration.objects.exists()


def test_a_candidate_that_left_the_catalogue_is_not_recorded(
    items: list[Item], settings: Any
) -> None:
    settings.EXPLORE = 1.0
    pool = [*ranking(items)[:8], Candidate("Movie_gone", "movie", -9.0, "blend")]

    exploration.explore(visitor(), STEPS, "v1", pool[:8], pool)

    assert not Exploration.objects.exists()


@pytest.mark.parametrize(
    "fields", [{"is_bot": True}, {"opened": None}], ids=["a bot", "nothing opened yet"]
)
def test_nothing_is_explored_for(served: str, settings: Any, fields: dict[str, Any]) -> None:
    settings.EXPLORE = 1.0

    answer = followed(visitor(**fields), k=8)

    assert "exploring" not in {card.tier for card in answer.cards}
    assert not Exploration.objects.exists()


def test_nobody_s_list_explores_nothing(served: str, settings: Any) -> None:
    settings.EXPLORE = 1.0

    assert {card.tier for card in followed(None, k=8).cards} == {"popular"}


def test_what_a_visitor_was_shown_by_chance_goes_with_the_visit(served: str, settings: Any) -> None:
    settings.EXPLORE = 1.0
    session = visitor(origin=Origin.LIVE)
    followed(session, k=8)
    assert Exploration.objects.count() == 1

    session.delete()

    assert not Exploration.objects.exists()
