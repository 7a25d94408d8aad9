"""What a request asks of the recommender: where its dial stands."""

from django.http import HttpRequest

from sessions_app.preferences import POSITIONS, Dial, preferences_of


def dial_of(request: HttpRequest) -> Dial:
    """The dial of the address where it names a position, else the one that the visitor left."""
    if any(name in request.GET for name in POSITIONS):
        return Dial.read(request.GET.dict())
    return preferences_of(request).dial
