"""What this app does when the layers below tell that something happened.

A page is shown even if its visit cannot be written: the failure is logged with its traceback.
"""

import logging
from typing import Any, cast

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import DatabaseError
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from catalog.models import Item
from catalog.signals import item_page_opened, title_searched
from sessions_app import bots, consent, preferences, services, undo, visitor

logger = logging.getLogger(__name__)


@receiver(item_page_opened, dispatch_uid="sessions_app.view")
def log_view(*, request: HttpRequest, item: Item, **_: Any) -> None:
    """Records the view and leaves its id in `request.view_id`, empty when nothing was written."""
    page = cast(visitor.VisitorRequest, request)
    page.view_id = ""
    if request.method != "GET":
        return
    taken_out = undo.pending(request)
    if taken_out is not None and taken_out.what == "step" and taken_out.item == item.item_id:
        # A form without scripts comes back here: that must not put the step back.
        page.view_id = taken_out.id
        return
    try:
        visit = visitor.visit_of(request)
        page.view_id = visit.open(item, ignored=bots.why_ignored(request))
    except DatabaseError:
        logger.exception("The view of %s was not recorded.", item.item_id)


@receiver(title_searched, dispatch_uid="sessions_app.search")
def log_search(*, request: HttpRequest, query: str, **_: Any) -> None:
    if request.method != "GET" or not query.strip():
        return
    try:
        visitor.visit_of(request).search(query, ignored=bots.why_ignored(request))
    except DatabaseError:
        logger.exception("The search for %r was not recorded.", query[: services.LONGEST_QUERY])


@receiver(user_logged_in, dispatch_uid="sessions_app.joined")
def keep_trail(*, request: HttpRequest | None, user: User, **_: Any) -> None:
    """Signing in, by whatever form, keeps what was browsed before: Django has changed the key of
    its own session by now, but not what is in it. Somebody who starts here gets a session, so
    that what the account hid elsewhere is hidden here at once."""
    if request is None or not hasattr(request, "session"):
        return
    preferences.take_along(request, user)
    if preferences.preferences_of(request).may_store:
        session = visitor.known_session(request)
        if session is None:
            session = services.open_session(now=timezone.now(), user=user)
            visitor.keep(request, session)
        services.join_account(session=session, user=user)
        consent.store_what_is_remembered(request)
    visitor.reconsider(request)


@receiver(user_logged_out, dispatch_uid="sessions_app.left")
def close_visit(*, request: HttpRequest | None, **_: Any) -> None:
    """The next person at this browser starts with an empty trail."""
    if request is None or not hasattr(request, "session"):
        return
    session = visitor.known_session(request)
    if session is not None:
        services.close_session(session=session, now=timezone.now())
