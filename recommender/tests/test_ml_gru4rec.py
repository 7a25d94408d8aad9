"""The network: both presets learn, training stops as it should, scores are served right."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
import torch

from recommender.ml import gru4rec
from recommender.ml.batching import Windows
from recommender.ml.contract import Recommender
from recommender.ml.data import ItemTable, SessionData
from recommender.ml.gru4rec import (
    EpochReport,
    GRU4Rec,
    GRU4RecConfig,
    GRU4RecRecommender,
    TrainingDiverged,
    TrainingStopped,
)
from recommender.ml.validation import validate
from recommender.tests.ml_cases import (
    RecommenderCases,
    group_sessions,
    item_table,
    markov_sessions,
)

SMALL: dict[str, Any] = {"embedding_dim": 24, "hidden_dim": 24, "validation_positions": 300}
LEARNABLE = markov_sessions(predictability=0.8, n_sessions=800, seed=1)
LATER = markov_sessions(predictability=0.8, n_sessions=300, seed=2)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def small(**changes: Any) -> GRU4RecConfig:
    """A default preset that trains in a fraction of a second."""
    return GRU4RecConfig.default(
        **{
            **SMALL,
            "epochs": 5,
            "epoch_steps": 40,
            "learning_rate": 0.02,
            "dropout": 0.1,
            **changes,
        }
    )


class TestDefaultPreset(RecommenderCases):
    learnable, later = LEARNABLE, LATER
    floor_at_1 = 0.75  # best possible: 0.803
    floor_at_5 = 0.76

    def make(self) -> Recommender:
        return GRU4RecRecommender(small())


class TestDefaultPresetWithSampledNegatives(TestDefaultPreset):
    def make(self) -> Recommender:
        return GRU4RecRecommender(
            small(negatives=40, full_softmax_up_to=1, epochs=7, monitor="loss")
        )


class TestClassicPreset(TestDefaultPreset):
    def make(self) -> Recommender:
        changes = {**SMALL, "learning_rate": 0.01, "epochs": 6, "patience": 2}
        return GRU4RecRecommender(GRU4RecConfig.classic(**changes))


class TestUntiedWithSampledNegativesAndTwoLayers(TestDefaultPreset):
    def make(self) -> Recommender:
        changes: dict[str, Any] = {
            "tied": False,
            "scale": 0.0,
            "features": 0,
            "layers": 2,
            "row_updates": False,
        }
        changes |= {"negatives": 40, "full_softmax_up_to": 1}
        return GRU4RecRecommender(small(**changes, epochs=7))


def second_order_sessions(n_sessions: int, seed: int) -> SessionData:
    """Two clicks decide the third: (a, b) -> 8 + (a + b) % 8. One click alone tells nothing."""
    first = np.random.default_rng(seed).integers(8, size=(n_sessions, 2))
    third = 8 + first.sum(axis=1) % 8
    rows = np.column_stack([first, third])
    return SessionData.from_sequences(rows.tolist(), n_items=16)


def test_it_learns_what_only_the_order_of_two_clicks_tells() -> None:
    model = GRU4RecRecommender(small(epochs=12, dropout=0.0))
    model.fit(second_order_sessions(1_000, seed=1), item_table(16))
    pairs = [[a, b] for a in range(8) for b in range(8)]
    found = model.scores(pairs).argmax(axis=1)
    right = np.mean(found == [8 + (a + b) % 8 for a, b in pairs])
    assert right >= 0.9  # a first-order model is right once in eight


def test_a_wider_state_than_embedding_is_projected_back_to_it() -> None:
    model = GRU4RecRecommender(small(hidden_dim=32, epochs=1)).fit(LEARNABLE, item_table())
    assert model.network.projection.weight.shape == (24, 32)
    assert model.scores([[1, 2]]).shape == (1, 60)


# Stopping


def reports_of(model: GRU4RecRecommender, **arguments: Any) -> list[EpochReport]:
    seen: list[EpochReport] = []
    model.fit(LEARNABLE, item_table(), on_epoch=seen.append, **arguments)
    return seen


def test_each_epoch_is_reported_and_kept_as_a_curve() -> None:
    model = GRU4RecRecommender(small(epochs=3))
    reports = reports_of(model)
    assert [report.epoch for report in reports] == [1, 2, 3]
    assert reports == model.curves
    assert reports[-1].train_loss < reports[0].train_loss
    assert all(report.events_per_second > 0 for report in reports)


def scripted_validation(
    monkeypatch: pytest.MonkeyPatch, values: list[tuple[float, float]]
) -> list[dict[str, torch.Tensor]]:
    """Make the epochs' validation (loss, recall) come out as told; returns each epoch's weights."""
    weights: list[dict[str, torch.Tensor]] = []

    def validate(network: torch.nn.Module, *_: Any) -> tuple[float, float]:
        weights.append({name: t.clone() for name, t in network.state_dict().items()})
        return values[len(weights) - 1]

    monkeypatch.setattr(gru4rec, "validate", validate)
    return weights


@pytest.mark.parametrize(
    ("monitor", "best"), [("loss", 2), ("recall", 3)], ids=["by loss", "by recall"]
)
def test_early_stopping_keeps_the_weights_of_the_best_epoch(
    monkeypatch: pytest.MonkeyPatch, monitor: str, best: int
) -> None:
    scripted = [(3.0, 0.1), (2.0, 0.2), (2.5, 0.3), (2.5, 0.2), (2.6, 0.1), (2.7, 0.1)]
    weights = scripted_validation(monkeypatch, scripted)
    model = GRU4RecRecommender(small(epochs=6, patience=2, monitor=monitor))
    model.fit(LEARNABLE, item_table())
    assert model.best_epoch == best
    assert len(model.curves) == best + 2
    for name, kept in model.network.state_dict().items():
        torch.testing.assert_close(kept, weights[best - 1][name], rtol=0, atol=0)
    assert not torch.equal(weights[best - 1]["bias"], weights[-1]["bias"])


def test_equal_recall_is_decided_by_the_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    scripted_validation(monkeypatch, [(3.0, 0.2), (2.0, 0.2), (2.5, 0.2)])
    model = GRU4RecRecommender(small(epochs=3))
    assert model.fit(LEARNABLE, item_table()).best_epoch == 2


def test_without_validation_the_last_epoch_is_kept() -> None:
    model = GRU4RecRecommender(small(epochs=3, patience=1, validation_fraction=0.0))
    reports = reports_of(model)
    assert model.best_epoch == 3
    assert [report.valid_recall for report in reports] == [None] * 3


def test_validation_sessions_of_the_caller_s_own_are_used_and_not_trained_on() -> None:
    data = SessionData.from_sequences([[0, 1, 2]] * 40, n_items=5)
    other = SessionData.from_sequences([[3, 4]] * 5, n_items=5)
    model = GRU4RecRecommender(small(epochs=1)).fit(data, item_table(5), validation=other)
    assert model.curves[0].valid_recall == 0.0
    assert model.seen.tolist() == [True, True, True, False, False]


def test_it_stops_when_asked_and_stays_as_it_was() -> None:
    asked = iter([False] * 5 + [True])
    model = GRU4RecRecommender(small())
    with pytest.raises(TrainingStopped, match="epoch 1"):
        model.fit(LEARNABLE, item_table(), should_stop=lambda: next(asked))
    assert model.curves == []
    with pytest.raises(gru4rec.NotFittedError):
        model.scores([[0]])


def test_a_loss_that_is_not_a_number_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(states: torch.Tensor, *_: torch.Tensor) -> torch.Tensor:
        return states.sum(dim=1) * torch.nan

    monkeypatch.setattr(gru4rec, "softmax_loss", broken)
    with pytest.raises(TrainingDiverged, match="nan in epoch 1"):
        GRU4RecRecommender(small()).fit(LEARNABLE, item_table())


def test_the_rate_rises_over_the_warm_up_and_falls_to_nothing() -> None:
    config = GRU4RecConfig.default(learning_rate=0.01, warmup=0.2)
    rates = [gru4rec.learning_rate(config, progress) for progress in (0, 0.1, 0.2, 0.6, 1.0)]
    assert 0 < rates[0] < 0.0001
    assert rates[1] == pytest.approx(0.005, rel=0.01)
    assert rates[2:] == pytest.approx([0.01, 0.005, 0.0])


def test_the_classic_rate_is_constant() -> None:
    config = GRU4RecConfig.classic()
    assert {gru4rec.learning_rate(config, progress) for progress in (0, 0.5, 1.0)} == {1e-3}


def test_dropout_acts_in_training_and_not_in_serving() -> None:
    model = GRU4RecRecommender(small(dropout=0.5, epochs=1)).fit(LEARNABLE, item_table())
    network, items, sizes = model.network, torch.tensor([1, 2]), torch.tensor([2])
    served = [network.states(network.embedding(items), sizes) for _ in range(2)]
    torch.testing.assert_close(served[0], served[1], rtol=0, atol=0)
    network.train()
    trained = [network.states(network.embedding(items), sizes) for _ in range(2)]
    assert not torch.equal(trained[0], trained[1])


def test_items_that_were_looked_at_longer_weigh_more_where_the_settings_say_so() -> None:
    # After 0 comes 1 for two seconds as often as 2 for two hundred.
    sequences, dwell = [[0, 1], [0, 2]] * 50, [[9.0, 2.0], [9.0, 200.0]] * 50
    data = SessionData.from_sequences(sequences, dwell=dwell, n_items=3)

    def odds(power: float) -> float:
        config = small(dwell_power=power, validation_fraction=0.0, dropout=0.0)
        found = GRU4RecRecommender(config).fit(data, item_table(3)).scores([[0]])[0]
        return float(np.exp(found[2] - found[1]))

    assert 0.5 < odds(0.0) < 2.0
    # The weights are cut at 1/4 and 4: odds of sixteen at best.
    assert odds(1.0) > 6.0


# Data that cannot be learned from


@pytest.mark.parametrize(
    ("sequences", "fraction", "sentence"),
    [
        ([[0], [1], [2]], 0.0, "nothing to predict"),
        ([], 0.0, "nothing to predict"),
        ([[0, 1], [1, 2]], 0.1, "one side would be empty"),
        ([[0, 1]] * 9 + [[2]], 0.1, "nothing would be measured"),
    ],
)
def test_data_without_anything_to_learn_is_refused(
    sequences: list[list[int]], fraction: float, sentence: str
) -> None:
    data = SessionData.from_sequences(sequences, n_items=3)
    with pytest.raises(ValueError, match=sentence):
        GRU4RecRecommender(small(validation_fraction=fraction)).fit(data, item_table(3))


# Determinism


def trained_weights(config: GRU4RecConfig) -> torch.Tensor:
    model = GRU4RecRecommender(config).fit(LEARNABLE, item_table())
    return model.network.embedding.weight.detach()


def test_the_seed_decides_the_model_and_the_global_generator_does_not() -> None:
    config = small(epochs=1, negatives=30, full_softmax_up_to=1, dropout=0.3)
    torch.manual_seed(1)
    first = trained_weights(config)
    torch.manual_seed(2)
    state = torch.random.get_rng_state()
    assert torch.equal(first, trained_weights(config))
    assert torch.equal(state, torch.random.get_rng_state())
    assert not torch.equal(first, trained_weights(replace(config, seed=7)))


# Serving


@pytest.fixture(scope="module")
def partly_seen() -> GRU4RecRecommender:
    """Items 0 to 5 were trained on, 6 and 7 never; nobody wrote a word about them."""
    torch.set_num_threads(1)
    data = SessionData.from_sequences([[0, 1, 2], [3, 4, 5], [0, 0, 1]] * 30, n_items=8)
    wordless = replace(item_table(8), texts=[""] * 8)
    return GRU4RecRecommender(small(validation_fraction=0.0)).fit(data, wordless)


def test_items_never_trained_on_and_without_a_text_have_no_score(
    partly_seen: GRU4RecRecommender,
) -> None:
    assert partly_seen.seen.tolist() == [True] * 6 + [False] * 2
    for session in ([], [0], [6]):
        found = partly_seen.scores([session])[0]
        assert np.isneginf(found).tolist() == [False] * 6 + [True] * 2


def test_an_empty_session_ranks_by_training_popularity(partly_seen: GRU4RecRecommender) -> None:
    found = np.exp(partly_seen.scores([[]])[0])
    np.testing.assert_allclose(found, np.array([3, 2, 1, 1, 1, 1, 0, 0]) / 9, rtol=1e-5)


def test_only_the_last_events_of_a_long_session_are_read(partly_seen: GRU4RecRecommender) -> None:
    recent = [0, 1, 2, 3, 4] * 10
    np.testing.assert_allclose(
        partly_seen.scores([[5] * 200 + recent]), partly_seen.scores([recent]), rtol=1e-5
    )


def test_many_sessions_are_scored_in_parts(
    partly_seen: GRU4RecRecommender, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = [[0], [1, 2], [], [3, 4, 5], [2]]
    whole = partly_seen.scores(sessions)
    monkeypatch.setattr(gru4rec, "SCORED_AT_ONCE", 2)
    np.testing.assert_allclose(partly_seen.scores(sessions), whole, rtol=1e-5)


@pytest.fixture(scope="module")
def groups() -> tuple[GRU4RecRecommender, list[int]]:
    """Sessions stay inside groups of items that share a word; the last item of each group was
    never opened."""
    torch.set_num_threads(1)
    data = group_sessions(n_sessions=600, n_items=48)  # of the 60 items, 12 stay unseen
    seen = SessionData(data.items, data.offsets, data.ends, data.dwell, 60)
    model = GRU4RecRecommender(small(epochs=8, features=16)).fit(seen, item_table())
    return model, list(range(48, 60))


def test_an_item_never_seen_is_found_by_its_content(
    groups: tuple[GRU4RecRecommender, list[int]],
) -> None:
    model, unseen = groups
    assert not model.seen[unseen].any()
    found = model.scores([[new % 12, new % 12 + 12] for new in unseen])[:, unseen]
    assert (found.argmax(axis=1) == np.arange(12)).mean() >= 0.9  # by chance: 1 in 12


def test_an_item_never_seen_can_be_where_a_session_is(
    groups: tuple[GRU4RecRecommender, list[int]],
) -> None:
    model, unseen = groups
    best = model.scores([[new] for new in unseen])[:, :48].argmax(axis=1)
    assert (best % 12 == np.arange(12)).mean() >= 0.9


def test_a_title_added_after_training_enters_by_its_content(
    groups: tuple[GRU4RecRecommender, list[int]],
) -> None:
    model, _ = groups
    old, bigger = item_table(), item_table(72)  # twelve more, one a group
    table = ItemTable(
        [*bigger.ids[60:], *old.ids[1:]],  # in front, and item 0 has left the catalogue
        [*bigger.kinds[60:], *old.kinds[1:]],
        [*bigger.texts[60:], *old.texts[1:]],
    )
    moved = model.over(table)
    sessions = [[13, 14, 15], [40]]  # in the old numbering: one less than twelve before
    there = [[12 + item - 1 for item in session] for session in sessions]
    np.testing.assert_allclose(
        moved.scores(there)[:, 12:], model.scores(sessions)[:, 1:], rtol=1e-4, atol=1e-4
    )
    groups_of_new = moved.scores([[12 + 12 + group - 1] for group in range(12)])[:, :12]
    assert (groups_of_new.argmax(axis=1) == np.arange(12)).mean() >= 0.9
    assert not moved.seen[:12].any()
    assert model.scores([[0]]).shape == (1, 60)  # the original is as it was


def test_a_click_costs_one_step_on_from_the_state_before_it(
    partly_seen: GRU4RecRecommender, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    network = partly_seen.network
    row = network.row

    def counted(items: torch.Tensor) -> torch.Tensor:
        read.append(len(items))
        return row(items)

    monkeypatch.setattr(network, "row", counted)
    session = [0, 1, 2, 3, 4, 1, 5]
    for length in range(3, len(session) + 1):
        partly_seen.scores([session[:length]])
    assert read == [3, 1, 1, 1, 1]
    partly_seen.scores([session])
    assert read == [3, 1, 1, 1, 1]  # asked again: nothing at all
    again = partly_seen.scores([session, [0]])[0]  # a batch reads it from the start
    np.testing.assert_allclose(partly_seen.scores([session])[0], again, rtol=1e-4, atol=1e-5)


def test_a_warm_start_carries_items_over_by_id() -> None:
    old = GRU4RecRecommender(small(epochs=4)).fit(LEARNABLE, item_table())
    table = item_table(70)  # ten newcomers in front, the known items behind them
    moved = ItemTable(
        table.ids[60:] + table.ids[:60],
        table.kinds[60:] + table.kinds[:60],
        table.texts[60:] + table.texts[:60],
    )
    data = SessionData(LEARNABLE.items + 10, LEARNABLE.offsets, LEARNABLE.ends, LEARNABLE.dwell, 70)
    still = small(epochs=1, learning_rate=1e-9)
    warm = GRU4RecRecommender(still).fit(data, moved, warm_start=old)
    cold = GRU4RecRecommender(still).fit(data, moved)
    np.testing.assert_allclose(
        warm.scores([[13, 14]])[0, 10:], old.scores([[3, 4]])[0], rtol=1e-3, atol=1e-4
    )
    assert warm.curves[0].valid_recall is not None
    assert cold.curves[0].valid_recall is not None
    assert warm.curves[0].valid_recall > cold.curves[0].valid_recall + 0.2


# Settings


@pytest.mark.parametrize("make", [GRU4RecConfig.default, GRU4RecConfig.classic])
def test_settings_survive_a_round_trip(make: Callable[..., GRU4RecConfig]) -> None:
    config = make(seed=5, dwell_power=0.5)
    values = config.to_dict()
    assert set(values) == {field.name for field in fields(GRU4RecConfig)}
    assert GRU4RecConfig.from_dict(values) == config


def test_a_setting_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no setting named learnig_rate"):
        GRU4RecConfig.from_dict({"learnig_rate": 0.1})


@pytest.mark.parametrize(
    "wrong",
    [
        {"embedding_dim": 0},
        {"dropout": 1.0},
        {"epochs": 0},
        {"monitor": "luck"},
        {"learning_rate": 0.0},
        {"validation_fraction": 1.0},
        {"max_length": 1},
    ],
)
def test_a_senseless_setting_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        GRU4RecConfig(**wrong)


def test_the_classic_preset_is_the_textbook() -> None:
    config = GRU4RecConfig.classic()
    assert (config.embedding_dim, config.hidden_dim, config.tied) == (128, 256, False)
    assert (config.learning_rate, config.batch_sequences, config.max_length) == (1e-3, 64, 50)
    assert (config.epochs, config.patience, config.monitor) == (50, 5, "loss")
    assert config.negatives == 0


def test_validation_counts_ties_against_the_model_like_the_judge() -> None:
    network = GRU4Rec(small(), 60)
    torch.nn.init.zeros_(network.embedding.weight)  # every score is 0
    network.log_prior = torch.zeros(60)
    windows = Windows(LATER, 50)
    loss, recall = validate(network, windows, torch.device("cpu"))
    assert loss == pytest.approx(np.log(60), rel=1e-5)
    assert recall == 0.0
