"""The state of the recommender in one place, for the model page, the API and the admin."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from kombu.exceptions import OperationalError

from catalog.wording import whole
from recommender import runs
from recommender.dataset import events_since
from recommender.loader import loader
from recommender.models import Incident, ModelVersion, RunStatus, TrainingRun
from sessions_app.models import Origin

logger = logging.getLogger(__name__)

PART_NAMES: dict[str, Promise] = {
    "gru4rec": gettext_lazy("GRU4Rec, the network"),
    "stan": gettext_lazy("visits like this one"),
    "cooccurrence": gettext_lazy("opened in the same visits"),
    "markov": gettext_lazy("opened right after"),
    "returns": gettext_lazy("gone back to"),
    "popularity": gettext_lazy("opened often"),
    "trending": gettext_lazy("opened often of late"),
    "content": gettext_lazy("the words of the works"),
}
_OF_ORIGIN: dict[str, Promise] = {
    Origin.LIVE: gettext_lazy("%(count)s live"),
    Origin.SIMULATED: gettext_lazy("%(count)s simulated"),
    Origin.IMPORTED: gettext_lazy("%(count)s imported"),
}
_OUTCOMES: dict[str, Promise] = {
    RunStatus.RUNNING: gettext_lazy("running"),
    RunStatus.PUBLISHED: gettext_lazy("published"),
    RunStatus.KEPT: gettext_lazy("kept, not served"),
    RunStatus.SKIPPED: gettext_lazy("skipped"),
    RunStatus.FAILED: gettext_lazy("failed"),
    RunStatus.LOST: gettext_lazy("lost: its process went away"),
}


@dataclass(frozen=True)
class Status:
    version: ModelVersion | None
    loaded: str | None  # what this very process has in memory
    age: timedelta | None
    stale: bool  # older than twice the training period, with new events waiting
    events_since: int
    running: TrainingRun | None
    last_run: TrainingRun | None
    last_failure: TrainingRun | None
    next_run: datetime | None  # when the schedule comes round; it may then find too little new
    open_incidents: list[Incident]

    @property
    def last_outcome(self) -> str:
        """How the last training ended, in a few words."""
        return str(_OUTCOMES[self.last_run.status]) if self.last_run else ""

    @property
    def trained_on(self) -> str:
        """In words: which traffic the serving version learned from."""
        return traffic_in_words(self.version)

    @property
    def shares(self) -> dict[str, float]:
        """How much each part of the serving blend counts, in per cent, the greatest first."""
        learned = self.version.data_summary.get("weights", {}) if self.version else {}
        pairs = zip(learned.get("parts", []), learned.get("overall", []), strict=True)
        return {part: 100 * weight for part, weight in sorted(pairs, key=lambda pair: -pair[1])}

    @property
    def weights(self) -> list[tuple[str, float]]:
        """`shares` by the parts' names; those under half a per cent are left out."""
        shares = self.shares.items()
        return [(str(PART_NAMES.get(part, part)), share) for part, share in shares if share >= 0.5]


def current_status() -> Status:
    """Read the state of things; also declares lost runs, so that a killed training shows."""
    runs.declare_lost_runs()
    version = ModelVersion.objects.serving()
    age = timezone.now() - version.created_at if version else None
    new = events_since(version.last_event_id if version else 0)
    period = timedelta(minutes=settings.TRAIN_EVERY_MINUTES)
    last_run = TrainingRun.objects.first()
    scheduled = TrainingRun.objects.filter(started_by="schedule").first()
    return Status(
        version=version,
        loaded=loader.version,
        age=age,
        stale=bool(age and age > 2 * period and new >= settings.TRAIN_MIN_NEW_EVENTS),
        events_since=new,
        running=TrainingRun.objects.running().first(),
        last_run=last_run,
        last_failure=next(iter(failed_runs(1)), None),
        next_run=scheduled.started_at + period if scheduled else None,
        open_incidents=list(Incident.objects.filter(resolved_at=None)),
    )


def traffic_in_words(version: ModelVersion | None) -> str:
    origins = version.data_summary.get("sessions_by_origin", {}) if version else {}
    parts = [
        str(_OF_ORIGIN[origin]) % {"count": whole(count)}
        for origin, count in sorted(origins.items())
        if count
    ]
    if not parts:
        return _("nothing yet")
    return _("%(parts)s sessions") % {"parts": _(" and ").join(parts)}


def failure_in_words(run: TrainingRun) -> str:
    """What ended a training, for everybody: its own message may name files and machines."""
    if run.status == RunStatus.LOST:
        return _("Its process went away before the end.")
    if run.error.startswith("Stopped by hand"):
        return _("It was stopped by hand.")
    reasons = {
        "TrainingStopped": _("It took longer than it may."),
        "TrainingDiverged": _("Its numbers ran away, so nothing of it was kept."),
        "ArtifactError": _("Its files did not pass their check."),
        "OSError": _("Its files could not be written."),
    }
    named = run.error.partition(":")[0]
    return reasons.get(named, _("It ended with an error that the administrators can read."))


def services_in_words() -> list[dict[str, Any]]:
    """Whether cache and broker answer now, each with a sentence; for the admin's status page."""
    return [_cache_state(), _broker_state()]


def _cache_state() -> dict[str, Any]:
    # A cache that is away is ignored by the site, so only a round trip tells.
    stamp = timezone.now().isoformat()
    cache.set("status-probe", stamp, 5)
    answers = cache.get("status-probe") == stamp
    kind = "Redis" if settings.REDIS_URL else "in-process"
    if answers:
        return {"name": "Cache", "ok": True, "text": f"The {kind} cache answers."}
    return {
        "name": "Cache",
        "ok": False,
        "text": f"The {kind} cache does not answer; pages are made without it.",
    }


def _broker_state() -> dict[str, Any]:
    from celery import current_app

    kind = "Redis" if settings.REDIS_URL else "file"
    try:
        with current_app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=2)
    except (OperationalError, OSError) as error:
        return {
            "name": "Broker",
            "ok": False,
            "text": f"The {kind} broker does not answer ({error}); trainings cannot be queued.",
        }
    return {"name": "Broker", "ok": True, "text": f"The {kind} broker answers."}


def failed_runs(most: int = 5) -> list[TrainingRun]:
    return list(TrainingRun.objects.filter(status__in=[RunStatus.FAILED, RunStatus.LOST])[:most])
