"""Export → split by time → train → evaluate champion and challenger → gate → publish.

Every training of the site goes through `train()`: the schedule's task, the admin's button, the
command and the first start.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from django.conf import settings
from django.utils import timezone

from recommender import incidents, runs
from recommender.champion import Champion, serving_champion, to_continue_from
from recommender.dataset import (
    TrainingSet,
    events_since,
    export_training_set,
    forgotten_since,
)
from recommender.ml import artifacts
from recommender.ml.blend import BlendRecommender, default_blend
from recommender.ml.content import ContentRecommender
from recommender.ml.contract import Recommender
from recommender.ml.data import SessionData
from recommender.ml.evaluation import evaluate
from recommender.ml.gru4rec import (
    EpochReport,
    GRU4RecConfig,
    GRU4RecRecommender,
    TrainingDiverged,
    TrainingStopped,
)
from recommender.models import ModelVersion, RunStatus, TrainingRun
from recommender.publishing import artifact_directory, serve_version
from recommender.retention import remove_old_artifacts

HOLDOUT = 0.1  # the last tenth of the sessions by time
JUDGED_ON = 5_000  # held-out sessions at most, the newest; all items are ranked for each
MIN_SESSIONS = 50
FORGETTING_COSTS = 0.1  # how much worse a version may be that forgets what was deleted
HEARTBEAT_SECONDS = 2.0
PRESETS = {"default": GRU4RecConfig.default, "classic": GRU4RecConfig.classic}

Metrics = dict[str, Any]
Say = Callable[[str], None]


class NothingToTrainOnError(RuntimeError):
    """There are too few sessions, or none that are new."""


@dataclass
class Pulse:
    """Keeps a run alive, tells its progress, and knows when it has to end."""

    run: TrainingRun
    say: Say
    deadline: float = field(
        default_factory=lambda: time.monotonic() + settings.TRAIN_TIME_LIMIT_MINUTES * 60
    )
    last_beat: float = 0.0

    def step(self, progress: str) -> None:
        self.say(progress)
        self.last_beat = time.monotonic()
        runs.beat(run=self.run, progress=progress)

    def should_stop(self) -> bool:
        """For the training loop, which asks before every batch."""
        now = time.monotonic()
        if now - self.last_beat > HEARTBEAT_SECONDS:
            self.last_beat = now
            runs.beat(run=self.run)
        return now > self.deadline


def train(
    *,
    started_by: str,
    preset: str = "default",
    force: bool = False,
    changes: dict[str, Any] | None = None,
    say: Say = lambda progress: None,
) -> TrainingRun:
    """Train and, if the gate lets it through, serve a new model. Returns the finished run.

    `changes` override settings of the preset. Without `force`, fewer than
    `TRAIN_MIN_NEW_EVENTS` new events since the last version mean that nothing is trained and the
    run ends as skipped. Raises AlreadyTrainingError, ValueError on an unknown preset or setting;
    a failure inside is kept in the run and as an incident.
    """
    if preset not in PRESETS:
        raise ValueError(f"There is no preset {preset!r}; there are {', '.join(PRESETS)}.")
    config = PRESETS[preset](**(changes or {}))
    run = runs.claim(started_by=started_by, preset=preset)
    pulse = Pulse(run, say)
    try:
        if not force:
            _require_new_events()
        run.version = _train(config, pulse)
        status = RunStatus.PUBLISHED if run.version.gate_passed else RunStatus.KEPT
        runs.finish(run=run, status=status, progress=run.version.gate_reason)
        incidents.resolve(what="training")
    except NothingToTrainOnError as reason:
        runs.finish(run=run, status=RunStatus.SKIPPED, progress=str(reason))
    except runs.RunTakenAwayError as reason:
        say(str(reason))
        run.refresh_from_db()
    except (TrainingDiverged, TrainingStopped, artifacts.ArtifactError, OSError) as error:
        _fail(run, error)
    except BaseException as error:  # recorded for the operator, then raised as it is
        _fail(run, error)
        raise
    return run


def _fail(run: TrainingRun, error: BaseException) -> None:
    message = f"{type(error).__name__}: {error}"
    incidents.report(what="training", message=message)
    runs.finish(run=run, status=RunStatus.FAILED, error=message)


def _require_new_events() -> None:
    newest = ModelVersion.objects.first()
    if newest is None:
        return
    new = events_since(newest.last_event_id)
    if new < settings.TRAIN_MIN_NEW_EVENTS and not forgotten_since(newest):
        raise NothingToTrainOnError(
            f"{new} new events since {newest.name}; training waits for "
            f"{settings.TRAIN_MIN_NEW_EVENTS}."
        )


def _train(config: GRU4RecConfig, pulse: Pulse) -> ModelVersion:
    started = time.monotonic()
    torch.set_num_threads(settings.TRAIN_THREADS)
    pulse.step("Reading sessions and catalogue")
    data = export_training_set()
    if len(data.sessions) < MIN_SESSIONS:
        raise NothingToTrainOnError(
            f"{len(data.sessions)} sessions of two items or more; training needs {MIN_SESSIONS}."
        )
    earlier, holdout = data.sessions.split_by_time(HOLDOUT)
    learn, validation = earlier.split_by_time(HOLDOUT)
    challenger, warm = _challenger(config, data, learn, validation, pulse)

    # The network and the weights are learned; what only counts takes in all but the hold-out.
    challenger.fit_counting(earlier, data.items)
    champion = serving_champion(data.items, earlier)
    if champion is not None:
        holdout = champion.unseen(holdout, at_least=MIN_SESSIONS)
    holdout = holdout.take(np.arange(max(len(holdout) - JUDGED_ON, 0), len(holdout)))
    comparison = _compare(challenger, champion, data, earlier, holdout, pulse)
    serving = ModelVersion.objects.serving()
    verdict = gate(comparison, forgotten=forgotten_since(serving) if serving else 0)
    pulse.step("Publishing")
    return _publish(
        challenger,
        data,
        comparison,
        run=pulse.run,
        notes={
            "split": {"train": len(learn), "validation": len(validation), "holdout": len(holdout)},
            "learned_until": int(earlier.ends[-1]),
            "network_learned_until": int(learn.ends[-1]),
            "warm_start": warm,
        },
        verdict=verdict,
        seconds=time.monotonic() - started,
    )


def _challenger(
    config: GRU4RecConfig,
    data: TrainingSet,
    learn: SessionData,
    validation: SessionData,
    pulse: Pulse,
) -> tuple[BlendRecommender, bool]:
    """The blend, learned on these sessions, and whether its network went on from the champion's."""
    base = to_continue_from(config, validation) if settings.TRAIN_WARM_START else None
    pulse.step(
        f"Training on {len(learn)} sessions, {learn.n_events} events, {len(data.items)} items"
        + (", from the serving model on" if base else "")
    )
    network = GRU4RecRecommender(config).fit(
        learn,
        data.items,
        validation=validation,
        on_epoch=lambda report: pulse.step(_epoch_line(report, config, warm=base is not None)),
        should_stop=pulse.should_stop,
        warm_start=base,
    )
    pulse.step("Learning the weights of the blend")
    blend = default_blend(network, data.items).fit_counting(learn, data.items)
    return blend.learn_weights(validation), base is not None


