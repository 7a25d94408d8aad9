"""The version that serves now, made comparable with a challenger."""

from collections.abc import Sequence
from typing import Self

import numpy as np

from recommender import incidents
from recommender.ml import artifacts
from recommender.ml.contract import Recommender, Session
from recommender.ml.data import FloatArray, ItemTable, SessionData
from recommender.ml.gru4rec import GRU4RecRecommender
from recommender.models import ModelVersion
from recommender.publishing import artifact_directory


class Champion(Recommender):
    """A trained model behind another vocabulary: ids that it never knew score -inf.

    `learned_until` is the end of the newest session that it learned from, in unix seconds.
    """

    name = "champion"

    def __init__(self, model: GRU4RecRecommender, items: ItemTable, *, learned_until: int) -> None:
        self.model = model
        self.learned_until = learned_until
        own_index = {item_id: index for index, item_id in enumerate(model.item_ids)}
        # (n_items,) the model's own index of each item of the other vocabulary, -1 where unknown.
        self._own = np.array([own_index.get(item_id, -1) for item_id in items.ids], dtype=np.int64)

    def fit(self, data: SessionData, items: ItemTable) -> Self:
        raise NotImplementedError("A champion is compared as it is, never refitted.")

    def scores(self, sessions: Sequence[Session]) -> FloatArray:
        translated = [[self._own[i] for i in session if self._own[i] >= 0] for session in sessions]
        own_scores = self.model.scores(translated)
        scores = np.full((len(sessions), len(self._own)), -np.inf, dtype=np.float32)
        known = self._own >= 0
        scores[:, known] = own_scores[:, self._own[known]]
        return scores

    def unseen(self, holdout: SessionData, *, at_least: int) -> SessionData:
        """The held-out sessions that ended after this model's training data.

        Where fewer than `at_least` remain the whole hold-out is kept: that favours the champion,
        so the gate can only be too strict, never too lax.
        """
        fresh = holdout.take(holdout.ends > self.learned_until)
        return fresh if len(fresh) >= at_least else holdout


def serving_champion(items: ItemTable) -> Champion | None:
    """The serving model on this vocabulary; None without one, or where its files are broken."""
    version = ModelVersion.objects.serving()
    if version is None:
        return None
    try:
        model, _, _ = artifacts.load(artifact_directory(version))
    except artifacts.ArtifactError as error:
        incidents.report(what="champion", message=f"{version.name}: {error}")
        return None
    return Champion(model, items, learned_until=version.data_summary.get("learned_until", 0))
