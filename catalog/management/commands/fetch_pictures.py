"""`manage.py fetch_pictures`: posters and covers from the providers that are on, now."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.pictures import fetching, providers


class Command(BaseCommand):
    help = (
        "Asks the providers that are turned on (SEGUE_TMDB_KEY, SEGUE_OPEN_LIBRARY, "
        "SEGUE_COVER_ART_ARCHIVE) for pictures of the most popular items that have none."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--limit", type=int, help="items; default: SEGUE_PICTURES_PER_RUN")
        parser.add_argument("--minutes", type=float, default=60.0, help="the longest it may take")
        parser.add_argument("--items", nargs="+", metavar="ITEM_ID", help="only these, if due")
        parser.add_argument("--progress", action="store_true", help="show a bar in any case")

    def handle(self, **options: Any) -> None:
        if not providers.active():
            names = ", ".join(provider.variable for provider in providers.PROVIDERS)
            raise CommandError(f"No provider is turned on: set one of {names}.")
        if options["limit"] is not None and options["limit"] < 1:
            raise CommandError("--limit must be at least 1.")
        report = fetching.fetch_pictures(
            limit=options["limit"],
            item_ids=options["items"],
            seconds=options["minutes"] * 60,
            progress=True if options["progress"] else None,
        )
        self.stdout.write(str(report))
