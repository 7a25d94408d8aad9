"""How an import of an archive writes: in transactions that change the catalogue as a whole."""

import contextlib
from collections.abc import Iterator
from typing import Any

from auditlog.context import disable_auditlog
from django.db import transaction
from django.db.models import QuerySet

from catalog.revision import note_change


@contextlib.contextmanager
def change() -> Iterator[None]:
    """All or nothing. Not kept in the edit history, which is of edits by hand."""
    with disable_auditlog(), transaction.atomic():
        note_change()
        yield


def delete(rows: QuerySet[Any, Any]) -> None:
    """Deletes rows that nothing points at, without a signal for each: the change is noted."""
    rows._raw_delete(rows.db)
