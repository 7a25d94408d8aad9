"""What a visitor set: the dial, consent, pause, hidden genres. A year in a cookie, or with the
account of who is signed in."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self, cast
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.core import signing
from django.db import transaction
from django.http import HttpRequest

from catalog.models import Genre, Kind
from sessions_app.models import Preference

COOKIE = "segue_preferences"
COOKIE_SECONDS = 365 * 24 * 3600
SALT = "sessions_app.preferences"
MOST_HIDDEN_GENRES = 60  # of a visitor without an account: a cookie holds 4 KB
MIDDLE, FULL = 50, 100


@dataclass(frozen=True)
class Dial:
    """Five positions from 0 to 100, 50 in the middle.

    `vibe`: 0 by genre and facts alone, 100 by theme, mood and sound alone. `surprise`: 0 what is
    well known, 100 what few know. `movie`, `track`, `book`: how much of each kind, relative to
    the others; 0 is none.
    """

    vibe: int = MIDDLE
    surprise: int = MIDDLE
    movie: int = MIDDLE
    track: int = MIDDLE
    book: int = MIDDLE

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """A dial from an address, a cookie or a row: what is no number stays in the middle, what
        is beyond the ends is at the end, and no kind at all means all alike."""
        found = {}
        for name in POSITIONS:
            try:
                found[name] = min(max(int(str(values.get(name, MIDDLE))), 0), FULL)
            except ValueError:
                found[name] = MIDDLE
        if not any(found[kind] for kind in Kind.values):
            found |= dict.fromkeys(Kind.values, MIDDLE)
        return cls(**found)

    @property
    def shares(self) -> dict[str, float]:
        """Kind → its share of a list; they sum to 1."""
        weights = {kind: float(getattr(self, kind)) for kind in Kind.values}
        total = sum(weights.values())
        return {kind: weight / total for kind, weight in weights.items()}

    @property
    def kinds(self) -> list[str]:
        """The kinds that have a share."""
        return [kind for kind, share in self.shares.items() if share]

    @property
    def turned(self) -> dict[str, int]:
        """The positions that are not in the middle."""
        return {name: value for name, value in asdict(self).items() if value != MIDDLE}

    @property
    def query(self) -> str:
        """`vibe=80&book=0`: what an address needs; empty in the middle."""
        return urlencode(self.turned)


POSITIONS = tuple(asdict(Dial()))


@dataclass(frozen=True)
class Preferences:
    """`consent` is None until it was asked and answered; `hidden_genres` are slugs."""

    consent: bool | None = None
    paused: bool = False
    include_seen: bool = False
    dial: Dial = field(default_factory=Dial)
    hidden_genres: tuple[str, ...] = ()

    @property
    def may_store(self) -> bool:
        """Whether what the visitor does now may be written to the database."""
        return self.consent is True and not self.paused


class PreferredRequest(HttpRequest):
    """A request with what this module leaves on it."""

    known_preferences: Preferences
    preferences_changed: bool


def preferences_of(request: HttpRequest) -> Preferences:
    """Read once a request; one query or two for who is signed in, none for others."""
    request = cast(PreferredRequest, request)
    if not hasattr(request, "known_preferences"):
        user = getattr(request, "user", None)
        request.known_preferences = (
            _of_account(user) if isinstance(user, User) else from_cookie(request)
        )
    return request.known_preferences


def forget_read(request: HttpRequest) -> None:
    """Read them again when they are asked for next: somebody signed out."""
    if hasattr(request, "known_preferences"):
        del request.known_preferences


def set_preferences(request: HttpRequest, **changes: Any) -> Preferences:
    """Change some fields: at once in the account's row, else in the cookie of the answer.

    `hidden_genres` may name only genres that exist; others are dropped.
    """
    changed = replace(preferences_of(request), **changes)
    request = cast(PreferredRequest, request)
    user = getattr(request, "user", None)
    if isinstance(user, User):
        store(user, changed)
    else:
        request.preferences_changed = True
    request.known_preferences = changed
    return changed


def take_along(request: HttpRequest, user: User) -> None:
    """Whoever signs in to an account that has set nothing yet brings what this browser had set.

    What an account has set already holds; an account's visits are stored unless it says no. Who
    had paused here stays paused.
    """
    request = cast(PreferredRequest, request)
    brought = from_cookie(request)
    if not Preference.objects.filter(user=user).exists():
        store(user, replace(brought, consent=True))
    elif brought.paused:
        Preference.objects.filter(user=user).update(paused=True)
    request.known_preferences = _of_account(user)


@transaction.atomic
def store(user: User, preferences: Preferences) -> None:
    """Write an account's preferences, whole."""
    row, _ = Preference.objects.update_or_create(
        user=user,
        defaults={
            "consent": preferences.consent is not False,
            "paused": preferences.paused,
            "include_seen": preferences.include_seen,
            "dial": preferences.dial.turned,
        },
    )
    row.hidden_genres.set(Genre.objects.filter(slug__in=preferences.hidden_genres))


def _of_account(user: User) -> Preferences:
    row = Preference.objects.filter(user=user).first()
    if row is None:
        return Preferences(consent=True)
    slugs = row.hidden_genres.order_by("slug").values_list("slug", flat=True)
    return Preferences(
        consent=row.consent,
        paused=row.paused,
        include_seen=row.include_seen,
        dial=Dial.read(row.dial),
        hidden_genres=tuple(slugs),
    )


def from_cookie(request: HttpRequest) -> Preferences:
    """What the cookie says; a cookie that was tampered with says nothing."""
    try:
        said: Any = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT)
        return Preferences(
            consent=said["consent"],
            paused=said["paused"] is True,
            include_seen=said["seen"] is True,
            dial=Dial.read(said["dial"]),
            hidden_genres=tuple(map(str, said["genres"])),
        )
    except (signing.BadSignature, KeyError, TypeError):
        return Preferences()


def as_cookie(preferences: Preferences) -> str:
    """The cookie's value, signed; `from_cookie` reads it."""
    return signing.dumps(
        {
            "consent": preferences.consent,
            "paused": preferences.paused,
            "seen": preferences.include_seen,
            "dial": preferences.dial.turned,
            "genres": preferences.hidden_genres[-MOST_HIDDEN_GENRES:],
        },
        salt=SALT,
        compress=True,
    )
