"""Training from logged sessions to the served version."""

import itertools
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from catalog.models import Item
from recommender import runs, training
from recommender.champion import serving_champion
from recommender.dataset import export_training_set
from recommender.loader import Loader
from recommender.ml import artifacts
from recommender.ml.blend import N_CONTEXTS, BlendRecommender, BlendWeights
from recommender.ml.data import SessionData
from recommender.models import Incident, ModelVersion, RunStatus, TrainingRun
from recommender.publishing import artifact_directory, serve_version
from recommender.tests.cases import TINY, make_catalogue, make_sessions
from sessions_app.models import BrowsingSession, EventType, Ignored, Origin, SessionEvent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _models_in_a_folder_of_their_own(settings: Any, tmp_path: Path) -> None:
    settings.MODEL_DIR = tmp_path
    settings.TRAIN_THREADS = 1


@pytest.fixture
def items() -> list[Item]:
    items = make_catalogue()
    make_sessions(items)
    return items


@pytest.fixture
def wandering() -> list[Item]:
    """A world in which several parts of the blend know something."""
    items = make_catalogue()
    make_sessions(items, wander=0.5)
    return items


def train(**kwargs: Any) -> TrainingRun:
    return training.train(started_by="test", changes=TINY, **kwargs)


def test_a_first_training_is_published_and_served(items: list[Item]) -> None:
    run = train()

    assert run.status == RunStatus.PUBLISHED
    version = ModelVersion.objects.serving()
    assert version is not None
    assert version == run.version
    assert (
        version.metrics["at"]["20"]["recall"]
        > version.comparison["popularity"]["at"]["20"]["recall"]
    )
    assert set(version.comparison) == {"gru4rec", "popularity", "markov", "stan", "content"}
    assert sum(version.data_summary["weights"]["overall"]) == pytest.approx(1.0)
    assert version.data_summary["warm_start"] is False
    assert version.data_summary["sessions_by_origin"] == {"simulated": 120}
    assert version.data_summary["split"] == {"train": 97, "validation": 11, "holdout": 12}
    assert len(version.curves) <= 4
    assert version.checksum
    saved = artifacts.load(artifact_directory(version))
    assert saved.weights.to_dict() == version.data_summary["weights"]
    # What is served counts the hold-out too; it was measured without.
    assert len(saved.sessions) == 120


def test_the_same_data_and_seed_give_the_same_metrics(
    wandering: list[Item], settings: Any, tmp_path: Path
) -> None:
    first = train().version
    ModelVersion.objects.all().delete()  # no champion, nothing to go on from
    settings.MODEL_DIR = tmp_path / "another"
    second = train().version

    assert first is not None
    assert second is not None
    assert first.metrics == second.metrics
    assert first.comparison == second.comparison
    assert first.data_fingerprint == second.data_fingerprint
    assert first.data_summary["weights"] == second.data_summary["weights"]
    assert first.checksum == second.checksum


def test_without_new_events_nothing_is_trained(items: list[Item]) -> None:
    train()

    run = train()

    assert run.status == RunStatus.SKIPPED
    assert "0 new events" in run.progress
    assert ModelVersion.objects.count() == 1


def test_enough_new_events_start_a_training(items: list[Item], settings: Any) -> None:
    train()
    make_sessions(items, count=8, origin=Origin.LIVE, name="new", until=timezone.now())

    run = train()

    assert run.status in (RunStatus.PUBLISHED, RunStatus.KEPT)
    assert run.version is not None
    assert "champion" in run.version.comparison
    # Eight live sessions displace forty simulated ones.
    assert run.version.data_summary["sessions_by_origin"] == {"live": 8, "simulated": 80}


def test_too_few_sessions_are_not_trained_on() -> None:
    make_sessions(make_catalogue(), count=10)

    run = train()

    assert run.status == RunStatus.SKIPPED
    assert "10 sessions" in run.progress


