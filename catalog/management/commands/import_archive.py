"""`manage.py import_archive FILE`: what `export_catalog` wrote, here or elsewhere → catalogue."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.archive import ArchiveError, import_archive
from catalog.import_report import as_table


class Command(BaseCommand):
    help = (
        "Imports an archive of the catalogue. Items that are here already become what the "
        "archive says, items that are only here stay. Nothing is written unless the whole archive "
        "is in order. Safe to repeat."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("archive", type=Path, metavar="FILE", help="a .zip of export_catalog")
        parser.add_argument("--progress", action="store_true", help="show bars in any case")

    def handle(self, **options: Any) -> None:
        try:
            reports = import_archive(
                options["archive"], progress=True if options["progress"] else None
            )
        except ArchiveError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(as_table(reports))
        merged = sum(report.repeated for report in reports)
        if merged:
            self.stdout.write(
                f"{merged:,} rows are about items that were merged into others here: left out."
            )
