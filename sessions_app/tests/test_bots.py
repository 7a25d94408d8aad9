"""Crawlers are seen, kept apart and never counted."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Item
from sessions_app import bots
from sessions_app.models import BrowsingSession, Ignored, SessionEvent
from sessions_app.tests.conftest import FIREFOX, GOOGLEBOT


def test_a_crawler_leaves_one_session_a_day_and_no_cookie(
    crawler: Client, dune: Item, emma: Item
) -> None:
    for item in (dune, emma, dune):
        response = crawler.get(item.get_absolute_url())
        assert "sessionid" not in response.cookies
    session = BrowsingSession.objects.get()
    assert session.is_bot
    # One row for each page, however often it is fetched.
    assert set(session.events.values_list("item__title", "ignored")) == {
        ("Dune", Ignored.BOT),
        ("Emma", Ignored.BOT),
    }
    assert session.events.count() == 2
    assert not SessionEvent.objects.counted().exists()
    assert not BrowsingSession.objects.of_people().exists()


def test_a_request_that_names_no_browser_is_a_bot(db: None, dune: Item) -> None:
    Client().get(dune.get_absolute_url())
    assert BrowsingSession.objects.get().is_bot


def test_a_person_is_not_a_bot(visitor: Client, dune: Item) -> None:
    visitor.get(dune.get_absolute_url())
    assert not BrowsingSession.objects.get().is_bot


def test_a_bots_like_and_search_count_for_nothing(crawler: Client, dune: Item) -> None:
    crawler.get(reverse("catalog:search"), {"q": "dune"})
    crawler.post(reverse("sessions:react"), {"item_id": dune.item_id, "action": "like"})
    assert SessionEvent.objects.count() == 2
    assert not SessionEvent.objects.counted().exists()


def test_two_crawlers_or_two_days_are_two_sessions() -> None:
    first, second = date(2026, 1, 1), date(2026, 1, 2)
    ids = {
        bots.shared_session_id(agent, day) for agent in ("a", "b") for day in (first, second, first)
    }
    assert len(ids) == 4


@pytest.mark.parametrize(
    ("agent", "on_a_page", "at_the_api"),
    [
        (FIREFOX, False, False),
        (GOOGLEBOT, True, True),
        ("", True, False),
        ("curl/8.5.0", True, False),
        ("python-requests/2.32", True, False),
    ],
)
def test_a_programs_library_is_a_bot_on_pages_and_a_client_at_the_api(
    agent: str, on_a_page: bool, at_the_api: bool
) -> None:
    assert bots.is_bot(agent) is on_a_page
    assert bots.is_bot(agent, api=True) is at_the_api
