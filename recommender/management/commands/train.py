"""`manage.py train`: train now, in this process, and publish what passes the gate."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommender import runs, training
from recommender.models import RunStatus


class Command(BaseCommand):
    help = (
        "Train the network and the blend on the logged sessions; serve them if they pass the gate."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--preset", choices=sorted(training.PRESETS), default="default")
        parser.add_argument("--epochs", type=int, help="Override the preset's number of epochs.")
        parser.add_argument("--force", action="store_true", help="Train even without new events.")

    def handle(self, *args: Any, **options: Any) -> None:
        changes = {"epochs": options["epochs"]} if options["epochs"] else {}
        try:
            run = training.train(
                started_by="command",
                preset=options["preset"],
                force=options["force"],
                changes=changes,
                say=lambda line: self.stderr.write(line),
            )
        except (runs.AlreadyTrainingError, ValueError) as error:
            raise CommandError(str(error)) from error
        if run.status in (RunStatus.FAILED, RunStatus.LOST):
            raise CommandError(run.error)
        self.stdout.write(f"{run.get_status_display()}: {run.progress}")
