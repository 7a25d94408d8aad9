"""How the pages name things: kinds, kinships, years, numbers. In the language of the visitor."""

from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.models import Item, Kind, Kinship, Relation, Role

_PLURAL: dict[Kind, Promise] = {
    Kind.MOVIE: gettext_lazy("Movies"),
    Kind.TRACK: gettext_lazy("Music"),
    Kind.BOOK: gettext_lazy("Books"),
}
_SINGULAR: dict[Kind, Promise] = {
    Kind.MOVIE: gettext_lazy("Movie"),
    Kind.TRACK: gettext_lazy("Track"),
    Kind.BOOK: gettext_lazy("Book"),
}
ROLE_HEADINGS: dict[Role, Promise] = {
    Role.DIRECTOR: gettext_lazy("Directed by"),
    Role.ACTOR: gettext_lazy("With"),
    Role.ARTIST: gettext_lazy("Performed by"),
    Role.COMPOSER: gettext_lazy("Composed by"),
    Role.AUTHOR: gettext_lazy("Written by"),
}

# What the other work is: by the relation, whole sentences, for languages with genders and cases.
_BACK: dict[Relation, dict[Kind, Promise]] = {
    Relation.BASED_ON: {
        Kind.MOVIE: gettext_lazy("The film behind it"),
        Kind.TRACK: gettext_lazy("The music behind it"),
        Kind.BOOK: gettext_lazy("The book behind it"),
    },
    Relation.COMPOSED_FOR: {
        Kind.MOVIE: gettext_lazy("The film it was composed for"),
        Kind.TRACK: gettext_lazy("The music it was composed for"),
        Kind.BOOK: gettext_lazy("The book it was composed for"),
    },
    Relation.FEATURED_IN: {
        Kind.MOVIE: gettext_lazy("Heard in this film"),
        Kind.TRACK: gettext_lazy("Part of this music"),
        Kind.BOOK: gettext_lazy("Part of this book"),
    },
    Relation.INSPIRED_BY: {
        Kind.MOVIE: gettext_lazy("The film that inspired it"),
        Kind.TRACK: gettext_lazy("The music that inspired it"),
        Kind.BOOK: gettext_lazy("The book that inspired it"),
    },
}
_FORTH: dict[Relation, dict[Kind, Promise]] = {
    Relation.BASED_ON: {
        Kind.MOVIE: gettext_lazy("The film made from it"),
        Kind.TRACK: gettext_lazy("The music made from it"),
        Kind.BOOK: gettext_lazy("The book made from it"),
    },
    Relation.COMPOSED_FOR: dict.fromkeys(Kind, gettext_lazy("Music composed for it")),
    Relation.FEATURED_IN: {
        Kind.MOVIE: gettext_lazy("The film in it"),
        Kind.TRACK: gettext_lazy("Music heard in it"),
        Kind.BOOK: gettext_lazy("The book in it"),
    },
    Relation.INSPIRED_BY: {
        Kind.MOVIE: gettext_lazy("The film it inspired"),
        Kind.TRACK: gettext_lazy("The music it inspired"),
        Kind.BOOK: gettext_lazy("The book it inspired"),
    },
}


@dataclass(frozen=True)
class Kin:
    """Another work that is joined to the one on the page, and how."""

    phrase: str
    item: Item


def kinship_phrase(kinship: Kinship, seen_from: Item) -> str:
    """What the other work is to `seen_from`: "The book behind it", "The film it was made for"."""
    looking_back = kinship.derived_id == seen_from.pk
    other = kinship.origin if looking_back else kinship.derived
    phrases = _BACK if looking_back else _FORTH
    return str(phrases[Relation(kinship.relation)][Kind(other.kind)])


def plural(kind: Kind) -> str:
    """As a heading: "Movies", "Music", "Books"."""
    return str(_PLURAL[kind])


def singular(kind: Kind) -> str:
    """As a label: "Movie", "Track", "Book"."""
    return str(_SINGULAR[kind])


def counted(kind: Kind, number: int) -> str:
    """What so many of a kind are called: "track", "tracks"."""
    match kind:
        case Kind.MOVIE:
            return ngettext("movie", "movies", number)
        case Kind.TRACK:
            return ngettext("track", "tracks", number)
        case Kind.BOOK:
            return ngettext("book", "books", number)


def nouns(kind: Kind) -> str:
    """Of no certain number, inside a sentence: "movies"."""
    return counted(kind, 2)


def how_many(kind: Kind, number: int) -> str:
    """ "1 movie", "3,812 movies"."""
    match kind:
        case Kind.MOVIE:
            text = ngettext("%(number)s movie", "%(number)s movies", number)
        case Kind.TRACK:
            text = ngettext("%(number)s track", "%(number)s tracks", number)
        case Kind.BOOK:
            text = ngettext("%(number)s book", "%(number)s books", number)
    return text % {"number": whole(number)}


def whole(number: float) -> str:
    """3812 → "3,812"."""
    return str(intcomma(round(number)))


def short(number: float) -> str:
    """As few digits as say it: 4.5 → "4.5", 90.0 → "90"."""
    plain = f"{number:g}"
    return number_format(plain) if "e" not in plain else plain


def percent(share: float, places: int = 1) -> str:
    """0.281 → "28.1 %"; the space does not break."""
    value = number_format(f"{100 * share:.{places}f}")
    return (_("%(number)s %%") % {"number": value}).replace(" ", "\u00a0")


def year_label(year: int | None) -> str:
    """`1972` → "1972", `-430` → "430 BC", nothing for an unknown year."""
    if year is None:
        return ""
    return str(year) if year > 0 else _("%(year)s BC") % {"year": -year}


def decade_label(first_year: int) -> str:
    """`1980` → "1980s", `-430` → "421–430 BC"."""
    if first_year >= 0:
        return _("%(year)ss") % {"year": first_year}
    return _("%(from)s–%(to)s BC") % {"from": -first_year - 9, "to": -first_year}


def clock(minutes: float | None) -> str:
    """Minutes as a clock shows them: 3.5 → "3:30"."""
    if minutes is None:
        return ""
    seconds = round(minutes * 60)
    return f"{seconds // 60}:{seconds % 60:02d}"


def dollars(amount: float | None) -> str:
    """US dollars in the largest unit that fits: 63_000_000 → "$63 million"."""
    if not amount:
        return ""
    if amount >= 1e9:
        return _("$%(amount)s billion") % {"amount": _three_digits(amount / 1e9)}
    if amount >= 1e6:
        return _("$%(amount)s million") % {"amount": _three_digits(amount / 1e6)}
    return _("$%(amount)s") % {"amount": whole(amount)}


def _three_digits(amount: float) -> str:
    return number_format(f"{amount:.3g}" if amount < 1_000 else f"{amount:.0f}")
