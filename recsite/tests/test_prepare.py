"""`manage.py prepare` does each step when it is needed and only then."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from recsite.management.commands import prepare


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    calls: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(
        prepare, "call_command", lambda name, **options: calls.append((name, options))
    )
    return calls


@pytest.fixture
def site(settings: Any, tmp_path: Path) -> Path:
    source = tmp_path / "source"
    source.mkdir()
    (source / "site.css").write_text("a {}")
    settings.DATA_DIR = tmp_path
    settings.STATICFILES_DIRS = [source]
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    return source


def run() -> None:
    call_command("prepare", source="starter")


@pytest.mark.django_db
def test_the_first_run_collects_static_files_and_the_second_does_not(
    site: Path, called: list[tuple[str, dict[str, Any]]]
) -> None:
    run()
    assert [name for name, _ in called] == ["collectstatic", "bootstrap"]
    called.clear()
    run()
    assert called == [("bootstrap", {"source": "starter"})]


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["edited", "added", "result removed", "stored otherwise"])
def test_static_files_are_collected_again_after_a_change(
    site: Path, called: list[tuple[str, dict[str, Any]]], settings: Any, change: str
) -> None:
    run()
    called.clear()
    if change == "edited":
        (site / "site.css").write_text("b {}" * 2)
    elif change == "added":
        (site / "more.css").write_text("")
    elif change == "result removed":
        settings.STATIC_ROOT.rmdir()
    else:
        settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "another"}}
    run()
    assert called[0][0] == "collectstatic"


@pytest.mark.django_db
def test_a_pending_migration_is_applied(
    site: Path, called: list[tuple[str, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not prepare.has_pending_migrations()
    monkeypatch.setattr(prepare, "has_pending_migrations", lambda: True)
    run()
    assert called[0][0] == "migrate"
