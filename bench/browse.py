"""How fast the pages to wander about in are over a full catalogue: browsing, people, genres.

    python -m bench.browse [--quick] [--json bench/out/browse.json]

The catalogue: the starter one, the real movies and books where they are (SEGUE_DATA, else
../shared/data), and 114,000 invented tracks in the source's layout. Each database is new: SQLite
always, PostgreSQL where SEGUE_TEST_POSTGRES answers.

A page is a GET through Django's test client: middleware, counting, sorting, reading the cards and
rendering, in a process that holds the columns. Every address is asked for once to warm up and once
to measure, in an order by chance. `several` walks as a visitor does: each step takes a choice that
the page before offers. `deep` goes on from cursors all over each order. `same` says how many
addresses give the same titles and the same counts on both databases.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import re
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from bench.importing import databases, make_sources, new_database, open_database
from bench.own_process import circumstances, in_own_process

OUT = Path(__file__).parent / "out" / "browse.json"
AIM_MS = 150.0  # p95
PATHS = {"": "/browse/", "movie": "/movies/", "track": "/music/", "book": "/books/"}
DEPTHS = (0.1, 0.5, 0.9)
SHOWN = re.compile(r'card__link" href="([^"]*)"|class="count">([^<]*)<|data-filters-count>([^<]*)<')


@dataclass(frozen=True)
class Result:
    """Times in milliseconds, part → (number of pages, p50, p95, p95 of this process's own
    computing time, which other processes do not lengthen); sizes in millions of bytes."""

    database: str
    items: int
    read_seconds: float
    held_mb: float
    peak_mb: float  # of Python's own memory, while the columns are read
    times: dict[str, tuple[int, float, float, float]]
    shown: dict[str, str]  # address → a digest of titles and counts
    same: int | None = None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--quick", action="store_true", help="a small invented catalogue, few pages"
    )
    parser.add_argument("--json", type=Path, default=OUT)
    options = parser.parse_args()
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="segue-bench-") as name:
        sources = make_sources(Path(name), quick=options.quick)
        for database in databases():
            with new_database(database, Path(name)) as url:
                found = in_own_process(measure, database, url, name, sources, options.quick)
            if results:
                first = results[0].shown
                same = sum(first.get(url) == digest for url, digest in found.shown.items())
                found = replace(found, same=same)
            results.append(found)
            print_table(found)
    report = {
        "circumstances": circumstances(1),
        "results": [asdict(replace(result, shown={})) for result in results],
    }
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(report, indent=2), encoding="utf-8")


def measure(database: str, url: str, folder: str, sources: dict[str, str], quick: bool) -> Result:
    open_database(url, folder)
    from django.db import connection

    from catalog import starter_catalogue
    from catalog.columns_reading import columns, read_columns
    from catalog.importing import import_sources

    starter_catalogue.seed(progress=False)
    import_sources(sources, progress=True)
    if database == "postgresql":
        # What autovacuum does a minute after an import; without it plans are made in the dark.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    read_columns()  # the database's own cache, and what is imported at first use
    start = time.perf_counter()
    read_columns()
    took = time.perf_counter() - start
    held, peak = memory_of(read_columns)
    client, chance = browser(), random.Random(1)
    addresses = dict(all_addresses(columns.get(), chance, 3 if quick else 25))
    times, shown = asked(client, addresses, chance)
    return Result(
        database=database,
        items=len(columns.get()),
        read_seconds=took,
        held_mb=held,
        peak_mb=peak,
        times=times,
        shown=shown,
    )


def memory_of(read: Any) -> tuple[float, float]:
    """What is held of a reading, and the most that was needed meanwhile."""
    gc.collect()
    arrow = pa.total_allocated_bytes()
    tracemalloc.start()
    columns = read()
    gc.collect()
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    texts = pa.total_allocated_bytes() - arrow
    del columns
    return (held + texts) / 1e6, (peak + texts) / 1e6


def all_addresses(columns: Any, chance: random.Random, few: int) -> Iterator[tuple[str, list[str]]]:
    """Part → addresses, about `few` of each thing; the same for the same catalogue."""
    from catalog.filters import SORTS
    from catalog.people import can_be_a_slug

    yield "no filter", [path for path in PATHS.values() for _ in range(3)]
    yield (
        "one filter",
        [path + query for path in PATHS.values() for query in offered(columns, path, few, chance)],
    )
    yield "several", [address for _ in range(4 * few) for address in walk(columns, chance)]
    yield "sorted", [f"{path}?sort={sort}" for path in PATHS.values() for sort in SORTS]
    yield "deep", list(deep(columns))
    people, genres = columns.tags["creator"], columns.tags["genre"]
    known = people.commonest(columns.everything(), few)
    codes = [code for code, _ in known] + chance.choices(people.codes.tolist(), k=3 * few)
    slugs = [people.words[code].replace(" ", "-") for code in codes]
    yield "person", [f"/people/{slug}/" for slug in slugs if can_be_a_slug(slug)]
    codes = [code for code, _ in genres.commonest(columns.everything(), few)]
    codes += chance.choices(genres.codes.tolist(), k=few)
    yield "genre", [f"/genres/{genres.words[code]}/" for code in codes]
    yield "all genres", ["/genres/"] * 3


def offered(columns: Any, address: str, most: int, chance: random.Random) -> list[str]:
    """The queries of some choices that the page at an address offers."""
    from django.http import QueryDict

    from catalog.browsing import narrowing_of
    from catalog.facets import Selection
    from catalog.filters import as_word, read_filters

    path, _, query = address.partition("?")
    kind = next(kind for kind, other in PATHS.items() if other == path)
    filters = read_filters(QueryDict(query), columns, kind)
    beside = narrowing_of(columns, filters, Selection(columns, filters))
    facets = [*beside.lists, *beside.drops, beside.people]
    queries = [
        filters.with_word(facet.name, as_word(facet.name, choice.value)).query()
        for facet in facets
        for choice in (*facet.first, *facet.more)
        if not choice.on
    ]
    named = [choice for sound in beside.sounds for choice in sound.named]
    queries += [choice.query for choice in (*named, *beside.sound_moods) if not choice.on]
    return chance.sample(queries, min(most, len(queries)))


def walk(columns: Any, chance: random.Random) -> Iterator[str]:
    """Two to four choices, one after the other."""
    path = address = chance.choice(list(PATHS.values()))
    for step in range(chance.randint(2, 4)):
        queries = offered(columns, address, 1, chance)
        if not queries:
            return
        address = path + queries[0]
        if step:
            yield address


def deep(columns: Any) -> Iterator[str]:
    for name, order in columns.orders.items():
        for depth in DEPTHS:
            cursor = order.cursor(int(order.items[int(depth * len(columns))]))
            for path in PATHS.values():
                yield f"{path}?sort={name}&after={cursor}"
                yield f"{path}?sort={name}&before={cursor}"


def asked(
    client: Any, addresses: dict[str, list[str]], chance: random.Random
) -> tuple[dict[str, tuple[int, float, float, float]], dict[str, str]]:
    """The times by part, and what each address shows."""
    from tqdm import tqdm

    shown = {}
    for url in tqdm(sorted({url for some in addresses.values() for url in some}), desc="warm up"):
        response = client.get(url)
        if response.status_code != 200:
            raise RuntimeError(f"{url}: {response.status_code}")
        shown[url] = repr(SHOWN.findall(response.content.decode()))
    pages = [(part, url) for part, some in addresses.items() for url in some]
    chance.shuffle(pages)
    taken: dict[str, list[tuple[float, float]]] = {part: [] for part in addresses}
    for part, url in tqdm(pages, desc="measure"):
        start, computing = time.perf_counter(), time.process_time()
        client.get(url)
        taken[part].append((time.perf_counter() - start, time.process_time() - computing))
    taken["everything"] = [one for some in taken.values() for one in some]
    times = {}
    for part, some in taken.items():
        wall, own = (1_000 * np.array(column) for column in zip(*some, strict=True))
        p50, p95 = np.percentile(wall, (50, 95))
        times[part] = (len(some), float(p50), float(p95), float(np.percentile(own, 95)))
    return times, shown


def browser() -> Any:
    """A client; static files are served as they are."""
    from django.conf import settings
    from django.test import Client

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    return Client()


def print_table(result: Result) -> None:
    print(
        f"\n{result.database}: {result.items:,} items, read in {result.read_seconds:.1f} s, "
        f"{result.held_mb:.0f} MB held, {result.peak_mb:.0f} MB at the most while reading"
    )
    if result.same is not None:
        print(f"{result.same} of {len(result.shown)} addresses show the same as the first database")
    print("\n| pages | number | p50 ms | p95 ms | own p95 ms |\n|---|---|---|---|---|")
    for part, (count, p50, p95, own) in result.times.items():
        late = "" if p95 <= AIM_MS else " (late)"
        print(f"| {part} | {count} | {p50:.1f} | {p95:.1f}{late} | {own:.1f} |", flush=True)


if __name__ == "__main__":
    main()
