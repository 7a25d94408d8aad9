"""The figures of a trained version: what is drawn, what it says, and on what it was measured."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.charts import Bar, Bars, Line, Mark, Part, Point, Stack, ticks
from catalog.charts.scales import plain, top_of
from catalog.wording import percent, whole
from recommender.measured import (
    by_origin,
    loss_measured_on,
    measured_on,
    traffic_in_a_sentence,
    validation_measured_on,
)
from recommender.models import ModelVersion
from sessions_app.models import Origin

OURS = "challenger"

CONTENDERS: dict[str, Promise] = {
    OURS: gettext_lazy("This blend"),
    "champion": gettext_lazy("The version before"),
    "gru4rec": gettext_lazy("The network alone"),
    "stan": gettext_lazy("Visits like this one, alone"),
    "markov": gettext_lazy("What was opened right after"),
    "content": gettext_lazy("The words alone"),
    "popularity": gettext_lazy("What is opened most"),
}
ORIGINS: dict[str, Promise] = {
    Origin.LIVE: gettext_lazy("Live: people's visits to this site"),
    Origin.SIMULATED: gettext_lazy("Simulated: invented visits that warm the site up"),
    Origin.IMPORTED: gettext_lazy("Imported: visits from logs of other sites"),
}


@dataclass(frozen=True)
class Contender:
    """One way of guessing on the hold-out; None where it was not measured."""

    label: str
    ours: bool
    recall: float | None
    mrr: float | None
    ndcg: float | None
    coverage: float | None
    across: float | None  # Recall@20 where the next click is of another kind

    @property
    def values(self) -> tuple[float | None, ...]:
        """In the order of the table's columns."""
        return self.recall, self.across, self.mrr, self.ndcg, self.coverage


@dataclass(frozen=True)
class Figure:
    """One chart, what it says in a sentence, and on what it was measured."""

    name: str
    title: str
    says: str
    picture: SafeString
    measured: str


# --- Which traffic ------------------------------------------------------------------------


def traffic_bar(version: ModelVersion) -> SafeString | None:
    counts = by_origin(version)
    total = sum(counts.values())
    if not total:
        return None
    parts = [
        Part(
            str(label),
            counts.get(origin, 0),
            _("%(count)s visits, %(share)s")
            % {
                "count": whole(counts.get(origin, 0)),
                "share": percent(counts.get(origin, 0) / total),
            },
            f"stack__part--{origin}",
        )
        for origin, label in ORIGINS.items()
    ]
    return Stack(_("The visits that this version learned from"), parts).svg()


# --- How good -----------------------------------------------------------------------------


def compared(version: ModelVersion) -> list[Contender]:
    """The version and all it was compared with on the same hold-out, itself first."""
    rows = {OURS: version.metrics, **version.comparison}
    known = [name for name in CONTENDERS if name in rows]
    return [_contender(name, rows[name]) for name in known]


def _contender(name: str, metrics: dict[str, Any]) -> Contender:
    return Contender(
        label=str(CONTENDERS[name]),
        ours=name == OURS,
        recall=at_twenty(metrics, "recall"),
        mrr=at_twenty(metrics, "mrr"),
        ndcg=at_twenty(metrics, "ndcg"),
        coverage=at_twenty(metrics, "coverage"),
        across=at_twenty(metrics.get("cross_kind") or {}, "recall"),
    )


def at_twenty(metrics: dict[str, Any], measure: str) -> float | None:
    """A measure of the first 20, None where it was not taken."""
    found: float | None = metrics.get("at", {}).get("20", {}).get(measure)
    return found


def quality_figures(version: ModelVersion, contenders: list[Contender]) -> list[Figure]:
    return [
        Figure(name, title, says, picture, measured)
        for name, title, says, measured in _measures(version)
        if (picture := _bars(title, contenders, name)) is not None
    ]


