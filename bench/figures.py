"""Draws the picture of the README from the results of bench.quality.

python -m bench.quality --dataset diginetica --json bench/out/diginetica.json   # and the others
python -m bench.figures bench/out/*.json --plot docs/img/quality.png
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
    "stan": "session neighbours (STAN)",
    "content": "content",
    "gru4rec": "GRU4Rec",
    "blend": "blend (served)",
}
NAMES = {
    "diginetica": "diginetica",
    "yoochoose_1_64": "yoochoose 1/64",
    "catalogue_linked": "films and books\n(reviews)",
    "movie_book": "films and books\n(no texts)",
    "simulated": "simulated visits",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("results", type=Path, nargs="+", help="JSON files of bench.quality")
    parser.add_argument("--plot", type=Path, required=True)
    options = parser.parse_args()
    results = [json.loads(path.read_text(encoding="utf-8")) for path in options.results]
    found = {result["dataset"]: recall_by_model(result) for result in results}
    datasets = [name for name in NAMES if name in found]
    bars(
        [NAMES[name] for name in datasets],
        {
            title: [found[dataset].get(model, 0.0) for dataset in datasets]
            for model, title in SHOWN.items()
        },
        options.plot,
        title="The next click is among the first 20 of the whole catalogue",
        y_label="Recall@20, %",
    )


def recall_by_model(result: dict[str, Any]) -> dict[str, float]:
    return {row["model"]: 100 * row["at"]["20"]["recall"] for row in result["models"]}


if __name__ == "__main__":
    main()
