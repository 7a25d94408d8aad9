"""One small class a provider: what to ask for an item, and which answer is surely this item.

A wrong picture is worse than none: an answer counts only when the title and the creator or the
year are the item's own, and when no second answer fits as well.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from catalog.models import Item, Kind, Role
from catalog.text import normalise

# What stands in addresses that we make of an answer is checked: it comes from outside.
_TMDB_FILE = re.compile(r"/[\w-]+\.(?:jpg|jpeg|png|webp)")
_OPEN_LIBRARY_WORK = re.compile(r"/works/OL\d+W")
_MBID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_SERIES = re.compile(r"\s*\([^()]*#[^()]*\)\s*$")  # "Dune (Dune, #1)"
_GUESTS = re.compile(r"\s*[(\[](?:feat|ft|with)\b\.?[^()\[\]]*[)\]]", re.IGNORECASE)
_EDITION = re.compile(r"\s+-\s+(?:\d{4}\s+)?remaster(?:ed)?(?:\s+\d{4})?\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Question:
    """A search: an address of the provider with its parameters and headers of its own."""

    url: str
    params: dict[str, str]
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """The address of a picture, and of the page where the provider shows it."""

    url: str
    page: str


class Provider(ABC):
    """`pause` is the least number of seconds between two requests; `keeps_days` the longest that
    a picture may be kept before it is asked for again, None for ever; `leads_to` are the hosts
    (with those below them) that the provider's own hosts may redirect to, by https."""

    name: str
    label: str
    site: str
    kind: Kind
    variable: str
    attribution: str
    pause: float
    keeps_days: int | None = None
    leads_to: tuple[str, ...] = ()

    @abstractmethod
    def on(self) -> bool:
        """Whether the settings turn it on."""

    @abstractmethod
    def bases(self) -> tuple[str, ...]:
        """The addresses below which it is asked."""

    @abstractmethod
    def question(self, item: Item) -> Question | None:
        """The search for an item; None where too little is known to be sure of an answer."""

    @abstractmethod
    def choose(self, item: Item, answer: Any) -> Found | None:
        """The item's picture in the answer to the question, a JSON value; None if none is surely.

        Raises KeyError, TypeError, ValueError or AttributeError for an answer of another shape.
        """


class Tmdb(Provider):
    """Film posters from The Movie Database: equal title or original title, a year apart at most."""

    name = "tmdb"
    label = "The Movie Database (TMDB)"
    site = "https://www.themoviedb.org/"
    kind = Kind.MOVIE
    variable = "SEGUE_TMDB_KEY"
    attribution = (
        "Poster from The Movie Database (TMDB). This product uses the TMDB API but is not "
        "endorsed or certified by TMDB."
    )
    pause = 0.1  # about forty requests a second are allowed
    keeps_days = 170  # its terms allow six months

    def on(self) -> bool:
        return bool(settings.TMDB_KEY)

    def bases(self) -> tuple[str, ...]:
        return (settings.TMDB_URL, settings.TMDB_IMAGES_URL)

    def question(self, item: Item) -> Question | None:
        if item.year is None:
            return None
        params = {"query": item.title, "year": str(item.year), "include_adult": "false"}
        key = settings.TMDB_KEY
        # Its short keys are a parameter, its long "read access tokens" a header.
        if len(key) <= 40:
            return Question(f"{settings.TMDB_URL}/search/movie", params | {"api_key": key})
        headers = {"Authorization": f"Bearer {key}"}
        return Question(f"{settings.TMDB_URL}/search/movie", params, headers)

    def choose(self, item: Item, answer: Any) -> Found | None:
        ranked = sorted(self._fitting(item, answer), key=lambda pair: pair[0], reverse=True)
        if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
            return None
        film = ranked[0][1]
        if not film.get("poster_path"):
            return None
        path = _checked(_TMDB_FILE, film["poster_path"])
        return Found(settings.TMDB_IMAGES_URL + path, f"{self.site}movie/{int(film['id'])}")

    def _fitting(self, item: Item, answer: Any) -> Iterator[tuple[tuple[bool, ...], Any]]:
        """The films that can be the item, each with what else of it is equal."""
        ours = {_key(item.title)}
        original = _key(getattr(getattr(item, "movie", None), "original_title", ""))
        ours |= {original} - {""}
        for film in answer["results"]:
            titles = {_key(film.get("title") or ""), _key(film.get("original_title") or "")}
            released = film.get("release_date") or ""
            if not ours & (titles - {""}) or not released[:4].isdecimal():
                continue
            year = int(released[:4])
            if item.year is None or abs(year - item.year) > 1:
                continue
            same_day = item.release_date is not None and released == str(item.release_date)
            both = bool(original) and original == _key(film.get("original_title") or "")
            yield (same_day, year == item.year, both), film


