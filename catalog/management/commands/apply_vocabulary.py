"""`manage.py apply_vocabulary`: themes and moods of the whole catalogue by today's rules."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog import vocabulary


class Command(BaseCommand):
    help = (
        "Gives every item the themes and moods that the vocabulary's rules say today. Moods that "
        "a source or an editor told are left alone. Safe to repeat."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--reset",
            action="store_true",
            help="first take the vocabulary back to the one that comes with Segue: all that "
            "curators made of it is lost",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="only say how many items would change"
        )
        parser.add_argument("--progress", action="store_true", help="show a bar in any case")

    def handle(self, **options: Any) -> None:
        if options["dry_run"] and options["reset"]:
            raise CommandError("A reset cannot be tried out: leave out --reset or --dry-run.")
        if options["dry_run"]:
            self.stdout.write(f"{vocabulary.affected():,} items would change.")
            return
        if options["reset"]:
            vocabulary.reset()
        applied = vocabulary.apply(progress=True if options["progress"] else None)
        self.stdout.write(f"{applied}.")
