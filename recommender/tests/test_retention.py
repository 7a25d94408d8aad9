"""Which trained models keep their files, and for how long."""

import os
import shutil
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from recommender.ml.artifacts import ArtifactError
from recommender.models import Incident, ModelVersion
from recommender.publishing import artifact_directory, serve_version
from recommender.retention import remove_old_artifacts

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MODEL_DIR = tmp_path
    return tmp_path


def make_version(
    name: str, *, age: int, served: datetime | None = None, serving: bool = False
) -> ModelVersion:
    """A version of `age` days ago with a folder; its weights are never loaded here."""
    version = ModelVersion.objects.create(name=name, is_serving=serving, serving_since=served)
    ModelVersion.objects.filter(pk=version.pk).update(created_at=NOW - timedelta(days=age))
    directory = artifact_directory(name)
    directory.mkdir()
    (directory / "weights.safetensors").write_bytes(b"weights")
    return version


def make_draft(folder: Path, *, name: str, hours: float) -> Path:
    draft = folder / name
    draft.mkdir()
    (draft / "weights.safetensors").write_bytes(b"half of it")
    written = time.time() - hours * 3600
    os.utime(draft, (written, written))
    return draft


def there(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_newest_versions_stay_and_older_ones_lose_their_folder(folder: Path) -> None:
    for age in range(5):
        make_version(f"v{age}", age=age)

    removed = remove_old_artifacts(keep=2)

    assert removed == ["v4", "v3", "v2"]
    assert there(folder) == {"v0", "v1"}


def test_every_version_stays_as_history(folder: Path) -> None:
    for age in range(3):
        make_version(f"v{age}", age=age)
    before = list(ModelVersion.objects.values())

    remove_old_artifacts(keep=1)

    assert list(ModelVersion.objects.values()) == before


def test_the_served_version_and_the_one_before_it_stay_however_old(folder: Path) -> None:
    make_version("first", age=9, served=NOW - timedelta(days=9))
    make_version("before", age=8, served=NOW - timedelta(days=8))
    make_version("served", age=7, served=NOW - timedelta(days=7), serving=True)
    make_version("kept-1", age=2)
    make_version("kept-2", age=1)

    removed = remove_old_artifacts(keep=1)

    assert removed == ["first", "kept-1"]
    assert there(folder) == {"before", "served", "kept-2"}


def test_the_served_version_stays_although_a_clock_was_wrong(folder: Path) -> None:
    make_version("served", age=9, served=NOW - timedelta(days=9), serving=True)
    make_version("ahead-1", age=8, served=NOW + timedelta(days=1))
    make_version("ahead-2", age=7, served=NOW + timedelta(days=2))
    make_version("newest", age=1)

    assert remove_old_artifacts(keep=1) == ["ahead-1"]
    assert there(folder) == {"served", "ahead-2", "newest"}


def test_after_going_back_the_version_that_was_left_stays(folder: Path) -> None:
    """Served in turn: old, newer, old again. The one before the old one is now the newer one."""
    make_version("oldest", age=9, served=NOW - timedelta(days=9))
    make_version("old", age=8, served=NOW, serving=True)
    make_version("newer", age=7, served=NOW - timedelta(days=7))
    make_version("newest", age=1)

    remove_old_artifacts(keep=1)

    assert there(folder) == {"old", "newer", "newest"}


def test_a_second_run_finds_nothing_to_do_and_says_nothing(folder: Path) -> None:
    for age in range(3):
        make_version(f"v{age}", age=age)
    remove_old_artifacts(keep=1)

    assert remove_old_artifacts(keep=1) == []
    assert there(folder) == {"v0"}
    assert not Incident.objects.exists()


def test_a_folder_that_cannot_be_removed_is_told_and_the_others_go(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for age in range(3):
        make_version(f"v{age}", age=age)
    rmtree = shutil.rmtree

    def refuse_v2(path: Path) -> None:
        if path.name == "v2":
            raise PermissionError(13, "Permission denied", str(path))
        rmtree(path)

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", refuse_v2)
        removed = remove_old_artifacts(keep=1)

    assert removed == ["v1"]
    assert there(folder) == {"v0", "v2"}
    incident = Incident.objects.get(what="retention", resolved_at=None)
    assert "v2" in incident.message
    assert "Permission denied" in incident.message

    assert remove_old_artifacts(keep=1) == ["v2"]
    incident.refresh_from_db()
    assert incident.resolved_at is not None


def test_what_lies_in_the_place_of_a_folder_but_is_none_is_not_followed(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "precious").touch()
    make_version("new", age=0)
    version = make_version("linked", age=1)
    shutil.rmtree(artifact_directory(version))
    artifact_directory(version).symlink_to(elsewhere)

    assert remove_old_artifacts(keep=1) == []
    assert (elsewhere / "precious").exists()
    assert "linked" in Incident.objects.get(what="retention").message


def test_a_model_folder_that_is_away_is_told(folder: Path) -> None:
    folder.rmdir()

    assert remove_old_artifacts(keep=1) == []
    assert str(folder) in Incident.objects.get(what="retention").message


def test_drafts_of_a_dead_training_go_after_a_day_and_a_living_ones_stay(folder: Path) -> None:
    make_version("v0", age=0)
    left_over = make_draft(folder, name=f".blend-1.{uuid4().hex}", hours=25)
    living = make_draft(folder, name=f".blend-2.{uuid4().hex}", hours=23)

    assert remove_old_artifacts(keep=10) == [left_over.name]
    assert there(folder) == {"v0", living.name}


@pytest.mark.parametrize("name", ["backup", ".snapshots", ".blend-1.old", f"a.{32 * '0'}"])
def test_what_belongs_to_somebody_else_is_left_alone(folder: Path, name: str) -> None:
    make_draft(folder, name=name, hours=1000)

    assert remove_old_artifacts(keep=1) == []
    assert there(folder) == {name}


def test_a_version_whose_folder_is_gone_cannot_be_served_and_the_admin_says_why(
    admin_client: Client,
) -> None:
    served = make_version("served", age=0, served=NOW, serving=True)
    gone = make_version("gone", age=1)
    remove_old_artifacts(keep=1)

    with pytest.raises(ArtifactError, match="missing"):
        serve_version(version=gone)
    response = admin_client.post(
        reverse("admin:recommender_modelversion_changelist"),
        {"action": "serve_this_one", "_selected_action": [gone.pk]},
    )

    (told,) = [str(message) for message in get_messages(response.wsgi_request)]
    assert told.startswith("gone cannot be served: manifest.json is missing")
    assert ModelVersion.objects.serving() == served
