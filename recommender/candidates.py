"""Candidates: what each tier would show, with the step of the session that it comes from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from numpy.typing import NDArray

from catalog.columns_reading import columns
from catalog.models import Kind
from catalog.wording import nouns, whole
from recommender.opened import Opened, most_opened_of
from recommender.reasons import Reason

if TYPE_CHECKING:
    from recommender.facets import Hidden
    from recommender.loader import Loaded
    from recommender.ml.engine import Wish

Tier = Literal["blend", "content", "popular", "exploring"]

# Candidates beyond those asked for: an item may have left the catalogue since the engine was made.
SPARE = 8
WELL_KNOWN = 0.1  # of a kind, the share that is among its best known


@dataclass(frozen=True)
class Candidate:
    item_id: str
    kind: str
    score: float  # comparable within one tier only
    tier: Tier
    because: str | None = None  # item id of the decisive step
    note: str = ""  # the reason, where it does not come from a step
    why: Reason | None = None  # the same, with what it claims
    lead: str = ""  # the part of the blend that gives most because of the step
    parts: dict[str, float] = field(default_factory=dict)  # what each part of the blend gives
    index: int = -1  # in the engine's vocabulary


def ranked(
    loaded: "Loaded",
    steps: Sequence[str],
    kinds: Sequence[str],
    k: int,
    barred: set[str],
    wish: "Wish",
) -> list[Candidate]:
    """The best of each kind by the engine, best first; empty where it knows none of the steps."""
    items = loaded.items
    session = [items.index_of[item_id] for item_id in steps if item_id in items.index_of]
    if not session:
        return []
    without = [items.index_of[item_id] for item_id in barred if item_id in items.index_of]
    tier: Tier = "blend" if loaded.version else "content"
    found = [
        Candidate(
            item_id=items.ids[one.index],
            kind=items.kinds[one.index],
            score=one.score,
            tier=tier,
            because=items.ids[session[one.step]] if one.step >= 0 else None,
            lead=one.lead,
            parts=one.parts,
            index=one.index,
        )
        for one in loaded.engine.rank(
            session, kinds=kinds, each=k + SPARE, barred=without, wish=wish
        )
    ]
    return sorted(found, key=lambda candidate: -candidate.score)


def popular_ones(
    kinds: Sequence[str], k: int, barred: set[str], hidden: "Hidden | None" = None
) -> list[Candidate]:
    """What is opened most, the kinds in turn."""
    shown = [o for o in most_opened_of(kinds) if o.item_id not in barred]
    if hidden is not None:
        gone = hidden.has([o.pk for o in shown])
        shown = [o for o, is_gone in zip(shown, gone, strict=True) if not is_gone]
    shown = shown[: 3 * (k + SPARE)]
    known = _well_known(shown)
    return [
        Candidate(o.item_id, o.kind, 0.0, "popular", why=_why_popular(o, known=o.pk in known))
        for o in shown
    ]


def _why_popular(opened: Opened, *, known: bool) -> Reason:
    if opened.by_people:
        text = ngettext(
            "Opened in {count} session this month",
            "Opened in {count} sessions this month",
            opened.by_people,
        )
        return _opened(text, opened.by_people)
    if opened.simulated:
        text = ngettext(
            "Opened in {count} simulated session this month",
            "Opened in {count} simulated sessions this month",
            opened.simulated,
        )
        return _opened(text, opened.simulated)
    return why_known(opened.kind) if known else Reason("start", _("A place to start"))


def _opened(text: str, count: int) -> Reason:
    return Reason("opened", text.format(count=whole(count)), count=count)


def why_known(kind: str) -> Reason:
    """For an item that `are_well_known` names."""
    text = _("Among the best known {kinds}").format(kinds=nouns(Kind(kind)))
    return Reason("known", text)


def _well_known(shown: Sequence[Opened]) -> set[int]:
    """Primary keys of those that nobody opened and that their sources tell to be well known."""
    unopened = [o for o in shown if not o.by_people and not o.simulated]
    if not unopened:
        return set()
    keys = np.array([o.pk for o in unopened], dtype=np.int64)
    return set(keys[are_well_known(keys)].tolist())


def are_well_known(keys: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(K,) which items, by primary key, are among the first tenth of their kind by renown, and
    of known popularity."""
    held = columns.get()
    best: list[int] = []
    for kind in Kind.values:
        members = np.flatnonzero(held.of_kind(kind))
        first = members[: round(WELL_KNOWN * len(members))]
        best += held.pks[first[~np.isnan(held.popularity[first])]].tolist()
    found: NDArray[np.bool_] = np.isin(keys, np.array(best, dtype=np.int64))
    return found
