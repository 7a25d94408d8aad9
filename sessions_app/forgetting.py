"""Forgetting visits, and leaving for good: rows now, the model at its next training."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from auditlog.models import LogEntry
from django.contrib.auth import logout
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest

from sessions_app import services, undo, visitor
from sessions_app.own_data import Counts, count_everything, count_present, sessions_of
from sessions_app.preferences import Dial, forget_read, preferences_of, set_preferences


class LastSuperuserError(ValueError):
    """Nobody would be left who can administer the site."""


@dataclass(frozen=True)
class Forgotten:
    """What was deleted. `stored` says whether any of it was in the database."""

    counts: Counts
    everything: bool = False
    account: bool = False
    stored: bool = False


def forget(request: HttpRequest, *, everything: bool) -> Forgotten:
    """Delete the present visit, or all that this browser and this account did and set.

    What protects the visitor is kept: their answer to being stored, and the pause. With everything,
    the server's own session of a browser without an account goes too, and its cookie with it.
    """
    stored = sessions_of(request).exists()
    counts = count_everything(request) if everything else count_present(request)
    # In both places, whichever is in use: somebody may have said yes, and no later.
    visitor.remembered_visit(request).forget()
    visitor.stored_visit(request).forget(everything=everything)
    if everything:
        _forget_settings(request)
        if visitor.signed_in(request) is None:
            request.session.flush()
    undo.withdraw(request)
    visitor.reconsider(request)
    return Forgotten(counts, everything=everything, stored=stored)


def _forget_settings(request: HttpRequest) -> None:
    plain: dict[str, Any] = {"dial": Dial(), "hidden_genres": (), "include_seen": False}
    preferences = preferences_of(request)
    if replace(preferences, **plain) != preferences:
        set_preferences(request, **plain)


def leave(request: HttpRequest, user: User) -> Forgotten:
    """Delete the account of who is signed in, with this browser's visits, and sign out. Raises
    LastSuperuserError."""
    counts = count_everything(request)
    delete_account(user=user, public_ids=visitor.session_ids(request))
    visitor.remembered_visit(request).forget()
    logout(request)
    forget_read(request)
    _forget_settings(request)
    undo.withdraw(request)
    visitor.reconsider(request)
    return Forgotten(counts, everything=True, account=True, stored=True)


def delete_account(*, user: User, public_ids: Sequence[UUID] = ()) -> int:
    """Delete the account with everything that points at it, and these visits; how many events.

    What a curator edited stays edited, and its history stays, without a name. Raises
    LastSuperuserError.
    """
    with transaction.atomic():
        # Locked, so that the last two do not leave at the same moment.
        list(User.objects.select_for_update().filter(is_superuser=True).values_list("pk"))
        if is_last_superuser(user):
            raise LastSuperuserError
        LogEntry.objects.filter(actor=user).update(actor=None, actor_email=None)
        events = services.forget(public_ids=public_ids, user=user)
        user.delete()
    return events


def is_last_superuser(user: User) -> bool:
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    return user.is_superuser and not others.exists()
