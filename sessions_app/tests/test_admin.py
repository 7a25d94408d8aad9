"""The admin shows what visitors did and edits none of it."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Item
from sessions_app import services
from sessions_app.models import BrowsingSession, SessionEvent

SESSIONS = "admin:sessions_app_browsingsession"
EVENTS = "admin:sessions_app_sessionevent"


@pytest.fixture
def editor(db: None, visitor: Client) -> Client:
    visitor.force_login(User.objects.create_superuser("editor"))
    return visitor


def browse(*items: Item, user: User | None = None) -> BrowsingSession:
    now = timezone.now()
    session = services.open_session(now=now, user=user)
    for number, item in enumerate(items):
        at = now + timedelta(seconds=number)
        services.record_view(session=session, item=item, event_id=uuid.uuid4(), now=at)
    return session


def test_the_list_of_sessions_counts_their_events(editor: Client, dune: Item, emma: Item) -> None:
    browse(dune, emma, dune)
    page = editor.get(reverse(f"{SESSIONS}_changelist"), {"origin__exact": "live"})
    shown = {s.public_id: s.event_count for s in page.context["cl"].result_list}
    assert sorted(shown.values()) == [0, 3]  # the editor's own visit has no events


def test_a_longer_list_takes_no_more_queries(
    editor: Client, dune: Item, emma: Item, ada: User, django_assert_max_num_queries: Any
) -> None:
    for _ in range(30):
        browse(dune, emma, user=ada)
    with django_assert_max_num_queries(6):
        editor.get(reverse(f"{SESSIONS}_changelist"))
    with django_assert_max_num_queries(9):
        editor.get(reverse(f"{EVENTS}_changelist"))


def test_sessions_are_found_by_id_and_by_user(editor: Client, dune: Item) -> None:
    # A name that no hexadecimal id can hold by chance.
    wyn = User.objects.create_user("wyn")
    wanted, _ = browse(dune, user=wyn), browse(dune)
    for term in (str(wanted.public_id), "wyn"):
        page = editor.get(reverse(f"{SESSIONS}_changelist"), {"q": term})
        assert [s.pk for s in page.context["cl"].result_list] == [wanted.pk]


def test_events_are_found_by_title(editor: Client, dune: Item, emma: Item) -> None:
    browse(dune, emma)
    page = editor.get(reverse(f"{EVENTS}_changelist"), {"q": "emm"})
    assert [e.item for e in page.context["cl"].result_list] == [emma]


def test_a_session_shows_its_events_and_has_nothing_to_save(editor: Client, dune: Item) -> None:
    session = browse(dune)
    services.record_dwell(session=session, view_id=session.events.get().event_id, dwell_ms=12_345)
    url = reverse(f"{SESSIONS}_change", args=[session.pk])
    page = editor.get(url).content.decode()
    assert "Dune" in page
    assert "12.3" in page
    assert 'name="_save"' not in page
    assert editor.post(url, {"origin": "imported"}).status_code == 403


def test_events_are_neither_added_nor_changed(editor: Client, dune: Item) -> None:
    browse(dune)
    event = SessionEvent.objects.get()
    assert editor.get(reverse(f"{EVENTS}_add")).status_code == 403
    change = reverse(f"{EVENTS}_change", args=[event.pk])
    assert editor.get(change).status_code == 200
    assert editor.post(change, {"ignored": "removed"}).status_code == 403


def test_an_outsider_does_not_see_what_visitors_did(outsider: Client, dune: Item) -> None:
    browse(dune)
    assert outsider.get(reverse(f"{SESSIONS}_changelist")).status_code == 302
