"""Fetching pictures from providers that are slow, busy, broken or up to something."""

import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import time_machine
from django.core.files.storage import default_storage

from catalog.models import Picture
from catalog.pictures import asking, keeping
from catalog.pictures.fetching import fetch_pictures
from catalog.tests.shelves import make
from catalog.tests.stub_provider import (
    POSTER,
    SEARCH,
    Answer,
    Stub,
    kept,
    picture,
    sent_on,
    solaris,
    told,
)

pytestmark = pytest.mark.django_db


# --- Bad answers --------------------------------------------------------------------------


def test_no_match_is_missing(stub: Stub) -> None:
    item = solaris(year=2002)
    assert fetch_pictures().missing == 1
    assert (kept(item).status, bool(kept(item).file)) == ("missing", False)
    assert stub.paths == [SEARCH]


def test_a_picture_that_is_not_there_is_missing(stub: Stub) -> None:
    stub.on(POSTER, Answer(status=404))
    item = solaris()
    assert fetch_pictures().missing == 1
    assert kept(item).status == "missing"


def test_a_slow_server_is_not_waited_for_and_the_run_goes_on(
    stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "READ_SECONDS", 0.2)
    stub.on(POSTER, Answer(picture(), wait=1.0), Answer(picture()))
    slow, quick = solaris(popularity=90.0), solaris(popularity=10.0)
    report = fetch_pictures()
    assert (report.failed, report.found) == (1, 1)
    assert (kept(slow).status, kept(slow).tries) == ("failed", 1)
    assert "did not answer (" in kept(slow).error
    assert kept(quick).status == "found"


def test_a_server_that_drips_is_not_waited_for_either(
    stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "WHOLE_SECONDS", 0.3)
    monkeypatch.setattr(asking, "_CHUNK", 4)
    stub.on(POSTER, Answer(picture()[:200], drip=0.02))
    item = solaris()
    assert fetch_pictures().failed == 1
    assert "it took longer" in kept(item).error


def test_a_provider_that_never_answers_rests_and_the_rest_is_left(
    stub: Stub, settings: Any
) -> None:
    settings.TMDB_URL = "http://127.0.0.1:1"  # nobody listens there
    for _ in range(5):
        solaris()
    report = fetch_pictures()
    assert (report.failed, report.left) == (3, 2)
    assert "no answer 3 times in a row" in str(report)
    assert Picture.objects.count() == 3


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Answer(b"<html>Sorry</html>", "text/html"), "it came as text/html"),
        (Answer(b"<html>Sorry</html>", "image/jpeg"), "no JPEG, PNG or WebP"),
        (Answer(b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml"), "image/svg+xml"),
        (Answer(b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image/png"), "no JPEG, PNG or"),
        (Answer(picture(form="GIF"), "image/png"), "no JPEG, PNG or WebP"),
        (Answer(picture()[:4000]), "damaged or cut off"),
        (Answer(picture(form="PNG")[:3000], "image/png"), "damaged or cut off"),
        (Answer(picture(), headers={"Content-Length": "999999"}), "did not answer"),
        (Answer(b"\xff" * 3_100_000), "more than 3 MB"),
        (Answer(picture(6000, 6000, "PNG", "1"), "image/png"), "too many"),
        (Answer(picture(1, 1)), "too small"),
        (Answer(picture(1000, 150)), "not the form"),
        (Answer(b""), "no JPEG, PNG or WebP"),
        (Answer(status=403), "answered 403"),
    ],
    ids=[
        "html", "html as jpeg", "svg", "svg as png", "gif", "cut jpeg", "cut png", "cut transfer",
        "heavy", "many pixels", "one pixel", "banner", "empty", "forbidden",
    ],
)  # fmt: skip
def test_what_is_no_picture_is_not_kept(stub: Stub, answer: Answer, sentence: str) -> None:
    stub.on(POSTER, answer)
    item = solaris()
    assert fetch_pictures().failed == 1
    assert kept(item).status == "failed"
    assert sentence in kept(item).error
    assert not kept(item).file
    assert not (Path(default_storage.location) / "pictures").exists()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Answer(b"<html>", "text/html"), "something else than JSON"),
        (told({"films": []}), "a form that is not known"),
        (told([1, 2]), "a form that is not known"),
        (told({"results": [{"title": 5, "release_date": 7}]}), "a form that is not known"),
        (Answer(b"[" * 1_100_000, "application/json"), "more than 1 MB"),
        (Answer(status=400), "answered 400"),
    ],
)
def test_a_strange_answer_to_a_search_is_a_failure(
    stub: Stub, answer: Answer, sentence: str
) -> None:
    stub.on(SEARCH, answer)
    item = solaris()
    assert fetch_pictures().failed == 1
    assert sentence in kept(item).error


def test_a_redirect_to_a_foreign_host_is_refused_and_nobody_is_asked_there(stub: Stub) -> None:
    stub.on(POSTER, sent_on(f"http://localhost:{stub.port}/secret.jpg"))
    item = solaris()
    assert fetch_pictures().failed == 1
    assert kept(item).error == "a redirect to localhost was refused"
    assert "/secret.jpg" not in stub.paths


@pytest.mark.parametrize(
    "target",
    ["file:///etc/passwd", "http://169.254.169.254/", "http://[bad", "https://x@y.example/"],
)
def test_a_redirect_to_anything_else_is_refused(stub: Stub, target: str) -> None:
    stub.on(POSTER, sent_on(target))
    item = solaris()
    assert fetch_pictures().failed == 1
    assert "refused" in kept(item).error or "an address that is none" in kept(item).error


def test_redirects_without_an_end_are_not_followed_for_ever(stub: Stub) -> None:
    stub.on(POSTER, sent_on(POSTER))
    item = solaris()
    fetch_pictures()
    assert kept(item).error == "more than 5 redirects"
    assert len(stub.asked) == 7


