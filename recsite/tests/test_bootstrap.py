"""The first start, step by step, and the second, which finds everything done."""

import io
from pathlib import Path
from typing import Any

import datasets
import pytest
from django.core.management import CommandError, call_command

from catalog.models import Item
from recommender.models import ModelVersion, TrainingRun
from recommender.tests.cases import make_catalogue, make_sessions

pytestmark = pytest.mark.django_db


def bootstrap(**options: Any) -> str:
    out = io.StringIO()
    call_command("bootstrap", stdout=out, stderr=out, **options)
    return out.getvalue()


def test_each_step_is_named_and_timed_and_nothing_is_done_twice(
    settings: Any, tmp_path: Path
) -> None:
    settings.MODEL_DIR = tmp_path
    make_sessions(make_catalogue())

    first = bootstrap()

    # These came before there was a vocabulary: they get their themes, once.
    assert "Catalogue: 36 items are there already, their themes are new: " in first
    assert "Warm-up sessions: 120 sessions are there already (" in first
    assert "Epoch 1/" in first
    version = ModelVersion.objects.serving()
    assert version is not None
    assert "bootstrap: ready after" in first

    second = bootstrap()

    assert "Catalogue: 36 items are there already (" in second
    assert f"{version} is served already" in second
    assert TrainingRun.objects.count() == 1


def test_an_empty_site_gets_the_starter_catalogue_and_labelled_sessions(
    settings: Any, tmp_path: Path
) -> None:
    settings.MODEL_DIR = tmp_path

    said = bootstrap(sessions=60)

    assert Item.objects.count() >= 1200
    assert "60 simulated sessions" in said


def test_a_hub_that_cannot_be_reached_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError("no route to the hub")

    monkeypatch.setattr(datasets, "load_dataset_builder", away)

    with pytest.raises(CommandError, match=r"download its CSV file .* import_catalog --movies"):
        bootstrap(source="hub")

    assert not Item.objects.exists()
