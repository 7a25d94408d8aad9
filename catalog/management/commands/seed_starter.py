"""`manage.py seed_starter`: the embedded starter catalogue, for a machine without data."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog import starter_catalogue
from catalog.import_report import as_table
from catalog.reading import SourceError


class Command(BaseCommand):
    help = "Adds the starter catalogue that comes with Segue. Safe to repeat."

    def handle(self, **options: Any) -> None:
        try:
            report = starter_catalogue.seed()
        except (SourceError, starter_catalogue.StarterError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(as_table([report]))
        if report.new == report.updated == report.failed == 0:
            self.stdout.write("The starter catalogue was there already; nothing has changed.")