class OpenLibrary(Provider):
    """Book covers: equal title and an equal author."""

    name = "open_library"
    label = "Open Library"
    site = "https://openlibrary.org"
    kind = Kind.BOOK
    variable = "SEGUE_OPEN_LIBRARY"
    attribution = "Cover from Open Library."
    pause = 1.0
    leads_to = ("archive.org",)

    def on(self) -> bool:
        return bool(settings.OPEN_LIBRARY)

    def bases(self) -> tuple[str, ...]:
        return (settings.OPEN_LIBRARY_URL, settings.OPEN_LIBRARY_COVERS_URL)

    def question(self, item: Item) -> Question | None:
        authors = item.names_of(Role.AUTHOR)
        if not authors:
            return None
        params = {
            "title": _SERIES.sub("", item.title),
            "author": authors[0],
            "fields": "key,title,author_name,cover_i",
            "limit": "10",
        }
        return Question(f"{settings.OPEN_LIBRARY_URL}/search.json", params)

    def choose(self, item: Item, answer: Any) -> Found | None:
        titles = {_key(item.title), _key(_SERIES.sub("", item.title))} - {""}
        authors = {_key(name) for name in item.names_of(Role.AUTHOR)} - {""}
        for work in answer["docs"]:
            theirs = {_key(name) for name in work.get("author_name") or []}
            if _key(work["title"]) in titles and authors & theirs and work.get("cover_i"):
                number = int(work["cover_i"])
                url = f"{settings.OPEN_LIBRARY_COVERS_URL}/b/id/{number}-L.jpg?default=false"
                return Found(url, self.site + _checked(_OPEN_LIBRARY_WORK, work["key"]))
        return None


class CoverArtArchive(Provider):
    """Covers of releases, found through MusicBrainz: equal recording, artist and, if told, album.

    Without an album only official releases that are no compilation or live record count.
    """

    name = "cover_art_archive"
    label = "Cover Art Archive"
    site = "https://musicbrainz.org/"
    kind = Kind.TRACK
    variable = "SEGUE_COVER_ART_ARCHIVE"
    attribution = "Cover from the Cover Art Archive, found through MusicBrainz."
    pause = 1.1  # MusicBrainz: one a second
    leads_to = ("archive.org",)

    def on(self) -> bool:
        return bool(settings.COVER_ART_ARCHIVE)

    def bases(self) -> tuple[str, ...]:
        return (settings.MUSICBRAINZ_URL, settings.COVER_ART_ARCHIVE_URL)

    def question(self, item: Item) -> Question | None:
        artists = item.names_of(Role.ARTIST)
        if not artists:
            return None
        terms = {"recording": _bare(item.title), "artist": artists[0]}
        if _album(item):
            terms["release"] = _bare(_album(item))
        query = " AND ".join(f"{name}:{_quoted(text)}" for name, text in terms.items())
        params = {"query": query, "fmt": "json", "limit": "20"}
        return Question(f"{settings.MUSICBRAINZ_URL}/recording", params)

    def choose(self, item: Item, answer: Any) -> Found | None:
        title, artist = _key(_bare(item.title)), _key(item.names_of(Role.ARTIST)[0])
        for recording in answer["recordings"]:
            theirs = {_key(credit["name"]) for credit in recording.get("artist-credit") or []}
            if _key(_bare(recording["title"])) != title or artist not in theirs:
                continue
            for release in recording.get("releases") or []:
                if self._fits(item, release):
                    return self._cover(release)
        return None

    @staticmethod
    def _fits(item: Item, release: Any) -> bool:
        if _album(item):
            return _key(_bare(release["title"])) == _key(_bare(_album(item)))
        group = release.get("release-group") or {}
        return release.get("status") == "Official" and not group.get("secondary-types")

    def _cover(self, release: Any) -> Found:
        group = (release.get("release-group") or {}).get("id")
        # A group has the best front that any of its releases has.
        what, mbid = ("release-group", group) if group else ("release", release["id"])
        _checked(_MBID, mbid)
        url = f"{settings.COVER_ART_ARCHIVE_URL}/{what}/{mbid}/front-500"
        return Found(url, f"{self.site}{what}/{mbid}")


PROVIDERS: tuple[Provider, ...] = (Tmdb(), OpenLibrary(), CoverArtArchive())


def active() -> list[Provider]:
    """The providers that the settings turn on; by default none."""
    return [provider for provider in PROVIDERS if provider.on()]


def _key(text: str) -> str:
    """The normal form; a title without letters or digits is compared as it is."""
    return normalise(text) or text.strip().casefold()


def _bare(title: str) -> str:
    """A recording's title without its guests and the year of its remaster."""
    return _EDITION.sub("", _GUESTS.sub("", title)).strip() or title


def _album(item: Item) -> str:
    return str(getattr(getattr(item, "track", None), "album", ""))


def _quoted(text: str) -> str:
    """A phrase in MusicBrainz' query language."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _checked(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError("an address of another form than is known")
    return text
