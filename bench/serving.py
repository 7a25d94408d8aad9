"""How long a recommendation takes on a site of any size, and where the time goes.

    python -m bench.serving [--only engine|api|click] [--items 1000 10000 110000 1000000]
                            [--quick] [--json FILE] [--plot FILE.png]

`engine` calls `recommend()` in one process, as a web process does, on visits that no model has
seen: walks in which every call is one click more, so that the network goes on from the state that
it remembers, and no call is answered from the list of answers that were given before. Beside it
stands, in the same run and in turn, the least that an exact ranking can do: one product of a
float32 matrix of the same size with a vector. `api` and `click` ask gunicorn over HTTP
(bench/serving_http.py). Catalogue and visits are invented (bench/served_site.py).
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import numpy as np
import torch

from bench.own_process import circumstances, in_own_process, peak_memory_mb
from bench.served_site import make_site, open_site, read_walks
from bench.serving_http import measure_api, measure_clicks, percentiles, running

PARTS = ("engine", "api", "click")
SIZES = (1_000, 10_000, 110_000, 1_000_000)
OVER_HTTP = (10_000, 110_000)  # the smallest and the largest site that is asked over HTTP
K = 12
WARM_UP = 50  # calls
LAYOUTS = ("rows", "columns")  # of the matrix: (n, D), and (D, n) as the engine has it


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    items: tuple[int, ...] = SIZES
    calls: int = 1_000
    rounds: int = 7
    requests: int = 600  # a round
    clicks: int = 200


QUICK = Plan((1_000, 10_000), calls=100, rounds=2, requests=100, clicks=40)


@dataclass
class Watch:
    """What parts of one call took, in seconds."""

    ranking: float = 0.0
    database: float = 0.0  # until a statement is executed; reading its rows comes on top
    queries: int = 0

    def statement(self, execute: Callable[..., Any], *args: Any) -> Any:
        """For Django's `execute_wrapper`."""
        started = time.perf_counter()
        try:
            return execute(*args)
        finally:
            self.database += time.perf_counter() - started
            self.queries += 1

    def of_ranking(self, rank: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **kwargs: Any) -> Any:
            started = time.perf_counter()
            found = rank(*args, **kwargs)
            self.ranking += time.perf_counter() - started
            return found

        return watched


def main() -> None:
    options = parse_options()
    # As recsite/gunicorn_conf.py has it; read by the processes that are started from here.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    plan = QUICK if options.quick else Plan()
    if options.items:
        plan = replace(plan, items=tuple(options.items))
    result: dict[str, Any] = {part: [] for part in PARTS}
    for n_items in plan.items:
        parts = parts_at(n_items, options.only)
        if not parts:
            continue
        with TemporaryDirectory(prefix="segue-serving-") as name:
            folder = Path(name)
            print(f"\n{n_items:,} items: making the site", flush=True)
            weights = in_own_process(make_site, folder, n_items=n_items, seed=options.seed)
            about = {"items": n_items, "weights": weights}
            if "engine" in parts:
                found = in_own_process(measure_engine, folder, calls=plan.calls)
                result["engine"].append({**about, **found})
                print_engine(result["engine"][-1])
            for part, found in over_http(folder, plan, parts):
                result[part].append({**about, **found})
    if options.json:
        everything = {
            **circumstances(threads=1),
            "quick": options.quick,
            "seed": options.seed,
            "plan": asdict(plan),
            **result,
        }
        options.json.write_text(json.dumps(everything, indent=1), encoding="utf-8")
    if options.plot:
        draw(result["engine"], options.plot)


def parts_at(n_items: int, only: str | None) -> list[str]:
    """What is measured on a site of this size: those over HTTP where it is a usual one."""
    smallest, largest = OVER_HTTP
    possible = PARTS if smallest <= n_items <= largest else PARTS[:1]
    return [part for part in possible if only in (None, part)]


# In one process


