"""What is recommended, in which order of tiers, by which rules and for which reason."""

import time
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from catalog.models import Genre, Item, Kind
from catalog.revision import note_change
from recommender.dataset import export_training_set
from recommender.loader import Loader
from recommender.ml.blend import N_CONTEXTS, BlendRecommender, BlendWeights, even_weights
from recommender.ml.engine import Engine
from recommender.services import Answer, recommend, recommend_for, similar
from recommender.tests.cases import make_sessions
from sessions_app.models import BrowsingSession, EventType, Ignored, Origin, SessionEvent
from sessions_app.preferences import Dial, Preferences
from sessions_app.stored import StoredVisit
from sessions_app.visits import PausedVisit, Visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def by_content(items: list[Item], loader_without_thread: Loader) -> None:
    """No model yet: only the catalogue's words are known."""
    loader_without_thread.refresh()


def ids(answer: Answer) -> list[str]:
    return [card.item.item_id for card in answer.cards]


def kinds(answer: Answer) -> Counter[str]:
    return Counter(card.item.kind for card in answer.cards)


# --- Tiers --------------------------------------------------------------------------------


def test_the_session_model_answers_when_it_knows_the_session(served: str) -> None:
    answer = recommend(steps=["Movie_0"], k=9)

    assert answer.tier == "blend"
    assert answer.model_version == served
    assert {card.tier for card in answer.cards} == {"blend"}
    assert len(answer.cards) == 9


def test_the_model_has_learned_what_follows(served: str, items: list[Item]) -> None:
    # A theme's walk goes Movie_0 → Movie_4 → Movie_8 → Music_0 → …
    answer = recommend(steps=["Movie_0"], k=6)

    assert "Movie_4" in ids(answer)[:2]


@pytest.fixture
def new(served: str, loader_without_thread: Loader) -> Item:
    """A film that came into the catalogue after the training."""
    new = Item.objects.create(
        item_id="Movie_new",
        kind="movie",
        title="Another Desert Movie",
        description="Movie about desert things",
        year=1963,
        source="test",
    )
    new.genres.add(Genre.objects.get(name="Desert"))
    loader_without_thread.refresh()
    return new


def test_an_item_that_the_model_does_not_know_is_followed_by_its_words(
    served: str, new: Item
) -> None:
    answer = recommend(steps=[new.item_id], k=6)

    assert answer.tier == "blend"
    assert answer.model_version == served
    assert "Desert" in answer.cards[0].item.title
    assert answer.cards[0].because == new


def test_an_item_that_the_model_does_not_know_appears_where_its_words_belong(
    new: Item, loader_without_thread: Loader
) -> None:
    # Every item of this small world was seen in training, so it was learned that words add nothing
    # to visits. Here only the parts that read words have a say.
    loaded = loader_without_thread.current
    assert loaded is not None
    blend = loaded.engine.blend
    names = [part.name for part in blend.parts]
    halves = [0.5 * (name in ("gru4rec", "content")) for name in names]
    weights = BlendWeights(names, [1.0] * len(names), halves, [halves] * N_CONTEXTS)
    engine = Engine(blend.adopt(weights), loaded.items)
    loader_without_thread.current = replace(loaded, engine=engine)

    after_desert = recommend(steps=["Book_3", "Music_3"], k=5, kind="movie")
    after_noir = recommend(steps=["Book_0", "Music_0"], k=5, kind="movie")

    card = next(card for card in after_desert.cards if card.item == new)
    assert card.because is not None
    assert theme(card.because) == "Desert"
    assert new not in [card.item for card in after_noir.cards]


