"""`manage.py export_session_events`: what visitors did, in a CSV or Parquet file."""

import argparse
import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.management.table_files import TableFile, TableFileError, add_file_options
from sessions_app.exporting import ORIGINS, SessionEvents
from sessions_app.models import Origin


class Command(BaseCommand):
    help = (
        "Writes session_events, one row an event that counts and has an item: "
        + ", ".join(SessionEvents().layout.columns)
        + ". Nothing in it says who the visitors are."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--origin",
            choices=ORIGINS,
            default=Origin.LIVE.value,
            help="which visits (default: live); the file's name says which",
        )
        parser.add_argument("--from", dest="first", type=_day, metavar="DAY", help="2026-01-31")
        parser.add_argument("--to", dest="last", type=_day, metavar="DAY", help="included, in UTC")
        add_file_options(parser)

    def handle(self, out: Path | None, format: str | None, **options: Any) -> None:
        events = SessionEvents(options["origin"], options["first"], options["last"])
        if events.first and events.last and events.first > events.last:
            raise CommandError("--from is after --to: no day is left.")
        try:
            file = TableFile.chosen(events.layout, out=out, format=format)
            progress = options["progress"] or None
            total = events.events().count()
            told = file.write(events.rows(), total=total, progress=progress)
        except TableFileError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(told)


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day such as 2026-01-31") from None
