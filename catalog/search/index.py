"""The names of the whole catalogue in memory, and what a query finds among them.

One code path for every database: the rows are read once and put in an order of our own, and the
answers come from them alone.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.search.finding import (
    MOST,
    Match,
    Ranks,
    mask,
    near_ranks,
    nearly,
    put,
    surely,
    within,
    words_like,
)
from catalog.search.forms import Query, parse
from catalog.search.names import Names
from catalog.search.triples import Lists

_ENOUGH = 5  # so many exact answers need no near ones beside them
_WITH_TYPOS = 0.92  # what words of title and creator together are worth when one is misspelt
_NEXT_YEAR = 0.5  # a rank of the same sort, after those of the very year
_OTHER_YEAR = 0.1
_RATHER_NEAR = 0.25  # a likeness of three quarters
_AS_NEAR = 0.15
_GUESSED = (Match.VERY_NEAR, Match.NEAR)


@dataclass(frozen=True)
class Hit:
    """Something that was found. `rank` is a `Match` and a fraction; the lowest is the best.

    `near`: it is a guess at what was meant, not what was typed.
    """

    place: int
    rank: float
    near: bool


@dataclass(frozen=True)
class CatalogueIndex:
    """Items and people are known by their place: the best known have the lowest."""

    keys: NDArray[np.int64]  # (items,) primary keys
    kinds: NDArray[np.int8]  # (items,) places in `Kind`
    years: NDArray[np.int16]  # (items,) NO_YEAR where it is not known
    titles: Names  # of items
    people: NDArray[np.int64]  # (people,) primary keys of creators, one of each name
    names: Names  # of people
    works: Lists  # person → items

    def find(self, text: str) -> tuple[list[Hit], list[Hit]]:
        """(items, people) that are meant by the text, the best first."""
        query = parse(text)
        items, people = self._items_surely(query), surely(self.names, query)
        if query.rest and query.year:
            self._of_year(items, self._items_surely(query.rest), query.year)
            people |= surely(self.names, query.rest)
        ranks = (*items.values(), *people.values())
        if sum(rank < Match.VERY_NEAR for rank in ranks) < _ENOUGH:
            for found, names in ((items, self.titles), (people, self.names)):
                for owner, rank in within(names, query).items():
                    put(found, owner, rank)
            self._nearly(items, people, query)
        return _in_order(items, people)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        arrays = (self.keys, self.kinds, self.years, self.people)
        return sum(part.nbytes for part in (*arrays, self.titles, self.names, self.works))

    def works_of(self, people: list[int]) -> list[int]:
        """Items of these people, the best known first."""
        return np.unique(self.works.together(np.asarray(people, dtype=np.int64))).tolist()

    def _items_surely(self, query: Query) -> Ranks:
        ranks = surely(self.titles, query)
        for spelling in query.spellings:
            words = spelling.split()
            if len(words) < 2:
                continue
            held = np.ones(self.titles.size, dtype=bool)
            theirs = np.ones(self.titles.size, dtype=bool)  # all words in names of creators
            for place, word in enumerate(words, start=1):
                last = place == len(words)
                people = np.unique(self.names.with_word(word, beginning=last))
                of_people = mask(len(self.keys), self.works.together(people))
                of_title = mask(len(self.keys), self.titles.with_word(word, beginning=last))
                theirs &= of_people
                held &= of_people | of_title
            for item in np.flatnonzero(held & ~theirs)[:MOST].tolist():
                put(ranks, item, Match.WITH_CREATOR)
        return ranks

    def _nearly(self, items: Ranks, people: Ranks, query: Query) -> None:
        meant = query.rest or query
        found = nearly(self.titles, meant)
        if meant is query:
            for item, rank in found.items():
                put(items, item, rank)
        else:
            self._of_year(items, found, query.year or 0)
        for person, rank in nearly(self.names, meant).items():
            put(people, person, rank)
        for item, rank in self._words_nearly(meant).items():
            put(items, item, rank)

    def _words_nearly(self, query: Query) -> Ranks:
        """Items that have all words, or words like them, in title and creators together."""
        words = query.key.split()
        if len(words) < 2:
            return {}
        total = np.zeros(self.titles.size, dtype=np.float32)
        held = np.ones(self.titles.size, dtype=bool)
        theirs = np.ones(self.titles.size, dtype=bool)  # all words in names of creators
        in_titles, in_names = words_like(self.titles, words), words_like(self.names, words)
        for word, of_title, of_people in zip(words, in_titles, in_names, strict=True):
            people = np.flatnonzero(of_people)
            of_works = np.repeat(of_people[people], self.works.lengths(people))
            by_people = np.zeros(self.titles.size, dtype=np.float32)
            np.maximum.at(by_people, self.works.together(people), of_works)
            theirs &= by_people > 0
            best = np.maximum(of_title, by_people)
            held &= best > 0
            total += len(word) * best
        total[~held | theirs] = 0
        # Words from here and there are never as sure as a name that is very near.
        return near_ranks(total * (_WITH_TYPOS / sum(map(len, words))), very=2.0)

    def _of_year(self, items: Ranks, found: Ranks, year: int) -> None:
        """Adds what was found without its year: of that year as it is, of another only near."""
        for item, rank in found.items():
            off = abs(int(self.years[item]) - year)
            if off == 0:
                put(items, item, rank)
            elif off == 1 and rank < Match.VERY_NEAR:
                put(items, item, rank + _NEXT_YEAR)
            else:
                put(items, item, max(rank, Match.NEAR) + _OTHER_YEAR)


def _in_order(items: Ranks, people: Ranks) -> tuple[list[Hit], list[Hit]]:
    best = min((*items.values(), *people.values()), default=0.0)
    misspelt = int(best) in _GUESSED
    # Beside what is sure, only what is rather near is of use; beside a guess, one as near.
    limit = best % 1 + _AS_NEAR if misspelt else _RATHER_NEAR

    def hits(ranks: Ranks) -> list[Hit]:
        found = []
        for place, rank in ranks.items():
            guessed = int(rank) in _GUESSED
            if not guessed or rank % 1 <= limit:
                # It comes from floating point: rounded, so that equals are equal everywhere.
                found.append((round(rank, 6), place, misspelt or guessed))
        return [Hit(place, rank, near) for rank, place, near in sorted(found)]

    return hits(items), hits(people)
