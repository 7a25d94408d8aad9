"""Draws the picture of the README from the results of bench.quality, and prints its tables.

    python -m bench.quality --dataset diginetica --json bench/out/diginetica.json  # and the others
    python -m bench.figures bench/out/*.json --plot docs/img/quality.png

Results of other benchmarks among the files are passed over.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from bench.plots import bars

SHOWN = {
    "popularity": "popularity",
    "markov": "Markov",
    "stan": "neighbours (STAN)",
    "content": "content",
    "gru4rec": "GRU4Rec",
    "blend": "blend",
}
NAMES = {
    "diginetica": "diginetica",
    "yoochoose_1_64": "yoochoose 1/64",
    "catalogue_linked": "films and books (reviews)",
    "movie_book": "films and books, no texts",
    "simulated": "simulated visits",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("results", type=Path, nargs="+", help="JSON files of bench.quality")
    parser.add_argument("--plot", type=Path, required=True)
    options = parser.parse_args()
    everything = [json.loads(path.read_text(encoding="utf-8")) for path in options.results]
    results = [result for result in everything if result.get("dataset") in NAMES]
    for result in results:
        print_table(result)
    found = {result["dataset"]: recall_by_model(result) for result in results}
    datasets = [name for name in NAMES if name in found]
    bars(
        {
            NAMES[name]: {
                title: found[name][model] for model, title in SHOWN.items() if model in found[name]
            }
            for name in datasets
        },
        options.plot,
        title="How often the next click is among the first 20 of the whole catalogue, in percent",
    )


def print_table(result: dict[str, Any]) -> None:
    """In Markdown, in percent; the recalls that are not of everything are Recall@20."""
    rows = result["models"]
    kinds = sorted(rows[0]["per_kind"]) if len(rows[0]["per_kind"]) > 1 else []
    columns = ["", "Recall@10", "Recall@20", "MRR@20", "coverage@20", "popularity of the list"]
    columns += [f"next is a {kind}" for kind in kinds]
    columns += ["next is of another kind"] if kinds else []
    columns += ["never seen in training"] if rows[0]["unseen"] else []
    weights = zip(result["weights"]["parts"], result["weights"]["overall"], strict=True)
    print(
        f"\n{result['dataset']}, {rows[0]['n_examples']:,} test examples, {result['date']};",
        end=" ",
    )
    print("weights:", ", ".join(f"{name} {share:.2f}" for name, share in weights), end="\n\n")
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for row in rows:
        at = row["at"]["20"]
        shares = [row["at"]["10"]["recall"], at["recall"], at["mrr"], at["coverage"]]
        cells = [f"{100 * share:.2f}" for share in shares] + [f"{at['popularity']:.2f}"]
        parts = [row["per_kind"][kind] for kind in kinds]
        parts += [row["cross_kind"]] if kinds else []
        parts += [row["unseen"]] if row["unseen"] else []
        cells += [f"{100 * part['at']['20']['recall']:.2f}" for part in parts]
        print(f"| {row['model']} | {' | '.join(cells)} |")


def recall_by_model(result: dict[str, Any]) -> dict[str, float]:
    return {row["model"]: 100 * row["at"]["20"]["recall"] for row in result["models"]}


if __name__ == "__main__":
    main()
