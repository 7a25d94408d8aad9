"""Fetching pictures from providers, which a server on this machine plays."""

import datetime
import fcntl
import io
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from PIL import Image

from catalog import tasks
from catalog.models import Picture
from catalog.pictures import asking, fetching, keeping
from catalog.pictures.fetching import Report, fetch_pictures
from catalog.pictures.providers import PROVIDERS
from catalog.revision import revision
from catalog.tests.shelves import make
from catalog.tests.stub_provider import (
    FRONT,
    MBID,
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
