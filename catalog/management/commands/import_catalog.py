"""`manage.py import_catalog --movies X --tracks Y --books Z`: sources → catalogue."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.import_report import as_table
from catalog.importing import import_sources
from catalog.models import Kind
from catalog.reading import SourceError
from catalog.sources import SOURCES

_OPTIONS = {"movies": Kind.MOVIE, "tracks": Kind.TRACK, "books": Kind.BOOK}


class Command(BaseCommand):
    help = (
        "Imports movies, tracks and books from CSV or Parquet files or from the Hugging Face "
        "hub. Safe to repeat: unchanged rows are left alone, changed rows are updated."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        for option, kind in _OPTIONS.items():
            parser.add_argument(
                f"--{option}",
                metavar="FILE_OR_NAME",
                help=f"a .csv or .parquet file, or a hub name such as {SOURCES[kind].hub_name}",
            )
        parser.add_argument("--hub", action="store_true", help="all three from the hub")
        parser.add_argument(
            "--failed-rows",
            type=Path,
            metavar="PATH",
            help="where to write rows that fail, with a reason (default: imports/ in the data "
            "directory); with several sources the kind is added to the name",
        )
        parser.add_argument("--progress", action="store_true", help="show a bar in any case")

    def handle(self, **options: Any) -> None:
        locations = {
            kind.value: options[option] or SOURCES[kind].hub_name
            for option, kind in _OPTIONS.items()
            if options[option] or options["hub"]
        }
        if not locations:
            raise CommandError("Say what to import: --movies, --tracks, --books or --hub.")
        try:
            reports = import_sources(
                locations,
                failed_rows=_paths(options["failed_rows"], list(locations)),
                progress=True if options["progress"] else None,
            )
        except SourceError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(as_table(reports))
        for report in reports:
            if report.failed_rows_file:
                self.stdout.write(
                    f"{report.label}: {report.failed:,} failed, see {report.failed_rows_file}"
                )


def _paths(path: Path | None, kinds: list[str]) -> dict[str, Path]:
    if path is None:
        return {}
    if len(kinds) == 1:
        return {kinds[0]: path}
    return {kind: path.with_name(f"{path.stem}-{kind}{path.suffix}") for kind in kinds}
