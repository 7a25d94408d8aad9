"""Families of items that are alike: k-means on the sphere."""

from __future__ import annotations

import numpy as np
from sklearn.cluster import KMeans

from recommender.ml.data import FloatArray, IntArray

STARTS = 3  # the best of so many runs is taken


def families(vectors: FloatArray, k: int, *, seed: int = 1) -> tuple[IntArray, FloatArray]:
    """(n,) the family of each row, 0 to k - 1, and (n,) its cosine to the family's middle.

    `vectors` (n, D) need not be of length 1; a row of zeros is in some family with cosine 0.
    Fewer rows than `k`, or fewer different ones, make fewer families. The same rows and seed
    always give the same answer.
    """
    n = len(vectors)
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    k = min(k, len(np.unique(unit, axis=0)))
    if k <= 1:
        labels = np.zeros(n, dtype=np.int64)
    else:
        found = KMeans(k, n_init=STARTS, random_state=seed).fit(unit)
        labels = found.labels_.astype(np.int64)
    middles = np.zeros((max(k, 1), vectors.shape[1]), dtype=np.float32)
    np.add.at(middles, labels, unit)
    middles /= np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), 1e-12)
    cosines: FloatArray = (unit * middles[labels]).sum(axis=1).astype(np.float32)
    return labels, cosines
