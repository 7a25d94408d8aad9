"""Small worlds for the recommender's tests, made by the same functions that the site uses."""

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid5

from django.utils import timezone

from catalog.models import Book, Creator, Credit, Genre, Item, Movie, Role, Track
from recommender import training
from recommender.models import ModelVersion
from sessions_app.models import BrowsingSession, EventType, Origin, SessionEvent

_NAMES = UUID("5b2a9b3e-6a5e-4d0e-9c57-1d5f0c1f0001")
_THEMES = ["Noir", "Sea", "Space", "Desert"]


def make_catalogue(*, per_kind: int = 12) -> list[Item]:
    """`per_kind` films, tracks and books in four themes; a theme is a genre of all three kinds."""
    genres = [Genre.objects.create(name=name, slug=name.lower()) for name in _THEMES]
    items: list[Item] = []
    for model, prefix, role in (
        (Movie, "Movie", Role.DIRECTOR),
        (Track, "Music", Role.ARTIST),
        (Book, "Book", Role.AUTHOR),
    ):
        kind = {"Movie": "movie", "Music": "track", "Book": "book"}[prefix]
        for number in range(per_kind):
            theme = number % len(_THEMES)
            item = model.objects.create(
                item_id=f"{prefix}_{number}",
                kind=kind,
                title=f"{_THEMES[theme]} {prefix} {number}",
                description=f"{prefix} about {_THEMES[theme].lower()} things, number {number}",
                year=1960 + number,
                moods=["calm"],
                source="test",
            )
            item.genres.add(genres[theme])
            creator, _ = Creator.objects.get_or_create(name=f"{_THEMES[theme]} {role} {number}")
            Credit.objects.create(item=item, creator=creator, role=role)
            items.append(item)
    return items


def make_sessions(
    items: list[Item],
    *,
    count: int = 120,
    length: int = 5,
    origin: str = Origin.SIMULATED,
    until: datetime | None = None,
    name: str = "a",
    wander: float = 0.0,
) -> None:
    """Sessions with a known answer: each walks through one theme in the catalogue's order.

    With `wander`, that share of the steps goes to any other item of the theme instead, so that
    neighbours, words and the network know something that plain followers do not.
    """
    chance = Random(name)
    until = until or timezone.now() - timedelta(hours=1)
    sessions, events = [], []
    for number in range(count):
        started = until - timedelta(minutes=(count - number) * 10)
        theme = [item for item in items if int(item.item_id.split("_")[1]) % 4 == number % 4]
        session = BrowsingSession(
            public_id=uuid5(_NAMES, f"{name}-{number}"),
            origin=origin,
            started_at=started,
            last_event_at=started + timedelta(seconds=30 * length),
        )
        sessions.append(session)
        at = (number // 4) % len(theme)
        for position in range(length):
            events.append(
                SessionEvent(
                    event_id=uuid5(_NAMES, f"{name}-{number}-{position}"),
                    session=session,
                    type=EventType.VIEW,
                    item_id=theme[at].pk,
                    dwell_ms=20_000,
                    occurred_at=started + timedelta(seconds=30 * position),
                )
            )
            far = len(theme) > 2 and chance.random() < wander
            at = (at + (chance.randrange(2, len(theme)) if far else 1)) % len(theme)
    BrowsingSession.objects.bulk_create(sessions)
    SessionEvent.objects.bulk_create(events)


TINY: dict[str, Any] = {
    "embedding_dim": 16,
    "hidden_dim": 16,
    "features": 16,
    "epochs": 4,
    "warm_epochs": 2,
    "seed": 3,
}


def trained_version(**kwargs: Any) -> ModelVersion:
    """Train the tiny preset on what is in the database; the version must have passed the gate."""
    run = training.train(started_by="test", force=True, changes=TINY, **kwargs)
    assert run.version is not None, run.error or run.progress
    assert run.version.is_serving, run.progress
    return run.version
