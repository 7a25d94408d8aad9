"""One training at a time, whatever starts it: claims, heartbeats and lost runs."""

import socket
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from recommender import incidents
from recommender.models import RunStatus, TrainingRun
from recommender.processes import owner_is_alive, owner_name

SILENT_AFTER = timedelta(minutes=5)


class AlreadyTrainingError(RuntimeError):
    """Another process trains right now."""


class RunTakenAwayError(RuntimeError):
    """This run is no longer ours: it was stopped, or declared lost."""


def claim(*, started_by: str, preset: str) -> TrainingRun:
    """Become the one running training. Raises AlreadyTrainingError where there is one.

    The database's unique constraint decides, so two processes cannot both win.
    """
    declare_lost_runs()
    try:
        with transaction.atomic():
            return TrainingRun.objects.create(
                started_by=started_by,
                preset=preset,
                heartbeat_at=timezone.now(),
                process=this_process(),
            )
    except IntegrityError as error:
        raise AlreadyTrainingError("A training is already running.") from error


def beat(*, run: TrainingRun, progress: str | None = None) -> None:
    """Say that the run is alive. Raises RunTakenAwayError where it no longer counts as running."""
    changes: dict[str, object] = {"heartbeat_at": timezone.now()}
    if progress is not None:
        changes["progress"] = run.progress = progress[:200]
    if not TrainingRun.objects.running().filter(pk=run.pk).update(**changes):
        raise RunTakenAwayError("The training was stopped, or declared lost.")


def finish(
    *, run: TrainingRun, status: RunStatus, progress: str = "", error: str = ""
) -> TrainingRun:
    """End a run that is still ours; one that was taken away keeps the status it was given."""
    TrainingRun.objects.running().filter(pk=run.pk).update(
        status=status,
        finished_at=timezone.now(),
        progress=progress[:200],
        error=error,
        version=run.version,
    )
    run.refresh_from_db()
    return run


def stop(*, run: TrainingRun) -> bool:
    """Ask a running training to stop; it notices within seconds. False where it had ended."""
    return bool(
        TrainingRun.objects.running()
        .filter(pk=run.pk)
        .update(status=RunStatus.FAILED, error="Stopped by hand.", finished_at=timezone.now())
    )


def declare_lost_runs() -> int:
    """Mark running trainings whose process is gone, or silent for too long. Returns how many."""
    lost = 0
    for run in TrainingRun.objects.running():
        reason = _why_lost(run)
        if reason and TrainingRun.objects.running().filter(
            pk=run.pk, heartbeat_at=run.heartbeat_at
        ).update(status=RunStatus.LOST, error=reason, finished_at=timezone.now()):
            incidents.report(what="training", message=f"{run}: {reason}")
            lost += 1
    return lost


def _why_lost(run: TrainingRun) -> str:
    host, _, owner = run.process.partition(":")
    if host == socket.gethostname() and not owner_is_alive(owner):
        return f"Its process went away while it was: {run.progress or 'starting'}."
    silent = timezone.now() - run.heartbeat_at
    if silent > SILENT_AFTER:
        return f"Nothing was heard of it for {int(silent.total_seconds())} seconds."
    limit = timedelta(minutes=settings.TRAIN_TIME_LIMIT_MINUTES + 10)
    if timezone.now() - run.started_at > limit:
        return "It ran far over its time limit."
    return ""


def this_process() -> str:
    """This machine and process, told apart from a later process that gets the same pid."""
    return f"{socket.gethostname()}:{owner_name()}"
