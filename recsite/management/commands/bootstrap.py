"""`manage.py bootstrap`: from an empty database to a site that recommends. Safe to repeat."""

import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from catalog import vocabulary
from catalog.models import Item, Term
from recommender import starter_shelves
from recommender.models import ModelVersion, RunStatus
from sessions_app.models import BrowsingSession, Origin

WARM_UP_SESSIONS = 20_000


class Command(BaseCommand):
    help = "Fill an empty site: catalogue, warm-up sessions, first model. Each step once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--source",
            choices=["starter", "hub"],
            default="starter",
            help="The starter catalogue that comes with Segue, or the three hub data sets.",
        )
        parser.add_argument("--sessions", type=int, default=WARM_UP_SESSIONS)

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        self._step("Catalogue", lambda: self._catalogue(options["source"]))
        self._step("Editors' shelves", self._shelves)
        self._step("Warm-up sessions", lambda: self._sessions(options["sessions"]))
        self._step("First model", self._model)
        self.stdout.write(f"bootstrap: ready after {time.monotonic() - started:.1f} s")

    def _step(self, name: str, work: Callable[[], str]) -> None:
        started = time.monotonic()
        self.stdout.write(f"bootstrap: {name} …")
        self.stdout.flush()
        outcome = work()
        self.stdout.write(f"bootstrap: {name}: {outcome} ({time.monotonic() - started:.1f} s)")
        self.stdout.flush()

    def _catalogue(self, source: str) -> str:
        there = Item.objects.count()
        if there:
            return f"{there:,} items are there already{self._with_terms()}"
        if source == "hub":
            call_command("import_catalog", hub=True, stdout=self.stdout, stderr=self.stderr)
        else:
            call_command("seed_starter", stdout=self.stdout, stderr=self.stderr)
        return f"{Item.objects.count():,} items"

    def _with_terms(self) -> str:
        """A site from before the vocabulary gets its words once, without being asked."""
        if Term.objects.exists():
            return ""
        return f", their themes are new: {vocabulary.apply()}"

    def _shelves(self) -> str:
        made = starter_shelves.seed()
        return f"{made} made of the starter catalogue" if made else "nothing to do"

    def _sessions(self, count: int) -> str:
        there = BrowsingSession.objects.count()
        if there:
            return f"{there:,} sessions are there already"
        call_command(
            "simulate_sessions", sessions=count, seed=1, stdout=self.stdout, stderr=self.stderr
        )
        simulated = BrowsingSession.objects.filter(origin=Origin.SIMULATED).count()
        return f"{simulated:,} simulated sessions (labelled as such; people's clicks replace them)"

    def _model(self) -> str:
        serving = ModelVersion.objects.serving()
        if serving is not None:
            return f"{serving} is served already"
        # Only now: PyTorch takes seconds to import, and a start that has a model needs none of it.
        from recommender import runs, training

        try:
            run = training.train(
                started_by="bootstrap", say=lambda line: self.stdout.write(f"  {line}")
            )
        except runs.AlreadyTrainingError as error:
            return str(error)
        if run.status in (RunStatus.FAILED, RunStatus.LOST):
            raise CommandError(f"The first training failed: {run.error}")
        return run.progress
