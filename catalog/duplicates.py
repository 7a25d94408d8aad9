"""Items that look like one work: found by their titles, years, people and lengths.

Nothing is merged here. A curator looks at each pair and merges it, or says that it is two works.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from catalog.models import Book, Credit, DistinctPair, Item, Kind, Movie, Track
from catalog.moving import chunks
from catalog.revision import Kept
from catalog.text import normalise

MOST_SECONDS_APART = 5.0  # two masters of one recording
SAME_SECONDS = 2.0
MOSTLY = 0.5  # so many of the people that the shorter list names
_ARTICLE = re.compile(r"^(?:the|an?) (?=\S)")
_SERIES = re.compile(r"\s*\(([^()]*#[^()]*)\)\s*$")  # "(The Hunger Games, #1)"
_NOBODY = {"unknown", "anonymous", "various artists", "various", "not available"}


@dataclass(slots=True)
class Entry:
    """What is compared of one item."""

    pk: int
    year: int | None
    series: str = ""  # of a book: what stands behind its title in brackets
    track_id: str = ""
    minutes: float | None = None
    people: list[str] = field(default_factory=list)  # keys of their names, in billing order


@dataclass(frozen=True, slots=True)
class Pair:
    """Two items, the lower key first, that may be one work. `sure` is for the eye: it sorts."""

    kind: str
    first: int
    second: int
    sure: bool
    reasons: tuple[str, ...]


Verdict = tuple[bool, tuple[str, ...]] | None
Groups = dict[str, list[Entry]]


def pairs(kind: str, *, sure: bool | None = None) -> list[Pair]:
    """The pairs of a kind, sure ones first; without those that are two works."""
    apart = set(DistinctPair.objects.values_list("first_id", "second_id"))
    return [
        pair
        for pair in _found.get()
        if pair.kind == kind
        and (sure is None or pair.sure == sure)
        and (pair.first, pair.second) not in apart
    ]


def count() -> dict[str, int]:
    """Kind → how many pairs look like one work."""
    return {kind: len(pairs(kind)) for kind in Kind.values}


def keep_apart(*, first: Item, second: Item) -> DistinctPair:
    """Says that these are two works: they are not proposed again. Deleting the row takes it back.

    Raises ValueError for an item and itself.
    """
    if first.pk == second.pk:
        raise ValueError("An item is not another work than itself.")
    low, high = sorted((first.pk, second.pk))
    pair, _ = DistinctPair.objects.get_or_create(first_id=low, second_id=high)
    return pair


def find() -> list[Pair]:
    """Every pair of the catalogue that looks like one work; a pass over the titles, and over the
    people of those that are there twice."""
    apart = set(DistinctPair.objects.values_list("first_id", "second_id"))
    found: dict[tuple[int, int], Pair] = {}
    for kind, groups, compare in (
        (Kind.MOVIE, _movies(), same_movie),
        (Kind.TRACK, _tracks(), same_track),
        (Kind.BOOK, _books(), same_book),
    ):
        _credit(entry for group in groups for entry in group)
        for group in groups:
            for pair in _paired(kind.value, group, compare, apart):
                found.setdefault((pair.first, pair.second), pair)
    return sorted(found.values(), key=lambda pair: (not pair.sure, pair.first, pair.second))


def _paired(
    kind: str,
    group: list[Entry],
    compare: Callable[[Entry, Entry], Verdict],
    apart: set[tuple[int, int]],
) -> Iterator[Pair]:
    """Each entry with the first earlier one that it is like: n twins make n - 1 pairs."""
    group.sort(key=lambda entry: entry.pk)
    for place, second in enumerate(group):
        best: Pair | None = None
        for first in group[:place]:
            if (first.pk, second.pk) in apart:
                continue
            verdict = compare(first, second)
            if verdict is not None and (best is None or verdict[0]):
                best = Pair(kind, first.pk, second.pk, *verdict)
                if best.sure:
                    break
        if best is not None:
            yield best


# --- The rules ----------------------------------------------------------------------------


def same_movie(first: Entry, second: Entry) -> Verdict:
    """Films of one title: a remake has another cast. A source's year may be that of a
    re-release, so most of the people in common outweigh it."""
    shared, mostly = _in_common(first, second)
    apart = _years_apart(first, second)
    near = apart is None or apart <= 1
    if shared and mostly and (near or shared > 1):
        return near, ("same title", _years_in_words(apart), _people_in_words(shared))
    if shared and near:
        return False, ("same title", _years_in_words(apart), _people_in_words(shared))
    if not (first.people and second.people) and apart == 0:
        return False, ("same title", "same year", "nobody named in one of them")
    return None


def same_book(first: Entry, second: Entry) -> Verdict:
    """Books of one title and author; in one series only under one number."""
    if first.series and second.series and first.series != second.series:
        return None
    shared, _ = _in_common(first, second)
    apart = _years_apart(first, second)
    near = apart is None or apart <= 1
    if shared:
        return near, ("same title", "same author", *([] if near else [_years_in_words(apart)]))
    if not (first.people and second.people) and apart == 0:
        return False, ("same title", "same year", "no author in one of them")
    return None


def same_track(first: Entry, second: Entry) -> Verdict:
    """Tracks of one title and first artist. Another track id is another release; whether it is
    the same recording, its length tells."""
    if first.track_id and first.track_id == second.track_id:
        return True, ("same track id",)
    if not first.people or not second.people or first.people[0] != second.people[0]:
        return None
    if first.minutes is None or second.minutes is None:
        return False, ("same title", "same artist", "length unknown")
    seconds = abs(first.minutes - second.minutes) * 60
    if seconds > MOST_SECONDS_APART:
        return None
    if seconds <= SAME_SECONDS:
        return True, ("same title", "same artist", "same length")
    return False, ("same title", "same artist", f"lengths {seconds:.0f} seconds apart")


def _in_common(first: Entry, second: Entry) -> tuple[int, bool]:
    """How many people both name, and whether that is most of the shorter list."""
    shared = len(set(first.people) & set(second.people))
    fewest = min(len(set(first.people)), len(set(second.people)))
    return shared, shared >= MOSTLY * fewest


def _years_apart(first: Entry, second: Entry) -> int | None:
    if first.year is None or second.year is None:
        return None
    return abs(first.year - second.year)


def _years_in_words(apart: int | None) -> str:
    if apart is None:
        return "year unknown"
    if apart < 2:
        return ("same year", "one year apart")[apart]
    return f"{apart} years apart"


def _people_in_words(shared: int) -> str:
    return "one person in common" if shared == 1 else f"{shared} people in common"


# --- What has one title -------------------------------------------------------------------


def bare_title(title_key: str) -> str:
    """A title's key without its leading article."""
    return _ARTICLE.sub("", title_key)


