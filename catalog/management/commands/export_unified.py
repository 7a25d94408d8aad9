"""`manage.py export_unified`: every item as the eight unified columns, in a CSV or Parquet file."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.exporting import UNIFIED, unified_table
from catalog.management.table_files import TableFile, TableFileError, add_file_options
from catalog.models import Item


class Command(BaseCommand):
    help = "Writes the unified table, one row an item: " + ", ".join(UNIFIED.columns) + "."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_file_options(parser)

    def handle(self, out: Path | None, format: str | None, **options: Any) -> None:
        try:
            file = TableFile.chosen(UNIFIED, out=out, format=format)
            total = Item.objects.count()
            told = file.write(unified_table(), total=total, progress=options["progress"] or None)
        except TableFileError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(told)
