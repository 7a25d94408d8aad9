"""What the page "How it works" shows: a picture, the serving version, its figures and history."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.safestring import SafeString

from recommender import how_picture, measured, model_figures, status
from recommender.model_figures import Contender, Figure
from recommender.models import ModelVersion
from recommender.status import Status

HISTORY = 10


@dataclass(frozen=True)
class Past:
    """One version of the history, with what the table says of it."""

    version: ModelVersion
    trained_on: str
    recall: float | None
    mrr: float | None


@dataclass(frozen=True)
class HowItWorks:
    """All of the page. Without a version there are no figures."""

    status: Status
    wide: SafeString
    tall: SafeString
    history: list[Past]
    measured: str = ""
    traffic_sentence: str = ""
    traffic: SafeString | None = None
    simulated_share: float | None = None
    contenders: tuple[Contender, ...] = ()
    quality: tuple[Figure, ...] = ()
    learning: tuple[Figure, ...] = ()
    weights: SafeString | None = None

    @property
    def failure(self) -> str:
        run = self.status.last_failure
        return status.failure_in_words(run) if run else ""

    @property
    def wanted_events(self) -> int:
        """How many new events a training on schedule waits for."""
        return int(settings.TRAIN_MIN_NEW_EVENTS)

    @property
    def shortest_view(self) -> float:
        """In seconds; a shorter look is not learned from."""
        return float(settings.SHORTEST_VIEW_MS / 1000)

    @property
    def exploring(self) -> float:
        """In per cent of the lists."""
        return float(100 * settings.EXPLORE)


def how_it_works() -> HowItWorks:
    """Read the state of things and draw it; the same few queries whatever there is."""
    now = status.current_status()
    version = now.version
    page = HowItWorks(
        status=now,
        wide=how_picture.wide(now.weights),
        tall=how_picture.tall(now.weights),
        history=_history(),
    )
    if version is None:
        return page
    contenders = model_figures.compared(version)
    return HowItWorks(
        status=now,
        wide=page.wide,
        tall=page.tall,
        history=page.history,
        measured=measured.measured_on(version),
        traffic_sentence=measured.traffic_in_a_sentence(version),
        traffic=model_figures.traffic_bar(version),
        simulated_share=measured.simulated_share(version),
        contenders=tuple(contenders),
        quality=tuple(model_figures.quality_figures(version, contenders)),
        learning=tuple(model_figures.learning_figures(version)),
        weights=model_figures.weight_bars(now.weights) if now.weights else None,
    )


def _history() -> list[Past]:
    versions = ModelVersion.objects.defer("config", "comparison", "curves")[:HISTORY]
    return [
        Past(
            version=version,
            trained_on=status.traffic_in_words(version),
            recall=model_figures.at_twenty(version.metrics, "recall"),
            mrr=model_figures.at_twenty(version.metrics, "mrr"),
        )
        for version in versions
    ]