def _epoch_line(report: EpochReport, config: GRU4RecConfig, *, warm: bool) -> str:
    recall = (
        "" if report.valid_recall is None else f", validation Recall@20 {report.valid_recall:.3f}"
    )
    return (
        f"Epoch {report.epoch}/{config.warm_epochs if warm else config.epochs}: "
        f"loss {report.train_loss:.3f}{recall}, {report.events_per_second:,.0f} events/s"
    )


def _compare(
    challenger: BlendRecommender,
    champion: Champion | None,
    data: TrainingSet,
    earlier: SessionData,
    holdout: SessionData,
    pulse: Pulse,
) -> dict[str, Metrics]:
    """Metrics by name on the same hold-out, full ranking: challenger, champion, simple methods."""
    parts = {part.name: part for part in challenger.parts}
    contenders: dict[str, Recommender] = {
        "challenger": challenger,
        **{name: parts[name] for name in ("gru4rec", "popularity", "markov", "stan")},
        "content": parts.get("content") or ContentRecommender().fit(earlier, data.items),
    }
    if champion is not None:
        contenders["champion"] = champion
    comparison = {}
    for name, contender in contenders.items():
        pulse.step(f"Evaluating {name} on {len(holdout)} held-out sessions")
        comparison[name] = evaluate(contender, holdout, kinds=data.items.kinds).to_dict()
    return comparison


def gate(comparison: dict[str, Metrics], *, forgotten: int = 0) -> tuple[bool, str]:
    """Whether the challenger may be served, and why, in a sentence.

    It has to be at least as good as the champion by the mean of Recall@20 and MRR@20 on the same
    hold-out; without a champion it has to beat popularity, or serving it would help nobody. Where
    the champion learned from events that were `forgotten` since, the challenger may be worse by
    FORGETTING_COSTS: to forget is a promise, the last point of quality is not.
    """
    rival = "champion" if "champion" in comparison else "popularity"
    ours, theirs = quality(comparison["challenger"]), quality(comparison[rival])
    asked = theirs * (1 - FORGETTING_COSTS) if forgotten else theirs
    passed = ours >= asked if rival == "champion" else ours > theirs
    why = f"; {forgotten} events that it learned from are forgotten" if forgotten else ""
    return passed, (
        f"Challenger {ours:.4f} against {rival} {theirs:.4f} "
        f"(mean of Recall@20 and MRR@20){why}: {'served' if passed else 'kept, not served'}."
    )


def quality(metrics: Metrics) -> float:
    at20 = metrics["at"]["20"]
    return float(at20["recall"] + at20["mrr"]) / 2


def _publish(
    blend: BlendRecommender,
    data: TrainingSet,
    comparison: dict[str, Metrics],
    *,
    run: TrainingRun,
    notes: dict[str, Any],
    verdict: tuple[bool, str],
    seconds: float,
) -> ModelVersion:
    name = f"blend-{timezone.now():%Y%m%d-%H%M%S}-{run.pk}"
    metrics = comparison["challenger"]
    manifest = artifacts.save(
        artifact_directory(name),
        blend,
        data.sessions,
        data.items,
        metrics=metrics,
        fingerprint=data.fingerprint,
    )
    passed, reason = verdict
    champion = ModelVersion.objects.serving()
    version = ModelVersion.objects.create(
        name=name,
        preset=manifest.config["preset"],
        config=manifest.config,
        metrics=metrics,
        comparison={key: value for key, value in comparison.items() if key != "challenger"},
        curves=manifest.curves,
        data_summary={
            **data.summary(),
            **notes,
            "weights": manifest.blend,
            "best_epoch": manifest.best_epoch,
            "champion": champion.name if champion else None,
        },
        data_fingerprint=data.fingerprint,
        last_event_id=data.last_event_id,
        checksum=manifest.files[artifacts.WEIGHTS]["sha256"],
        gate_passed=passed,
        gate_reason=reason,
        train_seconds=round(seconds, 1),
    )
    if passed:
        serve_version(version=version)
    remove_old_artifacts(keep=settings.MODELS_KEPT)
    return version
