"""The visit of somebody who was not asked yet, or said no: nothing of it is in the database."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from catalog.models import Item
from sessions_app import reading
from sessions_app.memory import Memory
from sessions_app.models import EventType
from sessions_app.reading import TRAIL_STEPS, Reactions, Said, Step, Trail
from sessions_app.services import UnknownStepError, capped_dwell
from sessions_app.visits import Visit


class RememberedVisit(Visit):
    """`keep` is told each new memory. `account` is the stored visit of who is signed in and said
    no: what they said before still holds, and may be taken back. `dwell` are visible times by
    step, which the browser keeps."""

    def __init__(
        self,
        memory: Memory,
        *,
        keep: Callable[[Memory], None] = lambda memory: None,
        dwell: Mapping[UUID, int] | None = None,
        account: Visit | None = None,
    ) -> None:
        self.memory = memory
        self._keep = keep
        self._dwell = dwell or {}
        self._account = account
        self._ids: dict[int, str] | None = None

    # Reading

    def trail(self, *, limit: int = TRAIL_STEPS) -> Trail:
        if not self._is_current():
            return Trail([], 0)
        newest = self.memory.steps[-limit:]
        items = Item.objects.in_bulk({step.item for step in newest})
        shown = [
            Step(
                step.step_id,
                items[step.item],
                capped_dwell(self._dwell.get(step.step_id)),
                datetime.fromtimestamp(step.at, UTC),
                step.picked,
            )
            for step in newest
            if step.item in items
        ]
        return Trail(shown, len(self.memory.steps) - len(newest))

    def step_item_ids(self, *, limit: int = 50) -> list[str]:
        if not self._is_current():
            return []
        ids = self._public_ids()
        return [ids[step.item] for step in self.memory.steps[-limit:] if step.item in ids]

    def seen_item_ids(self) -> set[str]:
        ids = self._public_ids()
        opened = {step.item for step in (*self.memory.past, *self.memory.steps)}
        known = {ids[item] for item in opened if item in ids}
        return known | self._account.seen_item_ids() if self._account else known

    def hidden_item_ids(self) -> set[str]:
        own = set(self._of_type(EventType.HIDE))
        return own | self._account.hidden_item_ids() if self._account else own

    def disliked_item_ids(self) -> set[str]:
        own = set(self._of_type(EventType.DISLIKE))
        if self._account:
            own |= self._account.disliked_item_ids() - set(self._of_type(EventType.LIKE))
        return own

    def liked_item_ids(self) -> set[str]:
        own = set(self._of_type(EventType.LIKE))
        if self._account:
            own |= self._account.liked_item_ids() - set(self._of_type(EventType.DISLIKE))
        return own

    def saved_item_ids(self) -> list[str]:
        own = self._of_type(EventType.SAVE)[::-1]
        before = self._account.saved_item_ids() if self._account else []
        return [*own, *(item_id for item_id in before if item_id not in own)]

    def reactions(self, item: Item) -> Reactions:
        before = self._account.reactions(item) if self._account else Reactions()
        given = self.memory.reactions
        likes, dislikes = (
            item.pk in given.get(type, {}) for type in (EventType.LIKE, EventType.DISLIKE)
        )
        spoke = likes or dislikes
        return Reactions(
            liked=likes if spoke else before.liked,
            disliked=dislikes if spoke else before.disliked,
            hidden=item.pk in given.get(EventType.HIDE, {}) or before.hidden,
            saved=item.pk in given.get(EventType.SAVE, {}) or before.saved,
            rating=given.get(EventType.RATE, {}).get(item.pk, before.rating),
        )

    def said(self) -> Said:
        """What was said in this browser alone, for `stored.adopt`."""
        return Said(
            hidden=set(self._of_type(EventType.HIDE)),
            liked=set(self._of_type(EventType.LIKE)),
            disliked=set(self._of_type(EventType.DISLIKE)),
            saved=self._of_type(EventType.SAVE),
            rated=self._rated(),
        )

    def _of_type(self, type: str) -> list[str]:
        ids = self._public_ids()
        return [ids[item] for item in self.memory.reactions.get(type, {}) if item in ids]

    def _rated(self) -> dict[str, int]:
        ids, given = self._public_ids(), self.memory.reactions.get(EventType.RATE, {})
        return {ids[item]: stars for item, stars in given.items() if item in ids}

    def _public_ids(self) -> dict[int, str]:
        """One query for all that the memory names; what left the catalogue is not among them."""
        if self._ids is None:
            steps = {step.item for step in (*self.memory.steps, *self.memory.past)}
            named = steps.union(*self.memory.reactions.values())
            rows = Item.objects.filter(pk__in=named).values_list("pk", "item_id") if named else ()
            self._ids = {pk: str(item_id) for pk, item_id in rows}
        return self._ids

    def _is_current(self) -> bool:
        return time.time() - self.memory.last <= reading.idle_limit().total_seconds()

    # Writing

    def become(self, memory: Memory) -> None:
        """This memory instead of the one at hand."""
        self.memory, self._ids = memory, None
        self._keep(memory)

    def open(self, item: Item, *, ignored: str = "") -> str:
        if ignored:
            return ""
        memory = self.memory if self._is_current() else self.memory.started_over()
        self.become(memory.with_step(item.pk))
        return str(self.memory.steps[-1].step_id)

    def search(self, query: str, *, ignored: str = "") -> None:
        """What was searched is of no use to this visit: it is not even remembered."""

    def dwell(self, view_id: UUID, dwell_ms: int) -> None:
        raise UnknownStepError("The times of this visit are kept in the browser alone.")

    def pick(self, items: Sequence[Item]) -> None:
        memory = self.memory if self._is_current() else self.memory.started_over()
        for item in items:
            memory = memory.with_step(item.pk, picked=True)
            memory = memory.with_reaction(EventType.LIKE, item.pk)
        self.become(memory)

    def react(
        self, item: Item, type: str, *, event_id: UUID | None = None, rating: int | None = None
    ) -> None:
        memory = self.memory
        opposite = {EventType.LIKE: EventType.DISLIKE, EventType.DISLIKE: EventType.LIKE}
        if type in opposite:
            memory = memory.without_reaction(opposite[EventType(type)], item.pk)
        self.become(memory.with_reaction(type, item.pk, 1 if rating is None else rating))

    def take_back(self, item: Item, type: str) -> None:
        self.become(self.memory.without_reaction(type, item.pk))
        if self._account:
            self._account.take_back(item, type)

    def remove_step(self, step_id: UUID) -> Item | None:
        found = [step for step in self.memory.steps if step.step_id == step_id]
        try:
            self.become(self.memory.without_step(step_id))
        except KeyError as error:
            raise UnknownStepError(f"No step {step_id} is yours.") from error
        return Item.objects.filter(pk=found[0].item).first() if found else None

    def restore_step(self, step_id: UUID) -> None:
        try:
            self.become(self.memory.with_step_again(step_id))
        except KeyError as error:
            raise UnknownStepError(f"No step {step_id} is yours.") from error

    def start_over(self) -> None:
        self.become(self.memory.started_over())

    def undo_start_over(self) -> None:
        if not self.memory.steps:
            self.become(self.memory.before_start_over())

    def forget(self, *, everything: bool = False) -> int:
        forgotten = len(self.memory.steps) + sum(map(len, self.memory.reactions.values()))
        self.become(Memory())
        if everything and self._account:
            forgotten += self._account.forget(everything=True)
        return forgotten
