"""`manage.py simulate_sessions`: warm-up traffic, labelled as simulated."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from sessions_app.simulate import EmptyCatalogueError, simulate


class Command(BaseCommand):
    help = "Invent visits that wander between movies, music and books, for the first model."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sessions", type=int, default=2_000, help="How many visits.")
        parser.add_argument(
            "--seed", type=int, default=1, help="The visits of a seed are written only once."
        )
        parser.add_argument("--days", type=int, default=30, help="Spread over so many days.")

    def handle(self, *args: Any, **options: Any) -> None:
        for name in ("sessions", "days"):
            if options[name] < 1:
                raise CommandError(f"--{name} is {options[name]}: it must be at least 1.")
        started = time.monotonic()
        try:
            result = simulate(
                sessions=options["sessions"],
                seed=options["seed"],
                days=options["days"],
                now=timezone.now(),
                progress=self._tell,
            )
        except EmptyCatalogueError as error:
            raise CommandError(str(error)) from error
        if not result.sessions:
            self.stdout.write(
                f"The {result.there:,} sessions of seed {options['seed']} are already there: "
                "nothing was written."
            )
            return
        self.stdout.write(
            f"Wrote {result.sessions:,} simulated sessions with {result.views:,} views in "
            f"{time.monotonic() - started:.1f} s; {result.there:,} were already there."
        )

    def _tell(self, done: int) -> None:
        if done % 5_000 == 0:
            self.stdout.write(f"{done:,} sessions …")
