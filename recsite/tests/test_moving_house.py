"""A catalogue moves from SQLite to PostgreSQL and back in an archive, with the site's commands."""

import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from recsite.tests.site import Site
from recsite.tests.test_whole_site import drop_database, make_database

pytestmark = pytest.mark.services


def exported(site: Site, path: Path) -> Any:
    """Exports the site's catalogue; the checksum of each table."""
    site.manage("export_catalog", "--out", str(path))
    with ZipFile(path) as file:
        return json.loads(file.read("manifest.json"))["tables"]


def test_an_archive_is_the_same_on_both_databases(tmp_path: Path) -> None:
    url = make_database()
    try:
        old = Site(tmp_path / "old")
        new = Site(tmp_path / "new", environment={"SEGUE_DATABASE_URL": url})
        back = Site(tmp_path / "back")
        for site in (old, new, back):
            site.folder.mkdir()
            site.manage("migrate", "--noinput")
        old.manage("seed_starter")
        before = exported(old, tmp_path / "old.zip")
        assert before["movies.csv"]["rows"] > 500
        new.manage("import_archive", str(tmp_path / "old.zip"))
        assert exported(new, tmp_path / "new.zip") == before
        back.manage("import_archive", str(tmp_path / "new.zip"))
        assert exported(back, tmp_path / "back.zip") == before
    finally:
        drop_database(url)
