"""What an earlier system's figures measured, beside what a hold-out measures.

    python -m bench.classic_protocol [--quick] [--json FILE]

The `classic` preset is trained on simulated sessions over the starter catalogue. The earlier
protocol then scores those same sessions, k = 10; the honest one scores later sessions that the
model never saw, ranking every title.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import torch

from bench.scratch_site import simulated_sessions
from recommender.ml.contract import Recommender
from recommender.ml.data import ItemTable, SessionData
from recommender.ml.evaluation import evaluate, self_overlap
from recommender.ml.gru4rec import EpochReport, GRU4RecConfig, GRU4RecRecommender
from recommender.ml.markov import MarkovRecommender
from recommender.ml.popularity import PopularityRecommender

K = 10
HOLDOUT = 0.2

WHY = (
    "The first rows ask a model for what it was given: each session was in its training, and in "
    "the first protocol the items to be found are the very input. A model that copies its input "
    "or memorises its sessions scores near the top there and may foresee nothing, so such figures "
    "(once reported as precision 0.86, recall 0.89, F1 0.87) say nothing about prediction; only "
    "the rows on held-out sessions do."
)


class CopiesItsInput(Recommender):
    """Recommends what it was given and nothing else: the best that the earlier protocol knows."""

    name = "copies its input"

    def __init__(self, n_items: int) -> None:
        self.n_items = n_items

    def fit(self, data: SessionData, items: ItemTable) -> CopiesItsInput:
        return self

    def scores(self, sessions: Any) -> Any:
        scores = torch.zeros(len(sessions), self.n_items)
        for row, session in enumerate(sessions):
            scores[row, torch.as_tensor(session, dtype=torch.int64)] = 1.0
        return scores.numpy()


def main() -> None:
    options = parse_options()
    torch.set_num_threads(options.threads)
    sessions = 400 if options.quick else options.sessions
    config = GRU4RecConfig.classic(**({"epochs": 3} if options.quick else {}))
    with simulated_sessions(sessions=sessions, seed=options.seed) as (data, items):
        earlier, holdout = data.split_by_time(HOLDOUT)
        print(
            f"{len(earlier)} simulated sessions to learn from ({earlier.n_events} events), "
            f"{len(holdout)} later ones held out, {len(items)} titles"
        )
        started = time.perf_counter()
        model = GRU4RecRecommender(config).fit(earlier, items, on_epoch=print_epoch)
        seconds = time.perf_counter() - started
        # Without stopping early: what fifty epochs memorise.
        memorised = GRU4RecRecommender(
            GRU4RecConfig.classic(epochs=config.epochs, validation_fraction=0.0)
        ).fit(earlier, items, on_epoch=print_epoch)
        memorised.name = "classic, never stopped"
        model.name = f"classic, stopped at epoch {model.best_epoch}"
        contenders: list[Recommender] = [
            model,
            memorised,
            CopiesItsInput(len(items)),
            PopularityRecommender().fit(earlier, items),
            MarkovRecommender().fit(earlier, items),
        ]
        rows = [row for contender in contenders for row in judge(contender, earlier, holdout)]
    print_table(rows)
    print(f"\n{WHY}")
    if options.json:
        result = {
            "sessions": len(data),
            "events": data.n_events,
            "items": len(items),
            "seed": options.seed,
            "quick": options.quick,
            "train_seconds": round(seconds, 1),
            "rows": rows,
        }
        options.json.write_text(json.dumps(result, indent=1), encoding="utf-8")


def judge(model: Recommender, learned: SessionData, holdout: SessionData) -> list[dict[str, Any]]:
    """The three readings of one model, precision, recall and F1 at K."""
    rows: list[dict[str, Any]] = []
    overlap = self_overlap(model, learned, K)
    rows.append({"model": model.name, "protocol": "own items, same sessions", **overlap})
    for name, data in (("next item, same sessions", learned), ("next item, held out", holdout)):
        at = evaluate(model, data, ks=(K,)).at[K]
        rows.append(
            {
                "model": model.name,
                "protocol": name,
                "precision": at.precision,
                "recall": at.recall,
                "f1": at.f1,
                "mrr": at.mrr,
            }
        )
    return rows


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sessions", type=int, default=4_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="few sessions: shows that it runs")
    parser.add_argument("--json", type=Path, help="write the result to this file")
    return parser.parse_args()


def print_epoch(report: EpochReport) -> None:
    valid = "" if report.valid_loss is None else f"  validation loss {report.valid_loss:.3f}"
    print(
        f"epoch {report.epoch:2}  loss {report.train_loss:.3f}{valid}  {report.seconds:.1f} s",
        flush=True,
    )


def print_table(rows: list[dict[str, Any]]) -> None:
    print(f"\n{'model':<28}{'protocol':<28}{'P@10':>8}{'R@10':>8}{'F1@10':>8}{'MRR@10':>8}")
    for row in rows:
        mrr = f"{row['mrr']:8.3f}" if "mrr" in row else f"{'–':>8}"
        print(
            f"{row['model']:<28}{row['protocol']:<28}"
            f"{row['precision']:8.3f}{row['recall']:8.3f}{row['f1']:8.3f}{mrr}"
        )


if __name__ == "__main__":
    main()
