"""The version that serves now, made comparable with a challenger."""

from typing import Self

from recommender import incidents
from recommender.dataset import forgotten_since
from recommender.ml import artifacts
from recommender.ml.blend import BlendRecommender
from recommender.ml.contract import Recommender, Session
from recommender.ml.data import FloatArray, ItemTable, SessionData
from recommender.ml.gru4rec import GRU4RecConfig, GRU4RecRecommender
from recommender.models import ModelVersion
from recommender.publishing import artifact_directory


class Champion(Recommender):
    """A served blend over the challenger's vocabulary, its network and weights as they are served.

    The parts that count are fitted on the challenger's training sessions: they take in every
    session as soon as it is there, and what is compared is what was learned.
    `learned_until` is the end of the newest session that it learned from, in unix seconds.
    """

    name = "champion"

    def __init__(self, blend: BlendRecommender, *, learned_until: int) -> None:
        self.blend = blend
        self.learned_until = learned_until

    def fit(self, data: SessionData, items: ItemTable) -> Self:
        raise NotImplementedError("A champion is compared as it is, never refitted.")

    def scores(self, sessions: list[Session]) -> FloatArray:  # type: ignore[override]
        return self.blend.scores(sessions)

    def unseen(self, holdout: SessionData, *, at_least: int) -> SessionData:
        """The held-out sessions that ended after this model's training data.

        Where fewer than `at_least` remain the whole hold-out is kept: that favours the champion,
        so the gate can only be too strict, never too lax.
        """
        fresh = holdout.take(holdout.ends > self.learned_until)
        return fresh if len(fresh) >= at_least else holdout


def serving_champion(items: ItemTable, sessions: SessionData) -> Champion | None:
    """The serving model on this vocabulary; None without one, or where its files are broken."""
    version = ModelVersion.objects.serving()
    if version is None:
        return None
    try:
        blend = artifacts.load(artifact_directory(version)).blend(items, sessions)
    except artifacts.ArtifactError as error:
        incidents.report(what="champion", message=f"{version.name}: {error}")
        return None
    return Champion(blend, learned_until=version.data_summary.get("learned_until", 0))


def to_continue_from(config: GRU4RecConfig, validation: SessionData) -> GRU4RecRecommender | None:
    """The serving network, where a training with these settings may go on from it.

    Not where the last training was kept from serving: going on from the same weights again may
    end in the same place, so the next one starts afresh. Not where the network has seen any of
    the sessions that the new one is to be validated on, nor where events that it learned from were
    deleted since: what goes on from its weights has not forgotten them.
    """
    version = ModelVersion.objects.serving()
    newest = ModelVersion.objects.first()
    if version is None or newest is None or not newest.gate_passed:
        return None
    if forgotten_since(version):
        return None
    if {**version.config, "epochs": config.epochs} != config.to_dict():
        return None
    if version.data_summary.get("network_learned_until", 0) >= validation.ends[0]:
        return None
    try:
        return artifacts.load(artifact_directory(version)).network
    except artifacts.ArtifactError:
        return None  # reported where the champion is compared