def _movies() -> list[list[Entry]]:
    """By title, and once more by original title."""
    by_title: Groups = defaultdict(list)
    by_original: Groups = defaultdict(list)
    rows = Movie.objects.order_by().values_list("pk", "title_key", "year", "original_title")
    for pk, key, year, original in rows.iterator(chunk_size=5_000):
        entry = Entry(pk, year)
        by_title[bare_title(key)].append(entry)
        by_original[bare_title(normalise(original))].append(entry)
    return [*_repeated(by_title), *_repeated(by_original)]


def _books() -> list[list[Entry]]:
    by_title: Groups = defaultdict(list)
    rows = Book.objects.order_by().values_list("pk", "title", "title_key", "year")
    for pk, title, key, year in rows.iterator(chunk_size=5_000):
        series = _SERIES.search(title) if "#" in title else None
        if series:
            key = normalise(title[: series.start()])
        entry = Entry(pk, year, series=normalise(series[1]) if series else "")
        by_title[bare_title(key)].append(entry)
    return _repeated(by_title)


def _tracks() -> list[list[Entry]]:
    by_title: Groups = defaultdict(list)
    by_track_id: Groups = defaultdict(list)
    rows = Track.objects.order_by().values_list(
        "pk", "title_key", "year", "track_id", "duration_minutes"
    )
    for pk, key, year, track_id, minutes in rows.iterator(chunk_size=5_000):
        entry = Entry(pk, year, track_id=track_id, minutes=minutes)
        by_title[bare_title(key)].append(entry)
        by_track_id[track_id].append(entry)
    groups = _repeated(by_title)
    _credit(entry for group in groups for entry in group)
    by_artist = [part for group in groups for part in _by_first_artist(group)]
    return [*_repeated(by_track_id), *by_artist]


def _by_first_artist(group: list[Entry]) -> list[list[Entry]]:
    """A carol is sung by hundreds: only what one artist sings is compared."""
    parts: Groups = defaultdict(list)
    for entry in group:
        parts[entry.people[0] if entry.people else ""].append(entry)
    return _repeated(parts)


def _repeated(groups: Groups) -> list[list[Entry]]:
    """Groups of two or more; what has no name is like nothing."""
    return [group for name, group in groups.items() if name and len(group) > 1]


def _credit(entries: Iterable[Entry]) -> None:
    """Fills in the people of those entries that have none yet."""
    bare: dict[int, Entry] = {entry.pk: entry for entry in entries if not entry.people}
    for some in chunks(sorted(bare)):
        for pk, name_key in _billed(some):
            if name_key not in _NOBODY:
                bare[pk].people.append(name_key)


def _billed(keys: Sequence[int]) -> Iterable[tuple[int, str]]:
    credits = Credit.objects.filter(item__in=keys).order_by("position", "pk")
    return credits.values_list("item_id", "creator__name_key")


_found = Kept(find, ahead=False)
