"""How long the insights take over a full catalogue: first after a change, and then.

    python -m bench.insights [--quick] [--json FILE]

The catalogue is that of `bench.importing`: the real movies and books where they are, and 114,000
invented tracks. Each database is new: SQLite always, PostgreSQL where SEGUE_TEST_POSTGRES answers.

A page is a GET through Django's test client. `first`: the first page of a process, imports of
libraries among it. `cold`: the catalogue has changed and nothing is held. `years`: the figures are
held, the choice of years is new. `warm`: the page was drawn before (median of 20). `crowd`: eight
visitors ask for a cold page at once; until the last has it. `held`: what the process keeps.
`same` says whether all charts have the same figures on both databases.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.importing import databases, make_sources, new_database, open_database
from bench.own_process import circumstances, in_own_process

PAGES = ("movies", "music", "books", "across", "health")
WARM, CROWD = 20, 8


@dataclass(frozen=True)
class Result:
    """Milliseconds by page; sizes in thousands of bytes, `held_mb` in millions."""

    database: str
    items: int
    first: float
    cold: dict[str, float]
    years: dict[str, float]
    warm: dict[str, float]
    crowd: float
    size: dict[str, float]
    held_mb: float
    figures: dict[str, str]  # chart → a digest of its rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="a twentieth of the rows")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="segue-bench-") as name:
        folder = Path(name)
        sources = make_sources(folder, quick=options.quick)
        for database in databases():
            with new_database(database, folder) as url:
                in_own_process(fill, url, str(folder), sources)
                found = in_own_process(measure, url, str(folder))
            results.append(Result(database=database, **found))
            print_table(results[-1])
    if len(results) == 2:
        one, other = results
        differ = [name for name, digest in one.figures.items() if other.figures[name] != digest]
        print(
            f"same figures on both: {len(one.figures) - len(differ)} of {len(one.figures)} charts"
        )
        print(*differ)
    if options.json:
        table = {"circumstances": circumstances(1), "results": [asdict(one) for one in results]}
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(table, indent=1), encoding="utf-8")


def fill(url: str, folder: str, sources: dict[str, str]) -> None:
    open_database(url, folder)
    from catalog.importing import import_sources

    import_sources(sources, progress=True)


def measure(url: str, folder: str) -> dict[str, Any]:
    (Path(folder) / "static").mkdir(exist_ok=True)
    open_database(url, folder)
    from django.conf import settings
    from django.test import Client

    from catalog.insights import pages
    from catalog.insights.shelf import shelf
    from catalog.models import Item, Kind

    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    client = Client(headers={"host": "127.0.0.1"})
    sizes: dict[str, float] = {}

    def get(page: str, query: str = "") -> Callable[[], None]:
        def work() -> None:
            answer = client.get(f"/insights/{page}/{query}")
            if answer.status_code != 200:
                raise RuntimeError(f"/insights/{page}/ answered {answer.status_code}.")
            sizes.setdefault(page, len(answer.content) / 1e3)

        return work

    first = milliseconds(get(PAGES[0]))
    cold = {}
    for page in PAGES:
        forget_all()
        cold[page] = milliseconds(get(page))
    warm = {}
    for page in PAGES:
        get(page)()
        warm[page] = statistics.median(milliseconds(get(page)) for _ in range(WARM))
    years = {page: milliseconds(get(page, "?from=1980&to=1999")) for page in PAGES[:4]}
    forget_all()
    held = [shelf(kind.value) for kind in Kind]
    return {
        "items": Item.objects.count(),
        "first": first,
        "cold": cold,
        "years": years,
        "warm": warm,
        "crowd": crowd(),
        "size": sizes,
        "held_mb": sum(bytes_of(one) for one in held) / 1e6,
        "figures": {name: digest(name) for page in pages.PAGES.values() for name in page.names},
    }


def forget_all() -> None:
    """As if the catalogue had changed and this process were new."""
    from catalog.revision import Kept, note_change

    note_change()
    for kept in Kept.everything:
        kept.forget()


def milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def crowd() -> float:
    """Milliseconds until eight at once have the music page, of which none was held."""
    from django.db import connection
    from django.test import Client

    def visit() -> None:
        Client(headers={"host": "127.0.0.1"}).get("/insights/music/")
        connection.close()

    forget_all()
    visitors = [threading.Thread(target=visit) for _ in range(CROWD)]
    start = time.perf_counter()
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    return 1000 * (time.perf_counter() - start)


def bytes_of(shelf: Any) -> int:
    frames = (shelf.items, shelf.genres, shelf.people)
    names = sum(len(key) + 49 for key in shelf.person_keys)
    return names + sum(int(frame.memory_usage(deep=True).sum()) for frame in frames)


def digest(name: str) -> str:
    from catalog.insights import pages
    from catalog.insights.selection import Selection

    chart = pages.chart(name, Selection())
    if chart is None:
        raise RuntimeError(f"There is no chart {name}.")
    return hashlib.blake2b(repr([list(row) for row in chart.rows]).encode()).hexdigest()[:16]


def print_table(result: Result) -> None:
    print(f"\n{result.database}, {result.items:,} items; first page {result.first:,.0f} ms; "
          f"a crowd of {CROWD} {result.crowd:,.0f} ms; held {result.held_mb:.1f} MB")  # fmt: skip
    print("| page | cold ms | other years ms | warm ms | KB |")
    print("|---|---|---|---|---|")
    for page in PAGES:
        years = f"{result.years[page]:,.0f}" if page in result.years else "–"
        print(
            f"| {page} | {result.cold[page]:,.0f} | {years} | {result.warm[page]:.1f} | "
            f"{result.size[page]:.0f} |"
        )


if __name__ == "__main__":
    main()
