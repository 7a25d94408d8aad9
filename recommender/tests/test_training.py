"""Training from logged sessions to the served version."""

import itertools
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Item
from recommender import runs, training
from recommender.dataset import export_training_set
from recommender.loader import Loader
from recommender.models import Incident, ModelVersion, RunStatus, TrainingRun
from recommender.publishing import artifact_directory, serve_version
from recommender.tests.cases import TINY, make_catalogue, make_sessions
from sessions_app.models import BrowsingSession, Ignored, Origin, SessionEvent

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
    assert set(version.comparison) == {"popularity", "markov", "content"}
    assert version.data_summary["sessions_by_origin"] == {"simulated": 120}
    assert version.data_summary["split"] == {"train": 97, "validation": 11, "holdout": 12}
    assert len(version.curves) <= 4
    assert version.checksum
    assert (artifact_directory(version) / "weights.safetensors").exists()


def test_the_same_data_and_seed_give_the_same_metrics(items: list[Item]) -> None:
    first, second = train(), train(force=True)

    assert first.version is not None
    assert second.version is not None
    assert first.version.metrics == second.version.metrics
    assert first.version.data_fingerprint == second.version.data_fingerprint


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


def test_a_worse_challenger_is_kept_but_not_served(items: list[Item]) -> None:
    first = train()

    run = training.train(
        started_by="test", force=True, changes={**TINY, "epochs": 1, "learning_rate": 1e-9}
    )

    assert run.status == RunStatus.KEPT
    assert run.version is not None
    assert not run.version.gate_passed
    assert "kept, not served" in run.version.gate_reason
    assert ModelVersion.objects.serving() == first.version
    assert artifact_directory(run.version).exists()


def test_the_gate_asks_for_popularity_to_be_beaten_when_there_is_no_champion() -> None:
    def metrics(value: float) -> dict[str, Any]:
        return {"at": {"20": {"recall": value, "mrr": value}}}

    assert training.gate({"challenger": metrics(0.2), "popularity": metrics(0.1)})[0]
    assert not training.gate({"challenger": metrics(0.1), "popularity": metrics(0.1)})[0]
    rivals = {"popularity": metrics(0.0), "champion": metrics(0.3)}
    assert training.gate({"challenger": metrics(0.3), **rivals})[0]
    assert not training.gate({"challenger": metrics(0.29), **rivals})[0]


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
    assert loader.model is None
    version = train().version
    assert version is not None

    loader.refresh()

    assert loader.model is not None
    assert loader.model.version == version.name
    assert loader.model.items.ids == [item.item_id for item in items]


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

    assert loader.model is not None
    assert loader.model.version == first.name
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

    with pytest.raises(training.artifacts.ArtifactError, match="missing"):
        serve_version(version=first)

    assert ModelVersion.objects.serving() == second
