"""How long an import of the full catalogue takes, what memory, and how near to a bare insert.

    python -m bench.importing [--quick] [--json FILE]

The sources: the real movie and book files where they are (SEGUE_DATA, else ../shared/data), else as
many generated rows, and 114,000 generated tracks in the music source's layout, all with different
track ids. Each database is new and empty: SQLite always, PostgreSQL where SEGUE_TEST_POSTGRES
(default postgres://postgres@127.0.0.1:5432) answers.

`import`: the importer's own path, from files to the last row, with a bar. `again`: the same files
once more, nothing changed. `bare`: the rows that the import wrote, held in memory as model
instances, written into another new database by `bulk_create` and nothing else, 1,000 a transaction
as the importer does. The ratio says what reading, cleaning, folding and looking up cost.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from bench.benchmarks_data import data_folder
from bench.invented_catalogue import invented_catalogue
from bench.own_process import circumstances, in_own_process, peak_memory_mb
from bench.source_columns import write_sources

TRACKS, OTHERS = 114_000, 10_000
QUICK = 20  # times fewer
BATCH = 1_000
POSTGRES = os.environ.get("SEGUE_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432")


@dataclass(frozen=True)
class Result:
    """Seconds and megabytes (millions of bytes; peak of the whole process)."""

    database: str
    rows: int
    items: int
    import_seconds: float
    peak_mb: float
    again_seconds: float
    bare_seconds: float

    @property
    def ratio(self) -> float:
        return self.import_seconds / self.bare_seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help=f"a {QUICK}th of the rows")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory(prefix="segue-bench-") as name:
        folder = Path(name)
        sources = make_sources(folder, quick=options.quick)
        for kind, path in sources.items():
            print(f"{kind}: {path}")
        for database in databases():
            results.append(measure(database, sources, folder))
            print_table(results[-1:])
    print()
    print_table(results)
    if options.json:
        found = {"circumstances": circumstances(1), "results": [asdict(r) for r in results]}
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(found, indent=2), encoding="utf-8")


def make_sources(folder: Path, *, quick: bool) -> dict[str, str]:
    """Kind → file, in the layouts of the three sources."""
    part = QUICK if quick else 1
    made = invented_catalogue(
        movies=OTHERS // part, tracks=TRACKS // part, books=OTHERS // part, seed=1
    )
    paths = {path.stem[:-1]: str(path) for path, _ in write_sources(made, folder, seed=1)}
    real = data_folder() / "catalogue"
    if not quick and real.is_dir():
        paths["movie"] = str(real / "imdb_movies.csv")
        paths["book"] = str(real / "goodreads_data.partial.csv")
    return paths


def databases() -> list[str]:
    """The databases that answer."""
    import psycopg2

    try:
        psycopg2.connect(f"{POSTGRES}/postgres", connect_timeout=3).close()
    except psycopg2.OperationalError:
        print(f"No PostgreSQL at {POSTGRES}: SQLite only.")
        return ["sqlite"]
    return ["sqlite", "postgresql"]


def measure(database: str, sources: dict[str, str], folder: Path) -> Result:
    rows = folder / f"{database}.pickle"
    with new_database(database, folder) as url:
        imported = in_own_process(import_everything, url, str(folder), sources, str(rows))
    with new_database(database, folder) as url:
        bare = in_own_process(insert_bare, url, str(folder), str(rows))
    return Result(database=database, bare_seconds=bare, **imported)


@contextmanager
def new_database(database: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database, which is gone afterwards."""
    if database == "sqlite":
        yield f"sqlite:///{folder / uuid4().hex}.sqlite3"
        return
    import psycopg2

    name = f"segue_bench_{uuid4().hex[:8]}"
    connection = psycopg2.connect(f"{POSTGRES}/postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{urlsplit(POSTGRES)._replace(path='').geturl()}/{name}"
        finally:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    connection.close()


def open_database(url: str, folder: str) -> None:
    """Make this process one of a new site over the database at `url`."""
    os.environ.update(
        SEGUE_ENV="development",
        SEGUE_DATA_DIR=folder,
        SEGUE_DATABASE_URL=url,
        SEGUE_REDIS_URL="",
        DJANGO_SETTINGS_MODULE="recsite.settings",
    )
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def import_everything(url: str, folder: str, sources: dict[str, str], rows: str) -> dict[str, Any]:
    """Import, import again, and keep what was written in the file `rows`."""
    open_database(url, folder)
    from catalog.importing import import_sources
    from catalog.models import Item

    start = time.perf_counter()
    reports = import_sources(sources, progress=True)
    took, peak = time.perf_counter() - start, peak_memory_mb()
    start = time.perf_counter()
    again = import_sources(sources, progress=True)
    took_again = time.perf_counter() - start
    if any(report.new or report.updated for report in again):
        raise RuntimeError("The second import changed something.")
    keep_rows(Path(rows))
    return {
        "rows": sum(report.read for report in reports),
        "items": Item.objects.count(),
        "import_seconds": took,
        "peak_mb": peak,
        "again_seconds": took_again,
    }


def written_models() -> list[Any]:
    """The tables that an import fills, in the order in which they can be."""
    from catalog.models import Book, Creator, Credit, Genre, Item, Movie, Track

    return [Genre, Creator, Item, Movie, Track, Book, Item.genres.through, Credit]


def keep_rows(path: Path) -> None:
    tables = {}
    for model in written_models():
        names = [field.attname for field in model._meta.local_concrete_fields]
        tables[model.__name__] = list(model.objects.order_by("pk").values(*names))
    path.write_bytes(pickle.dumps(tables))


def insert_bare(url: str, folder: str, rows: str) -> float:
    """Seconds that the same rows take when nothing has to be read, cleaned or looked up."""
    open_database(url, folder)
    from django.db import transaction

    from catalog.bulk import insert_children

    tables = pickle.loads(Path(rows).read_bytes())
    seconds = 0.0
    for model in written_models():
        values = tables[model.__name__]
        parent = model._meta.pk.attname if model._meta.parents else None
        for begin in range(0, len(values), BATCH):
            some = values[begin : begin + BATCH]
            instances = [] if parent else [model(**row) for row in some]
            start = time.perf_counter()
            with transaction.atomic():
                if parent:
                    insert_children(model, [row[parent] for row in some], some)
                else:
                    model.objects.bulk_create(instances)
            seconds += time.perf_counter() - start
    return seconds


def print_table(results: list[Result]) -> None:
    print("| database | rows read | items | import s | peak MB | again s | bare s | ratio |")
    print("|---|---|---|---|---|---|---|---|")
    for r in results:
        print(
            f"| {r.database} | {r.rows:,} | {r.items:,} | {r.import_seconds:.1f} | "
            f"{r.peak_mb:,.0f} | {r.again_seconds:.1f} | {r.bare_seconds:.1f} | {r.ratio:.2f} |"
        )


if __name__ == "__main__":
    main()