@pytest.fixture
def badly_weighed(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Until undone, a challenger listens to what is popular and to nothing else."""

    def learn(blend: BlendRecommender, validation: SessionData) -> BlendRecommender:
        names = [part.name for part in blend.parts]
        weights = [float(name == "popularity") for name in names]
        return blend.adopt(BlendWeights(names, [1.0] * len(names), weights, [weights] * N_CONTEXTS))

    monkeypatch.setattr(BlendRecommender, "learn_weights", learn)
    return monkeypatch


@pytest.fixture
def champion(items: list[Item]) -> ModelVersion:
    """A version that serves, of this world."""
    version = train().version
    assert version is not None
    assert version.is_serving
    return version


def test_a_worse_challenger_is_kept_but_not_served(
    champion: ModelVersion, badly_weighed: pytest.MonkeyPatch
) -> None:
    run = train(force=True)

    assert run.status == RunStatus.KEPT
    assert run.version is not None
    assert not run.version.gate_passed
    assert "kept, not served" in run.version.gate_reason
    assert ModelVersion.objects.serving() == champion
    assert artifact_directory(run.version).exists()


def test_a_champion_takes_in_the_sessions_that_the_challenger_counts(
    champion: ModelVersion, items: list[Item]
) -> None:
    make_sessions(items, count=20, origin=Origin.LIVE, name="new", until=timezone.now())
    data = export_training_set()

    rival = serving_champion(data.items, data.sessions)

    assert rival is not None
    assert len(data.sessions) != 120
    np.testing.assert_array_equal(rival.blend.counts, data.sessions.counts())
    saved = artifacts.load(artifact_directory(champion))
    assert rival.blend.learned == saved.weights
    assert rival.learned_until == champion.data_summary["learned_until"]


def test_a_champion_and_a_challenger_that_learned_the_same_score_the_same(
    champion: ModelVersion, settings: Any
) -> None:
    settings.TRAIN_WARM_START = False

    version = train(force=True).version

    assert version is not None
    assert version.data_summary["champion"] == champion.name
    rival = version.comparison["champion"]
    assert training.quality(rival) == pytest.approx(training.quality(version.metrics), abs=0.01)
    assert version.is_serving == (training.quality(version.metrics) >= training.quality(rival))


# --- Going on from the champion -----------------------------------------------------------


def warm_start_of(run: TrainingRun) -> bool:
    assert run.version is not None, run.error or run.progress
    warm: bool = run.version.data_summary["warm_start"]
    return warm


def test_a_second_training_goes_on_from_the_first_and_is_shorter(champion: ModelVersion) -> None:
    said: list[str] = []

    run = train(force=True, say=said.append)

    assert warm_start_of(run)
    assert run.version is not None
    assert len(run.version.curves) == TINY["warm_epochs"] < len(champion.curves)
    assert run.version.curves[0]["train_loss"] < champion.curves[0]["train_loss"]
    assert any("from the serving model on" in progress for progress in said)


def test_after_a_training_that_was_kept_the_next_one_starts_afresh(
    champion: ModelVersion, badly_weighed: pytest.MonkeyPatch
) -> None:
    kept = train(force=True)
    assert kept.status == RunStatus.KEPT
    assert warm_start_of(kept)
    badly_weighed.undo()

    assert not warm_start_of(train(force=True))


@pytest.mark.parametrize(
    ("preset", "changes"),
    [("classic", {"epochs": 1, "hidden_dim": 16}), ("default", {**TINY, "dropout": 0.1})],
    ids=["another preset", "another setting"],
)
def test_a_network_of_other_settings_is_not_gone_on_from(
    champion: ModelVersion, preset: str, changes: dict[str, Any]
) -> None:
    run = training.train(started_by="test", preset=preset, force=True, changes=changes)

    assert not warm_start_of(run)


def test_how_long_a_training_takes_is_no_other_setting(champion: ModelVersion) -> None:
    run = training.train(started_by="test", force=True, changes={**TINY, "epochs": 3})

    assert warm_start_of(run)


def test_a_network_that_has_seen_the_validation_sessions_is_not_gone_on_from(
    champion: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    # That sessions are deleted is a reason by itself, which is not the one tested here.
    monkeypatch.setattr("recommender.champion.forgotten_since", lambda version: 0)
    newest = BrowsingSession.objects.order_by("-started_at").values_list("pk", flat=True)[:40]
    BrowsingSession.objects.filter(pk__in=list(newest)).delete()

    assert not warm_start_of(train(force=True))


def test_a_site_can_ask_for_cold_trainings_only(champion: ModelVersion, settings: Any) -> None:
    settings.TRAIN_WARM_START = False

    assert not warm_start_of(train(force=True))


def test_a_champion_with_broken_files_is_neither_gone_on_from_nor_compared(
    champion: ModelVersion,
) -> None:
    (artifact_directory(champion) / "sessions.safetensors").unlink()

    run = train(force=True)

    assert run.status == RunStatus.PUBLISHED
    assert not warm_start_of(run)
    assert run.version is not None
    assert "champion" not in run.version.comparison
    assert "against popularity" in run.version.gate_reason
    incident = Incident.objects.get(what="champion", resolved_at=None)
    assert champion.name in incident.message
    assert "missing" in incident.message


# --- What is kept -------------------------------------------------------------------------


def sequences_in(version: ModelVersion) -> list[list[str]]:
    saved = artifacts.load(artifact_directory(version))
    return [[saved.items.ids[item] for item in walk] for walk in saved.sessions.sequences()]


def test_what_a_forgotten_person_did_is_not_in_the_next_model(items: list[Item]) -> None:
    by_id = {item.item_id: item for item in items}
    walk = ["Movie_0", "Book_1", "Music_2", "Movie_3"]  # no other session crosses the themes
    person = BrowsingSession.objects.create(
        origin=Origin.LIVE, started_at=timezone.now(), last_event_at=timezone.now()
    )
    for item_id in walk:
        person.events.create(
            type=EventType.VIEW, item=by_id[item_id], occurred_at=timezone.now(), dwell_ms=9_000
        )
    first = train().version
    assert first is not None
    assert walk in sequences_in(first)

    person.delete()
    second = train(force=True).version

    assert second is not None
    assert second != first
    assert walk not in sequences_in(second)
    assert len(sequences_in(second)) == 120
    assert not second.data_summary["warm_start"]  # its network has not seen them either


def test_after_publishing_the_files_of_old_versions_go(
    items: list[Item], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MODELS_KEPT = 1
    monkeypatch.setattr(training, "gate", lambda *results, **known: (True, "served"))

    versions = [train(force=True).version for _ in range(3)]

    folders = [artifact_directory(version).exists() for version in versions if version]
    assert folders == [False, True, True]  # the one served before the last can be gone back to
    assert ModelVersion.objects.count() == 3


def test_the_gate_asks_for_popularity_to_be_beaten_when_there_is_no_champion() -> None:
    def metrics(value: float) -> dict[str, Any]:
        return {"at": {"20": {"recall": value, "mrr": value}}}

    assert training.gate({"challenger": metrics(0.2), "popularity": metrics(0.1)})[0]
    assert not training.gate({"challenger": metrics(0.1), "popularity": metrics(0.1)})[0]
    rivals = {"popularity": metrics(0.0), "champion": metrics(0.3)}
    assert training.gate({"challenger": metrics(0.3), **rivals})[0]
    assert not training.gate({"challenger": metrics(0.29), **rivals})[0]


def test_the_gate_bears_a_small_loss_where_the_champion_knows_what_was_forgotten() -> None:
    def comparison(challenger: float, **rivals: float) -> dict[str, Any]:
        scored = {"challenger": challenger, "popularity": 0.1, **rivals}
        return {
            name: {"at": {"20": {"recall": value, "mrr": value}}} for name, value in scored.items()
        }

    least = 0.3 * (1 - training.FORGETTING_COSTS)
    assert least < 0.3
    passed, why = training.gate(comparison(least + 1e-6, champion=0.3), forgotten=4)
    assert passed
    assert "4 events that it learned from are forgotten" in why
    assert not training.gate(comparison(least + 1e-6, champion=0.3))[0]
    assert not training.gate(comparison(least - 1e-6, champion=0.3), forgotten=4)[0]
    assert not training.gate(comparison(0.1 * (1 - training.FORGETTING_COSTS)), forgotten=4)[0]


def test_any_version_can_be_served_again(items: list[Item]) -> None:
    first = train().version
    second = train(force=True).version
    assert first is not None
    assert second is not None
    assert ModelVersion.objects.serving() == second

    serve_version(version=first)

    assert ModelVersion.objects.serving() == first
    assert ModelVersion.objects.filter(is_serving=True).count() == 1


def test_only_one_training_runs_at_a_time(items: list[Item]) -> None:
    runs.claim(started_by="somebody", preset="default")

    with pytest.raises(runs.AlreadyTrainingError):
        train()

    assert TrainingRun.objects.count() == 1


def test_a_training_whose_process_is_gone_is_declared_lost_and_the_next_may_start(
    items: list[Item],
) -> None:
    dead = runs.claim(started_by="schedule", preset="default")
    host, _, _ = dead.process.partition(":")
    TrainingRun.objects.filter(pk=dead.pk).update(process=f"{host}:boot-999999999-1")

    run = train()

    dead.refresh_from_db()
    assert dead.status == RunStatus.LOST
    assert "went away" in dead.error
    assert run.status == RunStatus.PUBLISHED
    incident = Incident.objects.get(what="training")
    assert "went away" in incident.message


def test_a_silent_training_on_another_machine_is_declared_lost() -> None:
    run = runs.claim(started_by="schedule", preset="default")
    long_ago = timezone.now() - runs.SILENT_AFTER - timedelta(seconds=1)
    TrainingRun.objects.filter(pk=run.pk).update(process="elsewhere:1:1", heartbeat_at=long_ago)

    assert runs.declare_lost_runs() == 1


def test_a_stopped_training_ends_without_a_version(items: list[Item]) -> None:
    def stop_at_first_epoch(progress: str) -> None:
        if progress.startswith("Epoch"):
            runs.stop(run=TrainingRun.objects.running().get())

    run = train(say=stop_at_first_epoch)

    assert run.status == RunStatus.FAILED
    assert run.error == "Stopped by hand."
    assert not ModelVersion.objects.exists()


def test_a_training_over_its_time_limit_ends_with_the_reason(
    items: list[Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = itertools.count(0, 100)
    monkeypatch.setattr(training.time, "monotonic", lambda: float(next(clock)))
    monkeypatch.setattr(training.settings, "TRAIN_TIME_LIMIT_MINUTES", 1)

    run = train()

    assert run.status == RunStatus.FAILED
    assert "TrainingStopped" in run.error
    assert Incident.objects.filter(what="training", resolved_at=None).exists()


def test_an_unexpected_error_is_recorded_and_raised(
    items: list[Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(training, "export_training_set", broken)

    with pytest.raises(RuntimeError, match="a defect"):
        train()

    assert TrainingRun.objects.get().status == RunStatus.FAILED
    assert "a defect" in Incident.objects.get(what="training").message


def test_an_unknown_preset_is_refused_before_anything_starts() -> None:
    with pytest.raises(ValueError, match="no preset 'fast'"):
        training.train(started_by="test", preset="fast")

    assert not TrainingRun.objects.exists()


def test_bots_prefetches_removed_steps_and_accidents_are_not_learned_from(
    items: list[Item],
) -> None:
    before = export_training_set().sessions.n_events
    first, second, third, fourth = BrowsingSession.objects.all()[:4]
    first.is_bot = True
    first.save()
    second.events.update(ignored=Ignored.PREFETCH)
    event_ids = list(third.events.values_list("pk", flat=True)[:1])
    SessionEvent.objects.filter(pk__in=event_ids).update(ignored=Ignored.REMOVED)
    event_ids = list(fourth.events.values_list("pk", flat=True)[:1])
    SessionEvent.objects.filter(pk__in=event_ids).update(dwell_ms=1_999)

    assert export_training_set().sessions.n_events == before - 5 - 5 - 1 - 1


def test_the_same_item_twice_in_a_row_counts_once(items: list[Item]) -> None:
    session = BrowsingSession.objects.earliest("started_at")
    events = list(session.events.all())
    before = export_training_set().sessions.n_events
    events[1].item = events[0].item
    events[1].save()

    assert export_training_set().sessions.n_events == before - 1


def test_the_export_is_ordered_by_time_and_describes_itself(items: list[Item]) -> None:
    exported = export_training_set()

    exported.sessions.validate()
    assert len(exported.sessions) == 120
    assert exported.items.ids == [item.item_id for item in items]
    assert exported.summary()["events"] == 600
    assert exported.last_event_id == SessionEvent.objects.latest("pk").pk


def test_a_loader_serves_the_version_that_was_published(items: list[Item]) -> None:
    loader = Loader()
    loader.refresh()
    assert loader.version is None
    assert loader.current is not None  # the catalogue's words alone
    assert not loader.current.simulated
    version = train().version
    assert version is not None

    loader.refresh()

    assert loader.version == version.name
    assert loader.current.version == version.name
    assert loader.current.simulated
    assert loader.current.items.ids == [item.item_id for item in items]


def test_a_broken_artifact_leaves_the_old_version_serving_and_says_so(items: list[Item]) -> None:
    loader = Loader()
    first = train().version
    loader.refresh()
    second = train(force=True).version
    assert first is not None
    assert second is not None
    weights = artifact_directory(second) / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])

    loader.refresh()
    loader.refresh()

    assert loader.version == first.name
    incident = Incident.objects.get(what="loader", resolved_at=None)
    assert second.name in incident.message
    assert "truncated" in incident.message
    assert incident.count == 1

    serve_version(version=first)
    loader.refresh()
    incident.refresh_from_db()
    assert incident.resolved_at is not None


def test_a_broken_version_cannot_be_chosen(items: list[Item]) -> None:
    first = train().version
    second = train(force=True).version
    assert first is not None
    (artifact_directory(first) / "manifest.json").unlink()

    with pytest.raises(artifacts.ArtifactError, match="missing"):
        serve_version(version=first)

    assert ModelVersion.objects.serving() == second
