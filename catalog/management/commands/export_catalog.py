"""`manage.py export_catalog`: the whole catalogue in one archive."""

import argparse
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.archive import write_archive
from catalog.archive.layout import LEFT_OUT
from catalog.management.table_files import exports_folder


class Command(BaseCommand):
    help = (
        "Writes items, genres, creators, credits, aliases, kinships, redirects and the "
        "vocabulary into one .zip of CSV tables, which `import_archive` reads. Left out: "
        + "; ".join(LEFT_OUT)
        + "."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--out",
            type=Path,
            metavar="FILE",
            help="default: exports/catalogue-DAY.zip in the data directory",
        )
        parser.add_argument("--progress", action="store_true", help="show a bar in any case")

    def handle(self, **options: Any) -> None:
        started = time.monotonic()
        path = options["out"] or exports_folder() / f"catalogue-{timezone.now():%Y-%m-%d}.zip"
        try:
            rows = write_archive(path, progress=True if options["progress"] else None)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error}.") from error
        for file, number in rows.items():
            self.stdout.write(f"{file:20}{number:>11,}")
        self.stdout.write(f"{path.stat().st_size / 1e6:,.1f} MB in {_since(started)}: {path}")
        self.stdout.write(f"Left out: {'; '.join(LEFT_OUT)}.")


def _since(started: float) -> str:
    return f"{time.monotonic() - started:.1f} s"