def test_edited_words_are_read_again_but_not_at_every_edit(
    by_content: None,
    items: list[Item],
    loader_without_thread: Loader,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = loader_without_thread.current
    items[0].description = "Quite another story, of lighthouses"
    items[0].save()
    monkeypatch.setattr(loader_without_thread, "_rest_until", time.monotonic() + 60)
    loader_without_thread.refresh()
    assert loader_without_thread.current is before

    monkeypatch.setattr(loader_without_thread, "_rest_until", 0.0)
    loader_without_thread.refresh()

    assert loader_without_thread.current is not before
    assert loader_without_thread.current is not None
    assert "lighthouses" in loader_without_thread.current.items.texts[0]


def test_no_part_claims_to_have_seen_an_item_that_was_never_opened(new: Item) -> None:
    new.genres.clear()  # no fact of the catalogue joins it to anything
    new.moods, new.year = [], None
    new.save()

    answer = recommend(steps=[new.item_id], k=12)

    from_new = [card.reason for card in answer.cards if card.because == new]
    assert from_new
    for reason in from_new:
        assert not reason.startswith("Opened")


def test_content_answers_while_there_is_no_model(by_content: None) -> None:
    answer = recommend(steps=["Movie_1"], k=6)

    assert answer.tier == "content"
    assert answer.model_version is None
    assert {card.item.title.split()[0] for card in answer.cards if card.tier == "content"} == {
        "Sea"
    }


def test_popular_answers_a_visitor_of_whom_nothing_is_known(served: str) -> None:
    answer = recommend(steps=[], k=6)

    assert answer.tier == "popular"
    assert kinds(answer) == {"movie": 2, "track": 2, "book": 2}
    assert "simulated sessions" in answer.cards[0].reason


def test_popular_answers_while_nothing_is_loaded(items: list[Item]) -> None:
    answer = recommend(steps=["Movie_1"], k=6)

    assert answer.tier == "popular"
    assert len(answer.cards) == 6
    assert {card.reason for card in answer.cards} == {"A place to start"}


def test_what_people_opened_goes_before_what_was_simulated(items: list[Item]) -> None:
    make_sessions(items[:4], count=40, length=1)
    make_sessions([items[8]], count=1, length=1, origin=Origin.LIVE, name="person")

    answer = recommend(steps=[], k=3, kind="movie")

    assert ids(answer)[0] == "Movie_8"
    assert answer.cards[0].reason == "Opened in 1 session this month"


# --- Rules --------------------------------------------------------------------------------


def test_an_unfiltered_list_has_the_two_other_kinds(served: str) -> None:
    for start in ("Movie_0", "Music_1", "Book_2"):
        answer = recommend(steps=[start], k=8)
        assert set(kinds(answer)) == {"movie", "track", "book"}
        assert min(kinds(answer).values()) >= 2
        assert {card.item.kind for card in answer.cards[:3]} == {"movie", "track", "book"}


def test_a_kind_limits_the_list(served: str) -> None:
    assert kinds(recommend(steps=["Movie_0"], k=7, kind="book")) == {"book": 7}


def test_what_was_opened_or_excluded_never_comes_back_and_the_list_stays_full(served: str) -> None:
    steps = ["Movie_0", "Movie_4"]
    first = recommend(steps=steps, k=10)
    assert not set(steps) & set(ids(first))

    second = recommend(steps=steps, k=10, exclude=ids(first))

    assert len(second.cards) == 10
    assert not set(ids(first)) & set(ids(second))


def test_no_item_appears_twice_even_when_every_tier_is_needed(served: str) -> None:
    answer = recommend(steps=["Movie_0"], k=100)

    assert len(ids(answer)) == len(set(ids(answer))) == 35  # the whole catalogue but the step


def test_an_item_that_left_the_catalogue_is_not_recommended(served: str) -> None:
    gone = ids(recommend(steps=["Movie_0"], k=1))[0]
    SessionEvent.objects.filter(item__item_id=gone).delete()
    Item.objects.get(item_id=gone).delete()

    answer = recommend(steps=["Movie_0"], k=9)

    assert len(answer.cards) == 9
    assert gone not in ids(answer)


def test_unknown_ids_are_skipped_and_named(served: str) -> None:
    answer = recommend(steps=["Movie_0", "Movie_nowhere", "Movie_nowhere"], k=3)

    assert answer.unknown == ["Movie_nowhere"]
    assert answer.steps == 1
    assert ids(answer) == ids(recommend(steps=["Movie_0"], k=3))


@pytest.mark.parametrize("k", [0, 101, -1])
def test_a_senseless_length_is_refused(k: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 100"):
        recommend(steps=[], k=k)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no kind 'game'"):
        recommend(steps=[], kind="game")


def test_an_empty_catalogue_gives_an_empty_list() -> None:
    assert recommend(steps=["Movie_0"]).cards == []


def test_the_number_of_queries_does_not_grow_with_the_list(
    served: str, django_assert_num_queries: Any
) -> None:
    # Steps and cards (items, genres, credits) and kinships.
    with django_assert_num_queries(4):
        recommend(steps=["Movie_0", "Movie_4"], k=6)
    with django_assert_num_queries(4):
        recommend(steps=["Movie_0", "Movie_4"], k=24)


# --- A visitor ----------------------------------------------------------------------------


def visitor(*events: tuple[str, str], **fields: Any) -> StoredVisit:
    session = BrowsingSession.objects.create(
        started_at=timezone.now(), last_event_at=timezone.now(), **fields
    )
    for type_, item_id in events:
        item = Item.objects.get(item_id=item_id)
        SessionEvent.objects.create(
            session=session, type=type_, item=item, occurred_at=timezone.now()
        )
    return StoredVisit(session)


def listed(visit: Visit, *, k: int = 12, **preferences: Any) -> Answer:
    return recommend_for(visit, preferences=Preferences(**preferences), k=k)


def test_a_session_is_followed_without_what_its_visitor_hid_or_disliked(served: str) -> None:
    plain = listed(visitor((EventType.VIEW, "Movie_0")), k=6)
    hidden, disliked = ids(plain)[:2]

    answer = listed(
        visitor(
            (EventType.VIEW, "Movie_0"), (EventType.HIDE, hidden), (EventType.DISLIKE, disliked)
        ),
        k=6,
    )

    assert answer.steps == 1
    assert not {hidden, disliked} & set(ids(answer))
    assert len(answer.cards) == 6


def test_a_step_taken_out_changes_the_list_back(served: str) -> None:
    session = visitor((EventType.VIEW, "Movie_0")).session
    assert session is not None
    before = ids(listed(StoredVisit(session)))
    session.events.create(
        type=EventType.VIEW,
        item=Item.objects.get(item_id="Book_2"),
        occurred_at=timezone.now(),
    )
    assert ids(listed(StoredVisit(session))) != before

    session.events.filter(item__item_id="Book_2").update(ignored=Ignored.REMOVED)

    assert ids(listed(StoredVisit(session))) == before


def test_what_was_seen_comes_back_only_where_it_is_asked_for_and_the_trail_never(
    served: str,
) -> None:
    user = User.objects.create_user("mira")
    visitor((EventType.VIEW, "Movie_4"), user=user, ended_at=timezone.now())
    now = visitor((EventType.VIEW, "Movie_0"), user=user)
    assert "Movie_4" not in ids(listed(now, k=35))

    again = ids(listed(now, k=35, include_seen=True))

    assert "Movie_4" in again
    assert "Movie_0" not in again


def test_what_was_hidden_stays_hidden_from_who_wants_to_see_things_again(served: str) -> None:
    hid = visitor((EventType.VIEW, "Movie_0"), (EventType.HIDE, "Movie_4"))

    assert "Movie_4" not in ids(listed(hid, k=35, include_seen=True))


def test_a_visit_without_a_session_is_followed_and_nothing_explored(
    served: str, settings: Any
) -> None:
    settings.EXPLORE = 1.0
    opened = PausedVisit(visitor((EventType.VIEW, "Movie_0")))

    answer = listed(opened)

    assert answer.steps == 1
    assert {card.tier for card in answer.cards} == {"blend"}


def test_a_visitor_s_dial_holds_unless_another_one_is_given(served: str) -> None:
    visit = visitor((EventType.VIEW, "Movie_0"))
    preferences = Preferences(dial=Dial(book=0))

    own = recommend_for(visit, preferences=preferences)
    given = recommend_for(visit, preferences=preferences, dial=Dial())

    assert set(kinds(own)) == {"movie", "track"}
    assert set(kinds(given)) == {"movie", "track", "book"}


def test_the_number_of_queries_of_a_visit_does_not_grow_with_what_is_set(
    served: str, django_assert_num_queries: Any
) -> None:
    visit = visitor((EventType.VIEW, "Movie_0"))
    preferences = Preferences(dial=Dial(vibe=90, surprise=10, book=80), hidden_genres=("sea",))
    listed(visit)
    recommend_for(visit, preferences=preferences)
    # The steps and what was said; where something is set, the revision of the catalogue too.
    with django_assert_num_queries(2):
        listed(StoredVisit(visit.session))
    with django_assert_num_queries(3):
        recommend_for(StoredVisit(visit.session), preferences=preferences)


# --- Hidden genres ------------------------------------------------------------------------


def test_a_hidden_genre_is_in_no_tier(served: str) -> None:
    for steps in (["Movie_0", "Book_1"], []):
        answer = recommend(steps=steps, k=30, hidden_genres=["sea", "no-such-genre"])
        assert len(answer.cards) > 20
        assert "Sea" not in {theme(card.item) for card in answer.cards}


def test_a_hidden_genre_is_gone_while_nothing_is_loaded(items: list[Item]) -> None:
    answer = recommend(steps=[], k=30, hidden_genres=["sea"])

    assert len(answer.cards) == 27
    assert "Sea" not in {theme(card.item) for card in answer.cards}


def test_a_genre_given_to_an_item_hides_it_at_once(served: str) -> None:
    first = recommend(steps=["Movie_0"], k=6).cards[0].item
    assert first.item_id in ids(recommend(steps=["Movie_0"], k=6, hidden_genres=["war"]))

    Genre.objects.create(name="War", slug="war").items.add(first)
    note_change()

    assert first.item_id not in ids(recommend(steps=["Movie_0"], k=6, hidden_genres=["war"]))


def test_similar_items_leave_out_what_is_barred(by_content: None) -> None:
    item = Item.objects.get(item_id="Book_3")
    all_of_them = similar(item=item, k=5)
    first = all_of_them[0].item.item_id

    others = similar(item=item, k=5, exclude=[first, "Nothing_1"])

    assert first not in [card.item.item_id for card in others]
    assert len(others) == 5
    assert not [
        c for c in similar(item=item, hidden_genres=["desert"]) if theme(c.item) == "Desert"
    ]


# --- Reasons ------------------------------------------------------------------------------


def test_every_card_of_a_session_names_a_step_and_a_true_fact(served: str) -> None:
    steps = ["Movie_0", "Book_1", "Music_2"]
    answer = recommend(steps=steps, k=12)

    for card in answer.cards:
        assert card.because is not None
        assert card.because.item_id in steps
        assert card.because.title in card.reason
        assert card.why is not None
        assert card.why.step == card.because.item_id
        assert card.reason == card.why.text


def test_the_named_step_is_the_one_that_the_card_owes(served: str) -> None:
    """No session ever crossed from one theme to another, so a card owes its own theme's step."""
    answer = recommend(steps=["Movie_0", "Book_1", "Music_2"], k=9)

    assert {theme(card.item) for card in answer.cards} >= {"Sea", "Space"}
    # The small network has a say too, and is not sure of every card.
    own = [
        card.because is not None and theme(card.because) == theme(card.item)
        for card in answer.cards
    ]
    assert own[0]
    assert sum(own) >= 7  # by chance: 3


def theme(item: Item) -> str:
    return item.title.split()[0]


def test_a_card_says_what_each_part_gave(served: str, loader_without_thread: Loader) -> None:
    assert loader_without_thread.current is not None
    names = {part.name for part in loader_without_thread.current.engine.blend.parts}
    for card in recommend(steps=["Movie_0", "Book_1"], k=9).cards:
        assert set(card.parts) <= names
        assert sum(card.parts.values()) == pytest.approx(1.0, abs=0.005)
        assert min(card.parts.values()) >= 0


def test_what_owes_nothing_to_any_step_names_none(
    served: str, loader_without_thread: Loader
) -> None:
    loaded = loader_without_thread.current
    assert loaded is not None
    popularity = [part for part in loaded.engine.blend.parts if part.name == "popularity"]
    blend = BlendRecommender(popularity)
    blend.fit_counting(export_training_set().sessions, loaded.items)
    engine = Engine(blend.adopt(even_weights(blend)), loaded.items)
    loader_without_thread.current = replace(loaded, engine=engine)

    answer = recommend(steps=["Movie_0"], k=6)

    assert {card.because for card in answer.cards} == {None}
    assert {card.reason for card in answer.cards} == {"Beside your path"}


# --- Similar ------------------------------------------------------------------------------


def test_similar_items_share_words_and_never_include_the_item(by_content: None) -> None:
    item = Item.objects.get(item_id="Book_3")

    cards = similar(item=item, k=5)

    assert len(cards) == 5
    assert all("Desert" in card.item.title for card in cards)
    assert all(card.item != item for card in cards)
    assert {card.item.kind for card in similar(item=item, k=5, kind=Kind.TRACK)} == {"track"}


def test_similar_is_empty_while_content_is_not_loaded(items: list[Item]) -> None:
    assert similar(item=items[0]) == []


@pytest.mark.parametrize("k", [1, 2, 3])
def test_a_very_short_list_still_comes_from_the_best_tier(served: str, k: int) -> None:
    answer = recommend(steps=["Movie_0"], k=k)

    assert {card.tier for card in answer.cards} == {"blend"}
    assert len(answer.cards) == k
    assert ids(answer)[0] == ids(recommend(steps=["Movie_0"], k=12))[0]
