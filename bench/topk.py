"""Which way to the k best of a whole catalogue is fastest, for one session on the CPU.

    python -m bench.topk [--items 10000 110000 1000000] [--quick] [--json FILE]

Every method gets the same invented item vectors and session states, in turn, on one thread: the
machine's noise falls on all of them alike. An answer is right where each of its k items scores at
least as much as the k-th best by a product in double precision, so ties do not count as errors.
Each size is measured in a process of its own. The quick run has the smallest size only.
"""

from __future__ import annotations

import argparse
import importlib
import json
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from bench.invented_catalogue import THEMES
from bench.own_process import circumstances, in_own_process

D = 128
K = 20
SCALE = 16.0  # length of a state, as the network's `default` has it
SPREAD = 1.0  # length of what an item has beside its theme, whose centre has length 1
WARM_UP = 5  # queries before those that are timed
BLOCK = 8_192  # items whose scores stay in the cache
# Two products of an 8-bit and a 7-bit number fit 16 bits: 2 * 255 * 63 < 2 ** 15. Some processors
# add them in 16 bits, and beyond that the sum would silently be another one.
LARGEST_STATE, LARGEST_WEIGHT = 255, 63
ROUNDING = 1e-5  # of float32 arithmetic, relative to the lengths of both vectors
MOST_RESCORED = 0.05  # of the items; where more are in question, the full product is cheaper
PROBES = 16  # cells of the approximate index that are searched

Top = Callable[[Tensor], Tensor]


class Method(NamedTuple):
    """`top` takes a state (D,) and gives the indices of K items, best first; `bytes` is what has
    to stay in memory for it."""

    top: Top
    bytes: int


class NotHere(Exception):  # noqa: N818 - a fact about the machine, told in the table
    """The method cannot be measured on this machine; the message says why."""


def main() -> None:
    options = parse_options()
    sizes = [min(options.items)] if options.quick else options.items
    rows: list[dict[str, Any]] = []
    print_header()
    for n_items in sizes:
        found = in_own_process(
            measure, n_items, 50 if options.quick else options.repetitions, options.seed
        )
        for row in found:
            print_row(row)
        rows += found
    if options.json:
        result = {
            **circumstances(threads=1),
            "quick": options.quick,
            "seed": options.seed,
            "width": D,
            "k": K,
            "rows": rows,
        }
        options.json.write_text(json.dumps(result, indent=1), encoding="utf-8")


def measure(n_items: int, repetitions: int, seed: int) -> list[dict[str, Any]]:
    """One row a method."""
    torch.set_num_threads(1)
    vectors, states = invented_vectors(n_items, WARM_UP + repetitions, seed)
    methods: dict[str, Method] = {}
    absent: dict[str, str] = {}
    for name, make in METHODS.items():
        try:
            methods[name] = make(vectors)
        except NotHere as reason:
            absent[name] = str(reason)
    seconds: dict[str, list[float]] = {name: [] for name in methods}
    answers: dict[str, list[Tensor]] = {name: [] for name in methods}
    order = list(methods)
    with torch.inference_mode():
        for state in states:
            order.append(order.pop(0))  # another one goes first each time
            for name in order:
                started = time.perf_counter()
                found = methods[name].top(state)
                seconds[name].append(time.perf_counter() - started)
                answers[name].append(found)
        right = {name: share_right(vectors, states, found) for name, found in answers.items()}
    rows: list[dict[str, Any]] = []
    for name in METHODS:
        row: dict[str, Any] = {"method": name, "items": n_items}
        if name in absent:
            rows.append({**row, "absent": absent[name]})
            continue
        p50, p95 = np.percentile(1000 * np.array(seconds[name][WARM_UP:]), (50, 95)).tolist()
        mb = methods[name].bytes / 1e6
        rows.append({**row, "p50_ms": p50, "p95_ms": p95, "mb": mb, "exact": right[name]})
    return rows


