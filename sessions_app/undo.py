"""What was just done and can be undone: shown as a bar on the page that answers.

A form sent without scripts is answered by a redirect: the offer then waits in a cookie for the
page that follows, and goes when it was shown.
"""

from dataclasses import asdict, dataclass
from typing import Any, cast

from django.core import signing
from django.http import HttpRequest

COOKIE = "segue_undo"
SALT = "sessions_app.undo"
SECONDS = 120
WHATS = ("hide", "genre", "step", "start_over")


@dataclass(frozen=True)
class Undo:
    """`what` is one of WHATS; `id` the item, genre or step that it is about; `item` the public id
    of a step's item; `text` says to the visitor what was done."""

    what: str
    id: str
    text: str
    item: str = ""


class UndoRequest(HttpRequest):
    """A request with what this module leaves on it."""

    undo_offered: Undo
    undo_shown: bool
    undo_withdrawn: bool


def offer(request: HttpRequest, *, what: str, text: str, id: str = "", item: str = "") -> None:
    """Offer to undo what this request did. Raises ValueError for what nobody can undo."""
    if what not in WHATS:
        raise ValueError(f"There is no undo of {what!r}.")
    cast(UndoRequest, request).undo_offered = Undo(what, str(id), str(text), item)


def pending(request: HttpRequest) -> Undo | None:
    """What can be undone on the page that answers this request."""
    if getattr(request, "undo_withdrawn", False):
        return None
    offered: Undo | None = getattr(request, "undo_offered", None)
    if offered is not None:
        return offered
    try:
        said: Any = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=SECONDS)
        return Undo(**said)
    except (signing.BadSignature, TypeError):
        return None


def shown(request: HttpRequest) -> Undo | None:
    """As `pending`, for the page that shows it: it will not be shown again."""
    cast(UndoRequest, request).undo_shown = True
    return pending(request)


def withdraw(request: HttpRequest) -> None:
    """What was done is no more: there is nothing left to undo."""
    cast(UndoRequest, request).undo_withdrawn = True


def as_cookie(undo: Undo) -> str:
    return signing.dumps(asdict(undo), salt=SALT)
