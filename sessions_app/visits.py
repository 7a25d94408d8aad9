"""One visit as pages see it, wherever it is kept: in the database, in the browser, or nowhere.

`visitor.visit_of(request)` gives the one of a request:

- `StoredVisit`     the visitor agreed: sessions and events in the database;
- `RememberedVisit` not asked yet, or said no: a cookie that lives as long as the browser's window;
- `PausedVisit`     reads what there is, and writes nothing anywhere.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from uuid import UUID

from catalog.models import Item
from sessions_app.models import BrowsingSession
from sessions_app.reading import TRAIL_STEPS, Reactions, Trail


class PausedError(RuntimeError):
    """The visitor has paused: nothing is kept of what they say."""


class Visit(ABC):
    """What a visitor did, and the only way to add to it."""

    is_stored = False
    is_paused = False

    @property
    def session(self) -> BrowsingSession | None:
        """The session that may be written to on this visitor's behalf; None unless stored."""
        return None

    # Reading

    @abstractmethod
    def trail(self, *, limit: int = TRAIL_STEPS) -> Trail:
        """The newest steps, newest last; empty for a visit that has ended or gone idle."""

    @abstractmethod
    def step_item_ids(self, *, limit: int = 50) -> list[str]:
        """Public ids of the newest steps, oldest first."""

    @abstractmethod
    def seen_item_ids(self) -> set[str]:
        """Public ids of what this visitor opened."""

    @abstractmethod
    def hidden_item_ids(self) -> set[str]:
        """Public ids of what this visitor is not interested in."""

    @abstractmethod
    def disliked_item_ids(self) -> set[str]:
        """Public ids of what this visitor called not for them and has not liked since."""

    @abstractmethod
    def liked_item_ids(self) -> set[str]: ...

    @abstractmethod
    def saved_item_ids(self) -> list[str]:
        """Public ids of what is saved for later, newest first."""

    @abstractmethod
    def reactions(self, item: Item) -> Reactions:
        """What this visitor last said about `item`."""

    # Writing

    @abstractmethod
    def open(self, item: Item, *, ignored: str = "") -> str:
        """The item's page was opened; the id under which dwell time is reported, or ""."""

    @abstractmethod
    def search(self, query: str, *, ignored: str = "") -> None: ...

    @abstractmethod
    def dwell(self, view_id: UUID, dwell_ms: int) -> None:
        """Keep the longest visible time of a view. Raises UnknownStepError."""

    @abstractmethod
    def pick(self, items: Sequence[Item]) -> None:
        """Titles named at the start as loved: steps of the trail, and liked."""

    @abstractmethod
    def react(
        self, item: Item, type: str, *, event_id: UUID | None = None, rating: int | None = None
    ) -> None:
        """Like, dislike, hide, rate or save. Raises PausedError."""

    @abstractmethod
    def take_back(self, item: Item, type: str) -> None:
        """Undo every reaction of this type to the item. Raises PausedError."""

    @abstractmethod
    def remove_step(self, step_id: UUID) -> Item | None:
        """Take one step out; its item. Raises UnknownStepError, PausedError."""

    @abstractmethod
    def restore_step(self, step_id: UUID) -> None:
        """Put a step back where it was. Raises UnknownStepError, PausedError."""

    @abstractmethod
    def start_over(self) -> None:
        """An empty trail from here on. Raises PausedError."""

    @abstractmethod
    def undo_start_over(self) -> None:
        """The trail from before the last start over; nothing where there is none."""

    @abstractmethod
    def forget(self, *, everything: bool = False) -> int:
        """Delete this visit, for good, or every visit of this browser and account; how many
        events were deleted."""


class PausedVisit(Visit):
    """Everything as it was when the visitor paused; nothing that they do is kept anywhere."""

    is_paused = True

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self.is_stored = visit.is_stored

    def trail(self, *, limit: int = TRAIL_STEPS) -> Trail:
        return self._visit.trail(limit=limit)

    def step_item_ids(self, *, limit: int = 50) -> list[str]:
        return self._visit.step_item_ids(limit=limit)

    def seen_item_ids(self) -> set[str]:
        return self._visit.seen_item_ids()

    def hidden_item_ids(self) -> set[str]:
        return self._visit.hidden_item_ids()

    def disliked_item_ids(self) -> set[str]:
        return self._visit.disliked_item_ids()

    def liked_item_ids(self) -> set[str]:
        return self._visit.liked_item_ids()

    def saved_item_ids(self) -> list[str]:
        return self._visit.saved_item_ids()

    def reactions(self, item: Item) -> Reactions:
        return self._visit.reactions(item)

    def open(self, item: Item, *, ignored: str = "") -> str:
        return ""

    def search(self, query: str, *, ignored: str = "") -> None:
        return None

    def dwell(self, view_id: UUID, dwell_ms: int) -> None:
        return None

    def pick(self, items: Sequence[Item]) -> None:
        return None

    def react(
        self, item: Item, type: str, *, event_id: UUID | None = None, rating: int | None = None
    ) -> None:
        raise PausedError

    def take_back(self, item: Item, type: str) -> None:
        raise PausedError

    def remove_step(self, step_id: UUID) -> Item | None:
        raise PausedError

    def restore_step(self, step_id: UUID) -> None:
        raise PausedError

    def start_over(self) -> None:
        raise PausedError

    def undo_start_over(self) -> None:
        raise PausedError

    def forget(self, *, everything: bool = False) -> int:
        return self._visit.forget(everything=everything)
