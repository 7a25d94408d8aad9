"""Content: items whose words are like the words of the session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from recommender.ml.contract import NotFittedError, Recommender, Session, check_vocabulary
from recommender.ml.data import FloatArray, IntArray, ItemTable, SessionData


class ContentRecommender(Recommender):
    """Cosine between TF-IDF vectors of the item texts and a profile of the session.

    The profile is the sum of the session's item vectors, each `recency_decay` times as heavy as
    the one after it. Learns nothing from the sessions, so a new item is scored at once. An empty
    session, or one whose items have no words, scores every item 0.
    """

    name = "content"

    def __init__(self, *, recency_decay: float = 0.7, max_terms: int = 60_000) -> None:
        if not 0 < recency_decay <= 1:
            raise ValueError(f"recency_decay lies in (0, 1], not {recency_decay}.")
        self.recency_decay = recency_decay
        self.max_terms = max_terms
        self._vectors: sparse.csr_array | None = None  # (n, terms), rows of length 1 or 0
        self._postings: sparse.csr_array | None = None  # (terms, n): short rows are quick to sum

    def fit(self, data: SessionData, items: ItemTable) -> Self:
        check_vocabulary(data, items)
        return self.fit_texts(items.texts)

    def fit_texts(self, texts: Sequence[str]) -> Self:
        """Learn the words from one text an item. Raises ValueError where no text has a word."""
        vectorizer = TfidfVectorizer(
            sublinear_tf=True,
            strip_accents="unicode",
            stop_words="english",
            max_features=self.max_terms,
            dtype=np.float32,
        )
        try:
            vectors = vectorizer.fit_transform(texts)
        except ValueError as error:
            raise ValueError("A content model needs item texts, and none has a word.") from error
        self._vectors = sparse.csr_array(vectors)
        self._postings = sparse.csr_array(vectors.T)
        return self

    def scores(self, sessions: Sequence[Session]) -> FloatArray:
        if self._vectors is None or self._postings is None:
            raise NotFittedError("Fit the content model before asking it for scores.")
        lengths = [len(session) for session in sessions]
        if sum(lengths) == 0:
            return np.zeros((len(sessions), self._vectors.shape[0]), dtype=np.float32)
        age = np.concatenate([np.arange(length)[::-1] for length in lengths])
        columns = np.concatenate([np.asarray(session, dtype=np.int64) for session in sessions])
        rows = np.repeat(np.arange(len(sessions)), lengths)
        weights = sparse.coo_array(
            ((self.recency_decay**age).astype(np.float32), (rows, columns)),
            shape=(len(sessions), self._vectors.shape[0]),
        ).tocsr()
        profiles = weights @ self._vectors  # (B, terms)
        norms = np.sqrt(np.asarray(profiles.multiply(profiles).sum(axis=1)))
        found = (profiles @ self._postings).toarray()  # (B, n)
        cosines: FloatArray = (found / np.maximum(norms, 1e-12)[:, None]).astype(np.float32)
        return cosines

    def similar(self, index: int, k: int) -> tuple[IntArray, FloatArray]:
        """The k items most like item `index`, best first, with their cosines; never itself.

        Items that share no word with it are left out, so fewer than k may come back.
        """
        cosines = self.scores([[index]])[0]
        cosines[index] = 0.0
        best = np.argsort(-cosines, kind="stable")[:k]
        best = best[cosines[best] > 0]
        return best.astype(np.int64), cosines[best]
