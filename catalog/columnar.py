"""Arrays over all items: words on them, orders of them, and long lists of texts.

An item is its number here, from 0; a selection is a boolean array of one place an item.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as compute
from numpy.typing import ArrayLike, NDArray

Mask = NDArray[np.bool_]  # (n,)
Ints = NDArray[np.int32]
Floats = NDArray[np.float64]
SortKey = tuple[float | str, ...]

_BETWEEN = "~"  # of the parts of a cursor; no normal form of a title holds it


class Texts(Sequence[str]):
    """Many texts in two buffers: a tenth of the memory of as many Python strings."""

    def __init__(self, texts: Any) -> None:
        """`texts` are Python strings, or an array of Arrow's that holds such."""
        known = isinstance(texts, pa.Array)
        self.array = texts if known else pa.array(texts, pa.large_string())

    def __len__(self) -> int:
        return len(self.array)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> "Texts": ...
    def __getitem__(self, place: int | slice) -> "str | Texts":
        if isinstance(place, slice):
            return Texts(self.array[place])
        return str(self.array[int(place)].as_py())

    def find(self, text: str) -> int | None:
        """Where `text` is, in texts that are sorted and all different; None where it is not."""
        place = bisect_left(self, text)
        return place if place < len(self) and self[place] == text else None


@dataclass(frozen=True)
class Tags:
    """Words on items: item `rows[e]` has the word `codes[e]`, once; `rows` rises.

    `words` are sorted (what an address holds), `labels` go with them (what a page shows).
    """

    words: Texts  # (W,)
    labels: Texts  # (W,)
    rows: Ints  # (E,)
    codes: Ints  # (E,)

    def on(self, code: int, size: int) -> Mask:
        """The items, of `size`, that have the word."""
        mask = np.zeros(size, dtype=bool)
        mask[self.rows[self.codes == code]] = True
        return mask

    def counts(self, mask: Mask) -> NDArray[np.int64]:
        """(W,) of the items in `mask`, how many have each word."""
        held = self.codes if mask.all() else self.codes[mask[self.rows]]
        return np.bincount(held, minlength=len(self.words))

    def commonest(self, mask: Mask, most: int) -> list[tuple[int, int]]:
        """At most `most` (code, count) of the items in `mask`, the commonest first."""
        counts = self.counts(mask)
        return [(code, int(counts[code])) for code in highest(counts, most)]


def highest(counts: NDArray[np.int64], most: int) -> list[int]:
    """At most `most` places of what is above 0, the highest first, then the earlier."""
    least = 1
    if most < len(counts):
        least = max(least, int(np.partition(counts, -most)[-most]))
    places = np.flatnonzero(counts >= least)
    found: list[int] = places[np.argsort(-counts[places], kind="stable")][:most].tolist()
    return found


def tags(
    rows: ArrayLike, numbers: ArrayLike, words: Sequence[str], labels: Mapping[str, str]
) -> tuple[Tags, NDArray[np.intp]]:
    """Tags from (E,) pairs of an item and a number that stands for a word of `words`.

    Words may be there under several numbers, and pairs several times; the empty word is none.
    Also (E,) where each pair went, -1 where nowhere.
    """
    known = sorted({word for word in words if word})
    code_of = {word: code for code, word in enumerate(known)}
    codes = np.array([code_of.get(word, -1) for word in words], dtype=np.int64)
    held = codes[np.asarray(numbers, dtype=np.intp)] if len(codes) else np.zeros(0, dtype=np.int64)
    told = held >= 0
    size = max(len(known), 1)
    joined = np.asarray(rows, dtype=np.int64)[told] * size + held[told]
    pairs, places = np.unique(joined, return_inverse=True)
    where = np.full(len(told), -1, dtype=np.intp)
    where[told] = places
    row, code = np.divmod(pairs, size)
    made = Tags(
        Texts(known),
        Texts([labels.get(word, word) for word in known]),
        row.astype(np.int32),
        code.astype(np.int32),
    )
    return made, where


@dataclass(frozen=True)
class Order:
    """A total order of all items: by `columns`, the first the most important, all rising.

    A place in it can be named by a cursor, which still says where to go on when the item that
    it was taken from is gone.
    """

    columns: tuple[Floats | Texts, ...]  # each (n,); what is unknown is infinite, and so last
    items: Ints  # (n,) the items in this order

    @classmethod
    def of_numbers(cls, *columns: Floats) -> "Order":
        last = [np.where(np.isnan(column), np.inf, column) for column in columns]
        return cls(tuple(last), np.lexsort(last[::-1]).astype(np.int32))

    @classmethod
    def of_texts(cls, texts: "Texts", then: Floats) -> "Order":
        table = pa.table({"text": texts.array, "then": then})
        keys = [("text", "ascending"), ("then", "ascending")]
        items = compute.sort_indices(table, sort_keys=keys).to_numpy().astype(np.int32)
        return cls((texts, then), items)

    def key(self, item: int) -> SortKey:
        return tuple(
            column[item] if isinstance(column, Texts) else float(column[item])
            for column in self.columns
        )

    def cursor(self, item: int) -> str:
        """Names the place of an item."""
        parts = [part if isinstance(part, str) else _plain(part) for part in self.key(item)]
        return _BETWEEN.join(parts)

    def parse(self, cursor: str) -> SortKey | None:
        """The key that a cursor names; None where it names none."""
        parts = cursor.split(_BETWEEN)
        if len(parts) != len(self.columns):
            return None
        key: list[float | str] = []
        for part, column in zip(parts, self.columns, strict=True):
            value = part if isinstance(column, Texts) else _number(part)
            if value is None:
                return None
            key.append(value)
        return tuple(key)

    def place_after(self, key: SortKey) -> int:
        return bisect_right(self.items, key, key=self._key)

    def place_before(self, key: SortKey) -> int:
        return bisect_left(self.items, key, key=self._key)

    def _key(self, item: Any) -> Any:
        return self.key(int(item))


def _plain(number: float) -> str:
    """`-83.0` → "-83"; infinite, that is unknown → nothing."""
    return "" if math.isinf(number) else repr(number).removesuffix(".0")


def _number(text: str) -> float | None:
    if not text:
        return math.inf
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
