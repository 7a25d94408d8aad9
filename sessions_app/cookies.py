"""Every cookie of the site, for the page that says so; names and lives come from where they are
set, and a test compares this list with what a browser is given."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sessions_app import memory, preferences, undo

_DAY, _MINUTE = 24 * 3600, 60
THEME = "segue_theme"  # written by recsite.theme, which this app does not reach


@dataclass(frozen=True)
class Cookie:
    name: str
    purpose: str
    life: str


def cookies() -> list[Cookie]:
    window = _("until you close the browser")
    return [
        Cookie(
            memory.COOKIE,
            _(
                "Your trail and what you said of titles, while you have not agreed to have it "
                "stored. It is in your browser alone."
            ),
            window,
        ),
        Cookie(
            memory.DWELL_COOKIE,
            _("How long you looked at each title of that trail. It is in your browser alone."),
            window,
        ),
        Cookie(
            preferences.COOKIE,
            _(
                "Your settings without an account: the dial, hidden genres, the pause, and your "
                "answer to being stored."
            ),
            _lasts(preferences.COOKIE_SECONDS),
        ),
        Cookie(
            settings.SESSION_COOKIE_NAME,
            _("A random number that finds your stored visits, or your account, again."),
            _lasts(settings.SESSION_COOKIE_AGE),
        ),
        Cookie(
            settings.CSRF_COOKIE_NAME,
            _("A random number that proves that a form was sent from a page of this site."),
            _lasts(settings.CSRF_COOKIE_AGE),
        ),
        Cookie(
            undo.COOKIE,
            _("What you just did, so that the next page can offer to undo it."),
            _lasts(undo.SECONDS),
        ),
        Cookie(
            "messages",
            _("A sentence that the next page shows, for instance that you have paused."),
            _("until it was shown"),
        ),
        Cookie(THEME, _("Whether you chose the dark or the light theme."), _lasts(365 * _DAY)),
    ]


def _lasts(seconds: int) -> str:
    if seconds >= 360 * _DAY:
        return ngettext("%(n)d year", "%(n)d years", round(seconds / (365 * _DAY))) % {
            "n": round(seconds / (365 * _DAY))
        }
    if seconds >= _DAY:
        days = round(seconds / _DAY)
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    minutes = max(1, round(seconds / _MINUTE))
    return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
