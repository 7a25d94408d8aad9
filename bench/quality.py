"""How well each part and the blend foresee the next click, ranking every item.

    python -m bench.quality --dataset diginetica [--quick] [--json FILE]

The parts learn from all training sessions but the newest tenth; on that GRU4Rec stops early and
the blend learns its weights. Then every part learns again from all training sessions, with the same
settings, epochs and weights, and the test sessions are ranked once. Nothing is chosen on them.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch

from bench.benchmarks_data import BENCHMARKS, Benchmark, load_benchmark, load_catalogue_linked
from bench.scratch_site import simulated_sessions
from recommender.ml.blend import BlendRecommender, Part, Scale
from recommender.ml.content import ContentRecommender
from recommender.ml.contract import Recommender
from recommender.ml.cooccurrence import CooccurrenceRecommender
from recommender.ml.data import ItemTable, SessionData
from recommender.ml.evaluation import evaluate
from recommender.ml.gru4rec import EpochReport, GRU4RecConfig, GRU4RecRecommender
from recommender.ml.markov import MarkovRecommender
from recommender.ml.neighbours import StanRecommender, VSkNNRecommender
from recommender.ml.popularity import PopularityRecommender

T = TypeVar("T")

VALIDATION = 0.1
LINKED = "catalogue_linked"
SIMULATED = "simulated"  # 20,000 sessions over the starter catalogue, as a first start has them

# Everything that is measured; the blend takes those with a scale.
SIMPLE: list[tuple[Callable[[], Recommender], Scale | None]] = [
    (PopularityRecommender, "mass"),
    (MarkovRecommender, "mass"),
    (CooccurrenceRecommender, "mass"),
    (VSkNNRecommender, None),
    (StanRecommender, "mass"),
]


def main() -> None:
    options = parse_options()
    torch.set_num_threads(options.threads)
    benchmark = load(options.dataset, quick=options.quick)
    with_words = any(benchmark.items.texts)
    simple = [*SIMPLE, (ContentRecommender, "mass")] if with_words else SIMPLE
    config = GRU4RecConfig.default(**({"epochs": 2} if options.quick else {}))

    learn, validation = benchmark.train.split_by_time(VALIDATION)
    network = timed(
        "gru4rec",
        lambda: GRU4RecRecommender(config).fit(
            learn, benchmark.items, validation=validation, on_epoch=print_epoch
        ),
    )
    parts = fitted(simple, learn, benchmark.items)
    blend = BlendRecommender([Part(network, "logits"), *parts.values()])
    timed("learn the weights", lambda: blend.learn_weights(validation))
    print(f"weights {rounded(blend.weights)}  powers {blend.powers}", flush=True)

    print("Again on all training sessions", flush=True)
    again = replace(config, epochs=network.best_epoch, validation_fraction=0.0)
    final = timed(
        "gru4rec",
        lambda: GRU4RecRecommender(again).fit(
            benchmark.train, benchmark.items, on_epoch=print_epoch
        ),
    )
    contenders = everything(simple, benchmark.train, benchmark.items)
    of_blend = {model.name: model for model in contenders}
    served = BlendRecommender(
        [
            Part(final if part.model.name == "gru4rec" else of_blend[part.model.name], part.scale)
            for part in blend.parts
        ]
    )
    served.weights, served.powers = blend.weights, blend.powers
    rows = [judge(model, benchmark) for model in [*contenders, final, served]]
    print_table(rows)
    if options.json:
        result = {
            "dataset": options.dataset,
            "quick": options.quick,
            "weights": blend.weights,
            "powers": blend.powers,
            "epochs": network.best_epoch,
            "models": rows,
        }
        options.json.write_text(json.dumps(result, indent=1), encoding="utf-8")


def load(dataset: str, *, quick: bool) -> Benchmark:
    if dataset == SIMULATED:
        with simulated_sessions(sessions=2_000 if quick else 20_000, seed=1) as (data, items):
            return Benchmark(*data.split_by_time(0.1), items)
    benchmark = load_catalogue_linked(0.2) if dataset == LINKED else load_benchmark(dataset)
    if not quick:
        return benchmark
    newest = benchmark.train.split_by_time(0.1)[1]
    few = benchmark.test.take(np.arange(min(1_000, len(benchmark.test))))
    return Benchmark(newest, few, benchmark.items)


def everything(
    simple: list[tuple[Callable[[], Recommender], Scale | None]],
    data: SessionData,
    items: ItemTable,
) -> list[Recommender]:
    models = []
    for make, _ in simple:
        model = make()
        timed(model.name, partial(model.fit, data, items))
        models.append(model)
    return models


def fitted(
    simple: list[tuple[Callable[[], Recommender], Scale | None]],
    data: SessionData,
    items: ItemTable,
) -> dict[str, Part]:
    """The parts of the blend, fitted, by name."""
    chosen = [(make, scale) for make, scale in simple if scale is not None]
    return {make().name: Part(make().fit(data, items), scale) for make, scale in chosen}


def judge(model: Recommender, benchmark: Benchmark) -> dict[str, Any]:
    started = time.perf_counter()
    report = evaluate(
        model,
        benchmark.test,
        kinds=benchmark.items.kinds,
        ks=(10, 20),
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
        f"\n{'model':<14}{'R@10':>7}{'R@20':>7}{'MRR@20':>8}{'cover':>7}{'cross R@20':>12}{'ms':>7}"
    )
    for row in rows:
        at = row["at"]["20"]
        cross = row["cross_kind"]
        crossing = f"{100 * cross['at']['20']['recall']:12.2f}" if cross else f"{'–':>12}"
        print(
            f"{row['model']:<14}{100 * row['at']['10']['recall']:7.2f}{100 * at['recall']:7.2f}"
            f"{100 * at['mrr']:8.2f}{100 * at['coverage']:7.1f}{crossing}"
            f"{row['ms_an_example']:7.2f}"
        )


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--dataset", choices=[*BENCHMARKS, LINKED, SIMULATED], default=BENCHMARKS[0]
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="few sessions: shows that it runs")
    parser.add_argument("--json", type=Path, help="write the result to this file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