def invented_vectors(n_items: int, n_states: int, seed: int) -> tuple[Tensor, Tensor]:
    """(n_items, D) item vectors of length 1 around the centres of themes, and (n_states, D) states
    of length SCALE, each near some item."""
    draw = torch.Generator().manual_seed(seed)
    centres = functional.normalize(torch.randn(THEMES, D, generator=draw), dim=1)
    vectors = torch.randn(n_items, D, generator=draw) * (SPREAD / D**0.5)
    vectors += centres[torch.randint(THEMES, (n_items,), generator=draw)]
    vectors = functional.normalize(vectors, dim=1)
    near = vectors[torch.randint(n_items, (n_states,), generator=draw)]
    away = torch.randn(n_states, D, generator=draw) * (SPREAD / D**0.5)
    return vectors, SCALE * functional.normalize(near + away, dim=1)


def share_right(vectors: Tensor, states: Tensor, answers: list[Tensor]) -> float:
    """Of the answers, how many have K items that all reach the K-th best score in float64."""
    exact = states.double()
    best = torch.full((len(states), K), -torch.inf, dtype=torch.float64)
    own = torch.full((len(states), K), -torch.inf, dtype=torch.float64)
    found = torch.stack(answers)  # (Q, K)
    for begin in range(0, len(vectors), 50_000):  # (Q, n) in float64 at once would be large
        scores = exact @ vectors[begin : begin + 50_000].double().T
        best = torch.cat([best, scores], dim=1).topk(K).values
        inside = (found >= begin) & (found < begin + scores.shape[1])
        place = (found - begin).clamp(0, scores.shape[1] - 1)
        own = torch.where(inside, scores.gather(1, place), own)
    right = [
        len(set(items.tolist())) == K and bool((reached >= kth).all())
        for items, reached, kth in zip(found, own, best[:, -1], strict=True)
    ]
    return sum(right) / len(right)


# The methods


def by_rows(vectors: Tensor) -> Method:
    """Float32, an item's vector in one piece."""
    return Method(lambda state: torch.mv(vectors, state).topk(K).indices, vectors.nbytes)


def by_columns(vectors: Tensor) -> Method:
    """Float32 in the layout (D, n), as the engine holds it."""
    columns = vectors.T.contiguous()
    return Method(lambda state: torch.mv(columns.T, state).topk(K).indices, columns.nbytes)


def by_numpy(vectors: Tensor) -> Method:
    """NumPy's product and partition, an item's vector in one piece."""
    rows = vectors.numpy()

    def top(state: Tensor) -> Tensor:
        scores = rows @ state.numpy()
        best = np.argpartition(scores, len(scores) - K)[-K:]
        return torch.from_numpy(best[np.argsort(-scores[best])])

    return Method(top, rows.nbytes)


def by_bfloat16(vectors: Tensor) -> Method:
    """Half the memory, 8 bits of precision, and nothing done about what that loses."""
    rows = vectors.bfloat16()
    return Method(lambda state: torch.mv(rows, state.bfloat16()).topk(K).indices, rows.nbytes)


def by_blocks(vectors: Tensor) -> Method:
    """Float32 by columns, a block of items after the other, keeping the best so far: the scores
    never leave the cache."""
    blocks = [block.T.contiguous() for block in vectors.split(BLOCK)]

    def top(state: Tensor) -> Tensor:
        values, items = torch.full((K,), -torch.inf), torch.zeros(K, dtype=torch.int64)
        for number, block in enumerate(blocks):
            scores = torch.mv(block.T, state)
            new = scores.topk(min(K, len(scores)))
            kept = torch.cat([values, new.values]).topk(K)
            items = torch.cat([items, new.indices + number * BLOCK])[kept.indices]
            values = kept.values
        return items

    return Method(top, vectors.nbytes)