@pytest.mark.parametrize(
    ("location", "asked"),
    [
        ("http://archive.org/download/x.jpg", "https://archive.org/download/x.jpg"),
        ("https://ia800.us.archive.org/x.jpg", "https://ia800.us.archive.org/x.jpg"),
        ("https://notarchive.org/x.jpg", None),
        ("https://archive.org:8443/x.jpg", None),
        ("https://archive.org.evil.example/x.jpg", None),
    ],
)
def test_an_archive_may_send_on_to_its_hosts_by_https_alone(
    stub: Stub, monkeypatch: pytest.MonkeyPatch, location: str, asked: str | None
) -> None:
    outside: list[str] = []
    get = requests.Session.get

    def noted(self: requests.Session, url: str, **more: Any) -> requests.Response:
        if not url.startswith(stub.url):
            outside.append(url)
            raise requests.ConnectionError
        return get(self, url, **more)

    monkeypatch.setattr(requests.Session, "get", noted)
    work = {"key": "/works/OL1W", "title": "Dune", "author_name": ["Frank Herbert"], "cover_i": 5}
    stub.on("/ol/search.json", told({"docs": [work]}))
    stub.on("/b/id/5-L.jpg", sent_on(location, 302))
    make("book", "Dune", by="Frank Herbert")
    assert fetch_pictures().failed == 1
    assert outside == ([asked] if asked else [])


# --- Busy providers, tries, back-off ------------------------------------------------------


def test_a_busy_provider_rests_as_long_as_it_says_and_nothing_is_lost(stub: Stub) -> None:
    stub.on(SEARCH, Answer(status=429, headers={"Retry-After": "600"}), *stub.routes[SEARCH])
    for n in range(3):
        solaris(popularity=float(n))
    start = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)
    with time_machine.travel(start, tick=False) as clock:
        report = fetch_pictures()
        assert (report.found, report.failed, report.left) == (0, 0, 3)
        assert not Picture.objects.exists()
        clock.shift(599)
        fetch_pictures()
        assert len(stub.asked) == 1
        clock.shift(2)
        assert fetch_pictures().found == 3


def test_one_busy_provider_does_not_hold_up_the_others(stub: Stub) -> None:
    stub.on("/ol/search.json", Answer(status=429))
    make("book", "Dune", by="Frank Herbert", popularity=99.0)
    solaris()
    report = fetch_pictures()
    assert (report.found, report.left) == (1, 1)


def test_a_broken_provider_rests_and_the_item_is_tried_again_later_and_later(stub: Stub) -> None:
    stub.on(SEARCH, Answer(status=500))
    item = solaris()
    other = solaris(popularity=1.0)
    start = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)
    with time_machine.travel(start, tick=False) as clock:
        report = fetch_pictures()
        assert (report.failed, report.left) == (1, 1)
        assert "rests until 00:15 UTC: 127.0.0.1 answered 500" in str(report)
        other.delete()
        waits = []
        for _ in range(keeping.MOST_TRIES - 1):
            before = kept(item).tries
            hours = 0
            while kept(item).tries == before:
                clock.shift(3600)
                hours += 1
                fetch_pictures()
            waits.append(hours)
        assert waits == [1, 2, 4, 8]
        assert kept(item).status == "missing"
        assert kept(item).error == "Given up after 5 tries: 127.0.0.1 answered 500"


@pytest.mark.parametrize("status", [401, 403, 503])
def test_a_refused_key_is_not_the_fault_of_an_item(stub: Stub, status: int) -> None:
    stub.on(SEARCH, Answer(status=status))
    solaris()
    report = fetch_pictures()
    assert (report.failed, report.left) == (0, 1)
    assert f"answered {status}" in str(report)
    assert not Picture.objects.exists()


def test_a_key_is_in_no_message(
    stub: Stub, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.TMDB_KEY = "verysecret"
    settings.TMDB_URL = "http://127.0.0.1:1"
    for _ in range(3):
        solaris()
    report = fetch_pictures()
    errors = " ".join(Picture.objects.values_list("error", flat=True))
    assert "did not answer" in errors
    assert "rests" in caplog.text
    assert "verysecret" not in errors + str(report) + caplog.text


def test_what_was_missing_is_asked_about_again_after_ninety_days(stub: Stub) -> None:
    solaris(year=2002)
    start = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)
    with time_machine.travel(start, tick=False) as clock:
        fetch_pictures()
        clock.shift(datetime.timedelta(days=89))
        fetch_pictures()
        assert len(stub.asked) == 1
        clock.shift(datetime.timedelta(days=1))
        fetch_pictures()
        assert len(stub.asked) == 2


def test_a_poster_is_kept_as_long_as_its_provider_allows_and_fetched_anew(
    stub: Stub, django_capture_on_commit_callbacks: Any
) -> None:
    item = solaris()
    start = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)
    with time_machine.travel(start, tick=False) as clock:
        fetch_pictures()
        old = str(kept(item).file.name)
        stub.on(POSTER, Answer(picture(400, 600)))
        clock.shift(datetime.timedelta(days=171))
        with django_capture_on_commit_callbacks(execute=True):
            assert fetch_pictures().found == 1
    assert kept(item).width == 400
    assert not default_storage.exists(old)
    assert default_storage.exists(str(kept(item).file.name))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("Tue, 01 Jan 2030 00:02:00 GMT", 120.0),
        ("", 900.0),
        ("soon", 900.0),
        ("nan", 900.0),
        ("-5", 1.0),
        ("99999999", 86400.0),
    ],
)
def test_how_long_a_provider_wants_to_rest(header: str, seconds: float) -> None:
    assert asking.retry_after(header, datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)) == seconds
