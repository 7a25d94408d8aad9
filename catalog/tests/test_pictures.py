"""Fetching pictures, against a server on this machine that answers well, slowly, badly."""

import datetime
import fcntl
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import time_machine
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from PIL import Image

from catalog import tasks
from catalog.models import Item, Picture
from catalog.pictures import asking, fetching, keeping
from catalog.pictures.fetching import Report, fetch_pictures
from catalog.pictures.providers import PROVIDERS
from catalog.revision import revision
from catalog.tests.shelves import make
from catalog.tests.stub_provider import Answer, Stub, picture, running_stub, sent_on, told

pytestmark = pytest.mark.django_db
MBID = "76df3287-6cda-33eb-8e9a-044b5e15ffdd"
FRONT = f"/caa/release-group/{MBID}/front-500"
SEARCH, POSTER = "/tmdb/search/movie", "/images/s.jpg"


@pytest.fixture(scope="module")
def _stub() -> Iterator[Stub]:
    with running_stub() as stub:
        yield stub


@pytest.fixture
def stub(_stub: Stub, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stub:
    """Every provider is on, in a hurry, and on this machine."""
    _stub.routes.clear()
    _stub.asked.clear()
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    settings.TMDB_KEY = "k3y"
    settings.OPEN_LIBRARY = settings.COVER_ART_ARCHIVE = True
    settings.PICTURES_CONTACT = "https://segue.example/about"
    settings.PICTURES_PER_RUN = 100
    settings.TMDB_URL, settings.TMDB_IMAGES_URL = f"{_stub.url}/tmdb", f"{_stub.url}/images"
    settings.OPEN_LIBRARY_URL, settings.OPEN_LIBRARY_COVERS_URL = f"{_stub.url}/ol", _stub.url
    settings.MUSICBRAINZ_URL, settings.COVER_ART_ARCHIVE_URL = f"{_stub.url}/mb", f"{_stub.url}/caa"
    for provider in PROVIDERS:
        monkeypatch.setattr(type(provider), "pause", 0.0)
    # A search that finds the film "Solaris" of 1972, whatever was asked.
    film = {"id": 593, "title": "Solaris", "release_date": "1972-03-20", "poster_path": "/s.jpg"}
    _stub.on(SEARCH, told({"results": [film]}))
    _stub.on(POSTER, Answer(picture()))
    return _stub


def solaris(**more: Any) -> Item:
    return make("movie", "Solaris", **{"year": 1972, "popularity": 80.0, **more})


def kept(item: Item) -> Picture:
    return Picture.objects.get(item=item)


# --- Success ------------------------------------------------------------------------------


def test_a_film_gets_its_poster(stub: Stub) -> None:
    item = solaris()
    assert fetch_pictures().found == 1
    row = kept(item)
    assert (row.status, row.provider) == ("found", "tmdb")
    assert (row.width, row.height) == (500, 750)
    assert row.source_page == "https://www.themoviedb.org/movie/593"
    assert "not endorsed or certified by TMDB" in row.attribution
    assert stub.paths == [SEARCH, POSTER]
    assert stub.asked[0].params["query"] == "Solaris"


def test_a_book_gets_its_cover(stub: Stub) -> None:
    item = make("book", "Dune", by="Frank Herbert")
    work = {"key": "/works/OL1W", "title": "Dune", "author_name": ["Frank Herbert"], "cover_i": 5}
    stub.on("/ol/search.json", told({"docs": [work]}))
    stub.on("/b/id/5-L.jpg", Answer(picture(300, 460, "PNG"), "image/png"))
    assert fetch_pictures().found == 1
    assert (kept(item).provider, kept(item).width) == ("open_library", 300)
    assert kept(item).source_page == "https://openlibrary.org/works/OL1W"


def test_a_track_gets_the_cover_of_its_album(stub: Stub) -> None:
    item = make("track", "River", by="Joni Mitchell", album="Blue")
    release = {"id": MBID, "title": "Blue", "release-group": {"id": MBID}}
    by = [{"name": "Joni Mitchell"}]
    recording = {"title": "River", "artist-credit": by, "releases": [release]}
    stub.on("/mb/recording", told({"recordings": [recording]}))
    stub.on(FRONT, sent_on(f"{stub.url}/caa/file.jpg"))
    stub.on("/caa/file.jpg", Answer(picture(500, 500)))
    assert fetch_pictures().found == 1
    assert kept(item).provider == "cover_art_archive"
    assert stub.paths == ["/mb/recording", FRONT, "/caa/file.jpg"]


def test_what_is_kept_is_our_own_small_file_without_metadata(stub: Stub) -> None:
    exif = Image.Exif()
    exif[0x010E] = "a description"
    stub.on(POSTER, Answer(picture(1200, 1800, exif=exif, comment=b"a comment")))
    item = solaris()
    fetch_pictures()
    with default_storage.open(str(kept(item).file.name)) as file:
        data = file.read()
    image = Image.open(io.BytesIO(data))
    assert (image.format, image.size, image.mode) == ("WEBP", (500, 750), "RGB")
    assert b"a description" not in data
    assert not image.getexif()
    assert len(data) < 60_000


def test_the_site_says_who_it_is_and_the_short_key_is_a_parameter(stub: Stub) -> None:
    solaris()
    fetch_pictures()
    search, poster = stub.asked
    assert search.headers["User-Agent"] == "Segue/1.0 (https://segue.example/about)"
    assert search.params["api_key"] == "k3y"
    assert "api_key" not in poster.params


def test_a_long_key_goes_into_a_header_of_the_search_alone(stub: Stub, settings: Any) -> None:
    settings.TMDB_KEY = "t" * 200
    solaris()
    fetch_pictures()
    search, poster = stub.asked
    assert search.headers["Authorization"] == "Bearer " + "t" * 200
    assert "api_key" not in search.params
    assert "Authorization" not in poster.headers


def test_a_second_run_asks_nothing_again(stub: Stub) -> None:
    solaris()
    make("movie", "Nobody knows it", year=1999)
    make("movie", "Without a year")
    first = fetch_pictures()
    assert (first.found, first.missing) == (1, 2)
    asked = len(stub.asked)
    assert str(fetch_pictures()) == "0 found, 0 missing, 0 failed."
    assert len(stub.asked) == asked


def test_a_run_that_finds_something_is_one_change_of_the_catalogue(stub: Stub) -> None:
    solaris()
    solaris()
    before = int(revision().split("-")[0])
    fetch_pictures()
    assert int(revision().split("-")[0]) == before + 1


def test_a_run_that_finds_nothing_is_no_change(stub: Stub) -> None:
    make("movie", "Nobody knows it", year=1999)
    before = revision()
    assert fetch_pictures().missing == 1
    assert revision() == before


# --- Nothing is asked ---------------------------------------------------------------------


def test_without_a_provider_nothing_is_asked(stub: Stub, settings: Any) -> None:
    settings.TMDB_KEY, settings.OPEN_LIBRARY, settings.COVER_ART_ARCHIVE = "", False, False
    solaris()
    assert "nothing was asked" in tasks.fetch_pictures()
    assert stub.asked == []
    assert not Picture.objects.exists()


def test_only_the_kinds_of_providers_that_are_on_are_asked_about(stub: Stub, settings: Any) -> None:
    settings.OPEN_LIBRARY = False
    make("book", "Dune", by="Frank Herbert")
    solaris()
    fetch_pictures()
    assert stub.paths == [SEARCH, POSTER]


def test_two_runs_at_a_time_are_one(stub: Stub, settings: Any) -> None:
    solaris()
    with (settings.DATA_DIR / "pictures.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert "Another run is under way" in str(fetch_pictures())
    assert stub.asked == []
    assert fetch_pictures().found == 1


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


# --- Limits and order ---------------------------------------------------------------------


def test_the_most_popular_come_first_and_a_run_has_a_limit(stub: Stub, settings: Any) -> None:
    settings.PICTURES_PER_RUN = 2
    unknown, low, high = (solaris(popularity=p) for p in (None, 10.0, 90.0))
    assert fetch_pictures().found == 2
    assert set(Picture.objects.values_list("item", flat=True)) == {low.pk, high.pk}
    fetch_pictures()
    assert kept(unknown).status == "found"


def test_providers_take_turns(stub: Stub) -> None:
    for n in range(2):
        solaris(popularity=90.0 + n)
        make("book", f"Book {n}", by="Ada")
    stub.on("/ol/search.json", told({"docs": []}))
    fetch_pictures(limit=3)
    searches = [path for path in stub.paths if path != POSTER]
    assert searches == [SEARCH, "/ol/search.json", SEARCH]


def test_a_run_ends_when_its_time_is_used_up(stub: Stub) -> None:
    stub.on(SEARCH, Answer(b"{}", "application/json", wait=0.15))
    for _ in range(5):
        solaris()
    report = fetch_pictures(seconds=0.2)
    assert report.failed == 2
    assert report.left == 3
    assert "The time of the run was used up." in report.notes


def test_a_pause_is_kept_between_two_requests(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(asking.time, "sleep", slept.append)
    monkeypatch.setattr(type(PROVIDERS[0]), "pause", 5.0)
    solaris()
    fetch_pictures()
    assert len(slept) == 1  # none before the first, one between search and picture
    assert 4.0 < slept[0] <= 5.0


def test_every_provider_is_asked_no_more_often_than_it_allows() -> None:
    least = {provider.name: provider.pause for provider in PROVIDERS}
    assert least["tmdb"] >= 1 / 40
    assert least["open_library"] >= 1.0
    assert least["cover_art_archive"] >= 1.0


def test_some_items_can_be_named(stub: Stub) -> None:
    wanted, other = solaris(), solaris()
    assert tasks.fetch_pictures([wanted.item_id]) == "1 found, 0 missing, 0 failed."
    assert not Picture.objects.filter(item=other).exists()


# --- Editors meanwhile --------------------------------------------------------------------


def test_a_run_does_not_overwrite_what_an_editor_did_meanwhile(
    stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = solaris()
    ask = asking.Asker.picture
    now = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)

    def meanwhile(self: asking.Asker, url: str) -> bytes:
        data = picture(200, 300)
        keeping.keep_upload(item=item, data=data, attribution="Ours", source_page="", now=now)
        return ask(self, url)

    monkeypatch.setattr(asking.Asker, "picture", meanwhile)
    assert fetch_pictures().found == 0
    assert (kept(item).provider, kept(item).width) == ("editor", 200)
    files = default_storage.listdir("pictures")[1]
    assert [f"pictures/{name}" for name in files] == [kept(item).file.name]


def test_an_item_that_is_gone_meanwhile_stops_nothing(
    stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = solaris(popularity=99.0)
    stays = solaris()
    row = Picture(item=gone)
    ask = asking.Asker.answer

    def meanwhile(self: asking.Asker, question: Any) -> Any:
        Picture.objects.bulk_create([row], ignore_conflicts=True)
        return ask(self, question)

    row.status, row.provider = Picture.Status.MISSING, "editor"
    row.tried_at = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)
    monkeypatch.setattr(asking.Asker, "answer", meanwhile)
    assert fetch_pictures().found == 1
    assert kept(stays).status == "found"
    assert kept(gone).provider == "editor"


def test_an_editors_drawn_cover_stays_for_good(stub: Stub) -> None:
    item = solaris()
    fetch_pictures()
    start = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)
    keeping.use_drawn(pictures=[kept(item)], now=start)
    asked = len(stub.asked)
    with time_machine.travel(start + datetime.timedelta(days=1000), tick=False):
        fetch_pictures()
    assert len(stub.asked) == asked
    assert (kept(item).status, kept(item).provider) == ("missing", "editor")


# --- The command --------------------------------------------------------------------------


def test_the_command_says_what_it_did(stub: Stub, capsys: pytest.CaptureFixture[str]) -> None:
    solaris()
    call_command("fetch_pictures", "--limit", "5")
    assert capsys.readouterr().out == "1 found, 0 missing, 0 failed.\n"


def test_the_command_without_a_provider_names_the_variables(stub: Stub, settings: Any) -> None:
    settings.TMDB_KEY, settings.OPEN_LIBRARY, settings.COVER_ART_ARCHIVE = "", False, False
    with pytest.raises(CommandError, match="SEGUE_TMDB_KEY, SEGUE_OPEN_LIBRARY"):
        call_command("fetch_pictures")


def test_the_report_counts_what_is_left() -> None:
    report = Report(found=1, left=2, notes=["TMDB rests."])
    assert str(report) == "1 found, 0 missing, 0 failed, 2 left for later. TMDB rests."
    assert fetching.SECONDS_A_RUN < 15 * 60
