"""The cleaning rules, one function a rule: text of a cell in, clean value out.

A rule that cannot make sense of a cell raises `BadCellError` with a sentence; the row
then counts as failed and the import goes on.
"""

import ast
import datetime
import math
import re
import unicodedata
from collections.abc import Iterable

UNKNOWN_GENRE = "Unknown"
NO_DESCRIPTION = "No Description Available"
NOT_AVAILABLE = "Not Available"
MOST_RATINGS = 10_000_000
LARGEST_WHOLE_NUMBER = 2_147_483_647  # what a PositiveIntegerField holds everywhere


class BadCellError(ValueError):
    """A cell that no rule can read. The message is a reason that a person can act on."""


def text(value: str) -> str:
    """No-break spaces become spaces, ends are trimmed, accents are composed (NFC)."""
    if "\0" in value:
        raise BadCellError("a cell holds a NUL character, which is no text")
    return unicodedata.normalize("NFC", value.replace("\u00a0", " ")).strip()


def line(value: str, column: str, longest: int) -> str:
    """Text on one line, at most `longest` characters; longer text is refused, never cut."""
    one_line = " ".join(text(value).split())
    if len(one_line) > longest:
        raise BadCellError(f"{column} has {len(one_line)} characters; {longest} is the most")
    return one_line


def required_line(value: str, column: str, longest: int) -> str:
    found = line(value, column, longest)
    if not found:
        raise BadCellError(f"{column} is empty")
    return found


def number(value: str, column: str, low: float, high: float) -> float | None:
    """A number from `low` to `high`; None for an empty cell."""
    stripped = text(value)
    if not stripped:
        return None
    try:
        found = float(stripped)
    except ValueError:
        raise BadCellError(f"{column} is {shown(stripped)}, which is not a number") from None
    if not math.isfinite(found) or not low <= found <= high:
        raise BadCellError(f"{column} is {shown(stripped)}, outside {low:g} to {high:g}")
    return found


def whole_number(value: str, column: str, low: int, high: int) -> int | None:
    """A whole number, also where a table wrote it as `4.0`; None for an empty cell."""
    found = number(value, column, low, high)
    if found is None:
        return None
    if not found.is_integer():
        raise BadCellError(f"{column} is {shown(value)}, which is not a whole number")
    return int(found)


def known(value: float | None) -> float | None:
    """Zero stands for "not known" in scores, money, tempo and average ratings."""
    return value or None


def count_with_commas(value: str, column: str) -> int | None:
    """`"5,691,311"` → 5691311."""
    return whole_number(value.replace(",", ""), column, 0, LARGEST_WHOLE_NUMBER)


def date_month_first(value: str, column: str) -> datetime.date | None:
    """`"03/02/2023 "` → 2 March 2023; None for an empty cell."""
    stripped = text(value)
    if not stripped:
        return None
    try:
        return datetime.datetime.strptime(stripped, "%m/%d/%Y").date()
    except ValueError:
        raise BadCellError(
            f"{column} is {shown(stripped)}, which is not a MM/DD/YYYY date"
        ) from None


def boolean(value: str, column: str) -> bool | None:
    """`True` and `False` (also 1 and 0) as tables write them; None for an empty cell."""
    stripped = text(value).casefold()
    if not stripped:
        return None
    try:
        return {"true": True, "1": True, "false": False, "0": False}[stripped]
    except KeyError:
        raise BadCellError(f"{column} is {shown(value)}, which is neither True nor False") from None


def minutes(milliseconds: str, column: str) -> float | None:
    """Milliseconds → minutes to four places; None when empty or zero."""
    found = number(milliseconds, column, 0, 24 * 3600 * 1000)
    return round(found / 60_000, 4) if found else None


def split_names(value: str, separator: str, column: str, longest: int) -> tuple[str, ...]:
    """Names between separators, trimmed, empty ones and repeats left out, order kept."""
    return distinct(line(part, column, longest) for part in value.split(separator))