def _measures(version: ModelVersion) -> list[tuple[str, str, str, str]]:
    """(name, title, what it says, on what it was measured) of each."""
    everything = measured_on(version)
    crossing = (version.metrics.get("cross_kind") or {}).get("n_examples", 0)
    across = _("Only the %(count)s next clicks that went to another kind.") % {
        "count": whole(crossing)
    }
    return [
        (
            "recall",
            _("The next click is among the first 20"),
            _("Recall@20: how often the title that was opened next is among the first 20."),
            everything,
        ),
        (
            "across",
            _("The same, where the next click is of another kind"),
            _("Recall@20 from a film to a book, from a book to a track, and so on."),
            f"{across} {everything}",
        ),
        (
            "mrr",
            _("How far up it stands"),
            _("MRR@20: 1 for a first place, ½ for a second, ⅓ for a third; on average."),
            everything,
        ),
        (
            "ndcg",
            _("How far up, with kinder marks"),
            _("NDCG@20: as before, but lower places lose less."),
            everything,
        ),
        (
            "coverage",
            _("How much of the catalogue gets a turn"),
            _("Coverage@20: the share of all titles that were in some list of 20."),
            everything,
        ),
    ]


def _bars(title: str, contenders: list[Contender], measure: str) -> SafeString | None:
    """Ours first, the others by what they reach; nothing where ours was not measured."""
    values = [(one, getattr(one, measure)) for one in contenders]
    known = [(one, value) for one, value in values if value is not None]
    if not any(one.ours for one, _value in known):
        return None
    known.sort(key=lambda pair: (not pair[0].ours, -pair[1]))
    write = _decimal if measure in ("mrr", "ndcg") else percent
    return Bars(
        title,
        [
            Bar(
                one.label,
                value,
                write(value),
                Mark(f"{one.label}: {write(value)}"),
                css=f"bars__row--{'ours' if one.ours else 'other'}",
            )
            for one, value in known
        ],
    ).svg()


# --- How it learned -----------------------------------------------------------------------


def learning_figures(version: ModelVersion) -> list[Figure]:
    figures = []
    if (loss := _curve(version, "train_loss", _("Loss"), _decimal)) is not None:
        figures.append(
            Figure(
                "loss",
                _("The network's loss, pass by pass"),
                _("How surprised it is by what was opened next; less is better."),
                loss,
                f"{loss_measured_on(version)} {traffic_in_a_sentence(version)}",
            )
        )
    if (recall := _curve(version, "valid_recall", _("Recall@20"), percent)) is not None:
        figures.append(
            Figure(
                "validation",
                _("Its guesses, pass by pass"),
                _validation_says(version),
                recall,
                f"{validation_measured_on(version)} {traffic_in_a_sentence(version)}",
            )
        )
    return figures


def _validation_says(version: ModelVersion) -> str:
    best = version.data_summary.get("best_epoch")
    if not best:
        return _("Recall@20 of the network alone; more is better.")
    return _("Recall@20 of the network alone; more is better. Pass %(best)s was kept.") % {
        "best": best
    }


def _curve(
    version: ModelVersion, key: str, name: str, write: Callable[[float], str]
) -> SafeString | None:
    """A line through the passes; nothing below two points."""
    rows = [(row["epoch"], row[key]) for row in version.curves if row.get(key) is not None]
    if len(rows) < 2:
        return None
    first, last = rows[0][0], rows[-1][0]
    top = top_of(max(value for _epoch, value in rows))
    return Line(
        f"{name}: {write(rows[0][1])} → {write(rows[-1][1])}",
        [
            Point(
                (epoch - first) / (last - first),
                value / top,
                Mark(_("Pass %(epoch)s: %(value)s") % {"epoch": epoch, "value": write(value)}),
            )
            for epoch, value in rows
        ],
        ticks(first, last, wanted=min(len(rows) - 1, 8)),
        ticks(0, top, label=_round_percent if write is percent else plain),
        _("Pass over the training visits"),
        name,
        height=200,
    ).svg()


def weight_bars(weights: list[tuple[str, float]]) -> SafeString:
    bars = [
        Bar(
            name[:1].upper() + name[1:],
            share,
            percent(share / 100),
            Mark(f"{name}: {percent(share / 100)}"),
        )
        for name, share in weights
    ]
    return Bars(_("How much each reader counts"), bars).svg()


def _round_percent(share: float) -> str:
    return percent(share, 0 if round(1000 * share) % 10 == 0 else 1)


def _decimal(value: float) -> str:
    return number_format(f"{value:.3f}")
