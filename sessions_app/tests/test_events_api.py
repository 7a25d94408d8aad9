"""POST /api/v1/events/: batches, idempotent, refused with a sentence per problem."""

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from catalog.models import Item
from sessions_app.models import BrowsingSession, EventType, SessionEvent
from sessions_app.tests.conftest import GOOGLEBOT
from sessions_app.tests.test_trail import trail_of

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer


def event(type: str = "view", **values: Any) -> dict[str, Any]:
    return {"event_id": str(uuid.uuid4()), "type": type, **values}


def send(client: Client, *events: dict[str, Any]) -> "Answer":
    body = {"events": list(events)}
    return client.post(reverse("api-events"), body, content_type="application/json")


def test_a_batch_is_recorded_and_becomes_the_trail(visitor: Client, dune: Item, emma: Item) -> None:
    answer = send(
        visitor,
        event(item_id="Movie_dune", dwell_ms=4000),
        event("search", query="emma"),
        event(item_id="Book_emma"),
        event("rate", item_id="Book_emma", rating=5),
    )
    assert answer.status_code == 200
    assert answer.json() == {"recorded": 4, "repeated": 0, "unknown_items": []}
    assert trail_of(visitor) == ["Dune", "Emma"]
    assert SessionEvent.objects.get(item=dune).dwell_ms == 4000
    assert BrowsingSession.objects.count() == 1


def test_a_batch_sent_again_changes_nothing(visitor: Client, dune: Item) -> None:
    batch = [event(item_id="Movie_dune"), event("like", item_id="Movie_dune")]
    send(visitor, *batch)
    again = send(visitor, *batch, event("hide", item_id="Movie_dune"))
    assert again.json() == {"recorded": 1, "repeated": 2, "unknown_items": []}
    assert SessionEvent.objects.count() == 3


def test_an_id_twice_in_one_batch_is_recorded_once(visitor: Client, dune: Item) -> None:
    once = event(item_id="Movie_dune")
    assert send(visitor, once, once).json()["repeated"] == 1
    assert SessionEvent.objects.count() == 1


def test_a_view_sent_again_keeps_its_longest_dwell_time(visitor: Client, dune: Item) -> None:
    view = event(item_id="Movie_dune")
    for dwell_ms in (1000, 8000, 3000):
        assert send(visitor, {**view, "dwell_ms": dwell_ms}).status_code == 200
    assert SessionEvent.objects.get().dwell_ms == 8000


def test_anothers_view_is_not_lengthened(visitor: Client, outsider: Client, dune: Item) -> None:
    view = event(item_id="Movie_dune", dwell_ms=1000)
    send(visitor, view)
    assert send(outsider, {**view, "dwell_ms": 9000}).json()["repeated"] == 1
    assert SessionEvent.objects.get().dwell_ms == 1000


def test_unknown_items_are_skipped_and_named(visitor: Client, dune: Item) -> None:
    answer = send(
        visitor,
        event(item_id="Movie_none"),
        event(item_id="Movie_dune"),
        event("like", item_id="Movie_none"),
    )
    assert answer.json() == {"recorded": 1, "repeated": 0, "unknown_items": ["Movie_none"]}


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({"event_id": "x"}, "Event 2, event_id: Must be a valid UUID."),
        ({"type": "love"}, 'Event 2, type: "love" is not a valid choice.'),
        ({"item_id": None}, "Event 2, item_id: This field may not be null."),
        ({"dwell_ms": -1}, "Event 2, dwell_ms: Ensure this value is greater than or equal to 0."),
        ({"rating": 3}, "Event 2, rating: A view event has no such field."),
        ({"type": "rate"}, "Event 2, rating: A rate event needs this field."),
        ({"type": "search"}, "Event 2, query: A search event needs this field."),
        ({"type": "like", "dwell_ms": 5}, "Event 2, dwell_ms: Only a view has a dwell time."),
        ({"occurred_at": "yesterday"}, "Event 2, occurred_at: Datetime has wrong format."),
    ],
)
def test_a_bad_event_is_named_and_nothing_is_written(
    visitor: Client, dune: Item, bad: dict[str, Any], sentence: str
) -> None:
    good = event(item_id="Movie_dune")
    answer = send(visitor, good, {**event(item_id="Movie_dune"), **bad})
    assert answer.status_code == 400
    assert any(problem.startswith(sentence) for problem in answer.json()["fields"])
    assert sentence in answer.json()["detail"]
    assert not BrowsingSession.objects.exists()


