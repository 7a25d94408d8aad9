"""Cookies of this app: written where a request changed what they hold, and nowhere else."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from sessions_app import memory, preferences, undo


class VisitMiddleware:
    """After the view: the memory of the visit, the preferences and the offer to undo."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        self._memory(request, response)
        if getattr(request, "preferences_changed", False):
            said = preferences.as_cookie(preferences.preferences_of(request))
            _set(response, preferences.COOKIE, said, max_age=preferences.COOKIE_SECONDS)
        self._undo(request, response)
        return response

    def _memory(self, request: HttpRequest, response: HttpResponse) -> None:
        changed: memory.Memory | None = getattr(request, "new_memory", None)
        if changed is None:
            return
        if changed.is_empty:
            for name in (memory.COOKIE, memory.DWELL_COOKIE):
                if name in request.COOKIES:
                    response.delete_cookie(name, samesite="Lax")
        else:
            _set(response, memory.COOKIE, changed.cookie())

    def _undo(self, request: HttpRequest, response: HttpResponse) -> None:
        offered: undo.Undo | None = getattr(request, "undo_offered", None)
        if offered is not None and 300 <= response.status_code < 400:
            _set(response, undo.COOKIE, undo.as_cookie(offered), max_age=undo.SECONDS)
        elif undo.COOKIE in request.COOKIES and getattr(request, "undo_shown", False):
            response.delete_cookie(undo.COOKIE, samesite="Lax")


def _set(response: HttpResponse, name: str, value: str, max_age: int | None = None) -> None:
    """Without `max_age` the cookie goes with the browser's window."""
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
