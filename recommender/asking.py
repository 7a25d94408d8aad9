"""What a request asks for beside the session."""

from django.http import HttpRequest

from sessions_app.preferences import POSITIONS, Dial, preferences_of


def dial_of(request: HttpRequest) -> Dial:
    """The dial of the address where it has any position, else the one that the visitor set."""
    if any(name in request.GET for name in POSITIONS):
        return Dial.read(request.GET)
    return preferences_of(request).dial
