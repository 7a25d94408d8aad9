"""A throw-away Segue with the catalogue of a site that has taken in its sources.

The starter catalogue and the real files where they are (SEGUE_DATA, else ../shared/data): 31,000
items or so; an invented catalogue of that size where they are not. Simulated visits, and a model
that was trained on them for one epoch.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.benchmarks_data import data_folder
from bench.served_site import import_catalogue, open_site, publish, trained_blend

ITEMS = 31_000
SESSIONS, QUICK_SESSIONS = 6_000, 1_000
FILES = {
    "movie": "imdb_movies.csv",
    "track": "spotify_tracks.sample.csv",
    "book": "goodreads_data.partial.csv",
}


@contextmanager
def folder_of_site(kept: Path | None, prefix: str) -> Iterator[Path]:
    """The folder to keep a site in, or one that is gone afterwards."""
    if kept:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory(prefix=prefix) as name:
        yield Path(name)


def full_site(folder: Path, *, quick: bool, seed: int) -> int:
    """How many items the site in the folder has; it is made where the folder is empty. `quick`:
    with the starter catalogue only.

    To be called in a process of its own, like everything that opens a site.
    """
    empty = not any(folder.iterdir())
    open_site(folder)
    from django.core.management import call_command

    from catalog.models import Item

    # A site from before may lack what the code has by now.
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    if empty:
        print("Making the site.", flush=True)
        fill(quick=quick, seed=seed)
    return Item.objects.count()


def fill(*, quick: bool, seed: int) -> None:
    """Catalogue, visits and model of this process's site."""
    from django.db import connection
    from django.utils import timezone

    from catalog import starter_catalogue
    from catalog.importing import import_sources
    from recommender.dataset import export_training_set
    from sessions_app.simulate import simulate

    starter_catalogue.seed(progress=False)
    if not quick:
        files = real_files()
        if files:
            import_sources(files, progress=False)
        else:
            from bench.generate import generated_items

            import_catalogue(generated_items(ITEMS, seed), seed)
    simulate(sessions=QUICK_SESSIONS if quick else SESSIONS, seed=seed, now=timezone.now())
    data = export_training_set()
    publish(trained_blend(data), data)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def real_files() -> dict[str, str]:
    """Kind → file; empty where there are none."""
    try:
        folder = data_folder() / "catalogue"
    except FileNotFoundError:
        return {}
    return {kind: str(folder / name) for kind, name in FILES.items()}
