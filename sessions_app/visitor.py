"""Which browsing session a request belongs to, by the cookie of Django's own session."""

import uuid
from typing import Literal, cast, overload
from uuid import UUID

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone

from catalog.models import Item
from sessions_app import bots, services
from sessions_app.models import BrowsingSession, SessionEvent

_KEY = "browsing_session"
_TAKEN_OUT = "taken_out"


class VisitorRequest(HttpRequest):
    """A request with what this app leaves on it."""

    view_id: str
    known_browsing_session: BrowsingSession | None


def signed_in(request: HttpRequest) -> User | None:
    user = getattr(request, "user", None)
    return user if isinstance(user, User) else None


def known_session(request: HttpRequest) -> BrowsingSession | None:
    """The session that the visitor's cookie names, ended or not. Never writes."""
    request = cast(VisitorRequest, request)
    if not hasattr(request, "known_browsing_session"):
        public_id = _uuid(request.session.get(_KEY))
        found = BrowsingSession.objects.filter(public_id=public_id).first() if public_id else None
        request.known_browsing_session = found
    return request.known_browsing_session


@overload
def session_for(
    request: HttpRequest, *, create: Literal[True], api: bool = False
) -> BrowsingSession: ...


@overload
def session_for(
    request: HttpRequest, *, create: bool, api: bool = False
) -> BrowsingSession | None: ...


def session_for(request: HttpRequest, *, create: bool, api: bool = False) -> BrowsingSession | None:
    """The visitor's session.

    Without `create` it is the one that the cookie names, or None, and nothing is written, no
    cookie either; `reading` knows that an idle one has no trail. With `create`, a fresh one takes
    the place of one that is missing, has ended or is idle. A crawler always gets the session that
    it shares with its like, without a cookie.
    """
    agent = bots.user_agent(request)
    if bots.is_bot(agent, api=api):
        return _shared_session(agent) if create else None
    known = known_session(request)
    if not create:
        return known
    session = services.current_session(session=known, user=signed_in(request), now=timezone.now())
    if session != known:
        keep(request, session)
    return session


def keep(request: HttpRequest, session: BrowsingSession) -> None:
    """Makes `session` the one that this visitor's cookie names."""
    request.session[_KEY] = str(session.public_id)
    cast(VisitorRequest, request).known_browsing_session = session


def remember_taken_out(request: HttpRequest, step: SessionEvent) -> None:
    """A form without JavaScript comes back to the page it was sent from: if that page is the
    item just taken out of the trail, showing it again must not put it back."""
    if step.item is not None:
        request.session[_TAKEN_OUT] = [step.item.item_id, str(step.event_id)]


def just_taken_out(request: HttpRequest, item: Item) -> UUID | None:
    """The view of `item` that this very page took out, once; None in every other case."""
    if _TAKEN_OUT not in request.session:
        return None
    item_id, event_id = request.session.pop(_TAKEN_OUT)
    return _uuid(event_id) if item_id == item.item_id else None


def _shared_session(agent: str) -> BrowsingSession:
    now = timezone.now()
    public_id = bots.shared_session_id(agent, now.date())
    return services.open_session(now=now, is_bot=True, public_id=public_id)


def _uuid(text: object) -> UUID | None:
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None
