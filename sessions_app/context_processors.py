"""What every template may show of this visit; nothing is read unless a template asks."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.http import HttpRequest

from sessions_app import undo, visitor
from sessions_app.preferences import Preferences, preferences_of
from sessions_app.reading import Step, Trail


def visit(request: HttpRequest) -> dict[str, Callable[[], Any]]:
    """`trail`: the newest steps, newest last; `trail_more`: how many earlier ones there are;
    `preferences`: what the visitor set; `undo`: what was just done and can be undone;
    `hidden_items`: public ids of what they are not interested in; `asks_consent`: whether they have
    still to be asked.

    All are functions, which templates call: a page that shows none of it costs no query.
    """
    is_ready = hasattr(request, "session")  # not so on an error page made before the middleware

    @cache
    def read() -> Trail:
        return visitor.visit_of(request).trail() if is_ready else Trail([], 0)

    def preferences() -> Preferences:
        return preferences_of(request) if is_ready else Preferences(consent=False)

    def steps() -> list[Step]:
        return read().steps

    def hidden() -> set[str]:
        return visitor.visit_of(request).hidden_item_ids() if is_ready else set()

    return {
        "trail": steps,
        "trail_more": lambda: read().more,
        "preferences": preferences,
        "hidden_items": hidden,
        "undo": lambda: undo.shown(request),
        "asks_consent": lambda: preferences().consent is None,
    }
