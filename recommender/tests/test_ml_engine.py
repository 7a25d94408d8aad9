"""The engine: exact lists, remembered answers, and the step and part that a card owes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from recommender.ml.blend import N_CONTEXTS, BlendRecommender, BlendWeights, even_weights
from recommender.ml.content import ContentRecommender
from recommender.ml.contract import Recommender
from recommender.ml.cooccurrence import CooccurrenceRecommender
from recommender.ml.data import ItemTable, SessionData
from recommender.ml.engine import Engine, Ranked, best_of
from recommender.ml.markov import MarkovRecommender
from recommender.ml.neighbours import StanRecommender
from recommender.ml.popularity import PopularityRecommender
from recommender.ml.returns import ReturnsRecommender
from recommender.ml.voting import mass_at
from recommender.tests.ml_cases import GROUPS, N_ITEMS, markov_sessions, skewed_sessions

KINDS = ("book", "movie", "track")
TABLE = ItemTable(
    ids=[f"item_{i}" for i in range(N_ITEMS)],
    kinds=[KINDS[i % 3] for i in range(N_ITEMS)],
    texts=[f"{GROUPS[i % len(GROUPS)]} story number{i}" for i in range(N_ITEMS)],
)
# Few sessions, so that many items are tied at the background of popularity.
SESSIONS = skewed_sessions(n_sessions=40, seed=1)


def blend_of(*parts: Recommender, data: SessionData = SESSIONS) -> BlendRecommender:
    blend = BlendRecommender(list(parts)).fit(data, TABLE)
    return blend.adopt(even_weights(blend))


def all_parts() -> list[Recommender]:
    return [
        StanRecommender(),
        CooccurrenceRecommender(),
        MarkovRecommender(),
        ReturnsRecommender(),
        PopularityRecommender(),
        ContentRecommender(),
    ]


@pytest.fixture(scope="module")
def blend() -> BlendRecommender:
    """Every part that counts, with weights and kinds learned, so that all of it is ranked by."""
    fitted = BlendRecommender(all_parts()).fit(SESSIONS, TABLE)
    return fitted.learn_weights(skewed_sessions(n_sessions=200, seed=2))


def probabilities(
    blend: BlendRecommender, session: Sequence[int], discount: float
) -> NDArray[np.float32]:
    """(n,) of every item, before the logarithm: `blend.scores` rounds some of them together."""
    likely = blend.total(blend.shares(session), session)
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(np.log(likely), blend.scores([session])[0], rtol=1e-5)
    if discount:
        likely *= ((blend.counts + 1.0) ** -discount).astype(np.float32)
    return likely


def full_sort(
    likely: NDArray[np.float32], kinds: Sequence[str], each: int, without: set[int]
) -> list[int]:
    """The oracle: the whole catalogue sorted in Python, ties by index."""
    chosen = []
    for kind in kinds:
        of_kind = [i for i in range(len(TABLE)) if TABLE.kinds[i] == kind and i not in without]
        chosen += sorted(of_kind, key=lambda item: (-likely[item], item))[:each]
    return chosen


@pytest.mark.parametrize("discount", [0.0, 0.5])
@pytest.mark.parametrize("seed", range(15))
def test_the_lists_are_those_of_a_full_sort(
    blend: BlendRecommender, seed: int, discount: float
) -> None:
    chance = np.random.default_rng(seed)
    session = chance.integers(N_ITEMS, size=chance.integers(1, 9)).tolist()
    kinds = chance.permutation(KINDS)[: chance.integers(1, 4)].tolist()
    barred = set(chance.integers(N_ITEMS, size=chance.integers(0, 30)).tolist())
    each = int(chance.integers(1, 25))

    engine = Engine(blend, TABLE, popularity_discount=discount)
    found = engine.rank(session, kinds=kinds, each=each, barred=barred)

    likely = probabilities(blend, session, discount)
    expected = full_sort(likely, kinds, each, {*session, *barred})
    assert [one.index for one in found] == expected
    np.testing.assert_allclose([one.score for one in found], np.log(likely[expected]), rtol=1e-5)


@pytest.mark.parametrize("seed", range(20))
def test_the_best_of_a_kind_are_exact_and_ties_go_by_index(seed: int) -> None:
    chance = np.random.default_rng(seed)
    scores = chance.integers(0, 6, size=200).astype(np.float32)  # six values: ties everywhere
    members = np.sort(chance.choice(200, size=chance.integers(1, 200), replace=False))
    k = int(chance.integers(1, 60))

    ordered = sorted((m for m in members if scores[m] > 0), key=lambda m: (-scores[m], m))

    assert best_of(scores, members, k).tolist() == ordered[:k]


def test_an_item_without_any_probability_is_never_ranked() -> None:
    engine = Engine(blend_of(ContentRecommender()), TABLE)
    found = engine.rank([0], kinds=KINDS, each=N_ITEMS)
    same_group = {i for i in range(1, N_ITEMS) if i % len(GROUPS) == 0}
    # "story" is in every text; the group's word only in the group's.
    assert {one.index for one in found[:1]} <= same_group
    assert all(np.isfinite(one.score) for one in found)

    nothing = Engine(
        BlendRecommender([MarkovRecommender()])
        .fit(SessionData.from_sequences([], n_items=N_ITEMS), TABLE)
        .adopt(BlendWeights(["markov"], [1.0], [1.0], [[1.0]] * N_CONTEXTS)),
        TABLE,
    )
    assert nothing.rank([0], kinds=KINDS, each=5) == []


def test_a_kind_that_nobody_has_is_passed_over(blend: BlendRecommender) -> None:
    engine = Engine(blend, TABLE)
    alone = engine.rank([0], kinds=["movie"], each=3)
    assert engine.rank([0], kinds=["game", "movie"], each=3) == alone
    assert engine.rank([0], kinds=["game"], each=3) == []


def test_an_answer_is_remembered_and_a_new_engine_remembers_nothing(
    blend: BlendRecommender,
) -> None:
    engine = Engine(blend, TABLE)
    first = engine.rank([1, 2], kinds=["movie"], each=3, barred=[5])

    assert engine.rank([1, 2], kinds=["movie"], each=3, barred=[5]) is first
    assert engine.rank([2, 1], kinds=["movie"], each=3, barred=[5]) is not first
    assert engine.rank([1, 2], kinds=["movie"], each=3, barred=[7]) is not first
    assert engine.rank([1, 2], kinds=["movie"], each=4, barred=[5]) is not first
    assert engine.rank([1, 2], kinds=["book"], each=3, barred=[5]) is not first
    again = Engine(blend, TABLE).rank([1, 2], kinds=["movie"], each=3, barred=[5])
    assert again is not first
    assert again == first


def test_the_least_recently_asked_answer_is_forgotten_first(
    blend: BlendRecommender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recommender.ml.engine.RANKINGS_KEPT", 2)
    engine = Engine(blend, TABLE)

    def ask(item: int) -> list[Ranked]:
        return engine.rank([item], kinds=["movie"], each=2)

    first, second = ask(1), ask(2)
    ask(1)
    ask(3)

    assert ask(1) is first
    assert ask(2) is not second


def test_the_step_that_a_markov_chain_owes_is_its_last() -> None:
    data = markov_sessions(predictability=1.0, n_sessions=200, seed=1)
    engine = Engine(blend_of(MarkovRecommender(), data=data), TABLE)
    walk = data.session(0)[:4].tolist()
    followed = int(data.session(0)[4])

    first = max(engine.rank(walk, kinds=KINDS, each=1), key=lambda one: one.score)

    assert (first.index, first.step, first.lead) == (followed, 3, "markov")


def test_the_step_that_content_owes_is_the_one_with_the_words() -> None:
    engine = Engine(blend_of(ContentRecommender()), TABLE)
    found = engine.rank([0, 1, 2], kinds=KINDS, each=4)

    for one in found[:1] + [one for one in found if one.index % len(GROUPS) in (0, 1, 2)]:
        assert one.step == one.index % len(GROUPS)
        assert one.lead == "content"


@pytest.mark.parametrize("part", [MarkovRecommender, StanRecommender, CooccurrenceRecommender])
def test_what_the_steps_add_is_all_of_the_votes_and_the_named_one_adds_most(part: Any) -> None:
    model = part()
    engine = Engine(blend_of(model), TABLE)
    session = [1, 30, 2, 41]

    found = engine.rank(session, kinds=KINDS, each=6)

    votes = model.votes(session)
    items = np.array([one.index for one in found])
    owed = model.owed(session, items)
    np.testing.assert_allclose(
        owed.sum(axis=0), mass_at(votes.items, votes.mass, items), rtol=1e-9, atol=1e-15
    )
    assert any(one.step >= 0 for one in found)
    for one, added in zip(found, owed.T, strict=True):
        assert one.step == (int(added.argmax()) if added.any() else -1)


def test_an_item_of_several_steps_is_owed_to_the_one_whose_removal_costs_most() -> None:
    """Where the votes are no sum over the steps, each is left out in turn."""
    model = ReturnsRecommender().fit(markov_sessions(predictability=0.8, seed=1), TABLE)
    session = [5, 9, 5, 7]
    owed = model.owed(session, np.array([5, 9, 7]))

    def mass(steps: list[int], item: int) -> float:
        items, mass, _ = model.votes(steps)
        return float(mass[items == item].sum())

    for column, item in enumerate([5, 9, 7]):
        for step in range(4):
            rest = [*session[:step], *session[step + 1 :]]
            expected = max(mass(session, item) - mass(rest, item), 0.0)
            assert owed[step, column] == pytest.approx(expected)


def test_what_is_only_popular_owes_nothing_to_any_step() -> None:
    engine = Engine(blend_of(PopularityRecommender()), TABLE)
    found = engine.rank([10, 11], kinds=KINDS, each=2)
    assert {one.step for one in found} == {-1}
    assert {one.lead for one in found} == {"popularity"}


def test_only_recent_steps_are_weighed_and_keep_their_place_in_the_session() -> None:
    engine = Engine(blend_of(ContentRecommender()), TABLE)
    session = [0, *[3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 16, 17]]
    by_index = {one.index: one for one in engine.rank(session, kinds=KINDS, each=20)}
    assert by_index[29].step == 12  # of the group of item 17, the last step
    assert by_index[28].step == 11


def test_the_leading_part_is_the_one_that_knows_the_step_not_one_that_knows_what_is_popular() -> (
    None
):
    """Item 0 is opened all the time, never after item 12, and its words are those of item 12:
    followers give it more than words do, by popularity alone, but only the words are a reason."""
    data = SessionData.from_sequences([[1, 0]] * 300 + [[12, 2]] * 2, n_items=N_ITEMS)
    parts = [MarkovRecommender(), ContentRecommender()]
    blend = BlendRecommender(parts).fit(data, TABLE)
    weights = [0.99, 0.01]
    blend.adopt(BlendWeights(["markov", "content"], [1.0, 1.0], weights, [weights] * N_CONTEXTS))

    by_index = {one.index: one for one in Engine(blend, TABLE).rank([12], kinds=KINDS, each=20)}

    assert by_index[0].parts["markov"] > by_index[0].parts["content"] > 0
    assert (by_index[0].step, by_index[0].lead) == (0, "content")
    assert (by_index[2].step, by_index[2].lead) == (0, "markov")


def test_the_parts_sum_to_the_uncalibrated_probability() -> None:
    """With one kind there is nothing to calibrate: the sum is the probability itself."""
    table = ItemTable(TABLE.ids, ["movie"] * N_ITEMS, TABLE.texts)
    blend = BlendRecommender(all_parts()).fit(SESSIONS, table)
    blend.learn_weights(skewed_sessions(n_sessions=200, seed=2))

    found = Engine(blend, table, popularity_discount=0.3).rank([3, 8], kinds=["movie"], each=60)

    expected = np.exp(blend.scores([[3, 8]])[0])
    np.testing.assert_allclose(
        [sum(one.parts.values()) for one in found],
        expected[[one.index for one in found]],
        rtol=1e-4,
    )
    assert all(set(one.parts) == {part.name for part in blend.parts} for one in found)


def test_kinds_and_discount_leave_what_the_parts_say_alone(blend: BlendRecommender) -> None:
    plain = {one.index: one for one in Engine(blend, TABLE).rank([3], kinds=KINDS, each=60)}
    rarer = Engine(blend, TABLE, popularity_discount=0.9).rank([3], kinds=KINDS, each=60)
    assert {one.index: one.parts for one in rarer} == {i: one.parts for i, one in plain.items()}


def test_a_popularity_discount_gives_rarer_items_a_chance(blend: BlendRecommender) -> None:
    def mean_events(discount: float) -> float:
        engine = Engine(blend, TABLE, popularity_discount=discount)
        found = [engine.rank([item], kinds=KINDS, each=5) for item in range(0, N_ITEMS, 7)]
        return float(np.mean([blend.counts[one.index] for ranked in found for one in ranked]))

    assert mean_events(0.0) > mean_events(0.5) > mean_events(1.0)


def test_a_negative_discount_is_refused(blend: BlendRecommender) -> None:
    with pytest.raises(ValueError, match="not negative"):
        Engine(blend, TABLE, popularity_discount=-0.1)


def test_an_engine_knows_its_content_part_and_has_vectors_only_of_a_network(
    blend: BlendRecommender,
) -> None:
    engine = Engine(blend, TABLE)
    assert isinstance(engine.content, ContentRecommender)
    assert engine.vectors(np.array([0, 1])) is None
    assert Engine(blend_of(MarkovRecommender()), TABLE).content is None
