"""What a person's visits were about: themes and moods over time, kinds, genres and people.

Read from the newest `MOST_STEPS` steps in four queries, however long the history is. Simulated
visits, steps that were taken out, and looks too short to mean anything are left out.
"""

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q

from catalog.models import Credit, Item, Kind
from catalog.models.items import BYLINE_ROLES
from sessions_app.models import Origin, SessionEvent

Key = TypeVar("Key", str, tuple[str, str])

MOST_STEPS = 5_000
OPENS_AFTER = 3  # visits: fewer are no picture of anybody
MOST_PERIODS = 16
LEAST_WEEKS = 3  # fewer are drawn visit by visit
WORDS, NAMES = 5, 6  # shown of each sort

_BILLED = [role for roles in BYLINE_ROLES.values() for role in roles[:1]]


@dataclass(frozen=True)
class Period:
    """A week or a visit: the day it began, and how many titles were opened in it."""

    day: datetime.date
    steps: int


@dataclass(frozen=True)
class Word:
    """A theme or a mood, and how many of each period's titles have it."""

    name: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True)
class Named:
    """A kind, genre or creator, and how many steps went to it; `slug` is for its page."""

    name: str
    steps: int
    slug: str = ""


@dataclass(frozen=True)
class Taste:
    """`words` are counted over `periods`, the oldest first; everything else over all the steps."""

    visits: int
    steps: int
    is_capped: bool
    by_week: bool
    periods: tuple[Period, ...]
    themes: tuple[Word, ...]
    moods: tuple[Word, ...]
    kinds: tuple[Named, ...]
    genres: tuple[Named, ...]
    creators: tuple[Named, ...]

    @property
    def is_open(self) -> bool:
        return self.visits >= OPENS_AFTER


@dataclass(frozen=True, slots=True)
class _Step:
    visit: int
    item: int
    day: datetime.date


@dataclass(frozen=True, slots=True)
class _About:
    kind: str
    themes: Sequence[str]
    moods: Sequence[str]


def taste_of(user: User) -> Taste:
    """The taste of an account's visits."""
    steps, is_capped = _steps(user)
    visits = len({step.visit for step in steps})
    if visits < OPENS_AFTER:
        return Taste(visits, len(steps), is_capped, False, (), (), (), (), (), ())
    about = _about({step.item for step in steps})
    steps = [step for step in steps if step.item in about]  # one may have gone between the queries
    by_week, groups = _periods(steps)
    opened = Counter(step.item for step in steps)
    kinds = Counter(about[step.item].kind for step in steps)
    return Taste(
        visits=visits,
        steps=len(steps),
        is_capped=is_capped,
        by_week=by_week,
        periods=tuple(Period(day, len(items)) for day, items in groups),
        themes=_words([[about[i].themes for i in items] for _, items in groups]),
        moods=_words([[about[i].moods for i in items] for _, items in groups]),
        kinds=tuple(Named(kind, kinds[kind]) for kind in Kind.values),
        genres=_genres(opened),
        creators=_creators(opened),
    )


# --- Reading ------------------------------------------------------------------------------


def _steps(user: User) -> tuple[list[_Step], bool]:
    """The newest steps, oldest first, and whether there are more than were read."""
    meant = Q(dwell_ms=None) | Q(dwell_ms__gte=settings.SHORTEST_VIEW_MS)
    events = SessionEvent.objects.counted().steps().filter(meant, session__user=user)
    people = events.exclude(session__origin=Origin.SIMULATED)
    rows = list(
        people.reverse().values_list("session_id", "item_id", "occurred_at")[: MOST_STEPS + 1]
    )
    newest = [
        _Step(visit, item, at.date()) for visit, item, at in rows[:MOST_STEPS] if item is not None
    ]
    return newest[::-1], len(rows) > MOST_STEPS


def _about(items: Iterable[int]) -> dict[int, _About]:
    rows = Item.objects.filter(pk__in=items).values_list("pk", "kind", "themes", "moods")
    return {pk: _About(kind, themes, moods) for pk, kind, themes, moods in rows}


def _genres(opened: Counter[int]) -> tuple[Named, ...]:
    through = Item.genres.through.objects.filter(item_id__in=opened)
    steps: Counter[tuple[str, str]] = Counter()
    for item, name, slug in through.values_list("item_id", "genre__name", "genre__slug"):
        steps[name, slug] += opened[item]
    return tuple(Named(name, count, slug) for (name, slug), count in _most(steps, NAMES))


def _creators(opened: Counter[int]) -> tuple[Named, ...]:
    """Directors, artists and authors; whose name is spelt in two ways is one person."""
    credits = Credit.objects.filter(item_id__in=opened, role__in=_BILLED)
    counted = set()
    steps: Counter[str] = Counter()
    names: dict[str, str] = {}
    for item, key, name in credits.values_list(
        "item_id", "creator__name_key", "creator__name"
    ).order_by("id"):
        names.setdefault(key, name)
        if (item, key) not in counted:
            counted.add((item, key))
            steps[key] += opened[item]
    return tuple(Named(names[key], count, key) for key, count in _most(steps, NAMES))


# --- Over time ----------------------------------------------------------------------------


def _periods(steps: Sequence[_Step]) -> tuple[bool, list[tuple[datetime.date, list[int]]]]:
    """Whether by week, and the newest periods, each with its first day and the items opened."""
    weeks: dict[datetime.date, list[int]] = {}
    for step in steps:
        weeks.setdefault(_monday(step.day), []).append(step.item)
    if len(weeks) >= LEAST_WEEKS:
        last = max(weeks)
        count = min((last - min(weeks)).days // 7 + 1, MOST_PERIODS)
        days = [last - datetime.timedelta(weeks=ago) for ago in reversed(range(count))]
        return True, [(day, weeks.get(day, [])) for day in days]
    visits: dict[int, tuple[datetime.date, list[int]]] = {}
    for step in steps:
        visits.setdefault(step.visit, (step.day, []))[1].append(step.item)
    return False, list(visits.values())[-MOST_PERIODS:]


def _monday(day: datetime.date) -> datetime.date:
    return day - datetime.timedelta(days=day.weekday())


def _words(periods: Sequence[Sequence[Sequence[str]]]) -> tuple[Word, ...]:
    """The words that most of the periods' titles have; `periods` hold each title's words."""
    counts = [Counter(word for words in titles for word in words) for titles in periods]
    total: Counter[str] = Counter()
    for counted in counts:
        total.update(counted)
    return tuple(
        Word(word, tuple(counted[word] for counted in counts)) for word, _ in _most(total, WORDS)
    )


def _most(steps: Counter[Key], number: int) -> list[tuple[Key, int]]:
    """The greatest first; among equals by name, so that the same history gives the same picture."""
    return sorted(steps.items(), key=lambda pair: (-pair[1], pair[0]))[:number]
