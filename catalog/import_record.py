"""The record of an import in the database: begun before the first row, ended with its counts."""

import contextlib
from collections.abc import Iterator

from django.db import DatabaseError
from django.utils import timezone

from catalog.import_report import COUNTS, ImportReport
from catalog.models import ImportRun

_LONGEST = 500


@contextlib.contextmanager
def recorded(*, kind: str, source: str, location: str, report: ImportReport) -> Iterator[None]:
    """Keeps an `ImportRun` of what happens inside; one without an end was cut short.

    The counts are those of `report` at the end, also where the import stops with an error.
    """
    run = ImportRun.objects.create(
        kind=kind, source=source, location=location[:_LONGEST], started_at=timezone.now()
    )
    try:
        yield
    except BaseException as error:
        run.error = (str(error) or type(error).__name__)[:_LONGEST]
        with contextlib.suppress(DatabaseError):  # what stopped the import is what is told
            _end(run, report)
        raise
    run.finished_at = timezone.now()
    _end(run, report)


def _end(run: ImportRun, report: ImportReport) -> None:
    for name in COUNTS:
        setattr(run, name, getattr(report, name))
    run.missing = dict(report.missing)
    run.save()
