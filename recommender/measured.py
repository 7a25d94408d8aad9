"""In words: on which visits a version's figures were measured, and how.

Nothing that was sampled is called whole, and simulated visits are named.
"""

from django.utils.translation import gettext as _

from catalog.wording import percent, whole
from recommender.models import ModelVersion
from sessions_app.models import Origin


def by_origin(version: ModelVersion) -> dict[str, int]:
    counts: dict[str, int] = version.data_summary.get("sessions_by_origin", {})
    return counts


def simulated_share(version: ModelVersion) -> float | None:
    """Of the visits that the version learned from; None where that was not noted."""
    counts = by_origin(version)
    total = sum(counts.values())
    return counts.get(Origin.SIMULATED, 0) / total if total else None


def traffic_in_a_sentence(version: ModelVersion) -> str:
    """What kind of visits a figure was measured on."""
    share = simulated_share(version)
    if share is None:
        return _("Nobody noted which visits these were.")
    if share == 1:
        return _(
            "All of these visits are simulated: a figure says how well invented visits are "
            "foreseen, not how well people are pleased."
        )
    if share == 0:
        return _("None of these visits is simulated.")
    return _("Of all visits in the training data %(share)s are simulated.") % {
        "share": percent(share)
    }


def measured_on(version: ModelVersion) -> str:
    """How the hold-out figures came about."""
    held_out = version.data_summary.get("split", {}).get("holdout")
    examples = version.metrics.get("n_examples")
    titles = version.data_summary.get("items")
    if not held_out or not examples or not titles:
        return traffic_in_a_sentence(version)
    told = _(
        "Measured on the newest %(visits)s visits, kept aside from the training: %(clicks)s next "
        "clicks, for each of which all %(titles)s titles were ranked, not a sample of them."
    ) % {"visits": whole(held_out), "clicks": whole(examples), "titles": whole(titles)}
    return f"{told} {traffic_in_a_sentence(version)}"


def loss_measured_on(version: ModelVersion) -> str:
    drawn = version.config.get("negatives", 0)
    exact_up_to = version.config.get("full_softmax_up_to", 0)
    titles = version.data_summary.get("items", 0)
    if drawn and titles > exact_up_to:
        return _(
            "On the training visits, against a sample of %(drawn)s other titles at a time."
        ) % {"drawn": whole(drawn)}
    return _("On the training visits, against every other title.")


def validation_measured_on(version: ModelVersion) -> str:
    visits = version.data_summary.get("split", {}).get("validation")
    most = version.config.get("validation_positions")
    if not visits or not most:
        return _("On visits that it was not trained on, every title ranked.")
    return _(
        "On %(visits)s visits that it was not trained on, every title ranked; where they have more "
        "than some %(most)s next clicks, on visits spread evenly among them."
    ) % {"visits": whole(visits), "most": whole(most)}
