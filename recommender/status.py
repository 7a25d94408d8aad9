"""The state of the recommender in one place, for the model page, the API and the admin."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from kombu.exceptions import OperationalError

from recommender import runs
from recommender.dataset import events_since
from recommender.loader import loader
from recommender.models import Incident, ModelVersion, RunStatus, TrainingRun

logger = logging.getLogger(__name__)

PART_NAMES = {
    "gru4rec": "GRU4Rec, the network",
    "stan": "visits like this one",
    "cooccurrence": "opened in the same visits",
    "markov": "opened right after",
    "returns": "gone back to",
    "popularity": "opened often",
    "trending": "opened often of late",
    "content": "the words of the works",
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
    next_run: datetime | None
    open_incidents: list[Incident]

    @property
    def trained_on(self) -> str:
        """In words: which traffic the serving version learned from."""
        return traffic_in_words(self.version)

    @property
    def weights(self) -> list[tuple[str, float]]:
        """How much each part of the serving blend counts, in per cent, the greatest first; those
        under half a per cent are left out."""
        learned = self.version.data_summary.get("weights", {}) if self.version else {}
        pairs = zip(learned.get("parts", []), learned.get("overall", []), strict=True)
        named = [(PART_NAMES.get(part, part), 100 * weight) for part, weight in pairs]
        return sorted((pair for pair in named if pair[1] >= 0.5), key=lambda pair: -pair[1])


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
        next_run=scheduled.started_at + period if scheduled else None,
        open_incidents=list(Incident.objects.filter(resolved_at=None)),
    )


def traffic_in_words(version: ModelVersion | None) -> str:
    origins = version.data_summary.get("sessions_by_origin", {}) if version else {}
    parts = [f"{count:,} {origin}" for origin, count in sorted(origins.items()) if count]
    return f"{' and '.join(parts)} sessions" if parts else "nothing yet"


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


def failed_runs() -> list[TrainingRun]:
    return list(TrainingRun.objects.filter(status__in=[RunStatus.FAILED, RunStatus.LOST])[:5])
