"""How fast the site's search is over a full catalogue, what it finds, and what its index costs.

    python -m bench.search [--quick] [--items 110000] [--json bench/out/search.json]

The catalogue: the starter one with what the fixture of misspelt queries needs beside it, the real
files where they are (SEGUE_DATA, else ../shared/data), and generated tracks up to the number of
items. Each database is new: SQLite always, PostgreSQL where SEGUE_TEST_POSTGRES answers. It is
analysed after the import, as a server does by itself in time: without statistics PostgreSQL reads
all creators for every list of cards (70 ms).

`search`: the function alone, from the text to items with all that a card shows. `page`: a GET of
the search page through Django's test client, with middleware, the record of the search, and
rendering. `suggest`: a GET of the suggestions, for the beginnings of the queries as they are typed.
Asked are the fixture's queries, titles as they are, and words that thousands of titles have; a
first round is not counted. `hit@5`: the share of the fixture's queries that find what they must
among the first five; `same` says how many have the same first five on both databases.
"""

from __future__ import annotations

import argparse
import gc
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.benchmarks_data import data_folder
from bench.importing import databases, new_database, open_database
from bench.invented_catalogue import invented_catalogue
from bench.own_process import circumstances, in_own_process
from bench.source_columns import write_sources

OUT = Path(__file__).parent / "out" / "search.json"
QUICK_ITEMS = 8_000
TITLES = 100  # asked for as they are
COMMON = ("the", "love", "a", "of the", "you", "man", "john", "the love of", "night", "i")
TYPED = (1, 2, 3, 5, 8, 13)  # letters
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
REAL = {
    "movie": "imdb_movies.csv",
    "track": "spotify_tracks.sample.csv",
    "book": "goodreads_data.partial.csv",
}


Times = tuple[float, float, float]


@dataclass(frozen=True)
class Result:
    """Times in milliseconds: p50, p95, and p95 of the processor alone, which tells what remains
    of them on a machine that is busy. Sizes in megabytes (millions of bytes)."""

    database: str
    items: int
    people: int
    build_seconds: float
    index_mb: float  # what the index holds
    grown_mb: float  # by which the process grew when it was built, with what it freed and keeps
    search: Times
    page: Times
    suggest: Times
    hits: int
    held_out_hits: int
    queries: int
    held_out: int
    missed: list[str]
    answers: dict[str, list[str]]  # query → its first five
    same: int | None = None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ITEMS:,} items")
    parser.add_argument("--items", type=int, default=110_000)
    parser.add_argument("--json", type=Path, default=OUT)
    options = parser.parse_args()
    items = QUICK_ITEMS if options.quick else options.items
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="segue-bench-") as name:
        for database in databases():
            with new_database(database, Path(name)) as url:
                found = in_own_process(measure, database, url, name, items, options.quick)
            results.append(compared(found, results))
            print_table(results[-1:])
    print()
    print_table(results)
    for query in results[0].missed:
        print(f"missed: {query}")
    answers = [asdict(replace(result, answers={})) for result in results]
    options.json.parent.mkdir(parents=True, exist_ok=True)
    report = {"circumstances": circumstances(1), "results": answers}
    options.json.write_text(json.dumps(report, indent=2, ensure_ascii=False), encoding="utf-8")


def compared(result: Result, others: list[Result]) -> Result:
    if not others:
        return result
    pairs = zip(result.answers.values(), others[0].answers.values(), strict=True)
    return replace(result, same=sum(mine == theirs for mine, theirs in pairs))


