"""A cleaned row of each kind, its identity and its fingerprint: what stands between source and
database. Everything here is a pure function of the row."""

import dataclasses
import datetime
import hashlib
import json
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from catalog.cleaning import text
from catalog.models import Book, Item, Kind, Movie, Track
from catalog.vocabulary.rules import FEATURES


class CreditEntry(NamedTuple):
    """One creator's part; the place in the tuple of credits is the billing order."""

    name: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The part that the three kinds share. Field names are those of `Item`."""

    kind: ClassVar[Kind]
    model: ClassVar[type[Item]]

    item_id: str
    title: str
    description: str = ""
    year: int | None = None
    release_date: datetime.date | None = None
    language: str = ""
    country: str = ""
    popularity: float | None = None
    moods: tuple[str, ...] = ()  # as the source tells them; most tell none
    genres: tuple[str, ...] = ()
    credits: tuple[CreditEntry, ...] = ()

    def fingerprint(self) -> str:
        """32 hex digits that change when any cleaned value of the row changes. What the vocabulary
        makes of the row is no part of it: changed rules do not make a row a changed one."""
        cells = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        values = json.dumps(cells, default=str, sort_keys=True)
        return hashlib.blake2b(values.encode(), digest_size=16).hexdigest()

    def parent_values(self) -> dict[str, object]:
        """Column values of `Item` (title_key, source, row_hash, moods and themes are the
        importer's)."""
        names = (field.name for field in dataclasses.fields(Row))
        return {
            name: getattr(self, name)
            for name in names
            if name not in ("genres", "credits", "moods")
        } | {"kind": self.kind.value}

    def audio(self) -> dict[str, float | None] | None:
        """The figures that sound rules ask for; None for what is not heard."""
        return None

    def child_values(self) -> dict[str, object]:
        """Column values of the kind's own table."""
        shared = {field.name for field in dataclasses.fields(Row)}
        return {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.name not in shared
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieRow(Row):
    kind = Kind.MOVIE
    model = Movie

    original_title: str = ""
    status: str = ""
    score: float | None = None
    budget: float | None = None
    revenue: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRow(Row):
    kind = Kind.TRACK
    model = Track

    track_id: str = ""
    album: str = ""
    duration_minutes: float | None = None
    explicit: bool | None = None
    danceability: float | None = None
    energy: float | None = None
    key: int | None = None
    loudness: float | None = None
    mode: int | None = None
    speechiness: float | None = None
    acousticness: float | None = None
    instrumentalness: float | None = None
    liveness: float | None = None
    valence: float | None = None
    tempo: float | None = None
    time_signature: int | None = None

    def audio(self) -> dict[str, float | None]:
        return {name: getattr(self, name) for name in FEATURES}


@dataclass(frozen=True, slots=True, kw_only=True)
class BookRow(Row):
    kind = Kind.BOOK
    model = Book

    rating: float | None = None
    num_ratings: int | None = None
    url: str = ""


def movie_id(original_title: str, date: str, overview: str) -> str:
    """`Movie_` and 12 hex digits: the same for rows that differ in money figures only."""
    return f"Movie_{_digest(original_title, date, overview)}"


def book_id(title: str, author: str) -> str:
    """`Book_` and 12 hex digits: the same for two editions of one title by one author."""
    return f"Book_{_digest(title, author)}"


def music_id(track_id: str) -> str:
    """`Music_` and the source's own track id."""
    return f"Music_{track_id}"


def _digest(*parts: str) -> str:
    # Accents composed, spaces single; case and punctuation count. No part holds the separator.
    joined = "\x1f".join(" ".join(text(part).split()) for part in parts)
    return hashlib.blake2b(joined.encode(), digest_size=6).hexdigest()
