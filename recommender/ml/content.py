"""Content: items whose words are like the words of the session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from recommender.ml.contract import NotFittedError, Session, check_vocabulary
from recommender.ml.data import FloatArray, IntArray, ItemTable, SessionData
from recommender.ml.voting import Votes, VotingRecommender, Weights, add_up

VOTED = 1_000  # the most similar items that get a vote in a blend
PROFILE_TERMS = 96  # words of a session that votes look up
LOOKED_UP = 50_000  # entries of the index, word by word from the heaviest on; bounds the time


class ContentRecommender(VotingRecommender):
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
        self._vocabulary: dict[str, int] = vectorizer.vocabulary_
        self._rarity: FloatArray = vectorizer.idf_.astype(np.float32)
        self._read = vectorizer.build_analyzer()
        self._vectors = sparse.csr_array(vectors)
        self._postings = sparse.csr_array(vectors.T)
        self._shares = np.zeros(len(texts))  # no background: no common word is no similarity
        return self

    def scores(self, sessions: Sequence[Session]) -> FloatArray:
        if self._vectors is None or self._postings is None:
            raise NotFittedError("Fit the content model before asking it for scores.")
        lengths = [len(session) for session in sessions]
        if sum(lengths) == 0:
            return np.zeros((len(sessions), self._vectors.shape[0]), dtype=np.float32)
        age = np.concatenate([np.arange(length)[::-1] for length in lengths])
        # 32 bits as the index has them: else SciPy converts all of it at every call.
        columns = np.concatenate([np.asarray(session, dtype=np.int32) for session in sessions])
        rows = np.repeat(np.arange(len(sessions), dtype=np.int32), lengths)
        weights = sparse.coo_array(
            ((self.recency_decay**age).astype(np.float32), (rows, columns)),
            shape=(len(sessions), self._vectors.shape[0]),
        ).tocsr()
        profiles = weights @ self._vectors  # (B, terms)
        norms = np.sqrt(np.asarray(profiles.multiply(profiles).sum(axis=1)))
        found = (profiles @ self._postings).toarray()  # (B, n)
        cosines: FloatArray = (found / np.maximum(norms, 1e-12)[:, None]).astype(np.float32)
        return cosines

    def votes(self, session: Session) -> Votes:
        """The cosines of the items most like the session, at most VOTED of them, and none of its
        own: that an item is like itself says nothing of what follows it.

        Only the heaviest words of the session are looked up, PROFILE_TERMS of them, and fewer
        where those are in more than LOOKED_UP items together: the lightest words are in half of
        the catalogue and move no cosine.
        """
        if self._vectors is None or self._postings is None:
            raise NotFittedError("Fit the content model before asking it for scores.")
        terms, weights = self._profile(self._vectors, session)
        norm = np.sqrt((weights**2).sum())
        indptr, found = self._postings.indptr, self._postings
        heaviest = np.argsort(-weights, kind="stable")[:PROFILE_TERMS]
        entries = (indptr[terms[heaviest] + 1] - indptr[terms[heaviest]]).cumsum()
        heaviest = heaviest[: max(int(np.searchsorted(entries, LOOKED_UP, side="right")), 1)]
        terms, weights = terms[heaviest], weights[heaviest]
        spans = [slice(indptr[term], indptr[term + 1]) for term in terms]
        if not spans:
            return Votes(np.zeros(0, np.int64), np.zeros(0), 0.0)
        items = np.concatenate([found.indices[span] for span in spans])
        mass = np.concatenate([found.data[span] for span in spans])
        mass *= np.repeat(weights.astype(np.float32), [len(found.data[span]) for span in spans])
        cosines = np.bincount(items, weights=mass, minlength=len(self.shares)) / norm
        cosines[np.asarray(session, dtype=np.int64)] = 0.0
        best = np.flatnonzero(cosines > 0)
        if len(best) > VOTED:
            best = best[np.argpartition(-cosines[best], VOTED - 1)[:VOTED]]
        return Votes(best, cosines[best], 0.0)

    def _profile(self, vectors: sparse.csr_array, session: Session) -> tuple[IntArray, Weights]:
        """The words of a session, each once, and their weights."""
        spans = [slice(vectors.indptr[item], vectors.indptr[item + 1]) for item in session]
        if not spans:
            return np.zeros(0, np.int64), np.zeros(0)
        terms = np.concatenate([vectors.indices[span] for span in spans])
        ages = range(len(spans) - 1, -1, -1)
        weights = [
            self.recency_decay**age * vectors.data[span]
            for age, span in zip(ages, spans, strict=True)
        ]
        return add_up(terms, np.concatenate(weights))

    def owed(self, session: Session, items: IntArray) -> Weights:
        if self._vectors is None:
            raise NotFittedError("Fit the content model before asking it for scores.")
        age = np.arange(len(session))[::-1]
        steps = self._vectors[np.asarray(session, dtype=np.int64)]
        # A cosine to a sum is the sum of the cosines, up to one factor.
        cosines = (steps @ self._vectors[items].T).toarray()
        owed: Weights = cosines * (self.recency_decay**age)[:, None]
        return owed

    def similar(
        self, index: int, k: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[IntArray, FloatArray]:
        """The k items most like item `index`, best first, with their cosines; never itself, and
        only `allowed` (n,) ones where that is given.

        Items that share no word with it are left out, so fewer than k may come back.
        """
        cosines = self.scores([[index]])[0]
        cosines[index] = 0.0
        if allowed is not None:
            cosines[~allowed] = 0.0
        best = np.argsort(-cosines, kind="stable")[:k]
        best = best[cosines[best] > 0]
        return best.astype(np.int64), cosines[best]

    def similar_to_words(
        self, words: Sequence[str], k: int, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[IntArray, FloatArray]:
        """The k items most like these words, best first, with their cosines; only `allowed` (n,)
        ones where that is given. Items with none of the words are left out.

        A word is read as the texts are; one that no text has counts for nothing.
        """
        vectors, postings = self._fitted()
        terms = self._terms(words)
        weights = self._rarity[terms]
        norm = max(float(np.sqrt((weights**2).sum())), 1e-12)
        cosines = np.zeros(vectors.shape[0], dtype=np.float32)
        for term, weight in zip(terms.tolist(), weights.tolist(), strict=True):
            span = slice(postings.indptr[term], postings.indptr[term + 1])
            cosines[postings.indices[span]] += postings.data[span] * (weight / norm)
        if allowed is not None:
            cosines[~allowed] = 0.0
        best = np.argsort(-cosines, kind="stable")[:k]
        best = best[cosines[best] > 0]
        return best.astype(np.int64), cosines[best]

    def knows(self, word: str) -> bool:
        """Whether any text has the word, or all parts of one that is read as several."""
        self._fitted()
        read = self._read(word)
        return bool(read) and all(term in self._vocabulary for term in read)

    def words_of(self, index: int, words: Sequence[str]) -> list[str]:
        """Those of the words that the text of item `index` has, whole."""
        vectors, _ = self._fitted()
        held = set(vectors.indices[vectors.indptr[index] : vectors.indptr[index + 1]].tolist())
        known = self._vocabulary
        return [
            word
            for word in words
            if (read := self._read(word)) and held.issuperset(known.get(term) for term in read)
        ]

    def _terms(self, words: Sequence[str]) -> IntArray:
        """The terms of all words, each once."""
        known = self._vocabulary
        found = {known[term] for word in words for term in self._read(word) if term in known}
        return np.array(sorted(found), dtype=np.int64)

    def _fitted(self) -> tuple[sparse.csr_array, sparse.csr_array]:
        if self._vectors is None or self._postings is None:
            raise NotFittedError("Fit the content model before asking it for scores.")
        return self._vectors, self._postings
