"""What a curator can see and do with models and trainings."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from recommender import incidents, runs, tasks
from recommender.models import Incident, ModelVersion, RunStatus, TrainingRun
from recommender.publishing import artifact_directory
from recommender.tests.cases import make_catalogue, make_sessions, trained_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("curator", password="a long pass phrase"))
    return client


@pytest.fixture
def _trained(settings: Any, tmp_path: Any) -> None:
    settings.MODEL_DIR = tmp_path
    make_sessions(make_catalogue())


def act(client: Client, model: str, action: str, *pks: int) -> list[str]:
    """Run an admin action on rows; returns what the curator is told."""
    response = client.post(
        reverse(f"admin:recommender_{model}_changelist"),
        {"action": action, "_selected_action": pks},
    )
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.mark.usefixtures("_trained")
def test_versions_show_their_metrics_and_the_traffic_behind_them(curator: Client) -> None:
    version = trained_version()

    listing = curator.get(reverse("admin:recommender_modelversion_changelist")).content.decode()
    assert version.name in listing
    assert f"{version.metrics['at']['20']['recall']:.4f}" in listing
    assert "120 simulated sessions" in listing
    page = curator.get(reverse("admin:recommender_modelversion_change", args=[version.pk]))
    assert "&quot;popularity&quot;" in page.content.decode()


@pytest.mark.usefixtures("_trained")
def test_an_older_version_is_served_again_by_one_action(curator: Client) -> None:
    first, second = trained_version(), trained_version()
    assert ModelVersion.objects.serving() == second

    told = act(curator, "modelversion", "serve_this_one", first.pk)

    assert ModelVersion.objects.serving() == first
    assert "is served" in told[0]


@pytest.mark.usefixtures("_trained")
def test_a_broken_version_is_refused_with_the_reason(curator: Client) -> None:
    first, second = trained_version(), trained_version()
    (artifact_directory(first) / "weights.safetensors").unlink()

    told = act(curator, "modelversion", "serve_this_one", first.pk)

    assert ModelVersion.objects.serving() == second
    assert "cannot be served" in told[0]
    assert "missing" in told[0]


@pytest.mark.usefixtures("_trained")
def test_two_versions_cannot_be_served_at_once(curator: Client) -> None:
    first, second = trained_version(), trained_version()

    told = act(curator, "modelversion", "serve_this_one", first.pk, second.pk)

    assert told == ["Choose exactly one version to serve."]
    assert ModelVersion.objects.serving() == second


def test_train_now_queues_the_task(curator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    queued: list[dict[str, Any]] = []
    monkeypatch.setattr(tasks.train, "delay", lambda **kwargs: queued.append(kwargs))

    response = curator.post(reverse("admin:recommender_train_now"), follow=True)

    assert queued == [{"started_by": "admin", "force": True}]
    assert "A training is queued" in response.content.decode()


def test_a_queue_that_is_away_is_told_and_kept_as_an_incident(
    curator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**kwargs: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(tasks.train, "delay", away)

    response = curator.post(reverse("admin:recommender_train_now"), follow=True)

    assert "nothing was queued" in response.content.decode()
    assert "connection refused" in Incident.objects.get(what="broker").message


def test_train_now_needs_a_post(curator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.train, "delay", lambda **kwargs: pytest.fail("queued by a GET"))

    assert curator.get(reverse("admin:recommender_train_now")).status_code == 302


@pytest.mark.parametrize("name", ["train_now", "status", "modelversion_changelist"])
def test_an_outsider_reaches_nothing(client: Client, name: str) -> None:
    client.force_login(User.objects.create_user("visitor", password="a long pass phrase"))

    response = client.post(reverse(f"admin:recommender_{name}"))

    assert response.status_code == 302
    assert "login" in response.headers["Location"]


def test_staff_without_the_permission_cannot_start_a_training(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.train, "delay", lambda **kwargs: pytest.fail("queued"))
    client.force_login(User.objects.create_user("helper", password="x", is_staff=True))

    client.post(reverse("admin:recommender_train_now"))


def test_a_running_training_can_be_stopped(curator: Client) -> None:
    run = runs.claim(started_by="test", preset="default")

    told = act(curator, "trainingrun", "stop_training", run.pk)

    run.refresh_from_db()
    assert run.status == RunStatus.FAILED
    assert run.error == "Stopped by hand."
    assert told == ["1 training(s) told to stop."]


def test_a_killed_training_shows_in_the_list_and_on_the_status_page(curator: Client) -> None:
    run = runs.claim(started_by="schedule", preset="default")
    host = run.process.split(":")[0]
    TrainingRun.objects.update(process=f"{host}:boot-999999999-1", progress="Epoch 2/8")

    listing = curator.get(reverse("admin:recommender_trainingrun_changelist")).content.decode()
    status = curator.get(reverse("admin:recommender_status")).content.decode()

    for page in (listing, status):
        assert "Lost: its process went away" in page
        assert "went away while it was: Epoch 2/8" in page


def test_the_status_page_says_what_serves_and_what_is_wrong(curator: Client) -> None:
    incidents.report(what="loader", message="blend-1 is broken: truncated")
    incidents.report(what="loader", message="blend-1 is broken: truncated")

    page = curator.get(reverse("admin:recommender_status")).content.decode()

    assert "none: content similarity and popularity serve" in page
    assert "blend-1 is broken: truncated" in page
    assert "2 ×" in page
    assert "The in-process cache answers." in page


def test_an_incident_can_be_marked_as_resolved_and_opens_anew_on_repeat(curator: Client) -> None:
    incidents.report(what="loader", message="broken")
    first = Incident.objects.get()

    act(curator, "incident", "mark_resolved", first.pk)
    incidents.report(what="loader", message="broken again")

    first.refresh_from_db()
    assert first.resolved_at is not None
    assert Incident.objects.get(resolved_at=None).message == "broken again"


@pytest.mark.parametrize("model", ["modelversion", "trainingrun", "incident"])
def test_what_happened_cannot_be_typed_in(curator: Client, model: str) -> None:
    assert curator.get(reverse(f"admin:recommender_{model}_add")).status_code == 403


@pytest.mark.usefixtures("_trained")
def test_the_lists_take_the_same_queries_whatever_their_length(
    curator: Client, django_assert_max_num_queries: Any
) -> None:
    now = timezone.now()
    TrainingRun.objects.bulk_create(
        TrainingRun(started_by="schedule", status=RunStatus.SKIPPED, heartbeat_at=now)
        for _ in range(40)
    )

    with django_assert_max_num_queries(12):
        curator.get(reverse("admin:recommender_trainingrun_changelist"))
