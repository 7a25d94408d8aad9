"""What every template may show of this visit; nothing is read unless a template asks."""

from collections.abc import Callable
from functools import cache

from django.http import HttpRequest

from sessions_app import reading, visitor
from sessions_app.reading import Step, Trail


def trail(request: HttpRequest) -> dict[str, Callable[[], list[Step] | int]]:
    """`trail`: the newest steps, newest last; `trail_more`: how many earlier ones there are.

    Both are functions, which templates call: a page that shows no trail costs no query.
    """

    @cache
    def read() -> Trail:
        if not hasattr(request, "session"):  # an error page made before the middleware ran
            return Trail([], 0)
        return reading.trail(visitor.session_for(request, create=False))

    return {"trail": lambda: read().steps, "trail_more": lambda: read().more}