def measure(database: str, url: str, folder: str, items: int, quick: bool) -> Result:
    open_database(url, folder)
    fill(items, Path(folder), real=not quick)
    from catalog.search import Person, search
    from catalog.search.results import index
    from catalog.tests.misspelt import FIRST, misspelt_queries

    gc.collect()
    before, start = private_mb(), time.perf_counter()
    held = index.get()
    took = time.perf_counter() - start
    gc.collect()
    grown = private_mb() - before
    rows = misspelt_queries()
    found = {row.query: search(row.query) for row in rows}
    missed = [row for row in rows if not row.is_found(found[row.query])]
    held_out = [row for row in rows if row.held_out]
    client = browser()
    asked = [*(row.query for row in rows), *some_titles(), *COMMON]
    typed = sorted({query[:letters] for query in asked for letters in TYPED})
    return Result(
        database=database,
        items=len(held.keys),
        people=len(held.people),
        build_seconds=took,
        index_mb=held.nbytes / 1e6,
        grown_mb=grown,
        search=timed(search, asked),
        page=timed(lambda query: client.get("/search/", {"q": query}), asked),
        suggest=timed(lambda query: client.get("/search/suggest/", {"q": query}), typed),
        hits=len(rows) - len(missed),
        held_out_hits=sum(row not in missed for row in held_out),
        queries=len(rows),
        held_out=len(held_out),
        missed=[f"{row.query!r}, meant {row.expected!r} ({row.wrong})" for row in missed],
        answers={
            query: [a.name if isinstance(a, Person) else a.item_id for a in of.best[:FIRST]]
            for query, of in found.items()
        },
    )


def fill(items: int, folder: Path, *, real: bool) -> None:
    """The starter catalogue, the real files, and generated tracks up to so many items."""
    from django.db import connection

    from catalog import starter_catalogue
    from catalog.importing import import_sources
    from catalog.models import Item
    from catalog.tests.misspelt import add_what_is_lacking

    starter_catalogue.seed(progress=False)
    add_what_is_lacking()
    try:
        files = data_folder() / "catalogue"
    except FileNotFoundError:
        real = False
    if real:
        import_sources({kind: str(files / name) for kind, name in REAL.items()}, progress=True)
    missing = items - Item.objects.count()
    if missing > 0:
        made = invented_catalogue(movies=0, tracks=missing, books=0, seed=1)
        paths = {path.stem: str(path) for path, _ in write_sources(made, folder, seed=1)}
        import_sources({"track": paths["tracks"]}, progress=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def some_titles() -> list[str]:
    """Titles from all over the catalogue."""
    from catalog.models import Item

    titles = list(Item.objects.order_by("item_id").values_list("title", flat=True))
    return titles[:: max(len(titles) // TITLES, 1)][:TITLES]


def browser() -> Any:
    """A client whose searches are recorded: it is no robot."""
    from django.conf import settings
    from django.test import Client

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    return Client(headers={"User-Agent": BROWSER})


def timed(work: Callable[[str], Any], queries: list[str]) -> Times:
    for query in queries[:50]:
        work(query)
    seconds = []
    for query in queries:
        start, own = time.perf_counter(), time.thread_time()
        work(query)
        seconds.append((time.perf_counter() - start, time.thread_time() - own))
    p50, p95 = np.percentile(seconds, (50, 95), axis=0) * 1_000
    return float(p50[0]), float(p95[0]), float(p95[1])


def private_mb() -> float:
    """Memory of this process alone, without files that it maps; 0 where the system is silent."""
    path = Path("/proc/self/status")
    if path.exists():
        for line in path.read_text(encoding="ascii").splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def print_table(results: list[Result]) -> None:
    print(
        "| database | items | people | build s | index MB | process grew MB "
        "| search ms p50 / p95 (processor) | page | suggest | hit@5 | held out | same |"
    )
    print("|---" * 12 + "|")
    for r in results:
        times = " | ".join(
            f"{p50:.1f} / {p95:.1f} ({own:.1f})" for p50, p95, own in (r.search, r.page, r.suggest)
        )
        same = "" if r.same is None else f"{r.same} of {r.queries}"
        print(
            f"| {r.database} | {r.items:,} | {r.people:,} | {r.build_seconds:.1f} | "
            f"{r.index_mb:.0f} | {r.grown_mb:.0f} | {times} | {r.hits} of {r.queries} | "
            f"{r.held_out_hits} of {r.held_out} | {same} |"
        )


if __name__ == "__main__":
    main()
