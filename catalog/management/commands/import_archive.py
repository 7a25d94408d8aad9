"""`manage.py import_archive FILE`: what `export_catalog` wrote, here or elsewhere → catalogue."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.archive import ArchiveError, import_archive
from catalog.import_report import ImportReport, as_table
from catalog.models import Item, Kind


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
        self._tell(reports)

    def _tell(self, reports: list[ImportReport]) -> None:
        merged = sum(report.repeated for report in reports)
        if merged:
            self.stdout.write(
                f"{merged:,} rows are about items that were merged into others here: left out."
            )
        vocabulary = reports[-1]
        in_archive = sum(report.read for report in reports[: len(Kind)])
        if vocabulary.new and Item.objects.count() > in_archive:
            self.stdout.write(
                "The vocabulary is the archive's now. Items that are only here still have the "
                "words of the former one: run manage.py apply_vocabulary."
            )
