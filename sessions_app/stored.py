"""The visit of somebody who agreed: sessions and events in the database."""

import uuid
from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from django.contrib.auth.models import User
from django.utils import timezone

from catalog.models import Item
from sessions_app import reading, services
from sessions_app.models import BrowsingSession, EventType
from sessions_app.reading import TRAIL_STEPS, Reactions, Said, Step, Trail
from sessions_app.visits import Visit


class Holder(Protocol):
    """Knows which sessions are a browser's."""

    def begin(self) -> BrowsingSession:
        """The current session, a fresh one where the known one has ended or gone idle."""
        ...

    def keep(self, session: BrowsingSession) -> None:
        """`session` is the browser's from now on."""
        ...

    def earlier(self) -> BrowsingSession | None:
        """The session that this browser had before its present one."""
        ...

    def let_go(self, *, everything: bool) -> list[UUID]:
        """Forget the present session, or every one; the public ids of those."""
        ...


class _OneSession:
    """A holder without a browser, for a session that is at hand."""

    def __init__(self, session: BrowsingSession | None) -> None:
        self.held = [] if session is None else [session]

    def begin(self) -> BrowsingSession:
        known = self.held[-1] if self.held else None
        user = known.user if known else None
        session = services.current_session(session=known, user=user, now=timezone.now())
        if session != known:
            self.keep(session)
        return session

    def keep(self, session: BrowsingSession) -> None:
        self.held = [*(other for other in self.held if other != session), session]

    def earlier(self) -> BrowsingSession | None:
        return self.held[-2] if len(self.held) > 1 else None

    def let_go(self, *, everything: bool) -> list[UUID]:
        gone = self.held if everything else self.held[-1:]
        self.held = [session for session in self.held if session not in gone]
        return [session.public_id for session in gone]


class StoredVisit(Visit):
    """`session` is the known one, ended or not; `user` is who is signed in."""

    is_stored = True

    def __init__(
        self,
        session: BrowsingSession | None,
        user: User | None = None,
        *,
        holder: Holder | None = None,
    ) -> None:
        self._known = session
        self._user = user
        self._holder: Holder = holder or _OneSession(session)
        self._said: Said | None = None

    @property
    def session(self) -> BrowsingSession | None:
        return None if self._known is None or self._known.is_bot else self._known

    # Reading

    def trail(self, *, limit: int = TRAIL_STEPS) -> Trail:
        return reading.trail(self._known, limit=limit)

    def step_item_ids(self, *, limit: int = 50) -> list[str]:
        return reading.step_item_ids(self._known, limit=limit)

    def seen_item_ids(self) -> set[str]:
        return self._what_was_said().seen

    def hidden_item_ids(self) -> set[str]:
        return self._what_was_said().hidden

    def disliked_item_ids(self) -> set[str]:
        return self._what_was_said().disliked

    def liked_item_ids(self) -> set[str]:
        return self._what_was_said().liked

    def saved_item_ids(self) -> list[str]:
        return self._what_was_said().saved[::-1]

    def reactions(self, item: Item) -> Reactions:
        return reading.reactions(self._known, item, self._user)

    def said(self) -> Said:
        """All that this visitor did with items so far."""
        return self._what_was_said()

    def _what_was_said(self) -> Said:
        if self._said is None:
            self._said = reading.said(self._known, self._user)
        return self._said

    # Writing

    def _begin(self) -> BrowsingSession:
        self._said = None
        self._known = self._holder.begin()
        return self._known

    def open(self, item: Item, *, ignored: str = "") -> str:
        session = self._begin()
        view_id = services.record_view(
            session=session, item=item, event_id=uuid.uuid4(), now=timezone.now(), ignored=ignored
        )
        return str(view_id)

    def search(self, query: str, *, ignored: str = "") -> None:
        services.record_search(
            session=self._begin(),
            query=query,
            event_id=uuid.uuid4(),
            now=timezone.now(),
            ignored=ignored,
        )

    def dwell(self, view_id: UUID, dwell_ms: int) -> None:
        if self._known is None:
            raise services.UnknownStepError("No visit belongs to this browser: open a page first.")
        services.record_dwell(session=self._known, view_id=view_id, dwell_ms=dwell_ms)

    def pick(self, items: Sequence[Item]) -> None:
        services.record_picks(session=self._begin(), items=items, now=timezone.now())

    def react(
        self, item: Item, type: str, *, event_id: UUID | None = None, rating: int | None = None
    ) -> None:
        services.react(
            session=self._begin(),
            item=item,
            type=type,
            event_id=event_id or uuid.uuid4(),
            now=timezone.now(),
            rating=rating,
        )

    def take_back(self, item: Item, type: str) -> None:
        services.take_back(session=self._known, user=self._user, item=item, type=type)
        self._said = None

    def remove_step(self, step_id: UUID) -> Item | None:
        self._said = None
        return services.remove_step(session=self._mine(), event_id=step_id).item

    def restore_step(self, step_id: UUID) -> None:
        self._said = None
        services.restore_step(session=self._mine(), event_id=step_id)

    def _mine(self) -> BrowsingSession:
        if self._known is None:
            raise services.UnknownStepError("No visit belongs to this browser.")
        return self._known

    def start_over(self) -> None:
        if self._known is not None:
            self._take(services.start_over(session=self._known, now=timezone.now()))

    def undo_start_over(self) -> None:
        earlier = self._holder.earlier()
        if earlier is not None and self._known is not None and reading.is_empty(self._known):
            services.reopen(session=earlier, instead_of=self._known, now=timezone.now())
            self._take(earlier)

    def _take(self, session: BrowsingSession) -> None:
        self._holder.keep(session)
        self._known, self._said = session, None

    def forget(self, *, everything: bool = False) -> int:
        ids = self._holder.let_go(everything=everything)
        found = services.forget(public_ids=ids, user=self._user if everything else None)
        self._known, self._said = None, None
        return found


def adopt(visit: Visit, steps: Sequence[Step], said: Said) -> None:
    """What one visit holds, said again to another: from the browser's memory to the database when
    the visitor agrees, and the other way round when they do not any more. `steps` are the oldest
    first; a time that they were looked at goes along to where times are stored."""
    for step in steps:
        if step.picked:
            visit.pick([step.item])
            continue
        view_id = visit.open(step.item)
        if step.dwell_ms is not None and visit.is_stored:
            visit.dwell(UUID(view_id), step.dwell_ms)
    given: dict[str, dict[str, int | None]] = {
        EventType.HIDE: dict.fromkeys(said.hidden),
        EventType.LIKE: dict.fromkeys(said.liked),
        EventType.DISLIKE: dict.fromkeys(said.disliked),
        EventType.SAVE: dict.fromkeys(said.saved),
        EventType.RATE: dict(said.rated),
    }
    named = {item_id for values in given.values() for item_id in values}
    items = {item.item_id: item for item in Item.objects.filter(item_id__in=named)}
    for type, values in given.items():
        for item_id, stars in values.items():
            if item_id in items:
                visit.react(items[item_id], type, rating=stars)
