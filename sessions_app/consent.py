"""What follows from yes and no: visits move between the browser's memory and the database."""

from django.http import HttpRequest

from sessions_app import stored, visitor
from sessions_app.memory import MOST_STEPS, Memory
from sessions_app.preferences import preferences_of, set_preferences
from sessions_app.reading import Step
from sessions_app.visits import Visit


def agree(request: HttpRequest) -> None:
    """From now on visits are stored; so is what this browser remembered of the present one."""
    set_preferences(request, consent=True)
    visitor.reconsider(request)
    store_what_is_remembered(request)


def decline(request: HttpRequest) -> int:
    """From now on nothing is stored. Without an account nobody could find what was stored so far
    again, so it is deleted, and the present trail goes on in the browser's memory; how many
    events were deleted. An account keeps its rows until its owner deletes them."""
    set_preferences(request, consent=False)
    kept = visitor.stored_visit(request)
    forgotten = 0
    if visitor.signed_in(request) is None and visitor.known_session(request) is not None:
        steps, said = _steps(kept), kept.said()
        forgotten = kept.forget(everything=True)
        stored.adopt(visitor.remembered_visit(request), steps, said)
    visitor.reconsider(request)
    return forgotten


def pause(request: HttpRequest, paused: bool) -> None:
    """Keep nothing from now on, or go on: then what the browser still remembers from before a yes
    is stored."""
    set_preferences(request, paused=paused)
    visitor.reconsider(request)
    store_what_is_remembered(request)


def store_what_is_remembered(request: HttpRequest) -> None:
    """Write the browser's memory down and empty it, where its visitor agreed and is not paused."""
    remembered = visitor.remembered_visit(request)
    if not preferences_of(request).may_store or remembered.memory.is_empty:
        return
    stored.adopt(visitor.stored_visit(request), _steps(remembered), remembered.said())
    remembered.become(Memory())
    visitor.reconsider(request)


def _steps(visit: Visit) -> list[Step]:
    return visit.trail(limit=MOST_STEPS).steps
