"""A throw-away Segue database for benches: the starter catalogue and simulated sessions."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from recommender.ml.data import ItemTable, SessionData

# Fixed, so that the same seed gives the same sessions on any day.
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@contextmanager
def simulated_sessions(*, sessions: int, seed: int) -> Iterator[tuple[SessionData, ItemTable]]:
    """The starter catalogue walked through by `sessions` simulated visitors, as training sees it.

    Everything lives in a temporary folder that is gone afterwards. Call it once a process: Django
    reads its settings when it is first imported.
    """
    with tempfile.TemporaryDirectory(prefix="segue-bench-") as folder:
        os.environ.update(
            SEGUE_ENV="development",
            SEGUE_DATA_DIR=folder,
            SEGUE_DATABASE_URL="",
            SEGUE_REDIS_URL="",
            DJANGO_SETTINGS_MODULE="recsite.settings",
        )
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connections

        from catalog import starter_catalogue
        from recommender.dataset import export_training_set
        from sessions_app.simulate import simulate

        call_command("migrate", verbosity=0)
        starter_catalogue.seed()
        simulate(sessions=sessions, seed=seed, now=NOW)
        exported = export_training_set()
        connections.close_all()
        yield exported.sessions, exported.items
