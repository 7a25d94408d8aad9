"""What themes and moods do for content similarity across the kinds.

    python -m bench.vocabulary [--json FILE]

Two questions, both of the content model alone, over the real files (see bench.benchmarks_data):

- Sessions: people who opened films and books. Of each later session (the last fifth by time), is
  the next item among the 20 best of its kind? By the kinds of the two. Learned on nothing, so
  nothing is tuned; texts without terms against texts with moods, with themes, and with both.
- Neighbours: how many of a work's ten nearest of another kind share a genre's name, a mood or a
  theme with it. With the words in the texts that is partly by construction, so it says how much the
  words change, not how good they are.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils.text import slugify

from bench.benchmarks_data import Benchmark, catalogue_rows, load_catalogue_linked
from recommender.ml.content import ContentRecommender
from recommender.ml.data import ItemTable
from recommender.ml.texts import theme_words

if TYPE_CHECKING:
    from catalog.vocabulary import Terms

K = 20
NEAREST = 10
ASKED = 500  # works of each kind whose neighbours are looked at
VARIANTS = ("without", "moods", "themes", "both")
SHARED = ("genre", "mood", "theme")
AT_ONCE = 256


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsite.settings")
    import django

    django.setup()
    result = {"sessions": next_items(), "neighbours": neighbours()}
    print(json.dumps(result, indent=1))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1), encoding="utf-8")


def next_items() -> dict[str, Any]:
    """Recall@K and MRR@K of the next item that was not opened before, ranked within its kind."""
    benchmark = load_catalogue_linked(0.2)
    terms = _linked_terms(benchmark)
    steps = list(_steps(benchmark))
    kinds = np.array(benchmark.items.kinds)
    ways = np.array([f"{kinds[before[-1]]} to {kinds[item]}" for before, item in steps])
    found: dict[str, Any] = {}
    for variant in VARIANTS:
        texts = [
            "\n".join([text, *_words(terms_of, variant, described=not text.endswith("\n"))])
            for text, terms_of in zip(benchmark.items.texts, terms, strict=True)
        ]
        model = ContentRecommender().fit_texts(texts)
        ranks = _ranks(model, steps, kinds)
        for way in sorted(set(ways)):
            mine = ways == way
            hits = ranks[mine] <= K
            found.setdefault(str(way), {"steps": int(mine.sum())})[variant] = {
                "hits": int(hits.sum()),
                "recall": round(float(hits.mean()), 4),
                "mrr": round(float((hits / ranks[mine]).mean()), 4),
            }
    return found


def _steps(benchmark: Benchmark) -> Iterator[tuple[list[int], int]]:
    for index in range(len(benchmark.test)):
        session = [int(item) for item in benchmark.test.session(index)]
        for place in range(1, len(session)):
            before, item = session[:place], session[place]
            if item not in before:
                yield before, item


def _ranks(
    model: ContentRecommender, steps: Sequence[tuple[list[int], int]], kinds: np.ndarray
) -> np.ndarray:
    """The place of each target among the items of its kind that were not opened yet; of equal
    scores the target is the last."""
    ranks = []
    for start in range(0, len(steps), AT_ONCE):
        chunk = steps[start : start + AT_ONCE]
        scores = model.scores([before for before, _ in chunk])
        for row, (before, item) in zip(scores, chunk, strict=True):
            allowed = kinds == kinds[item]
            allowed[before] = False
            ranks.append(int((row[allowed] >= row[item]).sum()))
    return np.array(ranks)


def _linked_terms(benchmark: Benchmark) -> list[Terms]:
    from catalog.vocabulary import seeded

    rules = seeded()
    genres = {
        "movie": [
            row["genre"].replace("\u00a0", " ").split(",")
            for row in catalogue_rows("imdb_movies.csv")
        ],
        "book": [
            ast.literal_eval(row["Genres"]) for row in catalogue_rows("goodreads_data.partial.csv")
        ],
    }
    terms = []
    for item_id in benchmark.items.ids:
        kind, row = item_id.split("_")
        terms.append(rules.terms_for(kind, [slugify(name) for name in genres[kind][int(row)]]))
    return terms


def _words(terms: Terms, variant: str, *, described: bool) -> list[str]:
    moods = list(terms.moods) if variant in ("moods", "both") else []
    themes = theme_words(terms.themes, described=described) if variant in ("themes", "both") else []
    return [*moods, *themes]


def neighbours() -> dict[str, Any]:
    """Over the catalogue of the configured site: of each work's nearest of another kind, the share
    that has a genre, a mood or a theme in common with it."""
    from catalog.models import Item
    from recommender.dataset import item_table

    table = item_table()
    facts = {
        item_id: (set(moods), set(themes))
        for item_id, moods, themes in Item.objects.values_list("item_id", "moods", "themes")
    }
    if not facts:
        return {}
    genres: dict[str, set[str]] = {item_id: set() for item_id in facts}
    through = Item.genres.through.objects.values_list("item__item_id", "genre__slug")
    for item_id, slug in through:
        genres[item_id].add(slug)
    shared = {item_id: (genres[item_id], *facts[item_id]) for item_id in facts}
    kinds = np.array(table.kinds)
    result: dict[str, Any] = {"items": len(table)}
    for variant in VARIANTS:
        model = ContentRecommender().fit_texts(
            [
                _without(text, facts[i], variant)
                for i, text in zip(table.ids, table.texts, strict=True)
            ]
        )
        result[variant] = _shares(model, table, kinds, shared)
    return result


def _without(text: str, terms: tuple[set[str], set[str]], variant: str) -> str:
    """The site's text of an item, with only those of its moods and themes that are asked for."""
    lines = text.split("\n")
    gone = set() if variant in ("moods", "both") else set(terms[0])
    gone |= set() if variant in ("themes", "both") else set(theme_words(terms[1]))
    every = [*terms[0], *theme_words(terms[1])]
    # The line of the terms is the one that holds nothing else.
    kept = [
        " ".join(word for word in line.split() if word not in gone)
        if line and set(line.split()) == set(every)
        else line
        for line in lines
    ]
    return "\n".join(kept)


def _shares(
    model: ContentRecommender,
    table: ItemTable,
    kinds: np.ndarray,
    shared: dict[str, tuple[set[str], set[str], set[str]]],
) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    found: dict[str, Any] = {}
    for one in ("movie", "track", "book"):
        asked = rng.permutation(np.flatnonzero(kinds == one))[:ASKED]
        for other in {"movie", "track", "book"} - {one}:
            joined = np.zeros(3)
            pairs = none = 0
            for index in asked:
                near, _ = model.similar(int(index), NEAREST, kinds == other)
                none += not len(near)
                for neighbour in near:
                    pairs += 1
                    here, there = shared[table.ids[index]], shared[table.ids[neighbour]]
                    joined += [bool(a & b) for a, b in zip(here, there, strict=True)]
            found[f"{one} to {other}"] = {
                "found": round(pairs / (NEAREST * len(asked)), 3),
                **{
                    f"share a {what}": round(float(share), 3)
                    for what, share in zip(SHARED, joined / max(pairs, 1), strict=True)
                },
            }
    return dict(sorted(found.items()))


if __name__ == "__main__":
    main()
