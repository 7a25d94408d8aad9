"""Measures GRU4Rec beside popularity and Markov on a public session log, ranking every item.

    python -m bench.gru4rec_check --dataset diginetica --preset default --json out.json

Early stopping sees the last tenth of the training sessions by time; the test sessions are ranked
once, at the end. `--refit` then trains again on all training sessions for the epochs that the
validation sessions chose, and judges that model instead. `--quick` takes the newest tenth of the
training sessions and few test sessions: it shows that the script runs, not how good a model is.
On a machine with other work set OMP_WAIT_POLICY=PASSIVE: two threads that wait for each other by
spinning were measured at 2,000 events/s where two that sleep reached 30,000.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bench.benchmarks_data import BENCHMARKS, Benchmark, load_benchmark, load_catalogue_linked
from recommender.ml.contract import Recommender
from recommender.ml.evaluation import evaluate
from recommender.ml.gru4rec import EpochReport, GRU4RecConfig, GRU4RecRecommender
from recommender.ml.markov import MarkovRecommender
from recommender.ml.popularity import PopularityRecommender

PRESETS = {"default": GRU4RecConfig.default, "classic": GRU4RecConfig.classic}
QUICK_SHARE = 0.1


def main() -> None:
    options = parse_options()
    torch.set_num_threads(options.threads)
    benchmark = load(options.dataset, quick=options.quick)
    config = PRESETS[options.preset](**settings_of(options))
    models: list[tuple[Recommender, float]] = []
    for simple in (PopularityRecommender(), MarkovRecommender()):
        started = time.perf_counter()
        simple.fit(benchmark.train, benchmark.items)
        models.append((simple, time.perf_counter() - started))
    started = time.perf_counter()
    network = train(benchmark, config, refit=options.refit)
    models.append((network, time.perf_counter() - started))
    rows = [judge(model, seconds, benchmark) for model, seconds in models]
    print_table(rows)
    if options.json:
        result = {
            "dataset": options.dataset,
            "quick": options.quick,
            "refit": options.refit,
            "threads": options.threads,
            "train_sessions": len(benchmark.train),
            "test_sessions": len(benchmark.test),
            "items": len(benchmark.items),
            "config": network.config.to_dict(),
            "curves": [report.to_dict() for report in network.curves],
            "models": rows,
        }
        options.json.write_text(json.dumps(result, indent=1), encoding="utf-8")


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--dataset", choices=[*BENCHMARKS, "catalogue_linked"], default=BENCHMARKS[0]
    )
    parser.add_argument("--preset", choices=list(PRESETS), default="default")
    parser.add_argument("--epochs", type=int, help="at most; default: the preset's")
    parser.add_argument(
        "--set", action="append", default=[], metavar="SETTING=JSON", help="any other setting"
    )
    parser.add_argument("--refit", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write the result to this file")
    return parser.parse_args()


def settings_of(options: argparse.Namespace) -> dict[str, Any]:
    settings = {name: json.loads(value) for name, value in (s.split("=", 1) for s in options.set)}
    if options.epochs:
        settings["epochs"] = options.epochs
    return settings


def load(dataset: str, *, quick: bool) -> Benchmark:
    linked = dataset == "catalogue_linked"
    benchmark = load_catalogue_linked() if linked else load_benchmark(dataset)
    if not quick:
        return benchmark
    newest = benchmark.train.split_by_time(QUICK_SHARE)[1]
    few = benchmark.test.take(np.arange(min(2_000, len(benchmark.test))))
    return Benchmark(newest, few, benchmark.items)


def train(benchmark: Benchmark, config: GRU4RecConfig, *, refit: bool) -> GRU4RecRecommender:
    model = GRU4RecRecommender(config).fit(benchmark.train, benchmark.items, on_epoch=print_epoch)
    if not refit:
        return model
    print(f"Again on all training sessions, for {model.best_epoch} epochs:")
    chosen = replace(config, epochs=model.best_epoch, validation_fraction=0.0)
    again = GRU4RecRecommender(chosen)
    return again.fit(benchmark.train, benchmark.items, on_epoch=print_epoch)


def print_epoch(report: EpochReport) -> None:
    line = f"epoch {report.epoch:2}  loss {report.train_loss:.4f}"
    if report.valid_loss is not None and report.valid_recall is not None:
        line += f"  valid loss {report.valid_loss:.4f}  R@20 {100 * report.valid_recall:.2f}"
    print(f"{line}  {report.seconds:.1f} s  {report.events_per_second:,.0f} events/s", flush=True)


def judge(model: Recommender, fit_seconds: float, benchmark: Benchmark) -> dict[str, Any]:
    started = time.perf_counter()
    report = evaluate(
        model,
        benchmark.test,
        kinds=benchmark.items.kinds,
        train_popularity=benchmark.train.counts(),
    )
    seconds = time.perf_counter() - started
    return {
        "model": model.name,
        "fit_seconds": fit_seconds,
        "evaluate_seconds": seconds,
        **report.to_dict(),
    }


def print_table(rows: list[dict[str, Any]]) -> None:
    print(
        f"{'model':<12}{'R@5':>7}{'R@10':>7}{'R@20':>7}{'MRR@20':>8}{'NDCG@20':>9}{'cover':>7}",
        end="",
    )
    print(f"{'popul.':>8}{'examples':>10}{'fit s':>8}")
    for row in rows:
        at5, at10, at20 = (row["at"][k] for k in ("5", "10", "20"))
        line = f"{row['model']:<12}"
        line += "".join(f"{100 * at['recall']:7.2f}" for at in (at5, at10, at20))
        line += f"{100 * at20['mrr']:8.2f}{100 * at20['ndcg']:9.2f}{100 * at20['coverage']:7.1f}"
        print(f"{line}{at20['popularity']:8.2f}{row['n_examples']:10,}{row['fit_seconds']:8.1f}")


if __name__ == "__main__":
    main()
