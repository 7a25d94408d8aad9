"""How training time and memory grow with events and with items, on generated visits.

    python -m bench.growth [--quick] [--threads 2] [--json FILE] [--plot FILE.png]

Each figure is one fit in a process of its own, so that peak memory is that fit's: one epoch of
GRU4Rec `default` with its validation and content features, all of the counting models, and, as
`blend`, all that a training of the site does: the network, every other part, the weights. The data
(bench/generate.py) is made in another process and read from files. The slope of the logarithms is
the power that a cost grows with: 1 is in proportion. The peak is that of the whole process, with
Python, PyTorch and the data; `before` is how much of it was there when the data was loaded.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

from bench.generate import generated_items, generated_sessions
from bench.own_process import circumstances, in_own_process, peak_memory_mb
from recommender.ml.blend import default_blend
from recommender.ml.cooccurrence import CooccurrenceRecommender
from recommender.ml.data import ItemTable, SessionData
from recommender.ml.gru4rec import GRU4RecConfig, GRU4RecRecommender
from recommender.ml.markov import MarkovRecommender
from recommender.ml.neighbours import StanRecommender

VALIDATION = 0.1  # of the sessions, to learn the weights of the blend from


def fit_network(data: SessionData, items: ItemTable) -> GRU4RecRecommender:
    return GRU4RecRecommender(GRU4RecConfig.default(epochs=1)).fit(data, items)


def fit_blend(data: SessionData, items: ItemTable) -> None:
    learn, validation = data.split_by_time(VALIDATION)
    network = GRU4RecRecommender(GRU4RecConfig.default(epochs=1))
    network.fit(learn, items, validation=validation)
    default_blend(network, items).fit_counting(learn, items).learn_weights(validation)


MODELS: dict[str, Callable[[SessionData, ItemTable], object]] = {
    "gru4rec": fit_network,
    "stan": lambda data, items: StanRecommender().fit(data, items),
    "cooccurrence": lambda data, items: CooccurrenceRecommender().fit(data, items),
    "markov": lambda data, items: MarkovRecommender().fit(data, items),
    "blend": fit_blend,
}


@dataclass(frozen=True)
class Plan:
    """Which sizes are measured: a series by events, one by items, and one large catalogue."""

    events: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    items_of_events: int = 31_000
    items: tuple[int, ...] = (1_000, 10_000, 100_000, 1_000_000)
    events_of_items: int = 100_000
    large_items: int = 110_000
    large_events: int = 1_000_000

    def sizes(self) -> list[tuple[str, int, int]]:
        """(series, events, items) of every measurement."""
        return [
            *(("events", events, self.items_of_events) for events in self.events),
            *(("items", self.events_of_items, items) for items in self.items),
            ("large", self.large_events, self.large_items),
        ]


QUICK = Plan((2_000, 8_000), 1_000, (500, 2_000), 4_000, 5_000, 10_000)


@dataclass(frozen=True)
class Point:
    """One fit."""

    series: str
    model: str
    events: int
    items: int
    fit_seconds: float  # all that `fit` does
    epoch_seconds: float | None  # GRU4Rec: training alone, without features and validation
    memory_before_mb: float
    memory_peak_mb: float


def main() -> None:
    options = parse_options()
    plan = QUICK if options.quick else Plan()
    points: list[Point] = []
    print_header()
    for series, events, items in plan.sizes():
        with TemporaryDirectory(prefix="segue-growth-") as name:
            folder = Path(name)
            in_own_process(make_data, folder, events=events, items=items, seed=options.seed)
            for model in MODELS:
                points.append(in_own_process(measure, series, model, folder, options.threads))
                print_point(points[-1])
    slopes = [
        slope
        for series in ("events", "items")
        for model in MODELS
        for slope in slopes_of(series, of(points, series, model))
    ]
    print_slopes(slopes)
    if options.json:
        result = {
            **circumstances(options.threads),
            "quick": options.quick,
            "seed": options.seed,
            "plan": asdict(plan),
            "gru4rec": GRU4RecConfig.default(epochs=1).to_dict(),
            "points": [asdict(point) for point in points],
            "slopes": slopes,
        }
        options.json.write_text(json.dumps(result, indent=1), encoding="utf-8")
    if options.plot:
        draw(points, options.plot)


def make_data(folder: Path, *, events: int, items: int, seed: int) -> None:
    """Write the generated items and sessions to files in the folder."""
    table = generated_items(items, seed)
    data = generated_sessions(events, table, seed)
    with (folder / "items.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(zip(table.ids, table.kinds, table.texts, strict=True))
    np.savez(
        folder / "sessions.npz",
        items=data.items,
        offsets=data.offsets,
        ends=data.ends,
        dwell=data.dwell,
    )


def read_data(folder: Path) -> tuple[SessionData, ItemTable]:
    """What `make_data` wrote, read a row at a time: reading needs no more memory than keeping."""
    with (folder / "items.csv").open(newline="", encoding="utf-8") as file:
        ids, kinds, texts = map(list, zip(*csv.reader(file), strict=True))
    with np.load(folder / "sessions.npz") as arrays:
        data = SessionData(**arrays, n_items=len(ids))
    return data, ItemTable(ids, kinds, texts)


def measure(series: str, name: str, folder: Path, threads: int) -> Point:
    """Fit one model on the data of the folder."""
    torch.set_num_threads(threads)
    data, items = read_data(folder)
    before = peak_memory_mb()
    started = time.perf_counter()
    model = MODELS[name](data, items)
    seconds = time.perf_counter() - started
    alone = model.curves[0].seconds if isinstance(model, GRU4RecRecommender) else None
    return Point(series, name, data.n_events, len(items), seconds, alone, before, peak_memory_mb())


def of(points: list[Point], series: str, model: str) -> list[Point]:
    """The points of one line."""
    return [point for point in points if (point.series, point.model) == (series, model)]


def slopes_of(series: str, points: list[Point]) -> list[dict[str, Any]]:
    """The slopes of one model's costs over the size of a series, both as logarithms."""
    sizes = [getattr(point, series) for point in points]
    costs = {
        "fit_seconds": [point.fit_seconds for point in points],
        "memory_peak_mb": [point.memory_peak_mb for point in points],
    }
    return [
        {"model": points[0].model, "by": series, "cost": cost, "slope": log_slope(sizes, values)}
        for cost, values in costs.items()
    ]


