"""The blend: distributions, learned weights, and that it is no worse than its parts."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
import pytest

from recommender.ml.blend import (
    N_CONTEXTS,
    BlendRecommender,
    BlendWeights,
    affordable,
)
from recommender.ml.contract import NotFittedError, Recommender
from recommender.ml.cooccurrence import CooccurrenceRecommender
from recommender.ml.data import FloatArray, ItemTable, SessionData
from recommender.ml.evaluation import evaluate
from recommender.ml.markov import MarkovRecommender
from recommender.ml.neighbours import StanRecommender
from recommender.ml.popularity import PopularityRecommender
from recommender.ml.returns import ReturnsRecommender
from recommender.ml.voting import Votes, VotingRecommender
from recommender.ml.weighing import mixture_weights


class Fixed(VotingRecommender):
    """Gives every session the same votes, whatever it was fitted on."""

    def __init__(self, name: str, mass: Sequence[float]) -> None:
        self.name = name
        self._mass = np.array(mass, dtype=np.float64)
        self._shares = np.zeros(len(mass))

    def fit(self, data: SessionData, items: ItemTable) -> Self:
        return self

    def votes(self, session: Any) -> Votes:
        named = np.flatnonzero(self._mass)
        return Votes(named, self._mass[named], 0.0)


class FixedLogits(Recommender):
    """Gives every session the same logits."""

    name = "network"

    def __init__(self, logits: Sequence[float]) -> None:
        self._logits = np.array(logits, dtype=np.float32)

    def fit(self, data: SessionData, items: ItemTable) -> Self:
        return self

    def scores(self, sessions: Sequence[Any]) -> FloatArray:
        return np.tile(self._logits, (len(sessions), 1))


def weights_of(parts: Sequence[Recommender], weights: Sequence[float], power: float = 1.0) -> Any:
    """The same weights in every context."""
    return BlendWeights(
        parts=[part.name for part in parts],
        powers=[power] * len(parts),
        overall=list(weights),
        by_context=[list(weights)] * N_CONTEXTS,
    )


def items(n: int) -> ItemTable:
    return ItemTable([str(i) for i in range(n)], ["item"] * n, [""] * n)


def by_definition(
    parts: Sequence[Recommender], weights: Sequence[float], power: float, session: list[int]
) -> Any:
    """The mixture written out with dense arrays: the oracle of the sparse sums."""
    total: Any = 0.0
    for part, weight in zip(parts, weights, strict=True):
        scores = part.scores([session])[0].astype(np.float64)
        votes = isinstance(part, VotingRecommender)
        mass = scores**power if votes else np.exp(power * scores)
        if mass.sum() > 0:
            total = total + weight * mass / mass.sum()
    return total


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_the_sparse_sums_are_the_mixture_by_definition(power: float) -> None:
    train, table = chain(40, 1), items(30)
    parts: list[Recommender] = [
        FixedLogits(np.random.default_rng(1).normal(size=30).tolist()),
        MarkovRecommender(),
        CooccurrenceRecommender(),
        StanRecommender(),
        ReturnsRecommender(),
        PopularityRecommender(),
        Fixed("nothing", [0.0] * 30),
    ]
    weights = [0.3, 0.2, 0.1, 0.2, 0.05, 0.1, 0.05]
    blend = BlendRecommender(parts).fit(train, table).adopt(weights_of(parts, weights, power))

    for session in ([], [3], [1, 2, 5, 2], list(range(30))):
        expected = by_definition(parts, weights, power, session)
        np.testing.assert_allclose(np.exp(blend.scores([session])[0]), expected, rtol=2e-5)
        chosen = np.array([0, 7, 7, 29])
        shares = blend.of_parts(blend.shares(session), chosen)
        np.testing.assert_allclose(shares.sum(axis=0), expected[chosen], rtol=2e-5)


def test_minus_infinity_is_no_probability() -> None:
    part = FixedLogits([0.0, np.log(3.0), -np.inf])
    blend = BlendRecommender([part]).fit(chain_of_three(), items(3))
    blend.adopt(weights_of([part], [1.0]))
    np.testing.assert_allclose(np.exp(blend.scores([[0]])), [[0.25, 0.75, 0.0]], rtol=1e-6)


def chain_of_three() -> SessionData:
    return SessionData.from_sequences([[0, 1, 2]] * 4, n_items=3)


def test_weights_are_the_shares_that_each_part_explains() -> None:
    # Three examples only the first part knows, one only the second: the weights are 3/4 and 1/4.
    likelihood = np.array([[1.0, 1e-9]] * 3 + [[1e-9, 1.0]])

    np.testing.assert_allclose(mixture_weights(likelihood), [0.75, 0.25], atol=1e-6)


def test_a_part_that_explains_nothing_gets_no_weight() -> None:
    likelihood = np.array([[0.5, 0.01], [0.4, 0.02], [0.6, 0.01]])

    assert mixture_weights(likelihood)[1] < 1e-3


def test_the_blend_finds_how_often_each_part_is_right() -> None:
    sure_of_one = Fixed("one", [0, 1, 0, 0])
    sure_of_two = Fixed("two", [0, 0, 1, 0])
    sessions = SessionData.from_sequences([[0, 1]] * 80 + [[0, 2]] * 20, n_items=4)

    blend = BlendRecommender([sure_of_one, sure_of_two]).fit(sessions, items(4))
    blend.learn_weights(sessions)

    assert blend.weights["one"] == pytest.approx(0.8, abs=0.01)
    assert blend.weights["two"] == pytest.approx(0.2, abs=0.01)
    scores = blend.scores([[0]])[0]
    assert np.exp(scores[1]) == pytest.approx(0.8, abs=0.01)
    assert scores[3] == -np.inf


def chain(n_sessions: int, seed: int) -> SessionData:
    """Half of the clicks follow a cycle, the other half go to one popular item of three."""
    rng = np.random.default_rng(seed)
    sequences = []
    for _ in range(n_sessions):
        at = int(rng.integers(30))
        walk = [at]
        for _ in range(5):
            at = (at + 1) % 30 if rng.random() < 0.5 else int(rng.integers(3))
            walk.append(at)
        sequences.append(walk)
    return SessionData.from_sequences(sequences, n_items=30)


def test_the_blend_is_as_good_as_its_best_part_on_sessions_that_nobody_saw() -> None:
    train, validation, test = chain(40, 1), chain(100, 2), chain(200, 3)
    table = items(30)
    markov = MarkovRecommender(prior_events=0.01).fit(train, table)
    popular = PopularityRecommender().fit(train, table)

    blend = BlendRecommender([markov, popular]).fit(train, table)
    blend.learn_weights(validation)

    parts = [evaluate(part, test, ks=(5,)).at[5].mrr for part in (markov, popular)]
    assert evaluate(blend, test, ks=(5,)).at[5].mrr >= max(parts) - 0.005
    assert min(blend.weights.values()) > 0.05
    assert sum(blend.weights.values()) == pytest.approx(1.0)


def test_an_empty_session_gets_what_the_parts_give_it() -> None:
    train = chain(40, 1)
    popular = PopularityRecommender().fit(train, items(30))
    blend = BlendRecommender([popular]).fit(train, items(30)).learn_weights(chain(20, 2))

    assert blend.scores([[]])[0].argmax() == train.counts().argmax()


def test_a_blend_without_weights_refuses_to_score() -> None:
    with pytest.raises(NotFittedError, match="Learn the weights"):
        BlendRecommender([Fixed("one", [1])]).scores([[0]])


def test_two_parts_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="different names"):
        BlendRecommender([Fixed("one", [1]), Fixed("one", [1])])


def test_validation_without_a_prediction_is_refused() -> None:
    blend = BlendRecommender([Fixed("one", [1, 1])])
    blend.fit(SessionData.from_sequences([[0, 1]], n_items=2), items(2))
    with pytest.raises(ValueError, match="nothing to learn from"):
        blend.learn_weights(SessionData.from_sequences([[0], [1]], n_items=2))


def test_contexts_weigh_differently_where_the_data_do() -> None:
    """After one click the second part is right, after three or more the first."""
    one, two = Fixed("one", [0, 1, 0, 0]), Fixed("two", [0, 0, 1, 0])
    sequences = [[0, 2]] * 1_000 + [[0, 2, 0, 2, 1, 1, 1, 1, 1, 1]] * 300
    data = SessionData.from_sequences(sequences, n_items=4)
    blend = BlendRecommender([one, two]).fit(data, items(4)).learn_weights(data)

    short, long = np.exp(blend.scores([[0], [0, 2, 0, 2, 1, 1]]))
    assert short[2] > 0.8
    assert long[1] > 0.8


def test_the_kinds_are_calibrated_to_what_followed_in_validation() -> None:
    """The part gives both kinds alike; three in four clicks after a film went to a book."""
    part = Fixed("one", [0, 1, 1, 0])
    table = ItemTable(["a", "b", "c", "d"], ["movie", "movie", "book", "book"], [""] * 4)
    data = SessionData.from_sequences([[0, 2]] * 300 + [[0, 1]] * 100, n_items=4)
    blend = BlendRecommender([part]).fit(data, table).learn_weights(data)

    found = np.exp(blend.scores([[0]])[0])
    assert found[2] / found[1] == pytest.approx(3.0, rel=0.1)
    assert blend.learned is not None
    assert set(blend.learned.kind_factors) == {"movie"}


def test_what_nobody_goes_back_to_is_put_down() -> None:
    """Both parts favour the item of the session, which no validation click ever goes back to."""
    n = 60
    parts = [Fixed(name, np.linspace(2, 1, n).tolist()) for name in ("one", "two")]
    rng = np.random.default_rng(0)
    walks = [rng.permutation(30)[:12].tolist() for _ in range(300)]
    data = SessionData.from_sequences(walks, n_items=n)
    blend = BlendRecommender(parts).fit(data, items(n)).learn_weights(data)
    assert blend.learned is not None
    assert blend.learned.seen_factor < 1

    session = [0, 1, 2]
    found = np.exp(blend.scores([session])[0])
    before = blend.adopt(replace(blend.learned, seen_factor=1.0)).scores([session])[0]
    ratio = found / np.exp(before)
    assert ratio[session].tolist() == pytest.approx([found[0] / np.exp(before[0])] * 3, rel=1e-4)
    assert ratio[0] < 1
    assert ratio[3:].tolist() == pytest.approx([1.0] * (n - 3), rel=1e-4)


@pytest.mark.parametrize(
    ("items", "read"), [(1, 10_000), (50_000, 10_000), (110_000, 4_545), (10_000_000, 500)]
)
def test_a_large_catalogue_is_weighed_on_fewer_examples(items: int, read: int) -> None:
    assert affordable(10_000, items) == read


def test_weights_of_before_the_items_of_a_session_had_a_factor_are_read() -> None:
    part = Fixed("one", [1, 1])
    values = weights_of([part], [1.0]).to_dict()
    del values["seen_factor"]
    assert BlendWeights.from_dict(values).seen_factor == 1.0


def test_weights_survive_a_round_trip_and_nonsense_is_refused() -> None:
    part = Fixed("one", [1, 1])
    data = SessionData.from_sequences([[0, 1]] * 30, n_items=2)
    blend = BlendRecommender([part]).fit(data, items(2)).learn_weights(data)
    assert blend.learned is not None
    values = blend.learned.to_dict()

    assert BlendWeights.from_dict(values) == blend.learned
    with pytest.raises(ValueError, match="entries"):
        BlendWeights.from_dict({"parts": ["one"]})
    with pytest.raises(ValueError, match="one entry a part"):
        BlendWeights.from_dict({**values, "powers": []})
    with pytest.raises(ValueError, match="not of these parts"):
        BlendRecommender([Fixed("two", [1, 1])]).adopt(blend.learned)
