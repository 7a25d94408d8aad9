"""What a query finds among names: letter by letter, then nearly."""

from collections.abc import Sequence
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from catalog.search.forms import Query, without_article
from catalog.search.likeness import alike, likeness
from catalog.search.names import Names

# Owner → a `Match`, and a fraction below one that orders within it. The lowest is the best.
Ranks = dict[int, float]
BoolArray = NDArray[np.bool_]

MOST = 300  # matches of one sort that are put in order
CANDIDATES = 240  # names looked at closely for a query that is misspelt
_LIKE = 0.62  # less alike is not near
_VERY_LIKE = 0.79
_BEHIND = 0.2  # nor is what is so much less alike than the nearest
_KNOWN = 0.02  # the likeness by which the best known is before the least known
_NEAR_WORDS = 60
_WORD_LIKE = 0.7


class Match(IntEnum):
    """How a name was found, the surest first."""

    EXACT = 0
    BUT_FOR_PARTS = 1  # a leading article, or what stands in brackets
    BEGINS = 2
    BEGINS_WITHIN_WORD = 3
    WORDS = 4  # all words, in any order
    VERY_NEAR = 5  # in spelling
    WITH_CREATOR = 6  # all words, some of them in the name of a creator
    WITHIN = 7  # somewhere within, not even at the beginning of a word
    NEAR = 8  # in spelling


def put(ranks: Ranks, owner: int, rank: float) -> None:
    """Keep the better rank."""
    if rank < ranks.get(owner, 99.0):
        ranks[owner] = rank


def surely(names: Names, query: Query) -> Ranks:
    """Names that are, begin with, or have all words of the query."""
    ranks: Ranks = {}
    for spelling in query.spellings:
        _as_a_whole(ranks, names, spelling, asked=True)
        bare = without_article(spelling)
        if bare != spelling:
            _as_a_whole(ranks, names, bare, asked=False)
        words = spelling.split()
        held = np.ones(names.size, dtype=bool)
        for place, word in enumerate(words, start=1):
            held &= mask(names.size, names.with_word(word, beginning=place == len(words)))
        for owner in np.flatnonzero(held)[:MOST].tolist():
            put(ranks, owner, Match.WORDS)
    return ranks


def _as_a_whole(ranks: Ranks, names: Names, text: str, *, asked: bool) -> None:
    """`asked`: the text is all that was asked for."""
    compact = text.replace(" ", "")
    if not compact:
        return
    for name in names.exactly(compact).tolist():
        exact = asked and names.whole[name]
        put(ranks, int(names.owners[name]), Match.EXACT if exact else Match.BUT_FOR_PARTS)
    for name in names.beginning(compact, MOST).tolist():
        at_end = _ends_a_word(names.keys[name], len(compact))
        match = Match.BEGINS if at_end else Match.BEGINS_WITHIN_WORD
        put(ranks, int(names.owners[name]), match)


def _ends_a_word(key: str, letters: int) -> bool:
    for word in key.split(" "):
        letters -= len(word)
        if letters <= 0:
            return letters == 0
    return False


def within(names: Names, query: Query) -> Ranks:
    """Names with the query inside a word, or across words: all that writing without spaces has."""
    ranks: Ranks = {}
    for spelling in query.spellings:
        for name in names.holding(spelling.replace(" ", ""), MOST).tolist():
            put(ranks, int(names.owners[name]), Match.WITHIN)
    return ranks


def nearly(names: Names, query: Query) -> Ranks:
    """Names that are spelled most like the query; none is there unless it is quite alike."""
    best = np.zeros(names.size, dtype=np.float32)
    for spelling in query.spellings:
        found = names.near(spelling.replace(" ", ""), CANDIDATES)
        if len(found):
            scores = likeness(spelling, [names.keys[name] for name in found.tolist()])
            np.maximum.at(best, names.owners[found], scores)
    return near_ranks(best)


def near_ranks(likenesses: NDArray[np.float32], very: float = _VERY_LIKE) -> Ranks:
    """The likeness of each owner → ranks of those that are near; very near from `very` on."""
    highest = float(likenesses.max(initial=0.0))
    found = np.flatnonzero(likenesses >= max(_LIKE, highest - _BEHIND))
    known = _KNOWN * (1 - found / max(len(likenesses), 1))
    scores = np.minimum(likenesses[found].astype(np.float64), 1 - _KNOWN) + known
    matches = np.where(likenesses[found] >= very, Match.VERY_NEAR, Match.NEAR)
    return dict(zip(found.tolist(), (matches + 1 - scores).tolist(), strict=True))


def words_like(names: Names, words: Sequence[str]) -> list[NDArray[np.float32]]:
    """For each word, (size,) how alike the nearest word of each owner is: 1 has that very word."""
    found = []
    for word in words:
        likenesses = np.zeros(names.size, dtype=np.float32)
        near = names.words_near(word, _NEAR_WORDS)
        scores = alike(word, [text for _, text in near]) if near else ()
        for (number, _), score in zip(near, scores, strict=True):
            if score >= _WORD_LIKE:
                owners = names.with_word_number(number)
                likenesses[owners] = np.maximum(likenesses[owners], score)
        found.append(likenesses)
    return found


def mask(size: int, owners: NDArray[np.int32]) -> BoolArray:
    held = np.zeros(size, dtype=bool)
    held[owners] = True
    return held
