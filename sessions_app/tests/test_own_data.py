"""What is held of a visitor, as files: whole, true, and nobody else's."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from catalog.models import Item
from recommender.models import Exploration
from sessions_app import services
from sessions_app.models import BrowsingSession, SessionEvent
from sessions_app.own_data import Counts
from sessions_app.tests.conftest import PASSWORD, MakeItem

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def whole(answer: Any) -> str:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()


def as_json(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        whole(client.get(reverse("sessions:data_file", args=["json"])))
    )
    return found


def as_csv(client: Client) -> list[dict[str, str]]:
    text = whole(client.get(reverse("sessions:data_file", args=["csv"])))
    return list(csv.DictReader(io.StringIO(text)))


def busy_visit(client: Client, item: Item) -> None:
    client.get(item.get_absolute_url())
    client.get("/search/", {"q": "sand worms"})
    for action in ("like", "hide", "unhide"):
        client.post(reverse("sessions:react"), {"item_id": item.item_id, "action": action})
    form = {"item_id": item.item_id, "action": "rate", "rating": 4}
    client.post(reverse("sessions:react"), form)


def test_every_event_is_in_the_file_with_what_was_taken_back(visitor: Client, dune: Item) -> None:
    busy_visit(visitor, dune)
    found = as_json(visitor)
    (visit,) = found["visits"]
    told = [(event["type"], event["title"], event["taken_back"]) for event in visit["events"]]
    assert told == [
        ("view", "Dune", False),
        ("search", None, False),
        ("like", "Dune", False),
        ("hide", "Dune", True),
        ("rate", "Dune", False),
    ]
    assert visit["events"][1]["query"] == "sand worms"
    assert visit["events"][4]["rating"] == 4
    assert len(told) == SessionEvent.objects.count()
    assert found["account"] is None


def test_the_table_has_the_same_as_the_json(visitor: Client, dune: Item) -> None:
    busy_visit(visitor, dune)
    rows = [row for row in as_csv(visitor) if row["Part"] == "event"]
    (visit,) = as_json(visitor)["visits"]
    assert [row["What"] for row in rows] == [event["type"] for event in visit["events"]]
    assert {row["Visit"] for row in rows} == {visit["public_id"]}
    assert [row["Value"] for row in rows] == ["", "sand worms", "", "", "4"]
    assert [row["Taken_Back"] for row in rows] == ["no", "no", "no", "yes", "no"]


def test_an_account_finds_its_fields_but_no_password(stranger: Client, ada: User) -> None:
    stranger.post(reverse("sessions:sign_in"), {"username": "ada", "password": PASSWORD})
    found = as_json(stranger)
    assert found["account"]["username"] == "ada"
    assert "password" not in found["account"]
    text = whole(stranger.get(reverse("sessions:data_file", args=["json"])))
    assert User.objects.get().password not in text
    rows = as_csv(stranger)
    told = {row["What"]: row["Value"] for row in rows if row["Part"] == "account"}
    assert told["username"] == "ada"
    assert "password" not in told
    assert PASSWORD not in str(rows)


def test_settings_are_in_the_file(stranger: Client, db: None) -> None:
    stranger.post(reverse("recommender:turn_dial"), {"vibe": 80})
    found = as_json(stranger)["settings"]
    assert found["dial"]["vibe"] == 80
    assert found["consent"] is None


def test_who_did_not_agree_finds_what_the_browser_remembers(
    stranger: Client, dune: Item, emma: Item
) -> None:
    stranger.get(dune.get_absolute_url())
    stranger.get(emma.get_absolute_url())
    stranger.cookies["segue_dwell"] = "2:1500"
    stranger.post(reverse("sessions:react"), {"item_id": dune.item_id, "action": "hide"})
    found = as_json(stranger)
    assert found["visits"] == []
    here = found["in_this_browser"]
    assert [(step["item_id"], step["dwell_ms"]) for step in here["steps"]] == [
        ("Movie_dune", None),
        ("Book_emma", 1500),
    ]
    assert here["reactions"] == [
        {"type": "hide", "item_id": "Movie_dune", "title": "Dune", "value": 1}
    ]
    rows = [row for row in as_csv(stranger) if row["Part"] == "in this browser"]
    assert [(row["What"], row["Title"]) for row in rows] == [
        ("steps", "Dune"),
        ("steps", "Emma"),
        ("hide", "Dune"),
    ]


def test_nobody_downloads_what_is_anothers(
    visitor: Client, outsider: Client, ada: User, dune: Item, emma: Item
) -> None:
    busy_visit(visitor, dune)
    services.open_session(now=NOON, user=ada)
    outsider.get(emma.get_absolute_url())
    (visit,) = as_json(outsider)["visits"]
    assert [event["title"] for event in visit["events"]] == ["Emma"]
    assert not [row for row in as_csv(outsider) if row["Title"] == "Dune"]


def test_a_session_that_another_account_took_is_not_this_browsers(
    visitor: Client, ada: User, dune: Item
) -> None:
    visitor.get(dune.get_absolute_url())
    BrowsingSession.objects.update(user=ada)
    assert as_json(visitor)["visits"] == []


def test_what_other_tables_hold_of_a_visit_or_account_is_found(
    stranger: Client, ada: User, dune: Item
) -> None:
    session = services.open_session(now=NOON, user=ada)
    Exploration.objects.create(session=session, item=dune, position=12, propensity=0.01)
    stranger.force_login(ada)
    visits = as_json(stranger)["visits"]
    (shown,) = next(visit for visit in visits if visit["public_id"] == str(session.public_id))[
        Exploration._meta.db_table
    ]
    assert shown["position"] == 12
    assert any(row["What"] == Exploration._meta.db_table for row in as_csv(stranger))


def test_the_files_have_names_and_are_kept_by_no_cache(visitor: Client, db: None) -> None:
    with time_machine.travel(NOON, tick=False):
        for form, content_type in (("json", "application/json"), ("csv", "text/csv")):
            answer = visitor.get(reverse("sessions:data_file", args=[form]))
            name = f'attachment; filename="segue-my-data-2026-03-01.{form}"'
            assert answer["Content-Disposition"] == name
            assert answer["Content-Type"].startswith(content_type)
            assert "no-store" in answer["Cache-Control"]


def test_a_file_of_no_form_and_a_form_sent_are_refused(visitor: Client, db: None) -> None:
    assert visitor.get(reverse("sessions:data_file", args=["xml"])).status_code == 404
    assert visitor.post(reverse("sessions:data_file", args=["json"])).status_code == 405


def test_nothing_held_is_a_file_too(stranger: Client, db: None) -> None:
    found = as_json(stranger)
    assert found["visits"] == []
    assert found["in_this_browser"] is None
    assert "Nothing is held of you." in stranger.get(reverse("sessions:data")).content.decode()


def test_a_long_history_is_sent_a_page_at_a_time(
    stranger: Client,
    ada: User,
    make_item: MakeItem,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    item = make_item("Movie_1")
    sessions = [BrowsingSession(user=ada, started_at=NOON, last_event_at=NOON) for _ in range(250)]
    BrowsingSession.objects.bulk_create(sessions)
    SessionEvent.objects.bulk_create(
        SessionEvent(session=session, type="view", item=item, occurred_at=NOON)
        for session in sessions
        for _ in range(4)
    )
    stranger.force_login(ada)
    with django_assert_max_num_queries(24):
        found = as_json(stranger)
    assert sum(len(visit["events"]) for visit in found["visits"]) == 1000
    assert len(found["visits"]) == BrowsingSession.objects.count()


@pytest.mark.parametrize("name", ["data", "forget"])
def test_the_pages_count_what_is_held(visitor: Client, dune: Item, name: str) -> None:
    busy_visit(visitor, dune)
    page = visitor.get(reverse(f"sessions:{name}")).content.decode()
    assert "1 visit: 1 title opened, 1 search, 3 things said of titles." in page


def test_counts_add_up() -> None:
    assert Counts(visits=2, opened=3, searched=1, said=4).events == 8
