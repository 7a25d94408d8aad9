"""Fixtures that several tests of the catalogue share."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from catalog.archive import write_archive
from catalog.pictures.providers import PROVIDERS
from catalog.tests.archives import full_catalogue
from catalog.tests.stub_provider import POSTER, SEARCH, Answer, Stub, picture, running_stub, told


@pytest.fixture(scope="module")
def real() -> Path:
    """The folder of the real source files; skips the test, with a word, where they are not."""
    folder = Path(os.environ.get("SEGUE_DATA", settings.BASE_DIR / ".." / "shared" / "data"))
    if not (folder / "catalogue" / "imdb_movies.csv").exists():
        pytest.skip(f"the real source files are not in {folder} (SEGUE_DATA)")
    return folder / "catalogue"


@pytest.fixture(scope="module")
def stub_server() -> Iterator[Stub]:
    with running_stub() as stub:
        yield stub


@pytest.fixture
def stub(stub_server: Stub, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stub:
    """Every provider is on, in a hurry, and on this machine."""
    stub_server.routes.clear()
    stub_server.asked.clear()
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    settings.TMDB_KEY = "k3y"
    settings.OPEN_LIBRARY = settings.COVER_ART_ARCHIVE = True
    settings.PICTURES_CONTACT = "https://segue.example/about"
    settings.PICTURES_PER_RUN = 100
    url = stub_server.url
    settings.TMDB_URL, settings.TMDB_IMAGES_URL = f"{url}/tmdb", f"{url}/images"
    settings.OPEN_LIBRARY_URL, settings.OPEN_LIBRARY_COVERS_URL = f"{url}/ol", url
    settings.MUSICBRAINZ_URL, settings.COVER_ART_ARCHIVE_URL = f"{url}/mb", f"{url}/caa"
    for provider in PROVIDERS:
        monkeypatch.setattr(type(provider), "pause", 0.0)
    # A search that finds the film "Solaris" of 1972, whatever was asked.
    film = {"id": 593, "title": "Solaris", "release_date": "1972-03-20", "poster_path": "/s.jpg"}
    stub_server.on(SEARCH, told({"results": [film]}))
    stub_server.on(POSTER, Answer(picture()))
    return stub_server


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive of a catalogue with everything in it, which is still there."""
    full_catalogue()
    path = tmp_path / "catalogue.zip"
    write_archive(path, progress=False)
    return path
