"""Many names, to be found by how they begin, by their words, or by what they nearly are.

Names are numbered from the best known on: the first of a list is the one that is looked for most
often, and a list that is too long is cut at its end.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np

from catalog.search.triples import IntArray, Lists, Triples

_LAST = "\U0010ffff"
_SHORTEST_PART = 3  # letters


class Texts:
    """Many short texts in one piece of memory."""

    def __init__(self, texts: Sequence[str]) -> None:
        coded = [text.encode() for text in texts]
        self._ends = np.cumsum([0, *map(len, coded)], dtype=np.uint32)
        self._bytes = b"".join(coded)

    def __getitem__(self, number: int) -> str:
        return self._bytes[self._ends[number] : self._ends[number + 1]].decode()

    def __len__(self) -> int:
        return len(self._ends) - 1

    @property
    def nbytes(self) -> int:
        return len(self._bytes) + self._ends.nbytes


class Names:
    """Forms of the names of `size` owners. Several forms may belong to one owner."""

    def __init__(self, forms: Sequence[str], owners: Sequence[int], whole: Sequence[bool]) -> None:
        """Owners in rising order: owner 0 is the best known."""
        self.size = owners[-1] + 1 if owners else 0
        self.keys = Texts(forms)
        self.owners: IntArray = np.asarray(owners, dtype=np.int32)
        self.whole = np.asarray(whole, dtype=bool)
        compact = [form.replace(" ", "") for form in forms]
        self._order = np.asarray(
            sorted(range(len(compact)), key=compact.__getitem__), dtype=np.int32
        )
        self._index_words(forms)
        self._triples = Triples(compact)

    def _index_words(self, forms: Sequence[str]) -> None:
        known: dict[str, int] = {}
        words: list[int] = []
        counts: list[int] = []
        for form, whole in zip(forms, self.whole.tolist(), strict=True):
            # A part of a name has no word that the whole does not have.
            parts = form.split() if whole else ()
            words.extend(known.setdefault(word, len(known)) for word in parts)
            counts.append(len(parts))
        vocabulary = sorted(known)
        place = np.empty(len(known), dtype=np.int32)
        place[[known[word] for word in vocabulary]] = np.arange(len(known), dtype=np.int32)
        self._vocabulary = Texts(vocabulary)
        self._word_triples = Triples(vocabulary)
        which = place[np.asarray(words, dtype=np.int64)]
        self._of_word = Lists(which, np.repeat(self.owners, counts), len(known))

    def compact(self, name: int) -> str:
        return self.keys[name].replace(" ", "")

    def exactly(self, text: str) -> IntArray:
        """Names that are `text`, which has no spaces, but for their spaces."""
        low, high = self._between(text, text)
        return np.sort(self._order[low:high])

    def beginning(self, text: str, most: int) -> IntArray:
        """The best known of the names that begin with `text` and are longer, spaces aside."""
        _, low = self._between(text, text)
        found = self._order[low : self._between(text, text + _LAST)[1]]
        if len(found) > most:
            found = np.partition(found, most)[:most]
        return np.sort(found)

    def _between(self, first: str, last: str) -> tuple[int, int]:
        low = bisect_left(self._order, first, key=self.compact)
        return low, bisect_right(self._order, last, lo=low, key=self.compact)

    def with_word(self, word: str, *, beginning: bool = False) -> IntArray:
        """Owners that have this word, or one that begins so, in any name."""
        low = self._word_place(word)
        if beginning:
            high = self._word_place(word + _LAST)
            return self._of_word.values[self._of_word.starts[low] : self._of_word.starts[high]]
        known = low < len(self._vocabulary) and self._vocabulary[low] == word
        return self._of_word[low] if known else self._of_word.values[:0]

    def _word_place(self, word: str) -> int:
        words = self._vocabulary
        return bisect_left(range(len(words)), word, key=words.__getitem__)

    def holding(self, compact: str, most: int) -> IntArray:
        """The best known of the names that have `compact` in them, spaces aside."""
        # "d'un" has "dun"; three letters of a script without spaces are mostly a word.
        if len(compact) < _SHORTEST_PART or len(compact.encode()) == _SHORTEST_PART:
            return self.owners[:0]
        found = self._triples.may_hold(compact)[: 2 * most].tolist()
        held = [name for name in found if compact in self.compact(name)]
        return np.asarray(held[:most], dtype=np.int32)

    def near(self, compact: str, most: int) -> IntArray:
        """Names that are most likely to be nearly `compact`."""
        return self._triples.near(compact, most)

    def words_near(self, word: str, most: int) -> list[tuple[int, str]]:
        """(number, word) of the words of the vocabulary that `word` is most likely meant for."""
        found = self._word_triples.near(word, most)
        return [(number, self._vocabulary[number]) for number in found.tolist()]

    def with_word_number(self, number: int) -> IntArray:
        return self._of_word[number]

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        arrays = (self.owners, self.whole, self._order)
        words = (self._vocabulary, self._of_word, self._word_triples)
        return sum(part.nbytes for part in (*arrays, self.keys, self._triples, *words))
