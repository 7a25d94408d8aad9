"""Speed and memory of the exports: tables as CSV and Parquet, the archive, and its import.

    python -m bench.exporting [--quick] [--json FILE]

The catalogue is the one of bench/importing.py (134,000 rows of the three sources), visits are
invented: a million views, five a visit. SQLite always, PostgreSQL where it answers. Each figure is
one export in a process of its own; `before` is the memory of that process when it began, so that
the difference is the export's. A quick run has a 20th of everything: if the difference stays, it
does not grow with the table.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

from bench.importing import databases, make_sources, new_database, open_database
from bench.own_process import circumstances, in_own_process, peak_memory_mb

EVENTS, QUICK = 1_000_000, 20
VIEWS_A_VISIT = 5
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Result:
    """Memory in millions of bytes: of the process before, and at its peak."""

    database: str
    what: str
    rows: int
    seconds: float
    cpu_seconds: float  # of the exporting process
    before_mb: float
    peak_mb: float
    file_mb: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help=f"a {QUICK}th of everything")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="segue-bench-") as name:
        folder = Path(name)
        sources = make_sources(folder, quick=options.quick)
        events = EVENTS // QUICK if options.quick else EVENTS
        for database in databases():
            results += measure(database, sources, folder, events)
            print_table(results)
    if options.json:
        found = {"circumstances": circumstances(1), "results": [asdict(r) for r in results]}
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(found, indent=2), encoding="utf-8")


def measure(database: str, sources: dict[str, str], folder: Path, events: int) -> list[Result]:
    archive = str(folder / "catalogue.zip")
    results = []
    with new_database(database, folder) as url:
        in_own_process(fill, url, str(folder), sources, events)
        for work, file in [
            (unified, "unified.csv"),
            (unified, "unified.parquet"),
            (session_events, "session_events.csv"),
            (session_events, "session_events.parquet"),
            (write, archive),
        ]:
            done = in_own_process(measured, work, url, str(folder), str(folder / file))
            results.append(Result(database, f"{work.__name__} {Path(file).name}", *done))
    with new_database(database, folder) as url:
        for what in ("into an empty catalogue", "again"):
            done = in_own_process(measured, read, url, str(folder), archive)
            results.append(Result(database, f"archive {what}", *done))
    return results


def measured(
    work: Callable[[Path], int], url: str, folder: str, file: str
) -> tuple[int, float, float, float, float, float]:
    """Rows, seconds, seconds of the processor, memory before and at the peak, size of the file."""
    open_database(url, folder)
    import pyarrow.parquet  # noqa: F401  (the library's own size is not the export's)

    before, path = peak_memory_mb(), Path(file)
    start, cpu = time.perf_counter(), time.process_time()
    rows = work(path)
    took, cpu = time.perf_counter() - start, time.process_time() - cpu
    return rows, took, cpu, before, peak_memory_mb(), path.stat().st_size / 1e6


def unified(path: Path) -> int:
    from catalog.exporting import UNIFIED, unified_table
    from catalog.models import Item
    from catalog.tables import FORMATS, write_file

    write_file(path, FORMATS[path.suffix[1:]].pieces(UNIFIED, unified_table()))
    return Item.objects.count()


def session_events(path: Path) -> int:
    from catalog.tables import FORMATS, write_file
    from sessions_app.exporting import SessionEvents
    from sessions_app.models import Origin

    events = SessionEvents(Origin.SIMULATED)
    write_file(path, FORMATS[path.suffix[1:]].pieces(events.layout, events.rows()))
    return events.events().count()


def write(path: Path) -> int:
    from catalog.archive import write_archive

    return sum(write_archive(path).values())


def read(path: Path) -> int:
    from catalog.archive import import_archive
    from catalog.archive.checking import open_archive

    import_archive(path)
    with open_archive(path) as archive:
        return sum(archive.counts.values())


def fill(url: str, folder: str, sources: dict[str, str], events: int) -> None:
    """The catalogue, and visits to it in which few items are seen often."""
    open_database(url, folder)
    from catalog.importing import import_sources
    from catalog.models import Item
    from sessions_app.models import Origin
    from sessions_app.whole_sessions import StoredSession, StoredView, store_sessions

    import_sources(sources)
    keys = list(Item.objects.values_list("pk", flat=True))
    chance = Random(1)

    def visit() -> StoredSession:
        start = FIRST_DAY + timedelta(seconds=chance.random() * 90 * 86_400)
        return StoredSession(
            UUID(int=chance.getrandbits(128)),
            [
                StoredView(
                    event_id=UUID(int=chance.getrandbits(128)),
                    item=keys[int(len(keys) * chance.random() ** 3)],
                    occurred_at=start + timedelta(minutes=place),
                    dwell_ms=None,
                )
                for place in range(VIEWS_A_VISIT)
            ],
        )

    for _ in range(events // VIEWS_A_VISIT // 500):
        store_sessions(sessions=[visit() for _ in range(500)], origin=Origin.SIMULATED)


def print_table(results: list[Result]) -> None:
    print("| database | what | rows | s | CPU s | rows/s | before MB | peak MB | file MB |")
    print("|---|---|---|---|---|---|---|---|---|")
    for r in results:
        print(
            f"| {r.database} | {r.what} | {r.rows:,} | {r.seconds:.1f} | "
            f"{r.cpu_seconds:.1f} | {r.rows / r.seconds:,.0f} | {r.before_mb:,.0f} | "
            f"{r.peak_mb:,.0f} | {r.file_mb:,.1f} |"
        )


if __name__ == "__main__":
    main()
