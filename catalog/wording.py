"""How the pages name things: kinds, kinships, years."""

from dataclasses import dataclass

from catalog.models import Item, Kind, Kinship, Relation, Role

PLURAL = {Kind.MOVIE: "Movies", Kind.TRACK: "Music", Kind.BOOK: "Books"}
NOUNS = {
    Kind.MOVIE: ("movie", "movies"),
    Kind.TRACK: ("track", "tracks"),
    Kind.BOOK: ("book", "books"),
}
SINGULAR = {Kind.MOVIE: "Movie", Kind.TRACK: "Track", Kind.BOOK: "Book"}
_NOUN = {Kind.MOVIE: "film", Kind.TRACK: "music", Kind.BOOK: "book"}
ROLE_HEADINGS = {
    Role.DIRECTOR: "Directed by",
    Role.ACTOR: "With",
    Role.ARTIST: "Performed by",
    Role.COMPOSER: "Composed by",
    Role.AUTHOR: "Written by",
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
    noun = _NOUN[Kind(other.kind)]
    back = {
        Relation.BASED_ON: f"The {noun} behind it",
        Relation.COMPOSED_FOR: f"The {noun} it was composed for",
        Relation.FEATURED_IN: f"Heard in this {noun}" if noun == "film" else f"Part of this {noun}",
        Relation.INSPIRED_BY: f"The {noun} that inspired it",
    }
    forth = {
        Relation.BASED_ON: f"The {noun} made from it",
        Relation.COMPOSED_FOR: "Music composed for it",
        Relation.FEATURED_IN: "Music heard in it" if noun == "music" else f"The {noun} in it",
        Relation.INSPIRED_BY: f"The {noun} it inspired",
    }
    return (back if looking_back else forth)[Relation(kinship.relation)]


def counted(kind: Kind, number: int) -> str:
    """What so many of a kind are called: "track", "tracks"."""
    return NOUNS[kind][number != 1]


def year_label(year: int | None) -> str:
    """`1972` → "1972", `-430` → "430 BC", nothing for an unknown year."""
    if year is None:
        return ""
    return str(year) if year > 0 else f"{-year} BC"


def decade_label(first_year: int) -> str:
    """`1980` → "1980s", `-430` → "421–430 BC"."""
    return f"{first_year}s" if first_year >= 0 else f"{-first_year - 9}–{-first_year} BC"


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
    for size, name in ((1e9, "billion"), (1e6, "million")):
        if amount >= size:
            return f"${amount / size:.3g} {name}"
    return f"${amount:,.0f}"
