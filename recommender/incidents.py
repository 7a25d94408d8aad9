"""What went wrong, kept where an operator looks: one open row a cause, repeats counted."""

import logging

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from recommender.models import Incident

logger = logging.getLogger(__name__)


def report(*, what: str, message: str) -> None:
    """Open an incident, or count a repeat of the open one."""
    logger.error("%s: %s", what, message)
    now = timezone.now()
    open_ones = Incident.objects.filter(what=what, resolved_at=None)
    if open_ones.update(message=message, last_seen=now, count=F("count") + 1):
        return
    try:
        with transaction.atomic():
            Incident.objects.create(what=what, message=message, last_seen=now)
    except IntegrityError:  # another process was first
        open_ones.update(message=message, last_seen=now, count=F("count") + 1)


def resolve(*, what: str) -> None:
    """Close the open incident of this cause, if there is one."""
    Incident.objects.filter(what=what, resolved_at=None).update(resolved_at=timezone.now())
