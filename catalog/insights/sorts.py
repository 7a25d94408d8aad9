"""What is said of themes, and what of moods: whole sentences, to be translated as such."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from catalog.models import Kind


@dataclass(frozen=True, slots=True)
class Sort:
    """Themes or moods: how their chart is called, and what is said of them."""

    word: str  # of the address, and of the column in downloads
    column: str
    title: Promise
    heading: Promise
    counts: Promise
    shown: Promise
    empty: Promise
    without: dict[Kind, Promise]
    commonest: Promise
    commonest_of_all: Promise


THEMES = Sort(
    "theme",
    "themes",
    gettext_lazy("Themes by kind"),
    gettext_lazy("Theme"),
    gettext_lazy(
        "An item with several themes counts in each; shares are of the items that have any."
    ),
    gettext_lazy("%(shown)s of %(all)s themes are shown."),
    gettext_lazy("None of these items has a theme yet. The rules of the vocabulary give them."),
    {
        Kind.MOVIE: gettext_lazy("movies without any theme"),
        Kind.TRACK: gettext_lazy("tracks without any theme"),
        Kind.BOOK: gettext_lazy("books without any theme"),
    },
    gettext_lazy("The commonest theme is %(first)s."),
    gettext_lazy("The commonest theme is %(first)s; the kinds differ most in “%(widest)s”."),
)
MOODS = Sort(
    "mood",
    "moods",
    gettext_lazy("Moods by kind"),
    gettext_lazy("Mood"),
    gettext_lazy(
        "An item with several moods counts in each; shares are of the items that have any."
    ),
    gettext_lazy("%(shown)s of %(all)s moods are shown."),
    gettext_lazy("None of these items has a mood yet. The rules of the vocabulary give them."),
    {
        Kind.MOVIE: gettext_lazy("movies without any mood"),
        Kind.TRACK: gettext_lazy("tracks without any mood"),
        Kind.BOOK: gettext_lazy("books without any mood"),
    },
    gettext_lazy("The commonest mood is %(first)s."),
    gettext_lazy("The commonest mood is %(first)s; the kinds differ most in “%(widest)s”."),
)
UNDATED: dict[Kind, Promise] = {
    Kind.MOVIE: gettext_lazy("movies without a known year"),
    Kind.TRACK: gettext_lazy("tracks without a known year"),
    Kind.BOOK: gettext_lazy("books without a known year"),
}
