"""How well each part and the blend foresee the next click, ranking every item.

    python -m bench.quality --dataset diginetica [--exclude-seen] [--quick] [--json FILE]

The parts learn from all training sessions but the newest tenth; on that GRU4Rec stops early and
the blend learns its weights. Then every part learns again from all training sessions, with the same
settings, epochs and weights, and the test sessions are ranked once. Nothing is chosen on them.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
import torch

from bench.benchmarks_data import (
    BENCHMARKS,
    Benchmark,
    load_benchmark,
    load_catalogue_linked,
    load_movie_book,
)
from bench.scratch_site import simulated_sessions
from recommender.ml.blend import default_blend
from recommender.ml.contract import Recommender, Session
from recommender.ml.data import FloatArray, ItemTable, SessionData
from recommender.ml.evaluation import evaluate
from recommender.ml.gru4rec import EpochReport, GRU4RecConfig, GRU4RecRecommender
from recommender.ml.neighbours import VSkNNRecommender

T = TypeVar("T")

DISCOUNT = 0.05  # SEGUE_POPULARITY_DISCOUNT, as a site has it that does not set it

VALIDATION = 0.1
LINKED = "catalogue_linked"
MOVIE_BOOK = "movie_book"
LATER = 0.2  # share of the sessions by time that is the test, where the source has no split
SIMULATED = "simulated"  # 20,000 sessions over the starter catalogue, as a first start has them


def main() -> None:
    options = parse_options()
    torch.set_num_threads(options.threads)
    benchmark = load(options.dataset, quick=options.quick)
    items = benchmark.items
    config = GRU4RecConfig.default(**({"epochs": 2} if options.quick else {}))

    learn, validation = benchmark.train.split_by_time(VALIDATION)
    network = timed(
        "gru4rec",
        lambda: GRU4RecRecommender(config).fit(
            learn, items, validation=validation, on_epoch=print_epoch
        ),
    )
    blend = default_blend(network, items)
    timed("fit the parts that count", lambda: blend.fit_counting(learn, items))
    timed("learn the weights", lambda: blend.learn_weights(validation))
    print(f"weights {rounded(blend.weights)}  powers {blend.powers}", flush=True)

    print("Again on all training sessions", flush=True)
    again = replace(config, epochs=network.best_epoch, validation_fraction=0.0)
    final = timed(
        "gru4rec",
        lambda: GRU4RecRecommender(again).fit(benchmark.train, items, on_epoch=print_epoch),
    )
    served = default_blend(final, items)
    timed("fit the parts that count", lambda: served.fit_counting(benchmark.train, items))
    assert blend.learned is not None
    served.adopt(blend.learned)
    others: list[Recommender] = [VSkNNRecommender().fit(benchmark.train, items)]
    discounted = Discounted(served, benchmark.train)
    rows = [
        judge(model, benchmark, exclude_seen=options.exclude_seen)
        for model in [*others, *served.parts, served, discounted]
    ]
    print_table(rows)
    if options.json:
        result = {
            "dataset": options.dataset,
            "quick": options.quick,
            "exclude_seen": options.exclude_seen,
            "date": f"{date.today():%Y-%m-%d}",
            "cores": os.cpu_count(),
            "weights": blend.learned.to_dict(),
            "epochs": network.best_epoch,
            "models": rows,
        }
        options.json.write_text(json.dumps(result, indent=1), encoding="utf-8")


class Discounted(Recommender):
    """The blend with the popularity discount that the site has by default."""

    name = "discounted"

    def __init__(self, blend: Recommender, train: SessionData) -> None:
        self.blend = blend
        self.cost = np.log(train.counts() + 1.0).astype(np.float32) * DISCOUNT

    def fit(self, data: SessionData, items: ItemTable) -> Self:
        raise NotImplementedError("The blend comes fitted.")

    def scores(self, sessions: Sequence[Session]) -> FloatArray:
        found: FloatArray = self.blend.scores(sessions) - self.cost
        return found


def load(dataset: str, *, quick: bool) -> Benchmark:
    if dataset == SIMULATED:
        with simulated_sessions(sessions=2_000 if quick else 20_000, seed=1) as (data, items):
            return Benchmark(*data.split_by_time(0.1), items)
    loaders = {LINKED: load_catalogue_linked, MOVIE_BOOK: load_movie_book}
    benchmark = loaders[dataset](LATER) if dataset in loaders else load_benchmark(dataset)
    if not quick:
        return benchmark
    newest = benchmark.train.split_by_time(0.1)[1]
    few = benchmark.test.take(np.arange(min(1_000, len(benchmark.test))))
    return Benchmark(newest, few, benchmark.items)


def judge(model: Recommender, benchmark: Benchmark, *, exclude_seen: bool) -> dict[str, Any]:
    started = time.perf_counter()
    report = evaluate(
        model,
        benchmark.test,
        kinds=benchmark.items.kinds,
        ks=(10, 20),
        exclude_seen=exclude_seen,
        train_popularity=benchmark.train.counts(),
    )
    seconds = time.perf_counter() - started
    print(f"{model.name}: judged in {seconds:.0f} s", flush=True)
    return {
        "model": model.name,
        "ms_an_example": 1000 * seconds / report.n_examples,
        **report.to_dict(),
    }


def timed(name: str, work: Callable[[], T]) -> T:
    started = time.perf_counter()
    result = work()
    print(f"{name}: {time.perf_counter() - started:.1f} s", flush=True)
    return result


def rounded(weights: dict[str, float]) -> dict[str, float]:
    return {name: round(weight, 3) for name, weight in weights.items()}


def print_epoch(report: EpochReport) -> None:
    recall = "" if report.valid_recall is None else f"  R@20 {100 * report.valid_recall:.2f}"
    print(f"  epoch {report.epoch}{recall}  {report.events_per_second:,.0f} events/s", flush=True)


def print_table(rows: list[dict[str, Any]]) -> None:
    print(
        f"\n{'model':<14}{'R@10':>7}{'R@20':>7}{'MRR@20':>8}{'cover':>7}{'cross R@20':>12}"
        f"{'unseen R@20':>13}{'ms':>7}"
    )
    for row in rows:
        at = row["at"]["20"]
        cross, unseen = row["cross_kind"], row["unseen"]
        crossing = f"{100 * cross['at']['20']['recall']:12.2f}" if cross else f"{'–':>12}"
        unseen_found = f"{100 * unseen['at']['20']['recall']:13.2f}" if unseen else f"{'–':>13}"
        print(
            f"{row['model']:<14}{100 * row['at']['10']['recall']:7.2f}{100 * at['recall']:7.2f}"
            f"{100 * at['mrr']:8.2f}{100 * at['coverage']:7.1f}{crossing}"
            f"{unseen_found}{row['ms_an_example']:7.2f}"
        )


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--dataset", choices=[*BENCHMARKS, LINKED, MOVIE_BOOK, SIMULATED], default=BENCHMARKS[0]
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--exclude-seen", action="store_true", help="no model may list what the session holds"
    )
    parser.add_argument("--quick", action="store_true", help="few sessions: shows that it runs")
    parser.add_argument("--json", type=Path, help="write the result to this file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