def movie_genres(value: str) -> tuple[str, ...]:
    """Genres after commas (and U+00A0); a film without any is of the genre `Unknown`."""
    return split_names(value, ",", "genre", 80) or (UNKNOWN_GENRE,)


def list_literal(value: str, column: str) -> tuple[str, ...]:
    """`"['Classics', 'Fiction']"` → names. Parsed as a literal, never evaluated."""
    stripped = text(value)
    if not stripped:
        return ()
    try:
        found = ast.literal_eval(stripped)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise BadCellError(f"{column} is {shown(stripped)}, which is not a list of names")
    return distinct(line(name, column, 80) for name in found)


def book_description(value: str) -> str:
    return text(value) or NO_DESCRIPTION


def book_popularity(num_ratings: int | None) -> float | None:
    """0 to 100 on a logarithmic scale that ten million ratings fill."""
    if num_ratings is None:
        return None
    scaled = 100 * math.log10(1 + num_ratings) / math.log10(1 + MOST_RATINGS)
    return round(min(scaled, 100.0), 2)


# A comma inside one name: "Miguel A. Núñez, Jr.", "Robert Fischer, Jr. (voice)".
_SUFFIX = re.compile(r"(?:Jr|Sr|II|III|IV|Esq)\.?(?:\s*[(/].*)?")
_CHARACTER = re.compile(
    r"^(?:the|le|la|an?|mr\.|mrs\.|dr\.|miss|captain|colonel|self)\s|[()/#\"]|'s\b|\b(?:of|and)\b|\d",
    re.IGNORECASE,
)
_VOICE = re.compile(r"\((?:voice|uncredited|archive footage)\)", re.IGNORECASE)


def crew_people(value: str) -> tuple[str, ...]:
    """The people of a film, in billing order.

    The cell alternates person and character, so that only even positions are people. "Jr." and
    the like belong to the name before them. An odd number of names means a comma inside a
    character ("Mary, Mother of Jesus"): see `_people_out_of_step`. A film without crew has no
    people: "Not Available" is what a page says, not a creator that such films share.
    """
    if text(value) in ("", NOT_AVAILABLE):
        return ()
    names: list[str] = []
    for part in re.split(r",\s|,$", value):
        name = " ".join(text(part).split())
        if names and _SUFFIX.fullmatch(name):
            names[-1] = f"{names[-1]}, {name}"
        else:
            names.append(name)
    people = names[::2] if len(names) % 2 == 0 else _people_out_of_step(names)
    return distinct(line(name, "crew", 300) for name in people if not _VOICE.search(name))


def _people_out_of_step(names: list[str]) -> list[str]:
    """People of a crew cell where one character's name holds a comma.

    Leaves out each name in turn that may be the rest of a character, and scores how much the
    even positions then look like people and the odd ones do not. Only people on whom all the
    best readings agree are kept: a person too few rather than a character among the creators.
    """

    def without(place: int) -> list[str]:
        return names[:place] + names[place + 1 :]

    def score(place: int) -> int:
        pairs = without(place)
        people, characters = pairs[::2], [*pairs[1::2], names[place]]
        return sum(map(_like_a_person, people)) - sum(map(_like_a_person, characters))

    scores = {place: score(place) for place in range(2, len(names), 2)}
    if not scores:
        return names[:1]
    best = max(scores.values())
    agreed = set.intersection(*(set(without(p)[::2]) for p, s in scores.items() if s == best))
    return [name for name in names if name in agreed and not _CHARACTER.search(name)]


def _like_a_person(name: str) -> bool:
    return " " in name and not name[0].islower() and not _CHARACTER.search(name)


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """Order kept, repeats and empty names left out."""
    return tuple(dict.fromkeys(name for name in names if name))


def shown(value: str) -> str:
    """A cell as a message quotes it: never more than a line of it."""
    return repr(value if len(value) <= 60 else value[:57] + "…")
