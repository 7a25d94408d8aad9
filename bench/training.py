"""How fast the training is, and how soon it is as good as the papers' session-parallel loop.

    python -m bench.training [--quick] [--threads 2] [--json FILE]

On diginetica, without its test sessions: both loops learn from all training sessions but the newest
tenth, and are judged on the same sessions of that tenth, spread evenly, about 10,000 predictions,
ranking every item. The reference runs twice: with 32 sessions side by side, the default of the
authors' code, and with 192, of their published settings. First the speed: one epoch of each in
turn, in one process. Then the quality: each run in a process of its own, for its own peak memory.
The seconds of ours begin with what it does before its first batch. Our learning rate falls over
the whole run, so beside the default run stand shorter ones that one would choose to be there soon,
some of them on the newest part of the sessions. `--quick` takes the newest twentieth of the
training sessions and one epoch: it shows that the script runs.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np
import torch

from bench.benchmarks_data import load_benchmark
from bench.own_process import circumstances, in_own_process, peak_memory_mb
from bench.session_parallel import (
    ReferenceEpoch,
    SessionParallelConfig,
    SessionParallelRecommender,
)
from recommender.ml.data import ItemTable, SessionData
from recommender.ml.evaluation import evaluate
from recommender.ml.gru4rec import EpochReport, GRU4RecConfig, GRU4RecRecommender

DATASET = "diginetica"
VALIDATION = 0.1
JUDGED = 10_000  # predictions, about
QUICK_SHARE = 0.05
SIDE_BY_SIDE = (32, 192)  # sessions of the reference
SHORT_RUNS = ((2, 0.7), (1, 1.0), (1, 0.5))  # epochs, and share of the sessions, the newest
K = 20


class Split(NamedTuple):
    """What is learned from, and the later sessions that are judged on."""

    learn: SessionData
    judged: SessionData
    items: ItemTable


class Curve(NamedTuple):
    """One run, an entry an epoch."""

    name: str
    seconds: list[float]  # without the judging, up to the end of the epoch
    recalls: list[float]  # Recall@K, full ranking
    events_per_second: list[float]
    memory_before_mb: float  # peak until the data was loaded
    memory_peak_mb: float


def main() -> None:
    options = parse_options()
    place = {"quick": options.quick, "threads": options.threads}
    few = {"epochs": 1} if options.quick else {}
    ours = GRU4RecConfig.default(**few)
    references = [SessionParallelConfig(sessions=sessions, **few) for sessions in SIDE_BY_SIDE]

    rounds = in_own_process(speed_in_turn, options.rounds, **place)
    curves = [in_own_process(run_reference, reference, **place) for reference in references]
    curves += [in_own_process(run_ours, ours, 1.0, **place)]
    if not options.quick:
        curves += [
            in_own_process(run_ours, replace(ours, epochs=epochs), newest, **place)
            for epochs, newest in SHORT_RUNS
        ]
    summary = summarised(rounds, curves)
    print_summary(summary, curves)
    if options.json:
        result = {
            **circumstances(options.threads),
            "dataset": DATASET,
            "quick": options.quick,
            "references": [reference.to_dict() for reference in references],
            "ours": ours.to_dict(),
            "rounds": rounds,
            "curves": [curve._asdict() for curve in curves],
            **summary,
        }
        options.json.write_text(json.dumps(result, indent=1), encoding="utf-8")


def load_split(*, quick: bool) -> Split:
    benchmark = load_benchmark(DATASET)
    train = benchmark.train.split_by_time(QUICK_SHARE)[1] if quick else benchmark.train
    learn, later = train.split_by_time(VALIDATION)
    every = max((later.n_events - len(later)) // JUDGED, 1)
    return Split(learn, later.take(np.arange(0, len(later), every)), benchmark.items)


def speed_in_turn(rounds: int, *, quick: bool, threads: int) -> list[dict[str, float]]:
    """Predictions trained a second: one first epoch of the reference and one of ours a round."""
    torch.set_num_threads(threads)
    split = load_split(quick=quick)
    references = {
        reference_name(sessions): SessionParallelConfig(epochs=1, sessions=sessions)
        for sessions in SIDE_BY_SIDE
    }
    ours = GRU4RecConfig.default(epochs=1, validation_fraction=0.0)
    measured = []
    for number in range(1, rounds + 1):
        found = {
            name: SessionParallelRecommender(reference)
            .fit(split.learn, split.items)
            .curves[0]
            .events_per_second
            for name, reference in references.items()
        }
        own = GRU4RecRecommender(ours).fit(split.learn, split.items).curves[0]
        found["ours"] = own.events_per_second
        speeds = ", ".join(f"{name} {speed:,.0f}" for name, speed in found.items())
        print(f"round {number}, events/s: {speeds}", flush=True)
        measured.append(found)
    return measured


def reference_name(sessions: int) -> str:
    return f"reference, {sessions}"


def run_reference(config: SessionParallelConfig, *, quick: bool, threads: int) -> Curve:
    """The session-parallel loop, judged after each epoch."""
    torch.set_num_threads(threads)
    split = load_split(quick=quick)
    before = peak_memory_mb()
    model = SessionParallelRecommender(config)
    name = reference_name(config.sessions)
    recalls: list[float] = []

    def judge(report: ReferenceEpoch) -> None:
        recalls.append(evaluate(model, split.judged, ks=(K,)).at[K].recall)
        print_epoch(name, report.epoch, recalls[-1], report.events_per_second)

    model.fit(split.learn, split.items, on_epoch=judge)
    return curve_of(name, model.curves, recalls, before, 0.0)


def run_ours(config: GRU4RecConfig, newest: float, *, quick: bool, threads: int) -> Curve:
    """GRU4RecRecommender on the newest share of the sessions, judged after each epoch by what its
    early stopping sees, which is the same measure on the same sessions."""
    torch.set_num_threads(threads)
    split = load_split(quick=quick)
    before = peak_memory_mb()
    learn = split.learn if newest == 1 else split.learn.split_by_time(newest)[1]
    name = f"ours, {config.epochs} epoch{'s' if config.epochs > 1 else ''}"
    name += "" if newest == 1 else f" of {newest:.0%}"
    recalls: list[float] = []

    def note(report: EpochReport) -> None:
        assert report.valid_recall is not None  # there are validation sessions
        recalls.append(report.valid_recall)
        print_epoch(name, report.epoch, recalls[-1], report.events_per_second)

    model = GRU4RecRecommender(config)
    model.fit(learn, split.items, validation=split.judged, on_epoch=note)
    return curve_of(name, model.curves, recalls, before, model.preparation_seconds)


def curve_of(
    name: str,
    epochs: list[ReferenceEpoch] | list[EpochReport],
    recalls: list[float],
    before: float,
    prepared: float,
) -> Curve:
    seconds = [prepared + spent for spent in accumulate(epoch.seconds for epoch in epochs)]
    speeds = [epoch.events_per_second for epoch in epochs]
    return Curve(name, seconds, recalls, speeds, before, peak_memory_mb())


def seconds_to(curve: Curve, recall: float) -> float | None:
    """Training seconds up to the end of the first epoch that reaches the recall, if any does."""
    ends = zip(curve.seconds, curve.recalls, strict=True)
    return next((seconds for seconds, found in ends if found >= recall), None)


def summarised(rounds: list[dict[str, float]], curves: list[Curve]) -> dict[str, Any]:
    """The figures to report: speeds are medians of the rounds, the first curves are the references.

    The recall to reach is that of each reference after its last epoch; where it had reached that
    before, the seconds of the earlier epoch count for it too.
    """
    references, others = curves[: len(SIDE_BY_SIDE)], curves[len(SIDE_BY_SIDE) :]
    against = {}
    for reference in references:
        target = reference.recalls[-1]
        needed = seconds_to(reference, target)
        soon = {curve.name: seconds_to(curve, target) for curve in others}
        against[reference.name] = {
            "speed_ratio": median(found["ours"] / found[reference.name] for found in rounds),
            "recall_to_reach": target,
            "seconds_to_reach": {reference.name: needed, **soon},
            "times_sooner": {
                name: needed / seconds if needed and seconds else None
                for name, seconds in soon.items()
            },
        }
    speeds = {name: median(found[name] for found in rounds) for name in rounds[0]}
    return {"events_per_second": speeds, "against": against}


def print_epoch(name: str, epoch: int, recall: float, speed: float) -> None:
    print(f"{name}: epoch {epoch}  R@{K} {100 * recall:.2f}  {speed:,.0f} events/s", flush=True)


def print_summary(summary: dict[str, Any], curves: list[Curve]) -> None:
    speeds = ", ".join(f"{k} {v:,.0f}" for k, v in summary["events_per_second"].items())
    print(f"\nTraining alone, events/s: {speeds}")
    print(f"{'run':<24}{'last R@20':>10}{'best':>8}{'train s':>9}{'peak MB':>9}{'before':>8}")
    for curve in curves:
        print(
            f"{curve.name:<24}{100 * curve.recalls[-1]:10.2f}{100 * max(curve.recalls):8.2f}"
            f"{curve.seconds[-1]:9.1f}{curve.memory_peak_mb:9,.0f}{curve.memory_before_mb:8,.0f}"
        )
    for name, found in summary["against"].items():
        print(
            f"\nAgainst {name}: {found['speed_ratio']:.2f} times its events/s; seconds to its last "
            f"Recall@{K} of {100 * found['recall_to_reach']:.2f}:"
        )
        for run, needed in found["seconds_to_reach"].items():
            times = found["times_sooner"].get(run)
            print(
                f"{run:<24}{'never' if needed is None else f'{needed:.1f}':>10}"
                f"{f'{times:.2f} times sooner' if times else '':>20}"
            )


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=3, help="of the comparison of speed")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="few sessions: shows that it runs")
    parser.add_argument("--json", type=Path, help="write the result to this file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