def log_slope(sizes: list[int], costs: list[float]) -> float:
    """The least-squares slope of log(cost) over log(size)."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


def draw(points: list[Point], path: Path) -> None:
    """Four panels: seconds and memory, over events and over items."""
    # Only who asks for a picture needs matplotlib.
    from bench.plots import Panel, loglog

    panels = []
    for attribute, label in (("fit_seconds", "seconds"), ("memory_peak_mb", "peak memory, MB")):
        for series in ("events", "items"):
            other = "items" if series == "events" else "events"
            fixed = getattr(of(points, series, "gru4rec")[0], other)
            lines = {
                model: (
                    [getattr(point, series) for point in of(points, series, model)],
                    [getattr(point, attribute) for point in of(points, series, model)],
                )
                for model in MODELS
            }
            panels.append(Panel(f"Training at {fixed:,} {other}", series, label, lines))
    loglog(panels, path)


def print_header() -> None:
    print(
        f"{'model':<14}{'events':>10}{'items':>11}{'fit s':>9}{'epoch s':>9}{'peak MB':>9}"
        f"{'before':>8}",
        flush=True,
    )


def print_point(point: Point) -> None:
    alone = "–" if point.epoch_seconds is None else f"{point.epoch_seconds:.2f}"
    print(
        f"{point.model:<14}{point.events:10,}{point.items:11,}{point.fit_seconds:9.2f}{alone:>9}"
        f"{point.memory_peak_mb:9,.0f}{point.memory_before_mb:8,.0f}",
        flush=True,
    )


def print_slopes(slopes: list[dict[str, Any]]) -> None:
    print(f"\n{'slope of':<18}{'over':<8}{'model':<14}{'slope':>6}")
    for slope in slopes:
        print(f"{slope['cost']:<18}{slope['by']:<8}{slope['model']:<14}{slope['slope']:6.2f}")


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="small sizes: shows that it runs")
    parser.add_argument("--json", type=Path, help="write the result to this file")
    parser.add_argument("--plot", type=Path, help="draw it into this PNG file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
