"""An invented catalogue of any size: titles, people, genres and descriptions by latent theme.

Nothing in it exists: words are made of syllables, names and titles of words. An item has one theme,
and the three kinds share the themes, so that a film, a track and a book can belong together.
Everything follows from the counts and the seed alone.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.ml.data import IntArray

THEMES = 64
THEME_WORDS = 24  # of each theme, and of no other
COMMON_WORDS = 200
DESCRIPTION_WORDS = 14
THEME_SHARE = 0.6  # of the words of a description; the others are common ones
ITEMS_A_PERSON = 8
PEOPLE = 3  # an item

GENRES = {
    "movie": (
        *("Action", "Adventure", "Animation", "Comedy", "Crime", "Documentary", "Drama", "Family"),
        *("Fantasy", "History", "Horror", "Music", "Mystery", "Romance", "Science Fiction"),
        *("Thriller", "War", "Western"),
    ),
    "track": (
        *("acoustic", "ambient", "blues", "classical", "club", "country", "dance", "electronic"),
        *("folk", "funk", "gospel", "hip-hop", "indie", "jazz", "latin", "metal", "piano", "pop"),
        *("punk", "reggae", "rock", "sad", "soul", "techno"),
    ),
    "book": (
        *("Classics", "Fantasy", "Fiction", "Historical Fiction", "History", "Horror", "Humor"),
        *("Memoir", "Mystery", "Nonfiction", "Philosophy", "Poetry", "Romance", "Science Fiction"),
        *("Short Stories", "Thriller", "Travel", "War", "Young Adult"),
    ),
}

BASE62 = string.digits + string.ascii_letters

_ONSETS = ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "br", "st")
_SYLLABLES = [onset + vowel for onset in _ONSETS for vowel in "aeiou"]
_SHORT_WORDS = [first + last for first in _SYLLABLES for last in _SYLLABLES]
MOST_ITEMS = len(_SHORT_WORDS) ** 2  # more would repeat a title
_SCATTER = 7_368_787  # prime, and no divisor of MOST_ITEMS: multiplying by it repeats nothing


@dataclass(frozen=True)
class InventedCatalogue:
    """n items: all movies, then all tracks, then all books. No two titles are equal, and no two
    people of different themes have one name."""

    kinds: list[str]  # (n,)
    themes: IntArray  # (n,) from 0 to THEMES - 1
    popularity: NDArray[np.float64]  # (n,) relative number of visits
    titles: list[str]
    people: list[tuple[str, ...]]  # PEOPLE an item, the first the most important
    genres: list[tuple[str, str]]
    descriptions: list[str]


def invented_catalogue(*, movies: int, tracks: int, books: int, seed: int) -> InventedCatalogue:
    """The catalogue of these counts and this seed. Raises ValueError where they cannot be had."""
    n_items = movies + tracks + books
    if min(movies, tracks, books) < 0 or not 0 < n_items <= MOST_ITEMS:
        raise ValueError(
            f"A catalogue has 1 to {MOST_ITEMS:,} items, not {movies} movies, {tracks} tracks "
            f"and {books} books."
        )
    kinds = ["movie"] * movies + ["track"] * tracks + ["book"] * books
    themes = item_themes(n_items, seed)
    rng = stream(seed, "texts")
    words = np.array(_vocabulary(), dtype=object)
    drawn = _drawn_words(themes, DESCRIPTION_WORDS, rng)
    return InventedCatalogue(
        kinds=kinds,
        themes=themes,
        popularity=item_popularity(kinds, seed),
        titles=[
            f"{words[first].capitalize()} {pair}"
            for first, pair in zip(drawn[:, 0], _pairs(np.arange(n_items)), strict=True)
        ],
        people=_people(themes, rng),
        genres=[_genres(kind, theme) for kind, theme in zip(kinds, themes.tolist(), strict=True)],
        descriptions=[" ".join(row).capitalize() + "." for row in words[drawn]],
    )


def item_themes(n_items: int, seed: int) -> IntArray:
    """(n_items,) the theme of each item, which texts and sessions of this seed follow."""
    themes: IntArray = stream(seed, "themes").integers(THEMES, size=n_items)
    return themes


def item_popularity(kinds: Sequence[str], seed: int) -> NDArray[np.float64]:
    """(n,) relative number of visits: Zipf's law, 1 / (10 + rank), the ranks by kind."""
    rng = stream(seed, "popularity")
    kind_of = np.asarray(kinds)
    popularity = np.empty(len(kind_of))
    for kind in GENRES:
        mask = kind_of == kind
        popularity[mask] = 1 / (10 + rng.permutation(int(mask.sum())))
    return popularity


def stream(seed: int, purpose: str) -> np.random.Generator:
    """Random numbers of their own for each purpose: what one draws does not shift another."""
    return np.random.default_rng([seed, *purpose.encode()])


def codes(n: int, length: int, alphabet: str, rng: np.random.Generator) -> list[str]:
    """n distinct texts of `length` characters: the first seven count, the others are drawn."""
    digits = rng.integers(len(alphabet), size=(n, length))
    digits[:, :7] = np.arange(n)[:, None] // len(alphabet) ** np.arange(7) % len(alphabet)
    letters = np.array(list(alphabet))[digits]
    found: list[str] = letters.view(f"<U{length}").ravel().tolist()
    return found


def _vocabulary() -> list[str]:
    """The words of theme 0, of theme 1, …, then the common ones; all of three syllables, and so
    none a word of a title's end or of a name."""
    count = THEMES * THEME_WORDS + COMMON_WORDS
    step = len(_SHORT_WORDS) * len(_SYLLABLES) // count
    return [_long_word(number * step) for number in range(count)]


def _long_word(number: int) -> str:
    rest, last = divmod(number, len(_SYLLABLES))
    return _SHORT_WORDS[rest] + _SYLLABLES[last]


def _drawn_words(themes: IntArray, count: int, rng: np.random.Generator) -> IntArray:
    """(n, count) places in the vocabulary; the first word is always one of the theme."""
    size = (len(themes), count)
    of_theme = themes[:, None] * THEME_WORDS + rng.integers(THEME_WORDS, size=size)
    common = THEMES * THEME_WORDS + rng.integers(COMMON_WORDS, size=size)
    themed = rng.random(size) < THEME_SHARE
    themed[:, 0] = True
    return np.where(themed, of_theme, common)


def _pairs(numbers: IntArray) -> list[str]:
    """Two capitalised words a number, a different pair for each."""
    first, last = np.divmod(numbers * _SCATTER % MOST_ITEMS, len(_SHORT_WORDS))
    capitals = np.array([word.capitalize() for word in _SHORT_WORDS], dtype=object)
    pairs: list[str] = (capitals[first] + " " + capitals[last]).tolist()
    return pairs


def _people(themes: IntArray, rng: np.random.Generator) -> list[tuple[str, ...]]:
    """PEOPLE names an item, from the circle of its theme: neighbours in it work together."""
    circle = max(len(themes) // (THEMES * ITEMS_A_PERSON), PEOPLE)
    members = (rng.integers(circle, size=len(themes))[:, None] + np.arange(PEOPLE)) % circle
    names = np.array(_pairs(np.arange(THEMES * circle)), dtype=object)
    return [tuple(row) for row in names[themes[:, None] * circle + members]]


def _genres(kind: str, theme: int) -> tuple[str, str]:
    """Two of the kind's genres, which together tell the theme."""
    names = GENRES[kind]
    around, first = divmod(theme, len(names))
    return names[first], names[(first + 1 + around) % len(names)]
