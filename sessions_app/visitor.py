"""Whose visit a request belongs to, by its cookies, and where that visit is kept."""

import uuid
from typing import Literal, cast, overload
from uuid import UUID

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone

from sessions_app import bots, memory, services
from sessions_app.memory import Memory
from sessions_app.models import BrowsingSession
from sessions_app.preferences import preferences_of
from sessions_app.remembered import RememberedVisit
from sessions_app.stored import StoredVisit
from sessions_app.visits import PausedVisit, Visit

_KEY = "browsing_session"
_EARLIER = "browsing_sessions"  # of this browser, oldest first, the present one among them
_MOST_EARLIER = 200


class VisitorRequest(HttpRequest):
    """A request with what this app leaves on it."""

    view_id: str
    known_browsing_session: BrowsingSession | None
    visit: Visit
    new_memory: Memory  # which the answer's cookie has to hold


def signed_in(request: HttpRequest) -> User | None:
    user = getattr(request, "user", None)
    return user if isinstance(user, User) else None


# --- The visit ----------------------------------------------------------------------------


def visit_of(request: HttpRequest) -> Visit:
    """The visit that this request belongs to, made once a request.

    Stored where the visitor agreed, remembered in their browser where not, and read alone while
    they pause. A crawler's is stored, apart from everybody's.
    """
    request = cast(VisitorRequest, request)
    if not hasattr(request, "visit"):
        if bots.is_bot(bots.user_agent(request)):
            request.visit = StoredVisit(None, holder=_Browser(request))
        else:
            request.visit = persons_visit(request)
    return request.visit


def persons_visit(request: HttpRequest) -> Visit:
    """As `visit_of`, by the cookies alone: for what only a page that was given them can send."""
    preferences = preferences_of(request)
    visit = stored_visit(request) if preferences.consent else remembered_visit(request)
    return PausedVisit(visit) if preferences.paused else visit


def stored_visit(request: HttpRequest) -> StoredVisit:
    """The part of the visit that is in the database, whatever the visitor says now."""
    return StoredVisit(known_session(request), signed_in(request), holder=_Browser(request))


def remembered_visit(request: HttpRequest) -> RememberedVisit:
    """The part of the visit that is in the browser's cookie, whatever the visitor says now."""

    def keep(changed: Memory) -> None:
        cast(VisitorRequest, request).new_memory = changed

    user = signed_in(request)
    return RememberedVisit(
        memory_of(request),
        keep=keep,
        dwell=memory.dwell_times(request.COOKIES.get(memory.DWELL_COOKIE, "")),
        account=StoredVisit(None, user, holder=_Browser(request)) if user else None,
    )


def memory_of(request: HttpRequest) -> Memory:
    """What the browser remembers; nothing is read from the database."""
    changed: Memory | None = getattr(request, "new_memory", None)
    return changed or Memory.read(request.COOKIES.get(memory.COOKIE, ""))


def reconsider(request: HttpRequest) -> Visit:
    """The visit again, after the visitor agreed, declined, paused, went on, signed in or out."""
    if hasattr(request, "visit"):
        del request.visit
    return visit_of(request)


class _Browser:
    """The sessions that this browser's cookie names; see `stored.Holder`."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    def begin(self) -> BrowsingSession:
        return session_for(self._request, create=True)

    def keep(self, session: BrowsingSession) -> None:
        keep(self._request, session)

    def earlier(self) -> BrowsingSession | None:
        ids = session_ids(self._request)
        known = BrowsingSession.objects.filter(public_id=ids[-2]) if len(ids) > 1 else None
        return known.first() if known else None

    def let_go(self, *, everything: bool) -> list[UUID]:
        ids, cookie = session_ids(self._request), self._request.session
        present = _uuid(cookie.get(_KEY))
        gone = [one for one in ids if everything or one == present]
        kept = [str(one) for one in ids if one not in gone]
        for name in (_KEY, _EARLIER):
            cookie.pop(name, None)
        if kept:
            cookie[_EARLIER] = kept
        cast(VisitorRequest, self._request).known_browsing_session = None
        return gone


# --- Sessions in the database ---------------------------------------------------------------


def session_ids(request: HttpRequest) -> list[UUID]:
    """Public ids of the sessions that this browser had, oldest first, the present one last."""
    said = [*request.session.get(_EARLIER, []), request.session.get(_KEY)]
    ids = [found for found in map(_uuid, said) if found is not None]
    return list(dict.fromkeys(reversed(ids)))[::-1]


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
    """The visitor's session in the database, whether or not it may be written to: ask `visit_of`.

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
    public_id = str(session.public_id)
    earlier = [other for other in request.session.get(_EARLIER, []) if other != public_id]
    request.session[_KEY] = public_id
    request.session[_EARLIER] = [*earlier, public_id][-_MOST_EARLIER:]
    cast(VisitorRequest, request).known_browsing_session = session


def _shared_session(agent: str) -> BrowsingSession:
    now = timezone.now()
    public_id = bots.shared_session_id(agent, now.date())
    return services.open_session(now=now, is_bot=True, public_id=public_id)


def _uuid(text: object) -> UUID | None:
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None
