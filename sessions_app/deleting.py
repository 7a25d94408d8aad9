"""Deleting one visit of an account, and keeping what was said of titles in it."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max, Min

from sessions_app.models import BrowsingSession, EventType, Ignored, SessionEvent

# What a visitor says about a title holds until it is taken back, whenever it was said.
SAID = (EventType.LIKE, EventType.DISLIKE, EventType.HIDE, EventType.RATE, EventType.SAVE)


class UnknownVisitError(LookupError):
    """The visit is not there, or belongs to somebody else: the two are not told apart."""


@transaction.atomic
def delete_visit(*, user: User, public_id: UUID) -> int:
    """Deletes a visit of this account with its steps, searches and times; how many events.

    What was liked, rated, saved or hidden in it and not taken back stays, in a visit without
    steps. Everything that hangs on the visit goes with it. The serving model forgets it at its
    next training. Raises UnknownVisitError.
    """
    mine = BrowsingSession.objects.select_for_update().filter(user=user, is_bot=False)
    visit = mine.filter(public_id=public_id).first()
    if visit is None:
        raise UnknownVisitError(f"No visit {public_id} is yours.")
    _keep_what_was_said(visit)
    _, deleted = visit.delete()
    return deleted.get(SessionEvent._meta.label, 0)


def _keep_what_was_said(visit: BrowsingSession) -> None:
    said = visit.events.filter(type__in=SAID, ignored=Ignored.NO)
    span = said.aggregate(first=Min("occurred_at"), last=Max("occurred_at"))
    if span["first"] is None:
        return
    kept = BrowsingSession.objects.create(
        user=visit.user,
        origin=visit.origin,
        started_at=span["first"],
        last_event_at=span["last"],
        ended_at=span["last"],
    )
    said.update(session=kept)
