"""Lists in one piece of memory, and texts by the letter triples that they share."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int32]

MOST_TRIPLES = 24  # of a query, the rarest
_MOST_HOLDERS = 150_000  # texts looked through for one query
_BUCKETS = 1 << 18  # of triples; two that share one cost a little time, nothing else
_BLOCK = 40_000  # texts whose triples are computed at a time


class Lists:
    """Many lists of numbers in one array: list i is `values[starts[i]:starts[i + 1]]`."""

    def __init__(self, which: NDArray[np.integer], values: NDArray[np.integer], count: int) -> None:
        """`which[k]` is the list that `values[k]` belongs to; lists are sorted, without repeats."""
        pairs = which.astype(np.int64) << 32 | values.astype(np.int64)
        pairs.sort()
        self._take(pairs, count)

    @classmethod
    def of_sorted(cls, pairs: NDArray[np.int64], count: int) -> "Lists":
        """From `list << 32 | value`, sorted."""
        made = cls.__new__(cls)
        made._take(pairs, count)
        return made

    def _take(self, pairs: NDArray[np.int64], count: int) -> None:
        if len(pairs):
            pairs = pairs[np.concatenate([[True], pairs[1:] != pairs[:-1]])]
        self.starts = np.zeros(count + 1, dtype=np.int32)
        np.cumsum(np.bincount(pairs >> 32, minlength=count), out=self.starts[1:])
        self.values: IntArray = (pairs & 0xFFFFFFFF).astype(np.int32)

    def __getitem__(self, which: int) -> IntArray:
        return self.values[self.starts[which] : self.starts[which + 1]]

    def lengths(self, which: NDArray[np.integer]) -> IntArray:
        return self.starts[which + 1] - self.starts[which]

    def together(self, which: NDArray[np.integer]) -> IntArray:
        """All values of several lists, repeats included."""
        lengths = self.lengths(which)
        ends = np.cumsum(lengths)
        within = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - lengths, lengths)
        return self.values[np.repeat(self.starts[which], lengths) + within]

    @property
    def nbytes(self) -> int:
        return int(self.starts.nbytes + self.values.nbytes)


class Triples:
    """Texts by their letter triples. They are numbered from the best known on: where two are as
    near, the first is."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.lengths: IntArray = np.fromiter(map(len, texts), dtype=np.int32, count=len(texts))
        self._holders = _index(texts, self.lengths)

    def near(self, compact: str, most: int) -> IntArray:
        """Texts that share the most, and the rarest, letter triples with `compact`.

        Half of them are the nearest as a whole, the others have the most of it in them.
        """
        buckets = np.unique(_buckets(_padded([compact])))
        held = self._holders.lengths(buckets)
        rising = np.argsort(held, kind="stable")
        rising = rising[held[rising] > 0][:MOST_TRIPLES]
        rising = rising[np.cumsum(held[rising]) - held[rising] <= _MOST_HOLDERS]
        if not len(rising):
            return np.empty(0, dtype=np.int32)
        count = len(self.lengths)
        weights = np.log(1 + count / held[rising])
        shared = np.bincount(
            self._holders.together(buckets[rising]),
            weights=np.repeat(weights, held[rising]),
            minlength=count,
        )
        sharing = np.flatnonzero(shared > weights.max() * 0.5)
        score = shared[sharing] - 1e-7 * sharing  # the better known first
        within = _largest(score, most // 2)
        # A text of the query's own length shares all it has; a longer one has more besides.
        longer = np.maximum(self.lengths[sharing] - len(compact), 0)
        whole = _largest(score / np.sqrt(len(compact) + longer), most // 2)
        return sharing[np.union1d(within, whole)].astype(np.int32)

    def may_hold(self, compact: str) -> IntArray:
        """Texts that have all letter triples of `compact`, of three letters or more, somewhere."""
        buckets = np.unique(_buckets(np.frombuffer(compact.encode("utf-32-le"), dtype=np.uint32)))
        rising = buckets[np.argsort(self._holders.lengths(buckets), kind="stable")]
        found = self._holders[rising[0]]
        for bucket in rising[1:]:
            found = np.intersect1d(found, self._holders[bucket], assume_unique=True)
        return found

    @property
    def nbytes(self) -> int:
        return self.lengths.nbytes + self._holders.nbytes


def _largest(scores: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    if len(scores) <= count:
        return np.arange(len(scores))
    return np.argpartition(scores, -count)[-count:]


def _index(texts: Sequence[str], lengths: IntArray) -> Lists:
    """Bucket of a triple → texts. The ends count as letters: a text has a triple a letter."""
    starts = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    pairs = np.empty(starts[-1], dtype=np.int64)
    for begin in range(0, len(texts), _BLOCK):
        end = min(begin + _BLOCK, len(texts))
        block = pairs[starts[begin] : starts[end]]
        block[:] = np.repeat(np.arange(begin, end), lengths[begin:end])
        block |= _buckets(_padded(texts[begin:end])).astype(np.int64) << 32
    pairs.sort()
    return Lists.of_sorted(pairs, _BUCKETS)


def _padded(texts: Sequence[str]) -> NDArray[np.uint32]:
    """Code points of all texts, each between a 1 and a 0."""
    return np.frombuffer(
        "".join([f"\1{text}\0" for text in texts]).encode("utf-32-le"), dtype=np.uint32
    )


def _buckets(codes: NDArray[np.uint32]) -> IntArray:
    """A bucket a triple, in their order; none reaches from one text into the next."""
    mixed = codes[:-2] * np.uint32(0x9E3779B1)
    mixed ^= codes[1:-1] * np.uint32(0x85EBCA77)
    mixed ^= codes[2:] * np.uint32(0xC2B2AE3D)
    mixed *= np.uint32(0x27D4EB2F)
    mixed >>= np.uint32(14)  # 18 bits are left
    inside = codes[:-2] != 0
    inside &= codes[1:-1] != 0
    return mixed[inside].astype(np.int32)
