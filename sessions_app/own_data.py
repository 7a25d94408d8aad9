"""Everything that is held about one visitor: counted for pages, gathered for a download.

What points at an account or a visit is found through the models' own relations, so that no table
of this app or of one above is left out because it was forgotten here.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, ForeignObjectRel, Model, Q, QuerySet
from django.http import HttpRequest

from catalog.exporting import key_pages
from catalog.models import Item
from sessions_app import visitor
from sessions_app.memory import DWELL_COOKIE, Memory, MemoryStep, dwell_times
from sessions_app.models import (
    STEPS,
    BrowsingSession,
    EventType,
    Ignored,
    Preference,
    SessionEvent,
)
from sessions_app.preferences import preferences_of

VISITS_A_PAGE = 100

Record = dict[str, Any]


@dataclass(frozen=True)
class Counts:
    """How much is held: visits, titles opened or picked, searches, and what was said of titles."""

    visits: int = 0
    opened: int = 0
    searched: int = 0
    said: int = 0

    @property
    def events(self) -> int:
        return self.opened + self.searched + self.said


@dataclass(frozen=True)
class Held:
    """What a download has. `visits` are read while it is sent: there may be many."""

    account: Record | None
    settings: Record
    in_this_browser: Record | None
    elsewhere: dict[str, list[Record]]
    sessions: QuerySet[BrowsingSession] = field(default_factory=BrowsingSession.objects.none)

    def visits(self) -> Iterator[Record]:
        """Visit by visit, each with its events, those that were taken back too."""
        for page in key_pages(self.sessions, VISITS_A_PAGE):
            yield from _visits(page)


def sessions_of(request: HttpRequest) -> QuerySet[BrowsingSession]:
    """The visits in the database that are this browser's or this account's, and nobody else's."""
    user = visitor.signed_in(request)
    mine = Q(public_id__in=visitor.session_ids(request), user=None)
    return BrowsingSession.objects.of_people().filter(mine | Q(user=user) if user else mine)


# --- Counting -----------------------------------------------------------------------------


def count_present(request: HttpRequest) -> Counts:
    """What is held of the present visit, in the database or in the browser."""
    known = visitor.known_session(request)
    rows = BrowsingSession.objects.filter(pk__in=[known.pk] if known else [])
    return _with_memory(_count(rows), visitor.memory_of(request))


def count_everything(request: HttpRequest) -> Counts:
    """What is held of this browser's and this account's visits together."""
    return _with_memory(_count(sessions_of(request)), visitor.memory_of(request))


def _count(sessions: QuerySet[BrowsingSession]) -> Counts:
    events = SessionEvent.objects.filter(session__in=sessions).order_by()
    found = dict(events.values_list("type").annotate(Count("pk")))
    opened = sum(found.pop(type, 0) for type in STEPS)
    searched = found.pop(EventType.SEARCH, 0)
    return Counts(sessions.count(), opened, searched, sum(found.values()))


def _with_memory(counts: Counts, memory: Memory) -> Counts:
    if memory.is_empty:
        return counts
    steps = len(memory.steps) + len(memory.past) + len(memory.removed)
    said = sum(map(len, memory.reactions.values()))
    return Counts(counts.visits + 1, counts.opened + steps, counts.searched, counts.said + said)


# --- Gathering ----------------------------------------------------------------------------


def held_of(request: HttpRequest) -> Held:
    user = visitor.signed_in(request)
    preferences = preferences_of(request)
    settings = {
        "consent": preferences.consent,
        "paused": preferences.paused,
        "include_seen": preferences.include_seen,
        "dial": asdict(preferences.dial),
        "hidden_genres": list(preferences.hidden_genres),
    }
    return Held(
        account=_account(user) if user else None,
        settings=settings,
        in_this_browser=_in_browser(request),
        elsewhere=_pointing_at(user, besides=(BrowsingSession, Preference)) if user else {},
        sessions=sessions_of(request),
    )


def _account(user: User) -> Record:
    """Every column but the hash of the password."""
    fields = [column.attname for column in user._meta.concrete_fields if column.name != "password"]
    return {name: getattr(user, name) for name in fields}


def _in_browser(request: HttpRequest) -> Record | None:
    """What the browser's cookies hold; the names of items are looked up."""
    memory = visitor.memory_of(request)
    if memory.is_empty:
        return None
    steps = {"steps": memory.steps, "before_start_over": memory.past, "taken_out": memory.removed}
    named = {step.item for some in steps.values() for step in some}
    items = Item.objects.in_bulk(named.union(*memory.reactions.values()))
    dwell = dwell_times(request.COOKIES.get(DWELL_COOKIE, ""))

    def told(step: MemoryStep) -> Record:
        return {
            **_named(items.get(step.item)),
            "at": step.at,
            "picked": step.picked,
            "dwell_ms": dwell.get(step.step_id),
        }

    return {
        **{name: [told(step) for step in some] for name, some in steps.items()},
        "reactions": [
            {"type": type, **_named(items.get(item)), "value": value}
            for type, given in memory.reactions.items()
            for item, value in given.items()
        ],
    }


def _named(item: Item | None) -> Record:
    return {"item_id": item.item_id if item else None, "title": item.title if item else None}


_SESSION = ("public_id", "origin", "started_at", "last_event_at", "ended_at")
_EVENT = ("event_id", "type", "item__item_id", "item__title", "query", "rating", "dwell_ms")


def _visits(page: list[int]) -> Iterator[Record]:
    """Two queries, and one for each other table that has rows of visits."""
    rows = SessionEvent.objects.filter(session__in=page).order_by("session_id", "occurred_at", "id")
    events: dict[int, list[Record]] = defaultdict(list)
    for row in rows.values("session_id", *_EVENT, "ignored", "occurred_at"):
        told = {name.replace("item__item_id", "item_id"): row[name] for name in _EVENT}
        told["title"] = told.pop("item__title")
        told |= {"occurred_at": row["occurred_at"], "taken_back": row["ignored"] == Ignored.REMOVED}
        events[row["session_id"]].append(told)
    more = _rows_of_visits(page)
    sessions = BrowsingSession.objects.filter(pk__in=page).order_by("pk")
    for session in sessions.values("pk", *_SESSION):
        key = session.pop("pk")
        yield {**session, "events": events[key], **more.get(key, {})}


def _rows_of_visits(page: list[int]) -> dict[int, Record]:
    """Visit → table → rows, of every other table that points at visits."""
    found: dict[int, Record] = defaultdict(dict)
    for relation in _relations_of(BrowsingSession, besides=(SessionEvent,)):
        column = relation.field.attname
        rows = relation.related_model._base_manager.filter(**{f"{column}__in": page})
        for row in rows.order_by("pk").values():
            table = found[row[column]].setdefault(_name_of(relation), [])
            table.append({name: value for name, value in row.items() if name != column})
    return found


def _pointing_at(user: User, *, besides: tuple[type[Model], ...]) -> dict[str, list[Record]]:
    """Table and column → rows of it that point at the account."""
    found = {}
    for relation in _relations_of(User, besides=besides):
        rows = relation.related_model._base_manager.filter(**{relation.field.name: user})
        if told := list(rows.order_by("pk").values()):
            found[f"{_name_of(relation)}.{relation.field.name}"] = told
    return found


def _relations_of(
    model: type[Model], *, besides: tuple[type[Model], ...]
) -> Iterator[ForeignObjectRel]:
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ForeignObjectRel) or relation.many_to_many:
            continue
        if relation.related_model not in besides:
            yield relation


def _name_of(relation: ForeignObjectRel) -> str:
    return str(relation.related_model._meta.db_table)
