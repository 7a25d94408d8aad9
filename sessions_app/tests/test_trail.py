"""From an opened page to the trail: views, reloads, idle visits, removed steps, starting over."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from catalog.models import Item
from sessions_app import context_processors, reading, services
from sessions_app.models import BrowsingSession, EventType, Ignored, SessionEvent
from sessions_app.tasks import close_idle_sessions
from sessions_app.tests.conftest import FIREFOX

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def view_ids() -> list[str]:
    return [str(i) for i in SessionEvent.objects.steps().values_list("event_id", flat=True)]


def trail_of(client: Client) -> list[str]:
    response = client.get(reverse("sessions:trail"))
    return [step.item.title for step in response.context["trail"]()]


def remove(client: Client, event_id: str, **kwargs: str) -> "Answer":
    return client.post(reverse("sessions:remove_step", args=[event_id]), kwargs)


def test_an_opened_page_is_a_step_and_the_page_knows_its_id(visitor: Client, dune: Item) -> None:
    page = visitor.get(dune.get_absolute_url())
    event = SessionEvent.objects.get()
    assert event.type == EventType.VIEW
    assert event.item == dune
    assert event.ignored == Ignored.NO
    assert event.session.user is None
    assert f'data-view-id="{event.event_id}"' in page.content.decode()


def test_steps_are_shown_newest_last(visitor: Client, dune: Item, emma: Item, hurt: Item) -> None:
    for item in (dune, emma, hurt, dune):
        visitor.get(item.get_absolute_url())
    assert trail_of(visitor) == ["Dune", "Emma", "Hurt", "Dune"]
    assert BrowsingSession.objects.count() == 1


def test_a_reload_continues_the_view(visitor: Client, dune: Item) -> None:
    with time_machine.travel(NOON, tick=False):
        first = visitor.get(dune.get_absolute_url()).content
    with time_machine.travel(NOON + timedelta(minutes=5), tick=False):
        again = visitor.get(dune.get_absolute_url()).content
    (view_id,) = view_ids()
    assert view_id.encode() in first
    assert view_id.encode() in again
    assert BrowsingSession.objects.get().last_event_at == NOON + timedelta(minutes=5)


def test_coming_back_after_another_page_is_a_new_step(
    visitor: Client, dune: Item, emma: Item
) -> None:
    for item in (dune, emma, dune):
        visitor.get(item.get_absolute_url())
    assert len(view_ids()) == 3


def test_a_page_that_records_nothing_makes_no_session_and_no_cookie(
    visitor: Client, dune: Item
) -> None:
    for response in (
        visitor.get(reverse("home")),
        visitor.get(reverse("sessions:trail")),
        visitor.get(reverse("catalog:search"), {"q": " "}),
        visitor.head(dune.get_absolute_url()),
    ):
        assert response.status_code == 200
        assert "sessionid" not in response.cookies
    assert not BrowsingSession.objects.exists()
    assert not Session.objects.exists()


def test_thirty_idle_minutes_end_a_visit_at_its_last_event(
    visitor: Client, dune: Item, emma: Item
) -> None:
    with time_machine.travel(NOON, tick=False):
        visitor.get(dune.get_absolute_url())
    with time_machine.travel(NOON + timedelta(minutes=30, seconds=1), tick=False):
        assert trail_of(visitor) == []
        visitor.get(emma.get_absolute_url())
        assert trail_of(visitor) == ["Emma"]
    old, new = BrowsingSession.objects.order_by("started_at")
    assert old.ended_at == NOON
    assert new.ended_at is None
    assert new.started_at == NOON + timedelta(minutes=30, seconds=1)


def test_thirty_minutes_are_not_idle_yet(visitor: Client, dune: Item, emma: Item) -> None:
    with time_machine.travel(NOON, tick=False):
        visitor.get(dune.get_absolute_url())
    with time_machine.travel(NOON + timedelta(minutes=30), tick=False):
        visitor.get(emma.get_absolute_url())
        assert trail_of(visitor) == ["Dune", "Emma"]


def test_the_task_closes_idle_sessions_only(db: None) -> None:
    with time_machine.travel(NOON, tick=False):
        now = timezone.now()
        idle = services.open_session(now=now - timedelta(minutes=31))
        busy = services.open_session(now=now - timedelta(minutes=29))
        assert close_idle_sessions() == 1
        assert close_idle_sessions() == 0
    idle.refresh_from_db()
    busy.refresh_from_db()
    assert idle.ended_at == idle.last_event_at
    assert busy.ended_at is None


def test_a_removed_step_leaves_the_trail_and_stays_recorded(
    visitor: Client, dune: Item, emma: Item
) -> None:
    visitor.get(dune.get_absolute_url())
    visitor.get(emma.get_absolute_url())
    response = remove(visitor, view_ids()[0], next="/search/")
    assert response.status_code == 302
    assert response["Location"] == "/search/"
    assert trail_of(visitor) == ["Emma"]
    assert SessionEvent.objects.filter(ignored=Ignored.REMOVED, item=dune).exists()


def test_removing_twice_is_the_same_as_once(visitor: Client, dune: Item) -> None:
    visitor.get(dune.get_absolute_url())
    (step,) = view_ids()
    assert remove(visitor, step).status_code == 302
    assert remove(visitor, step).status_code == 302
    assert SessionEvent.objects.get().ignored == Ignored.REMOVED


def test_removing_the_step_of_the_page_one_is_on_does_not_bring_it_back(
    visitor: Client, dune: Item
) -> None:
    page = dune.get_absolute_url()
    visitor.get(page)
    (step,) = view_ids()
    back = visitor.post(reverse("sessions:remove_step", args=[step]), {"next": page}, follow=True)
    assert f'data-view-id="{step}"' in back.content.decode()
    assert trail_of(visitor) == []
    visitor.get(page)  # opened again on purpose
    assert trail_of(visitor) == ["Dune"]


def test_htmx_gets_the_trail_again_and_tells_the_page(visitor: Client, dune: Item) -> None:
    visitor.get(dune.get_absolute_url())
    (step,) = view_ids()
    url = reverse("sessions:remove_step", args=[step])
    response = visitor.post(url, headers={"hx-request": "true"})
    assert response["HX-Trigger"] == "trail-changed"
    assert "Your trail is empty" in response.content.decode()


def test_a_trail_fetched_by_htmx_leads_back_to_the_page_it_is_on(
    visitor: Client, dune: Item
) -> None:
    visitor.get(dune.get_absolute_url())
    address = "http://testserver/items/Movie_dune/"
    response = visitor.get(
        reverse("sessions:trail"), headers={"hx-request": "true", "hx-current-url": address}
    )
    assert f'name="next" value="{address}"' in response.content.decode()
    (step,) = view_ids()
    assert remove(visitor, step, next=address)["Location"] == address


def test_an_outsider_cannot_remove_anothers_step(
    visitor: Client, outsider: Client, dune: Item, emma: Item
) -> None:
    visitor.get(dune.get_absolute_url())
    (step,) = view_ids()
    assert remove(outsider, step).status_code == 404  # no visit at all
    outsider.get(emma.get_absolute_url())
    assert remove(outsider, step).status_code == 404
    assert trail_of(visitor) == ["Dune"]


def test_a_step_that_never_was_cannot_be_removed(visitor: Client, dune: Item) -> None:
    visitor.get(dune.get_absolute_url())
    response = remove(visitor, str(uuid.uuid4()))
    assert response.status_code == 404
    assert response.content.decode() == "This step does not belong to your visit."


@pytest.mark.parametrize("next_page", ["https://evil.example/", "//evil.example", "javascript:1"])
def test_next_never_leads_off_the_site(visitor: Client, dune: Item, next_page: str) -> None:
    visitor.get(dune.get_absolute_url())
    assert remove(visitor, view_ids()[0], next=next_page)["Location"] == reverse("home")


def test_starting_over_ends_the_visit_and_begins_another(
    visitor: Client, dune: Item, emma: Item
) -> None:
    visitor.get(dune.get_absolute_url())
    response = visitor.post(reverse("sessions:start_over"), headers={"hx-request": "true"})
    assert response["HX-Trigger"] == "trail-changed"
    assert trail_of(visitor) == []
    visitor.get(emma.get_absolute_url())
    assert trail_of(visitor) == ["Emma"]
    old, new = BrowsingSession.objects.order_by("started_at")
    assert old.ended_at is not None
    assert new.ended_at is None


def test_starting_over_with_no_visit_does_nothing(db: None, visitor: Client) -> None:
    assert visitor.post(reverse("sessions:start_over"))["Location"] == reverse("home")
    assert not BrowsingSession.objects.exists()


@pytest.mark.parametrize("name", ["dwell", "react", "start_over", "sign_out"])
def test_what_changes_something_is_never_a_get(db: None, visitor: Client, name: str) -> None:
    assert visitor.get(reverse(f"sessions:{name}")).status_code == 405


def test_removing_is_never_a_get(db: None, visitor: Client) -> None:
    assert visitor.get(reverse("sessions:remove_step", args=[uuid.uuid4()])).status_code == 405


def test_the_trail_is_only_read(db: None, visitor: Client) -> None:
    assert visitor.post(reverse("sessions:trail")).status_code == 405


def test_a_long_trail_shows_its_end_and_counts_the_rest(db: None, dune: Item, emma: Item) -> None:
    session = services.open_session(now=timezone.now())
    for number in range(15):
        services.record_view(
            session=session,
            item=emma if number % 2 else dune,
            event_id=uuid.uuid4(),
            now=timezone.now(),
        )
    shown = reading.trail(session)
    assert len(shown.steps) == 12
    assert shown.more == 3
    assert [step.item.title for step in shown.steps[-2:]] == ["Emma", "Dune"]
    assert reading.step_item_ids(session, limit=3) == ["Movie_dune", "Book_emma", "Movie_dune"]


def test_a_page_is_shown_when_its_view_cannot_be_written(
    visitor: Client, dune: Item, caplog: pytest.LogCaptureFixture
) -> None:
    with patch.object(services, "record_view", side_effect=DatabaseError("disk full")):
        page = visitor.get(dune.get_absolute_url())
    assert page.status_code == 200
    assert 'data-view-id=""' in page.content.decode()
    assert "The view of Movie_dune was not recorded." in caplog.text
    assert "disk full" in caplog.text


def test_typing_on_is_one_search(visitor: Client, dune: Item) -> None:
    for query in ("du", "dune", "dun", "emma"):
        visitor.get(reverse("catalog:search"), {"q": query})
    found = SessionEvent.objects.filter(type=EventType.SEARCH)
    assert list(found.values_list("query", flat=True)) == ["dune", "emma"]
    assert trail_of(visitor) == []


def test_the_queries_of_a_first_and_a_later_view(
    visitor: Client, dune: Item, emma: Item, django_assert_num_queries: Any
) -> None:
    # The page itself, kinships, names and facts too; a first view also makes the two sessions.
    with django_assert_num_queries(20):
        visitor.get(dune.get_absolute_url())
    with django_assert_num_queries(14):
        visitor.get(emma.get_absolute_url())


def test_a_template_that_shows_no_trail_asks_nothing(
    visitor: Client, dune: Item, rf: RequestFactory, django_assert_num_queries: Any
) -> None:
    request = rf.get("/", headers={"user-agent": FIREFOX})
    request.session = visitor.session
    with django_assert_num_queries(0):
        context = context_processors.visit(request)
        Template("nothing of it").render(Context(context))
