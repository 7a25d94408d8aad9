"""What is kept of the catalogue is renewed when the catalogue changes, and only then."""

import threading
import time
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User

from catalog import revision
from catalog.models import Alias, Change, Item
from catalog.revision import Kept, note_change
from catalog.tests.shelves import casablanca, make

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept() -> Iterator[Kept[int]]:
    made = Kept(Item.objects.count)
    yield made
    Kept.everything.remove(made)


def test_the_revision_changes_with_an_item_an_alias_and_a_genre_but_not_with_a_user() -> None:
    film, _, _ = casablanca()
    seen = {revision.revision()}
    film.title = "Casablanca!"
    film.save()
    seen.add(revision.revision())
    Alias.objects.create(item=film, name="Everybody Comes to Rick's")
    seen.add(revision.revision())
    film.genres.clear()
    seen.add(revision.revision())
    assert len(seen) == 4
    User.objects.create_user("curator")
    assert revision.revision() in seen


def test_what_is_quickly_made_is_always_of_today(kept: Kept[int]) -> None:
    assert kept.get() == 0
    make("movie", "Alien")
    assert kept.get() == 1


def test_nothing_is_made_twice_for_one_revision() -> None:
    calls: list[int] = []
    counted = Kept(lambda: calls.append(1))
    counted.get()
    counted.get()
    Kept.everything.remove(counted)
    assert calls == [1]


@pytest.mark.django_db(transaction=True)
def test_what_takes_long_is_made_beside_the_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    values = iter([1, 2])

    def slow() -> int:
        value = next(values)
        if value == 2:
            go_on.wait(5)
        return value

    kept = Kept(slow)
    Kept.everything.remove(kept)
    monkeypatch.setattr(revision, "QUICK_SECONDS", -1.0)
    monkeypatch.setattr(revision, "REST", 0.0)
    assert kept.get() == 1
    note_change()
    assert kept.get() == 1  # the old value, at once
    go_on.set()
    deadline = time.monotonic() + 5
    while kept.get() == 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert kept.get() == 2


def test_old_changes_are_thrown_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revision, "KEPT_CHANGES", 5)
    before = revision.revision()
    for _ in range(23):
        note_change()
    assert Change.objects.count() <= 10
    assert revision.revision() != before


@pytest.mark.django_db(transaction=True)
def test_only_what_visitors_need_is_made_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Kept, "everything", [])
    made: list[str] = []
    done = threading.Event()
    Kept(lambda: made.append("for curators"), ahead=False)
    Kept(lambda: made.append("for visitors"))
    Kept(done.set)
    revision.warm_up()
    assert done.wait(10)
    assert made == ["for visitors"]