def test_every_problem_has_its_own_sentence(db: None, visitor: Client) -> None:
    problems = send(visitor, event(), event("rate", item_id="x")).json()["fields"]
    assert problems == [
        "Event 1, item_id: A view event needs this field.",
        "Event 2, rating: A rate event needs this field.",
    ]


@pytest.mark.parametrize(
    ("ago", "sentence"),
    [
        (timedelta(days=30, minutes=1), "This time is more than 30 days ago."),
        (timedelta(minutes=-6), "This time is in the future."),
        (timedelta(days=29), ""),
        (timedelta(minutes=-4), ""),
    ],
)
def test_a_time_must_be_of_the_last_thirty_days(
    visitor: Client, dune: Item, ago: timedelta, sentence: str
) -> None:
    when = (timezone.now() - ago).isoformat()
    answer = send(visitor, event(item_id="Movie_dune", occurred_at=when))
    if sentence:
        assert answer.json()["detail"] == f"Event 1, occurred_at: {sentence}"
    else:
        assert answer.json()["recorded"] == 1
        assert SessionEvent.objects.get().occurred_at <= timezone.now()


def test_a_batch_has_one_to_two_hundred_events(visitor: Client, dune: Item) -> None:
    assert send(visitor).json()["detail"] == "There are no events."
    most = [event(item_id="Movie_dune") for _ in range(201)]
    too_many = send(visitor, *most)
    assert too_many.status_code == 400
    assert too_many.json()["detail"].startswith("A request holds at most 200 events")
    assert send(visitor, *most[:200]).json()["recorded"] == 200


@pytest.mark.parametrize("body", ["{", "[]", "{}", '{"events": 3}', '{"events": [3]}'])
def test_a_malformed_body_is_a_sentence_in_json(db: None, visitor: Client, body: str) -> None:
    answer = visitor.post(reverse("api-events"), body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["detail"].endswith((".", ")"))


def test_reading_the_address_is_refused(db: None, visitor: Client) -> None:
    assert visitor.get(reverse("api-events")).status_code == 405


def test_a_crawlers_events_count_for_nothing_and_a_programs_do(db: None, dune: Item) -> None:
    send(Client(headers={"user-agent": GOOGLEBOT}), event(item_id="Movie_dune"))
    assert not SessionEvent.objects.counted().exists()
    send(Client(headers={"user-agent": "python-requests/2.32"}), event(item_id="Movie_dune"))
    assert SessionEvent.objects.counted().count() == 1


def test_a_full_batch_takes_as_many_queries_as_a_small_one(
    visitor: Client, dune: Item, django_assert_max_num_queries: Any
) -> None:
    send(visitor, event(item_id="Movie_dune"))
    with django_assert_max_num_queries(11):  # SQLite splits 200 rows into three INSERTs
        send(visitor, *[event(item_id="Movie_dune") for _ in range(200)])


def test_somebody_signed_in_needs_the_csrf_token(ada: User, dune: Item) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada)
    assert send(browser, event(item_id="Movie_dune")).status_code == 403


def test_the_schema_documents_the_batch() -> None:
    schema = SchemaGenerator().get_schema(public=True)
    operation = schema["paths"]["/api/v1/events/"]["post"]
    assert operation["summary"] == "Record what a visitor did"
    assert set(operation["responses"]) == {"200", "400", "409"}
    batch = schema["components"]["schemas"]["Batch"]["properties"]["events"]
    assert batch["items"]["$ref"].endswith("/Event")
    types = schema["components"]["schemas"]["TypeEnum"]["enum"]
    assert set(types) == set(EventType.values)
