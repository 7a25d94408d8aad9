"""What an item's page tells about it, beyond its card."""

from dataclasses import dataclass

from catalog.models import Book, Creator, Item, Kinship, Movie, Track
from catalog.wording import ROLE_HEADINGS, Kin, clock, dollars, kinship_phrase

_FEATURES = [
    ("danceability", "Danceable"),
    ("energy", "Energetic"),
    ("valence", "Cheerful"),
    ("acousticness", "Acoustic"),
    ("instrumentalness", "Instrumental"),
    ("speechiness", "Spoken"),
    ("liveness", "Live"),
]
_KEYS = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"]


@dataclass(frozen=True)
class Facts:
    """`lines` are (label, text); `bars` are (label, 0 to 100); `credits` are (heading, people)."""

    lines: list[tuple[str, str]]
    bars: list[tuple[str, int]]
    credits: list[tuple[str, list[Creator]]]
    kin: list[Kin]
    link: str


def facts_of(item: Item) -> Facts:
    """Reads the kind's own row (give an item with it selected) and the item's kinships."""
    lines: list[tuple[str, str]] = []
    bars: list[tuple[str, int]] = []
    link = ""
    match getattr(item, item.kind, None):
        case Movie() as movie:
            lines = _movie(movie)
        case Track() as track:
            lines, bars = _track(track), _bars(track)
        case Book() as book:
            lines, link = _book(book), book.url
    lines.insert(0, ("Also known as", "; ".join(alias.name for alias in item.aliases.all())))
    return Facts([line for line in lines if line[1]], bars, _credits(item), _kin(item), link)


def _movie(movie: Movie) -> list[tuple[str, str]]:
    original = movie.original_title if movie.original_title != movie.title else ""
    return [
        ("Original title", original),
        ("Released", f"{movie.release_date:%-d %B %Y}" if movie.release_date else ""),
        ("Score", f"{movie.score:g} of 100" if movie.score else ""),
        ("Budget", dollars(movie.budget)),
        ("Revenue", dollars(movie.revenue)),
        ("Status", movie.status if movie.status != "Released" else ""),
    ]


def _track(track: Track) -> list[tuple[str, str]]:
    key = ""
    if track.key is not None and 0 <= track.key < len(_KEYS):
        key = _KEYS[track.key] + {1: " major", 0: " minor"}.get(
            -1 if track.mode is None else track.mode, ""
        )
    return [
        ("Album", track.album if track.album != track.title else ""),
        ("Length", clock(track.duration_minutes)),
        ("Tempo", f"{track.tempo:.0f} beats a minute" if track.tempo else ""),
        ("Key", key),
        ("Words", "Explicit" if track.explicit else ""),
        ("Popularity", f"{track.popularity:.0f} of 100" if track.popularity else ""),
    ]


def _book(book: Book) -> list[tuple[str, str]]:
    rated = f"{book.rating:.2f} of 5" if book.rating else ""
    if rated and book.num_ratings:
        rated += f", from {book.num_ratings:,} ratings"
    return [("Average rating", rated)]


def _bars(track: Track) -> list[tuple[str, int]]:
    values = [(label, getattr(track, name)) for name, label in _FEATURES]
    known = [(label, value) for label, value in values if value is not None]
    return [(label, round(100 * min(max(value, 0), 1))) for label, value in known]


def _credits(item: Item) -> list[tuple[str, list[Creator]]]:
    groups = [
        (heading, [credit.creator for credit in item.credits.all() if credit.role == role])
        for role, heading in ROLE_HEADINGS.items()
    ]
    return [(heading, people) for heading, people in groups if people]


def _kin(item: Item) -> list[Kin]:
    kinships = list(Kinship.objects.touching(item))
    ids = {kinship.origin_id for kinship in kinships} | {kin.derived_id for kin in kinships}
    others = Item.objects.with_cards().in_bulk(ids - {item.pk})
    return [
        Kin(
            kinship_phrase(kinship, item),
            others[kinship.origin_id if kinship.derived_id == item.pk else kinship.derived_id],
        )
        for kinship in kinships
    ]