def by_int8(vectors: Tensor) -> Method:
    """Integers first, then float32 for those that can still be among the best.

    With w' and x' for the rounded item and state, |w·x - w'·x'| <= |w - w'| |x| + |w'| |x - x'|
    (Cauchy and Schwarz). At most that far is any rounded score from the true one, so an item whose
    rounded score is more than twice that below the K-th best rounded score is not among the K
    best. Where too many items are left, the full product is made.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch is moving its quantisation elsewhere
        scales = vectors.abs().amax(dim=1).double() / LARGEST_WEIGHT
        zeros = torch.zeros(len(vectors), dtype=torch.int64)
        rounded = torch.quantize_per_channel(vectors, scales, zeros, 0, torch.qint8)
        lengths = rounded.dequantize().norm(dim=1).max().item()
        error = (vectors - rounded.dequantize()).norm(dim=1).max().item()
        try:
            packed = torch.ops.quantized.linear_prepack(rounded, None)
            product = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32
            product(torch.zeros(1, D), 1.0, 0, packed)
        except (AttributeError, RuntimeError) as reason:
            raise NotHere("PyTorch has no such product for this processor") from reason

    def top(state: Tensor) -> Tensor:
        low, high = min(state.min().item(), 0.0), max(state.max().item(), 0.0)
        step = max(high - low, 1e-12) / LARGEST_STATE
        zero = round(-low / step)
        near = torch.fake_quantize_per_tensor_affine(state, step, zero, 0, LARGEST_STATE)
        scores = product(state[None], step, zero, packed)[0]
        size = state.norm().item()
        bound = error * size + lengths * (state - near).norm().item() + ROUNDING * lengths * size
        least = scores.topk(K).values[-1] - 2 * bound
        open_still = torch.nonzero(scores >= least).squeeze(1)
        if len(open_still) > MOST_RESCORED * len(vectors):
            return torch.mv(vectors, state).topk(K).indices
        return open_still[torch.mv(vectors[open_still], state).topk(K).indices]

    return Method(top, vectors.nbytes + vectors.numel() + 12 * len(vectors))


def by_faiss(vectors: Tensor) -> Method:
    """An approximate index: 4 √n cells, of which PROBES are searched."""
    try:
        faiss = importlib.import_module("faiss")  # no requirement of the project
    except ImportError as reason:
        raise NotHere("faiss-cpu is not installed") from reason
    faiss.omp_set_num_threads(1)
    cells = int(4 * len(vectors) ** 0.5)
    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(D), D, cells, faiss.METRIC_INNER_PRODUCT)
    rows = vectors.numpy()
    index.train(rows[: 64 * cells])  # the vectors are in no order
    index.add(rows)
    index.nprobe = PROBES

    def top(state: Tensor) -> Tensor:
        return torch.from_numpy(index.search(state.numpy()[None], K)[1][0])

    return Method(top, vectors.nbytes + 8 * len(vectors) + 4 * cells * D)


METHODS: dict[str, Callable[[Tensor], Method]] = {
    "float32 (n, D)": by_rows,
    "float32 (D, n)": by_columns,
    "float32, NumPy": by_numpy,
    "bfloat16": by_bfloat16,
    "int8, rescored": by_int8,
    "float32 blocks": by_blocks,
    "faiss IVF": by_faiss,
}


def print_header() -> None:
    print(f"{'method':<18}{'items':>11}{'p50 ms':>9}{'p95 ms':>9}{'MB':>9}{'exact':>8}")


def print_row(row: dict[str, Any]) -> None:
    head = f"{row['method']:<18}{row['items']:11,}"
    if "absent" in row:
        print(f"{head}   {row['absent']}", flush=True)
        return
    print(
        f"{head}{row['p50_ms']:9.3f}{row['p95_ms']:9.3f}{row['mb']:9,.1f}{row['exact']:8.1%}",
        flush=True,
    )


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--items", type=int, nargs="+", default=[10_000, 110_000, 1_000_000], metavar="N"
    )
    parser.add_argument("--repetitions", type=int, default=200, help="queries, at least 50")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="the smallest size, 50 queries")
    parser.add_argument("--json", type=Path, help="write the result to this file")
    options = parser.parse_args()
    if options.repetitions < 50:
        parser.error("fewer than 50 repetitions say nothing about a 95th percentile")
    return options


if __name__ == "__main__":
    main()
