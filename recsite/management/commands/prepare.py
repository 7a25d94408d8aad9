"""``manage.py prepare``: bring database, static files and catalogue up to date, if they are not.

One process instead of three, and each step looks first: a second start takes a second, not ten.
"""

import hashlib
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

STAMP_NAME = "static-fingerprint"


def has_pending_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def static_fingerprint() -> str:
    """Return a digest of every static file's place, size and time, and of how they are stored."""
    digest = hashlib.sha256(repr((settings.STORAGES["staticfiles"], settings.STATIC_ROOT)).encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            modified = storage.get_modified_time(path).timestamp()
            digest.update(f"{path}\0{storage.size(path)}\0{modified}\n".encode())
    return digest.hexdigest()


def collect_static_if_changed() -> bool:
    """Run collectstatic unless the last one saw the same files; return whether it ran."""
    stamp = settings.DATA_DIR / STAMP_NAME
    fingerprint = static_fingerprint()
    if (
        stamp.exists()
        and stamp.read_text(encoding="ascii") == fingerprint
        and settings.STATIC_ROOT.is_dir()
    ):
        return False
    call_command("collectstatic", interactive=False, verbosity=0, skip_checks=True)
    stamp.write_text(fingerprint, encoding="ascii")
    return True


class Command(BaseCommand):
    help = "Migrate, collect static files and fill an empty catalogue; does nothing when done."
    requires_system_checks = ()  # they import PyTorch; `serve` starts programs that run them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--source", default="starter", help="starter or hub (%(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        if has_pending_migrations():
            self.stdout.write("Preparing the database.")
            call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
        if collect_static_if_changed():
            self.stdout.write("Collected the static files.")
        call_command("bootstrap", source=options["source"])
