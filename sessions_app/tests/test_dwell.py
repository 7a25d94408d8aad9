"""Dwell time: the longest report counts, and only from the visitor whose view it is."""

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Item
from sessions_app.models import Ignored, SessionEvent
from sessions_app.services import LONGEST_DWELL_MS
from sessions_app.tests.conftest import FIREFOX

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer


def report(client: Client, view_id: object, dwell_ms: object) -> "Answer":
    return client.post(reverse("sessions:dwell"), {"view_id": view_id, "dwell_ms": dwell_ms})


@pytest.fixture
def view(visitor: Client, dune: Item) -> SessionEvent:
    visitor.get(dune.get_absolute_url())
    return SessionEvent.objects.get()


@pytest.mark.parametrize(
    ("reports", "kept"),
    [
        ([4000], 4000),
        ([4000, 9000], 9000),
        ([9000, 4000], 9000),
        ([0], 0),
        ([LONGEST_DWELL_MS + 1], LONGEST_DWELL_MS),
        ([10**30], LONGEST_DWELL_MS),
    ],
)
def test_the_longest_report_is_kept(
    visitor: Client, view: SessionEvent, reports: list[int], kept: int
) -> None:
    for dwell_ms in reports:
        assert report(visitor, view.event_id, dwell_ms).status_code == 204
    view.refresh_from_db()
    assert view.dwell_ms == kept


def test_another_visitors_view_is_refused(
    visitor: Client, outsider: Client, view: SessionEvent, emma: Item
) -> None:
    assert report(outsider, view.event_id, 5000).status_code == 404
    outsider.get(emma.get_absolute_url())
    response = report(outsider, view.event_id, 5000)
    assert response.status_code == 404
    assert response.content.decode() == "This view does not belong to your visit."
    view.refresh_from_db()
    assert view.dwell_ms is None


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"dwell_ms": 5}, "view_id is missing"),
        ({"view_id": "x", "dwell_ms": 5}, "view_id is not a UUID."),
        ({"view_id": uuid.uuid4()}, "dwell_ms is missing"),
        ({"view_id": uuid.uuid4(), "dwell_ms": "long"}, "not a whole number"),
        ({"view_id": uuid.uuid4(), "dwell_ms": -1}, "dwell_ms is negative."),
    ],
)
def test_a_bad_report_is_answered_with_a_sentence(
    db: None, visitor: Client, form: dict[str, Any], sentence: str
) -> None:
    response = visitor.post(reverse("sessions:dwell"), form)
    assert response.status_code == 400
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert sentence in response.content.decode()


def test_a_report_needs_the_csrf_token(visitor: Client, dune: Item) -> None:
    browser = Client(headers={"user-agent": FIREFOX}, enforce_csrf_checks=True)
    browser.cookies = visitor.cookies
    browser.get(dune.get_absolute_url())
    view = SessionEvent.objects.get()
    assert report(browser, view.event_id, 5000).status_code == 403
    form = {
        "view_id": view.event_id,
        "dwell_ms": 5000,
        "csrfmiddlewaretoken": browser.cookies["csrftoken"].value,
    }
    assert browser.post(reverse("sessions:dwell"), form).status_code == 204


def test_a_beacon_that_goes_out_under_another_name_counts(visitor: Client, dune: Item) -> None:
    visitor.get(dune.get_absolute_url())
    view = SessionEvent.objects.get()
    form = {"view_id": view.event_id, "dwell_ms": 4000}
    headless = {"user-agent": "HeadlessChrome/156.0.0.0"}
    assert visitor.post(reverse("sessions:dwell"), form, headers=headless).status_code == 204
    view.refresh_from_db()
    assert view.dwell_ms == 4000


def test_a_prefetched_page_is_no_step_until_somebody_looks_at_it(
    visitor: Client, dune: Item
) -> None:
    visitor.get(dune.get_absolute_url(), headers={"sec-purpose": "prefetch;prerender"})
    view = SessionEvent.objects.get()
    assert view.ignored == Ignored.PREFETCH
    assert not SessionEvent.objects.steps().exists()
    assert report(visitor, view.event_id, 3000).status_code == 204
    view.refresh_from_db()
    assert view.ignored == Ignored.NO
    assert view.dwell_ms == 3000


def test_a_report_does_not_bring_a_removed_step_back(visitor: Client, view: SessionEvent) -> None:
    visitor.post(reverse("sessions:remove_step", args=[view.event_id]))
    assert report(visitor, view.event_id, 3000).status_code == 204
    view.refresh_from_db()
    assert view.ignored == Ignored.REMOVED


@pytest.mark.parametrize("header", ["purpose", "x-purpose", "x-moz", "sec-purpose"])
def test_every_way_of_announcing_a_prefetch_is_heard(
    visitor: Client, dune: Item, header: str
) -> None:
    visitor.get(
        dune.get_absolute_url(), headers={header: "Preview" if "x-p" in header else "prefetch"}
    )
    assert SessionEvent.objects.get().ignored == Ignored.PREFETCH