def measure_engine(folder: Path, *, calls: int) -> dict[str, Any]:
    """`recommend()` for one step after the other, and its parts, in milliseconds."""
    open_site(folder)
    torch.set_num_threads(1)
    from django.db import connection

    from recommender.loader import loader, settle_memory
    from recommender.services import recommend

    before = resident_mb()
    started = time.perf_counter()
    loader.refresh()
    settle_memory()
    load_seconds = time.perf_counter() - started
    after = resident_mb()
    if loader.current is None or loader.version is None:
        raise RuntimeError("The site serves no model.")
    engine = loader.current.engine
    one = engine.vectors(np.zeros(1, dtype=np.int64))
    assert one is not None  # the blend has a network
    product = Product(one.shape[1], len(engine.items))
    times: dict[str, list[float]] = {
        name: [] for name in ("recommend", "ranking", "database", "queries", *LAYOUTS)
    }
    beginnings = [
        walk[:length] for walk in read_walks(folder) for length in range(1, len(walk) + 1)
    ]
    if len(beginnings) < WARM_UP + calls:
        raise ValueError(f"There are only {len(beginnings)} beginnings of walks.")
    for number, steps in enumerate(beginnings[: WARM_UP + calls]):
        watch = Watch()
        with (
            connection.execute_wrapper(watch.statement),
            mock.patch.object(engine, "rank", watch.of_ranking(engine.rank)),
        ):
            started = time.perf_counter()
            answer = recommend(steps=steps, k=K)
            taken = time.perf_counter() - started
        if len(answer.cards) != K or answer.steps != len(steps) or answer.tier != "blend":
            raise RuntimeError(f"The answer to {len(steps)} steps is not a list of the blend.")
        row = {"recommend": taken, "ranking": watch.ranking, "database": watch.database}
        row |= {"queries": watch.queries / 1000, **product.seconds()}
        if number >= WARM_UP:
            for name, value in row.items():
                times[name].append(1000 * value)
    found = {name: percentiles(values) for name, values in times.items() if name != "queries"}
    yardstick = min((found[layout] for layout in LAYOUTS), key=lambda entry: entry["p50_ms"])
    return {
        **found,
        "queries": {"median": sorted(times["queries"])[calls // 2], "max": max(times["queries"])},
        "product": yardstick,
        "p50_over_product": found["recommend"]["p50_ms"] / yardstick["p50_ms"],
        "p99_over_product": found["recommend"]["p99_ms"] / yardstick["p99_ms"],
        "load_seconds": load_seconds,
        "memory_before_mb": before,
        "memory_after_mb": after,
        "memory_peak_mb": peak_memory_mb(),
    }


class Product:
    """A matrix of its own, so that no other computation has just brought it into the cache."""

    def __init__(self, width: int, n_items: int) -> None:
        rows = torch.randn(n_items, width)
        self.matrices = {"rows": rows, "columns": rows.T.contiguous().T}
        self.vector = torch.randn(width)

    def seconds(self) -> dict[str, float]:
        """What one product takes in each layout."""
        taken = {}
        for layout, matrix in self.matrices.items():
            started = time.perf_counter()
            torch.mv(matrix, self.vector)
            taken[layout] = time.perf_counter() - started
        return taken


def resident_mb() -> float | None:
    """Resident memory of this process now, in millions of bytes; None where Linux does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    lines = status.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmRSS:"))


# Over HTTP


def over_http(folder: Path, plan: Plan, parts: Sequence[str]) -> list[tuple[str, dict[str, Any]]]:
    """(part, what was found) of those parts that were asked for."""
    found: list[tuple[str, dict[str, Any]]] = []
    if not {"api", "click"} & set(parts):
        return found
    with running(folder) as port:
        if "click" in parts:
            clicks = in_own_process(measure_clicks, port, folder, clicks=plan.clicks)
            print_clicks(clicks)
            found.append(("click", clicks))
        if "api" in parts:
            api = in_own_process(
                measure_api, port, folder, rounds=plan.rounds, requests=plan.requests
            )
            print_api(api)
            found.append(("api", api))
    return found


# Output


def draw(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Median and 99th percentile over the items: `recommend()`, the ranking in it, the product."""
    # Only who asks for a picture needs matplotlib.
    from bench.plots import Panel, loglog

    items = [row["items"] for row in rows]
    names = {"recommend()": "recommend", "ranking alone": "ranking", "one product": "product"}
    panels = []
    for key, title in (("p50_ms", "median"), ("p99_ms", "99th percentile")):
        lines = {name: (items, [row[part][key] for row in rows]) for name, part in names.items()}
        panels.append(Panel(f"One session: {title}", "items", "milliseconds", lines))
    loglog(panels, path)


def print_engine(row: dict[str, Any]) -> None:
    print(f"weights {row['weights']}; {row['recommend']['n']:,} calls of recommend(k={K})")
    for name in ("recommend", "ranking", "database", "product"):
        print_times(name, row[name])
    print(
        f"recommend / product: p50 {row['p50_over_product']:.2f}, "
        f"p99 {row['p99_over_product']:.2f}; {row['queries']['median']:.0f} queries, "
        f"at most {row['queries']['max']:.0f}\n"
        f"loaded in {row['load_seconds']:.1f} s; MB before {megabytes(row['memory_before_mb'])}, "
        f"after {megabytes(row['memory_after_mb'])}, peak {row['memory_peak_mb']:,.0f}",
        flush=True,
    )


def print_clicks(found: dict[str, Any]) -> None:
    for name in ("click", "item_page", "picks"):
        print_times(name, found[name])
    print(f"the list changed after {found['list_changed']:.1%} of the clicks", flush=True)


def print_api(found: dict[str, Any]) -> None:
    for target, row in found["targets"].items():
        print_times(target, row, f"{row['requests_per_second']:9.1f} requests/s")
    for target, share in found["share_of_empty"].items():
        print(f"{target}: {share:.1%} of the empty view's requests/s", flush=True)


def print_times(name: str, row: dict[str, float], more: str = "") -> None:
    print(
        f"  {name:<26}p50 {row['p50_ms']:8.2f}  p95 {row['p95_ms']:8.2f}  "
        f"p99 {row['p99_ms']:8.2f}  max {row['max_ms']:8.2f} ms{more}",
        flush=True,
    )


def megabytes(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", choices=PARTS, help="this part alone")
    parser.add_argument("--items", type=int, nargs="+", metavar="N", help="sizes, for every part")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="small and few: shows that it runs")
    parser.add_argument("--json", type=Path, help="write the result to this file")
    parser.add_argument("--plot", type=Path, help="draw the engine's part into this PNG file")
    options = parser.parse_args()
    if options.plot and options.only not in (None, "engine"):
        parser.error("--plot draws the engine's part")
    return options


if __name__ == "__main__":
    main()
