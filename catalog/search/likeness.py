"""How alike a query and names are: as wholes, at their beginnings, and word by word."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

FloatArray = NDArray[np.float32]

_BEGINNING = 0.94  # what a likeness to the beginning of a longer name is worth
_SHORT = 4  # letters; a shorter query is like the beginning of too much
# What a likeness of all words is worth: at least, and more, the more of the other they cover.
_QUERY_WITHIN = (0.82, 0.16)
_NAME_WITHIN = (0.50, 0.40)
_WORD_LIKE = 0.55  # less alike words are other words


def likeness(query: str, names: Sequence[str]) -> FloatArray:
    """(n,) from 0 to 1: how alike the query and each name are; both in normal form."""
    compact = query.replace(" ", "")
    joined = [name.replace(" ", "") for name in names]
    best = alike(compact, joined)
    if len(compact) >= _SHORT:
        begun = alike(compact, [name[: len(compact)] for name in joined])
        np.maximum(best, _BEGINNING * begun, out=best)
    lengths = np.fromiter(map(len, joined), dtype=np.float32, count=len(joined))
    of_query, of_names = by_word(query.split(), [name.split() or [name] for name in names])
    for words, (least, more), covered in (
        (of_query, _QUERY_WITHIN, len(compact) / np.maximum(lengths, 1)),
        (of_names, _NAME_WITHIN, lengths / len(compact)),
    ):
        np.maximum(best, (least + more * np.minimum(covered, 1)) * words, out=best)
    return best


def by_word(query: Sequence[str], names: Sequence[Sequence[str]]) -> tuple[FloatArray, FloatArray]:
    """(n,) how near the words of the query are to words of a name, and (n,) the other way round;
    long words count for more."""
    words = [word for name in names for word in name]
    found = cdist(query, words, scorer=OSA.normalized_similarity, dtype=np.float32)
    found[found < _WORD_LIKE] = 0
    starts = np.cumsum([0, *map(len, names)])[:-1]
    weights = _lengths(query)
    of_query = weights @ np.maximum.reduceat(found, starts, axis=1) / weights.sum()
    weights = _lengths(words)
    of_names: FloatArray = np.add.reduceat(found.max(axis=0) * weights, starts)
    of_names /= np.add.reduceat(weights, starts)
    return of_query, of_names


def alike(text: str, others: Sequence[str]) -> FloatArray:
    """(n,) 1 less the share of letters to be changed, added, left out or swapped."""
    found: FloatArray = cdist([text], others, scorer=OSA.normalized_similarity, dtype=np.float32)
    return found[0]


def _lengths(words: Sequence[str]) -> FloatArray:
    return np.fromiter(map(len, words), dtype=np.float32, count=len(words))
