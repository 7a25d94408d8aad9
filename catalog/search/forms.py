"""The forms under which a name is found, and what a query may mean."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from catalog.text import normalise

# Leading words that people leave out. Without German "die": "Die Hard" is not "Hard".
ARTICLES = {
    "the", "a", "an", "le", "la", "les", "un", "une", "el", "los", "las", "una", "il", "lo", "gli",
    "der", "das", "ein", "eine", "het",
}  # fmt: skip
_ELIDED = re.compile(r"^[ld]['’`´]", re.IGNORECASE)  # L'Étranger, d'Artagnan
_WRITTEN_OUT = {
    "dr": "doctor", "mr": "mister", "st": "saint", "vol": "volume", "pt": "part",
    "ft": "featuring", "feat": "featuring", "vs": "versus",
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
    "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12",
    # No single letters: the V of "V for Vendetta" is no five.
    "ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9",
    "xi": "11", "xii": "12", "xiii": "13",
}  # fmt: skip
_SHORTENED = {"doctor": "dr", "mister": "mr", "saint": "st"}
_INITIALS = re.compile(r"(?<!\S)\S(?: \S)+(?!\S)")  # j k, u s a
_AND = re.compile(r"\s*[&+]\s*")
_BEFORE = re.compile(r"^[(\[][^)\]]*[)\]]\s*(?=\w)")  # (Sittin' On) The Dock of the Bay
_AFTER = re.compile(r"\s*[(\[/]|:\s|\s[-–—]\s")  # Dune (Dune, #1); Miles: The Autobiography
_YEAR = re.compile(r"^(.*\S)\s+\(?((?:1[5-9]|20)\d\d)\)?$")


def key_of(text: str) -> str:
    """The normal form; of a text without letters or digits ("???") the text itself."""
    return normalise(text) or "".join(text.casefold().replace("\0", "").split())


def forms_of(name: str, key: str) -> Iterator[tuple[str, bool]]:
    """(form, whether it is the whole name) of a name, whose normal form is `key`.

    The whole name comes as it is and as people write it out; then its main part, and each of
    these without a leading article.
    """
    yield key, True
    short = main_part(name)
    main = normalise(short) if short else ""
    whole = [key, *_otherwise(name, key)]
    parts = [main, *_otherwise(short, main)] if main and main != key else []
    yield from ((form, True) for form in whole[1:])
    yield from ((form, False) for form in parts)
    for form in (*whole, *parts):
        bare = without_article(form)
        if bare != form:
            yield bare, False
    if _ELIDED.match(name) and len(key) > 2:
        yield key[1:], False


def without_article(key: str) -> str:
    """`"the godfather"` → `"godfather"`; a key of one word stays."""
    first, _, rest = key.partition(" ")
    return rest if rest and first in ARTICLES else key


def written_out(key: str) -> str:
    """`"dr who"` → `"doctor who"`, `"rocky ii"` → `"rocky 2"`, `"j k rowling"` → `"jk rowling"`."""
    words = key.split()
    if _WRITTEN_OUT.keys().isdisjoint(words) and not _INITIALS.search(key):
        return key
    written = " ".join([_WRITTEN_OUT.get(word, word) for word in words])
    return _INITIALS.sub(lambda found: found[0].replace(" ", ""), written)


def _otherwise(name: str, key: str) -> Iterator[str]:
    if "&" in name or "+" in name:
        joined = written_out(normalise(_AND.sub(" and ", name)))
        if joined != key:
            yield joined
    spelt = written_out(key)
    if spelt != key:
        yield spelt
    words = key.split()
    if not _SHORTENED.keys().isdisjoint(words):
        yield " ".join([_SHORTENED.get(word, word) for word in words])


def main_part(name: str) -> str:
    """The name without what stands in brackets before it or after it; "" if that is all of it."""
    found = _AFTER.search(name, 1)
    if name[:1] in "([":
        name = _BEFORE.sub("", name)
        found = _AFTER.search(name, 1)
        return name[: found.start()] if found else name
    return name[: found.start()] if found else ""


@dataclass(frozen=True)
class Query:
    """What was typed, as it is looked up."""

    key: str
    spellings: tuple[str, ...]  # the key, and the key written out if that differs
    year: int | None = None  # of a query that ends with one
    rest: "Query | None" = None  # the query without the year

    @property
    def compact(self) -> str:
        return self.key.replace(" ", "")


def parse(text: str) -> Query:
    """`"Dune (1984)"` → the title and, apart from it, "dune" of the year 1984."""
    key = key_of(text)
    spellings = tuple(dict.fromkeys((key, *_otherwise(text, key))))
    dated = _YEAR.match(text.strip())
    if dated is None:
        return Query(key, spellings)
    rest = parse(dated[1])
    return Query(key, spellings, int(dated[2]), Query(rest.key, rest.spellings))
