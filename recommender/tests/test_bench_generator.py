"""The generator of the benches: invented catalogues and visits of any size."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from bench.generate import generated_items, generated_sessions, kind_counts
from bench.invented_catalogue import invented_catalogue, item_themes
from bench.source_columns import write_sources
from catalog.importing import import_sources
from catalog.models import Item, Movie
from recommender.ml.content import ContentRecommender
from recommender.ml.data import SessionData
from recommender.ml.evaluation import evaluate
from recommender.ml.markov import MarkovRecommender
from recommender.ml.popularity import PopularityRecommender

N_ITEMS = 1_100
N_EVENTS = 20_000


@pytest.fixture(scope="module")
def sessions() -> SessionData:
    return generated_sessions(N_EVENTS, generated_items(N_ITEMS, seed=1), seed=1)


def test_items_come_in_the_proportion_of_the_sources_with_ids_and_titles_of_their_own() -> None:
    items = generated_items(N_ITEMS, seed=1)
    assert Counter(items.kinds) == {"movie": 100, "track": 900, "book": 100}
    assert Counter(item_id.split("_")[0] for item_id in items.ids) == {
        "Movie": 100,
        "Music": 900,
        "Book": 100,
    }
    assert len({text.split("\n")[0] for text in items.texts}) == N_ITEMS


def test_a_seed_gives_the_same_items_again_and_another_seed_others() -> None:
    first, again, other = (generated_items(N_ITEMS, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first.texts != other.texts
    assert not np.array_equal(item_themes(N_ITEMS, 1), item_themes(N_ITEMS, 2))


def test_a_seed_gives_the_same_sessions_again_and_another_seed_others(
    sessions: SessionData,
) -> None:
    items = generated_items(N_ITEMS, seed=1)
    again, other = (generated_sessions(N_EVENTS, items, seed=seed) for seed in (1, 2))
    for name in ("items", "offsets", "ends", "dwell"):
        np.testing.assert_array_equal(getattr(sessions, name), getattr(again, name))
        assert not np.array_equal(getattr(sessions, name), getattr(other, name))


@pytest.mark.parametrize("n_events", [2, 3, 5, 6, 999])
def test_there_are_exactly_as_many_events_as_asked_for(n_events: int) -> None:
    data = generated_sessions(n_events, generated_items(11, seed=1), seed=1)
    assert data.n_events == n_events
    assert data.lengths.min() >= 2


def test_sessions_have_the_shape_of_visits(sessions: SessionData) -> None:
    sessions.validate()
    assert 4.5 < sessions.lengths.mean() < 5.5
    previous, following = sessions.transitions()
    assert (previous != following).all()
    assert 80 < (sessions.ends[-1] - sessions.ends[0]) / 86_400 <= 90
    assert (sessions.dwell > 0).all()
    evening, night = ((sessions.ends // 3_600 % 24 == hour).sum() for hour in (20, 8))
    assert evening > 2 * night


def test_a_session_keeps_to_a_theme_and_crosses_the_kinds(sessions: SessionData) -> None:
    themes = item_themes(N_ITEMS, 1)
    kinds = generated_items(N_ITEMS, seed=1).kind_array
    previous, following = sessions.transitions()
    assert (themes[previous] == themes[following]).mean() > 0.8
    assert (kinds[previous] != kinds[following]).mean() > 0.3
    counts = np.sort(sessions.counts())[::-1]
    assert counts[: N_ITEMS // 10].sum() > 0.3 * N_EVENTS


def test_content_and_order_can_both_be_learned(sessions: SessionData) -> None:
    items = generated_items(N_ITEMS, seed=1)
    train, later = sessions.split_by_time(0.1)
    popularity, content, markov = (
        evaluate(model.fit(train, items), later, ks=(1, 20)).at
        for model in (PopularityRecommender(), ContentRecommender(), MarkovRecommender())
    )
    assert content[20].recall > 2 * popularity[20].recall
    assert markov[1].recall > 2 * content[1].recall


def test_it_refuses_what_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="need 11 items"):
        generated_items(10, seed=1)
    with pytest.raises(ValueError, match="at least 2 events"):
        generated_sessions(1, generated_items(11, seed=1), seed=1)
    with pytest.raises(ValueError, match="A catalogue has 1 to"):
        invented_catalogue(movies=0, tracks=0, books=0, seed=1)
    assert sum(kind_counts(12_345)) == 12_345


@pytest.mark.django_db
def test_the_importer_takes_every_row_of_the_files(tmp_path: Path) -> None:
    made = invented_catalogue(movies=30, tracks=50, books=20, seed=1)
    files = {path.stem: str(path) for path, _ in write_sources(made, tmp_path, seed=1)}
    reports = import_sources(
        {"movie": files["movies"], "track": files["tracks"], "book": files["books"]},
        failed_rows={kind: tmp_path / f"{kind}-failed.csv" for kind in ("movie", "track", "book")},
    )
    assert [(report.read, report.new) for report in reports] == [(30, 30), (50, 50), (20, 20)]
    assert Item.objects.count() == 100
    movie = Movie.objects.get(title=made.titles[0])
    assert movie.names_of("actor") == list(made.people[0])
    assert movie.release_date is not None
    assert movie.moods
