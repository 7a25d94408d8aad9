"""What a visitor does not want to be shown: titles and genres, taken out and brought back.

Nothing of it is kept while they pause: every function here raises PausedError then.
"""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from catalog.models import Genre, Item
from sessions_app import undo
from sessions_app.models import EventType
from sessions_app.preferences import (
    MOST_HIDDEN_GENRES,
    Preferences,
    preferences_of,
    set_preferences,
)
from sessions_app.visitor import signed_in, visit_of
from sessions_app.visits import PausedError


class TooManyGenresError(ValueError):
    """A cookie holds no more."""


def hide(request: HttpRequest, item: Item) -> None:
    """Never recommend `item` to this visitor; undo is offered."""
    visit_of(request).react(item, EventType.HIDE)
    offer_undo(request, item)


def offer_undo(request: HttpRequest, item: Item) -> None:
    text = _("%(title)s is gone from everything we recommend to you.") % {"title": item.title}
    undo.offer(request, what="hide", id=item.item_id, text=text)


def hide_genre(request: HttpRequest, genre: Genre) -> None:
    """Recommend nothing of `genre`; undo is offered. Raises TooManyGenresError."""
    hidden = _not_paused(request).hidden_genres
    if genre.slug not in hidden:
        if signed_in(request) is None and len(hidden) >= MOST_HIDDEN_GENRES:
            raise TooManyGenresError
        set_preferences(request, hidden_genres=(*hidden, genre.slug))
    text = _("Nothing of the genre %(name)s is recommended to you any more.") % {"name": genre.name}
    undo.offer(request, what="genre", id=genre.slug, text=text)


def show_genre(request: HttpRequest, slug: str) -> None:
    """As if it had never been hidden; nothing where it was not."""
    hidden = _not_paused(request).hidden_genres
    if slug in hidden:
        set_preferences(request, hidden_genres=tuple(other for other in hidden if other != slug))


def include_seen(request: HttpRequest, include: bool) -> None:
    """Whether what was opened already may be recommended again."""
    _not_paused(request)
    set_preferences(request, include_seen=include)


def _not_paused(request: HttpRequest) -> Preferences:
    found = preferences_of(request)
    if found.paused:
        raise PausedError
    return found
