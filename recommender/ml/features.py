"""Content features: what an item's words say of it, as a short dense vector.

TF-IDF over hashed words (title, creators, genres, moods, description and the kind, see
recommender.dataset), reduced by a truncated SVD: latent semantic analysis (Deerwester et al.,
1990). Hashing needs no vocabulary, so an encoder is two arrays that travel with the model, and a
title that is added later gets its vector from them at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.utils.extmath import randomized_svd

from recommender.ml.contract import NotFittedError
from recommender.ml.data import FloatArray

HASHED_TERMS = 2**16
ENCODED_AT_ONCE = 20_000  # texts whose sparse vectors are held in memory together
FITTED_ON = 40_000  # texts that the SVD reads, evenly spread: more do not change the axes


class TextEncoder:
    """Texts -> float32 (n, width) rows of length 1; a text without a known word gives a 0 row.

    `arrays` are the weights of the terms (HASHED_TERMS,) and the axes (HASHED_TERMS, width), both
    float32: all that has to be saved.
    """

    def __init__(self, *, width: int = 128, seed: int = 1) -> None:
        if width < 1:
            raise ValueError(f"The width of the features is at least 1, not {width}.")
        self.width = width
        self.seed = seed
        self._arrays: tuple[FloatArray, FloatArray] | None = None

    def fit(self, texts: Sequence[str]) -> Self:
        """Learn weights and axes. Raises ValueError where fewer than two texts have a word."""
        step = max(len(texts) // FITTED_ON, 1)
        counts = _counts(texts[::step] or [""])  # the hasher refuses no texts at all
        found = np.diff(counts.tocsc().indptr)  # texts that have the term
        if np.count_nonzero(np.diff(counts.indptr)) < 2:
            raise ValueError("Content features need at least two texts with a word.")
        idf: FloatArray = (np.log((1 + counts.shape[0]) / (1 + found)) + 1).astype(np.float32)
        weighted = _weighted(counts, idf)
        rank = min(self.width, min(weighted.shape) - 1)
        _, sizes, axes = randomized_svd(weighted, rank, n_iter=3, random_state=self.seed)
        components = np.zeros((HASHED_TERMS, self.width), dtype=np.float32)
        # Divided by the root of each axis' size: the first few axes, which say little more than
        # "an English text", would drown the rest.
        components[:, :rank] = (axes / np.sqrt(np.maximum(sizes, 1e-6))[:, None]).T
        return self.adopt(idf, components)

    def adopt(self, idf: FloatArray, components: FloatArray) -> Self:
        """Take arrays of an encoder that was fitted before. Raises ValueError on wrong shapes."""
        if idf.shape != (HASHED_TERMS,) or components.shape != (HASHED_TERMS, self.width):
            raise ValueError(f"Not the arrays of a text encoder of width {self.width}.")
        self._arrays = idf, components
        return self

    @property
    def arrays(self) -> tuple[FloatArray, FloatArray]:
        """See the class. Raises NotFittedError before `fit`."""
        if self._arrays is None:
            raise NotFittedError("Fit the text encoder before using it.")
        return self._arrays

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """(n, width) float32. Raises NotFittedError before `fit`."""
        idf, components = self.arrays
        out = np.zeros((len(texts), self.width), dtype=np.float32)
        for start in range(0, len(texts), ENCODED_AT_ONCE):
            some = slice(start, start + ENCODED_AT_ONCE)
            out[some] = _weighted(_counts(texts[some]), idf) @ components
        norms = np.linalg.norm(out, axis=1, keepdims=True)
        return np.divide(out, norms, out=out, where=norms > 0)


def _counts(texts: Sequence[str]) -> sparse.csr_array:
    hashed = HashingVectorizer(
        n_features=HASHED_TERMS,
        strip_accents="unicode",
        stop_words="english",
        alternate_sign=False,
        norm=None,
        dtype=np.float32,
    )
    return sparse.csr_array(hashed.transform(texts))


def _weighted(counts: sparse.csr_array, idf: NDArray[np.float32]) -> sparse.csr_array:
    """TF-IDF rows of length 1: (1 + log tf) * idf."""
    weighted = counts.copy()
    weighted.data = (1 + np.log(weighted.data)) * idf[weighted.indices]
    norms = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)))
    rows = np.repeat(np.arange(weighted.shape[0]), np.diff(weighted.indptr))
    weighted.data /= np.maximum(norms, 1e-12)[rows].astype(np.float32)
    return weighted
