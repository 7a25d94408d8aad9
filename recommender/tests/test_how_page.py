"""The page "How it works": in words and pictures, honest about what was measured on what."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from catalog.models import Item
from recommender import how_picture, measured, model_figures, status
from recommender.how_it_works import HISTORY, how_it_works
from recommender.models import Incident, ModelVersion, RunStatus, TrainingRun
from recommender.tests.cases import make_sessions
from sessions_app.models import Origin

pytestmark = pytest.mark.django_db

SECRET = "/srv/segue/models/blend-9 on host-17"


def page(client: Client) -> str:
    response = client.get(reverse("recommender:how"))
    assert response.status_code == 200
    return response.content.decode()


def version(name: str = "blend-1", **values: Any) -> ModelVersion:
    """A version as a training leaves it, without its files."""
    at = {"20": {"recall": 0.281, "mrr": 0.169, "ndcg": 0.195, "coverage": 0.8}}
    popular = {"20": {"recall": 0.027, "mrr": 0.005, "ndcg": 0.01, "coverage": 0.01}}
    return ModelVersion.objects.create(
        name=name,
        **{
            "is_serving": True,
            "serving_since": timezone.now(),
            "preset": "default",
            "config": {"negatives": 0, "validation_positions": 10_000},
            "metrics": {
                "n_examples": 1234,
                "at": at,
                "cross_kind": {"n_examples": 600, "at": at},
            },
            "comparison": {"popularity": {"at": popular}, "markov": {}},
            "curves": [
                {"epoch": 1, "train_loss": 7.9, "valid_loss": 7.5, "valid_recall": 0.19},
                {"epoch": 2, "train_loss": 6.1, "valid_loss": 7.6, "valid_recall": 0.23},
            ],
            "data_summary": {
                "sessions_by_origin": {"simulated": 1494},
                "items": 2481,
                "events": 10_026,
                "split": {"train": 1211, "validation": 134, "holdout": 149},
                "best_epoch": 2,
                "weights": {"parts": ["gru4rec", "markov", "stan"], "overall": [0.3, 0.697, 0.003]},
            },
            "data_fingerprint": "f",
            "checksum": "c",
            "gate_passed": True,
            "gate_reason": "Challenger 0.2250 against popularity 0.0160: served.",
            **values,
        },
    )


# --- What is on the page ------------------------------------------------------------------


def test_the_old_address_leads_to_the_page(client: Client) -> None:
    response = client.get(reverse("recommender:about_model"))

    assert response.status_code == 301
    assert response["Location"] == "/how-it-works/"


@pytest.mark.parametrize("name", ["recommender:how", "recommender:about_model"])
def test_nothing_can_be_sent_to_it(client: Client, name: str) -> None:
    assert client.post(reverse(name)).status_code == 405


def test_without_a_model_the_page_explains_and_draws_no_figures(client: Client) -> None:
    html = page(client)

    assert "No model serves yet" in html
    assert "From a click to a pick" in html
    assert 'id="quality"' not in html
    assert 'id="history"' not in html


def test_a_trained_model_is_shown_with_every_section(client: Client, served: str) -> None:
    html = page(client)

    assert served in html
    for section in ("picks", "data", "serving", "quality", "learning", "history"):
        assert f'<section class="how" id="{section}"' in html
    assert "<time datetime=" in html


def test_the_page_shows_how_much_each_part_counts(client: Client, served: str) -> None:
    learned = ModelVersion.objects.get(name=served).data_summary["weights"]
    greatest = max(range(len(learned["parts"])), key=lambda i: learned["overall"][i])
    name = str(status.PART_NAMES[learned["parts"][greatest]])

    html = page(client)

    assert "How much each reader counts" in html
    assert name[:1].upper() + name[1:] in html
    assert f"{100 * learned['overall'][greatest]:.1f}\u00a0%" in html
    assert sum(share for _, share in status.current_status().weights) <= 100.01


def test_parts_that_hardly_count_are_not_named(client: Client) -> None:
    version()

    assert [name for name, _ in status.current_status().weights] == [
        "opened right after",
        "GRU4Rec, the network",
    ]


def test_every_figure_says_that_its_visits_were_simulated(client: Client) -> None:
    version()

    html = page(client)

    figures = re.findall(r"<figure .*?</figure>", html, flags=re.DOTALL)
    assert len(figures) == 9  # the visits, five measures, two curves, the weights
    assert all("simulated" in figure.lower() for figure in figures)
    assert html.count("All of these visits are simulated") >= 8


def test_a_figure_says_how_it_was_measured(client: Client) -> None:
    version()

    html = page(client)

    assert "the newest 149 visits, kept aside" in html
    assert "1,234 next clicks" in html
    assert "all 2,481 titles were ranked" in html
    assert "Only the 600 next clicks that went to another kind" in html
    assert "On 134 visits that it was not trained on" in html


@pytest.mark.parametrize(
    ("sessions", "sentence"),
    [
        ({"live": 30, "simulated": 70}, "70.0\u00a0% are simulated"),
        ({"live": 30}, "None of these visits is simulated."),
        ({}, "Nobody noted which visits these were."),
    ],
)
def test_mixed_traffic_is_called_mixed(sessions: dict[str, int], sentence: str) -> None:
    made = version(data_summary={"sessions_by_origin": sessions})

    assert sentence in measured.traffic_in_a_sentence(made)


def test_a_loss_against_a_sample_is_called_that(client: Client) -> None:
    version(config={"negatives": 2048, "full_softmax_up_to": 1000})

    html = page(client)

    assert "against a sample of 2,048 other titles" in html
    assert "against every other title" not in html


def test_ours_comes_first_and_who_was_not_measured_is_not_drawn() -> None:
    made = version()
    contenders = model_figures.compared(made)
    recall, *_ = model_figures.quality_figures(made, contenders)

    assert re.findall(r'bars__label">([^<]+)', recall.picture) == [
        "This blend",
        "What is opened most",
    ]
    assert [one.label for one in contenders][-2:] == [
        "What was opened right after",
        "What is opened most",
    ]


def test_a_version_that_noted_almost_nothing_still_has_a_page(client: Client) -> None:
    version(metrics={}, comparison={}, curves=[], config={}, data_summary={}, gate_reason="")

    html = page(client)

    assert "blend-1" in html
    assert 'id="quality"' not in html


def test_one_pass_is_no_curve() -> None:
    made = version(curves=[{"epoch": 1, "train_loss": 4.0, "valid_recall": None}])

    assert model_figures.learning_figures(made) == []


# --- Freshness ----------------------------------------------------------------------------


def test_an_old_model_with_much_to_learn_is_called_old(
    client: Client, items: list[Item], settings: Any
) -> None:
    settings.TRAIN_MIN_NEW_EVENTS = 10
    made = version()
    ModelVersion.objects.filter(pk=made.pk).update(
        created_at=timezone.now() - timedelta(minutes=2 * settings.TRAIN_EVERY_MINUTES + 5)
    )
    assert "Older than it should be" not in page(client)

    make_sessions(items, count=12, origin=Origin.LIVE)

    assert "Older than it should be" in page(client)
    assert "60 new steps wait to be learned" in page(client)


def test_the_next_training_is_a_period_after_the_last_on_schedule(settings: Any) -> None:
    run = TrainingRun.objects.create(
        started_by="schedule", heartbeat_at=timezone.now(), status=RunStatus.SKIPPED
    )

    expected = run.started_at + timedelta(minutes=settings.TRAIN_EVERY_MINUTES)
    assert status.current_status().next_run == expected


@pytest.mark.parametrize(
    ("ended_as", "error", "sentence"),
    [
        (RunStatus.LOST, f"Its process went away: {SECRET}", "Its process went away"),
        (RunStatus.FAILED, "Stopped by hand.", "It was stopped by hand."),
        (RunStatus.FAILED, f"TrainingStopped: {SECRET}", "It took longer than it may."),
        (RunStatus.FAILED, f"OSError: {SECRET}", "Its files could not be written."),
        (RunStatus.FAILED, f"KeyError: {SECRET}", "an error that the administrators can read"),
    ],
)
def test_an_error_is_told_without_what_is_nobodys_business(
    client: Client, ended_as: str, error: str, sentence: str
) -> None:
    TrainingRun.objects.create(
        started_by="admin", heartbeat_at=timezone.now(), status=ended_as, error=error
    )

    html = page(client)
    told = client.get("/api/v1/models/current/").json()

    assert sentence in html
    assert SECRET not in html
    assert sentence in told["last_error"]
    assert SECRET not in str(told)


def test_open_troubles_are_counted_not_told(client: Client) -> None:
    Incident.objects.create(what="loader", message=SECRET, last_seen=timezone.now())

    html = page(client)

    assert "1 open, seen by the administrators" in html
    assert SECRET not in html


# --- History ------------------------------------------------------------------------------


def test_the_history_tells_published_from_kept(client: Client) -> None:
    version("blend-1", is_serving=False)
    version("blend-2", is_serving=False, gate_passed=False, gate_reason="Worse: kept, not served.")
    version("blend-3")

    html = page(client)
    rows = re.findall(r'<tr><th scope="row">(blend-\d).*?</tr>', html, flags=re.DOTALL)
    history = html[html.index('id="history"') :]

    assert rows == ["blend-3", "blend-2", "blend-1"]
    assert history.count("Published, serves now") == 1
    assert history.count("Kept, not served") == 1


def test_the_history_has_ten_versions_at_most() -> None:
    for number in range(12):
        version(f"blend-{number}", is_serving=number == 11)

    names = [past.version.name for past in how_it_works().history]

    assert names == [f"blend-{number}" for number in range(11, 1, -1)]
    assert len(names) == HISTORY


def test_the_page_asks_the_same_few_questions_whatever_there_is(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    version("blend-0")
    with django_assert_num_queries(9):
        page(client)
    for number in range(1, 8):
        version(f"blend-{number}", is_serving=False)
        TrainingRun.objects.create(
            started_by="schedule", heartbeat_at=timezone.now(), status=RunStatus.FAILED
        )

    with django_assert_num_queries(9):
        page(client)


# --- The picture --------------------------------------------------------------------------


@pytest.mark.parametrize("drawn", [how_picture.wide, how_picture.tall])
def test_a_stream_is_as_thick_as_its_reader_counts(drawn: Any) -> None:
    svg = ElementTree.fromstring(drawn([("opened right after", 60.0), ("the words", 30.0)]))

    streams = [path for path in svg.iter("path") if path.get("class") == "flow__stream"]
    thick = [float(path.attrib["stroke-width"]) for path in streams]
    assert thick[0] == pytest.approx(2 * thick[1])


@pytest.mark.parametrize("drawn", [how_picture.wide, how_picture.tall])
def test_without_weights_every_reader_is_there_and_none_has_a_share(drawn: Any) -> None:
    svg = ElementTree.fromstring(drawn([]))

    texts = [text.text or "" for text in svg.iter("text")]
    assert "The words of the works" in texts
    assert not any("%" in text for text in texts)
    assert svg.attrib["aria-label"].startswith("A click joins the trail")


@pytest.mark.parametrize("drawn", [how_picture.wide, how_picture.tall])
def test_names_in_the_picture_are_escaped(drawn: Any) -> None:
    assert "<b>" not in drawn([("<b>", 50.0)])


def test_the_style_sheet_has_no_colours_of_its_own() -> None:
    sheet = Path("static/css/how.css").read_text()

    assert not re.search(r"#[0-9a-f]{3,8}\b|rgb\(|hsl\(", sheet, flags=re.IGNORECASE)
