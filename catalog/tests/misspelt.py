"""The fixture of misspelt queries: what each must find, and what the starter catalogue lacks."""

import csv
from dataclasses import dataclass
from pathlib import Path

from catalog.models import Alias, Item, Movie, creator_key
from catalog.search import Found, Person
from catalog.search.forms import key_of, main_part
from catalog.tests.shelves import make

PATH = Path(__file__).with_name("misspelt_queries.csv")
FIRST = 5

_LACKING = [  # kind, title, year
    ("movie", "Doctor Who", 1996),
    ("movie", "Léon: The Professional", 1994),
    ("book", "Don't Be Evil", 2019),
    ("book", "L'Étranger", 1942),
]
_ORIGINAL_TITLES = {
    "Seven Samurai": "七人の侍",
    "Solaris": "Солярис",
    "Parasite": "기생충",
    "Spirited Away": "千と千尋の神隠し",
    "Stalker": "Сталкер",
}
_ALIASES = {
    "Seven Samurai": "Shichinin no Samurai",
    "Nineteen Eighty-Four": "1984",
    "One Hundred and One Dalmatians": "101 Dalmatians",
    "99 Luftballons": "99 Red Balloons",
    "One Hundred Years of Solitude": "Cien años de soledad",
    "Don Quixote": "Don Quijote",
}


@dataclass(frozen=True)
class Misspelt:
    """`expected`: a title; one that ends in "…" is a beginning, "by X" is X or a work of X."""

    query: str
    expected: str
    wrong: str
    held_out: bool  # written before anything was tuned, and never tuned on

    def is_found(self, found: Found) -> bool:
        """Whether it is among the first five."""
        return any(self._is_meant(answer) for answer in found.best[:FIRST])

    def _is_meant(self, answer: Item | Person) -> bool:
        if self.expected.startswith("by "):
            key = creator_key(self.expected.removeprefix("by "))
            if isinstance(answer, Person):
                return creator_key(answer.name) == key
            return any(credit.creator.name_key == key for credit in answer.credits.all())
        if isinstance(answer, Person):
            return False
        # The sources write "Dune (Dune, #1)" where the starter catalogue writes "Dune".
        titles = {key_of(answer.title), key_of(main_part(answer.title) or answer.title)}
        key = key_of(self.expected)
        if self.expected.endswith("…"):
            return any(title.startswith(key) for title in titles)
        return key in titles


def misspelt_queries() -> list[Misspelt]:
    with PATH.open(encoding="utf-8", newline="") as file:
        return [
            Misspelt(row["query"], row["title"], row["wrong"], row["held_out"] == "x")
            for row in csv.DictReader(file)
        ]


def add_what_is_lacking() -> None:
    """Works, original titles and aliases that the queries name and the starter catalogue lacks."""
    for kind, title, year in _LACKING:
        make(kind, title, year=year)
    for title, original in _ORIGINAL_TITLES.items():
        for movie in Movie.objects.filter(title=title):
            movie.original_title = original
            movie.save()
    for title, name in _ALIASES.items():
        for item in Item.objects.filter(title=title):
            Alias.objects.create(item=item, name=name)
