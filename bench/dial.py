"""What the dial does to lists, on the site that the environment names.

    SEGUE_ENV=development SEGUE_DATA_DIR=… python -m bench.dial [--sessions 300] [--json FILE]

Lists of 12 for the beginnings of stored sessions, at each position of vibe and of surprise, all
else in the middle. Of the cards, on average: the share of the last step's genres and of its themes
and moods that a card has; how well known a card is among its kind, by what the sources tell and by
how often it was opened (percentile, 100 the best known); and how often the next item of the session
is in the list, which says what a turn costs. These beginnings were learned from, so that figure
says nothing about the model. Beside it what a call takes.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from catalog.models import Item
    from recommender.facets import Facets

POSITIONS = (0, 25, 50, 75, 100)
SEED = 11


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sessions", type=int, default=300)
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsite.settings")
    import django

    django.setup()
    from recommender.loader import loader

    loader.refresh()
    asked = beginnings(options.sessions)
    result = {
        name: [measured(name, at, asked) for at in POSITIONS] for name in ("vibe", "surprise")
    }
    for name, rows in result.items():
        print(f"\n{name:10}" + "".join(f"{key:>15}" for key in rows[0]))
        for at, row in zip(POSITIONS, rows, strict=True):
            print(f"{at:10}" + "".join(f"{value:15.2f}" for value in row.values()))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1), encoding="utf-8")


def beginnings(sessions: int) -> list[tuple[list[str], str]]:
    """(some first steps, what came next) of different sessions."""
    from recommender.dataset import training_events

    walks: dict[int, list[str]] = defaultdict(list)
    rows = training_events().order_by("session_id", "occurred_at", "pk")
    for session, item_id in rows.values_list("session_id", "item__item_id").iterator():
        walks[session].append(item_id)
    chance = random.Random(SEED)
    long = [walk for walk in walks.values() if len(set(walk)) == len(walk) >= 4]
    chosen = chance.sample(long, min(sessions, len(long)))
    cuts = [chance.randint(1, min(5, len(walk) - 1)) for walk in chosen]
    return [(walk[:cut], walk[cut]) for walk, cut in zip(chosen, cuts, strict=True)]


def measured(name: str, at: int, asked: list[tuple[list[str], str]]) -> dict[str, float]:
    from catalog.models import Item
    from recommender.facets import facets_of
    from recommender.loader import loader
    from recommender.services import recommend
    from sessions_app.preferences import Dial

    facets = facets_of(loader.current)
    found: dict[str, list[float]] = defaultdict(list)
    dial = Dial.read({name: at})
    for steps, then in asked:
        started = time.thread_time()
        cards = recommend(steps=steps, k=12, dial=dial).cards
        found["ms"].append(1000 * (time.thread_time() - started))
        last = Item.objects.with_cards().get(item_id=steps[-1])
        for card in cards:
            found["genres"].append(100 * overlap(genres(last), genres(card.item)))
            found["words"].append(100 * overlap(words(last), words(card.item)))
            found["known"].append(100 * percentile(facets, card.item))
        found["next found"].append(100.0 * (then in {card.item.item_id for card in cards}))
    return {key: float(np.nanmean(values)) for key, values in sorted(found.items())}


def genres(item: Item) -> set[str]:
    return {genre.name for genre in item.genres.all()} - {"Unknown"}


def words(item: Item) -> set[str]:
    return {*item.themes, *item.moods}


def overlap(step: set[str], card: set[str]) -> float:
    return len(step & card) / len(step) if step else float("nan")


def percentile(facets: Facets, item: Item) -> float:
    from recommender.loader import loader

    assert loader.current is not None
    known: Any = facets.known[loader.current.items.index_of[item.item_id]]
    return float(known)


if __name__ == "__main__":
    main()
