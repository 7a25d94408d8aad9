"""A throw-away Segue with an invented catalogue and a model that it serves, of any size.

The catalogue is written by the site's own importer and the visits by its own writer, so that tables
and indexes are those of a site that grew. Everything is in one folder; a process opens it once,
because Django reads its settings when it is first imported.
"""

from __future__ import annotations

import json
import math
import os
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.generate import generated_items, generated_sessions, kind_counts
from bench.invented_catalogue import InventedCatalogue, invented_catalogue
from recommender.ml.blend import BlendRecommender, default_blend, even_weights
from recommender.ml.data import ItemTable, SessionData
from recommender.ml.gru4rec import GRU4Rec, GRU4RecConfig, GRU4RecRecommender

if TYPE_CHECKING:
    from catalog.sources import CleanRow
    from recommender.dataset import TrainingSet

EVENTS_AN_ITEM = 10
MOST_EVENTS = 100_000
UNSEEN_EVENTS = 14_000  # of later sessions, which no model learns from
TRAINED_UP_TO = 110_000  # items; above, speed is measured on random weights
VALIDATION = 0.1
WEIGHED_ON = 500  # validation sessions that the blend's weights are learned from

WALK_STEPS = 20
WALKS = "walks.json"
TRAINED, RANDOM = "trained, 1 epoch", "random"
FIRST_YEAR, YEARS = 1950, 70


def environment_of(folder: Path) -> dict[str, str]:
    """What tells a process which site it belongs to. `serving_settings` has an empty view too."""
    return {
        "SEGUE_ENV": "development",
        "SEGUE_DATA_DIR": str(folder),
        "SEGUE_DATABASE_URL": "",
        "SEGUE_REDIS_URL": "",
        "DJANGO_SETTINGS_MODULE": "bench.serving_settings",
    }


def open_site(folder: Path) -> None:
    """Make this process one of the site's: the apps can be imported afterwards."""
    os.environ.update(environment_of(folder))
    import django

    django.setup()


def make_site(folder: Path, *, n_items: int, seed: int) -> str:
    """Fill the folder with a site of n_items; tells what the weights of its network are.

    `read_walks` gives visits to the same catalogue that are later than all that was learned.
    """
    open_site(folder)
    from django.core.management import call_command

    from recommender.dataset import export_training_set

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    items = generated_items(n_items, seed)
    events = min(EVENTS_AN_ITEM * n_items, MOST_EVENTS) + UNSEEN_EVENTS
    visits = generated_sessions(events, items, seed)
    learned, unseen = visits.split_by_time(UNSEEN_EVENTS / events)
    import_catalogue(items, seed)
    store_visits(learned, items, seed)
    data = export_training_set()
    trained = n_items <= TRAINED_UP_TO
    publish(trained_blend(data) if trained else untrained_blend(data), data)
    found = [[items.ids[index] for index in walk] for walk in walks(unseen, WALK_STEPS)]
    (folder / WALKS).write_text(json.dumps(found), encoding="utf-8")
    return TRAINED if trained else RANDOM


def read_walks(folder: Path) -> list[list[str]]:
    """Item ids, WALK_STEPS a walk. No two walks begin with the same item, so that all beginnings
    of all walks differ."""
    found: list[list[str]] = json.loads((folder / WALKS).read_text(encoding="utf-8"))
    return found


def walks(sessions: SessionData, length: int) -> list[list[int]]:
    """The sessions, one after the other, cut into walks of `length` different items."""
    found: list[list[int]] = []
    begun: set[int] = set()
    walk: list[int] = []
    for item in sessions.items.tolist():
        if item in (walk or begun):
            continue
        walk.append(item)
        if len(walk) == length:
            begun.add(walk[0])
            found.append(walk)
            walk = []
    return found


def import_catalogue(items: ItemTable, seed: int) -> None:
    """Write the items into the database, in their order."""
    from catalog.import_report import FailedRows, ImportReport
    from catalog.importing import import_rows

    movies, tracks, books = kind_counts(len(items))
    made = invented_catalogue(movies=movies, tracks=tracks, books=books, seed=seed)
    begin = 0
    # A kind at a time: a batch of the importer is of one kind.
    for size in (movies, tracks, books):
        report = ImportReport(label="invented")
        with FailedRows(Path(os.environ["SEGUE_DATA_DIR"]) / "failed.csv") as failed:
            rows = clean_rows(items, made, range(begin, begin + size))
            import_rows(rows, source="invented", report=report, failed=failed, progress=False)
        if report.new != size:
            raise RuntimeError(f"Of {size} invented items {report.new} were written.")
        begin += size


def clean_rows(items: ItemTable, made: InventedCatalogue, which: range) -> Iterator[CleanRow]:
    """Rows as an import would give them, with two genres and two people each."""
    from catalog.models import Role
    from catalog.rows import BookRow, CreditEntry, MovieRow, TrackRow
    from catalog.sources import CleanRow

    layouts = {
        "movie": (MovieRow, Role.ACTOR),
        "track": (TrackRow, Role.ARTIST),
        "book": (BookRow, Role.AUTHOR),
    }
    for index in which:
        layout, role = layouts[items.kinds[index]]
        row = layout(
            item_id=items.ids[index],
            title=made.titles[index],
            description=made.descriptions[index],
            year=FIRST_YEAR + index % YEARS,
            popularity=float(1000 * made.popularity[index]),
            genres=made.genres[index],
            credits=tuple(CreditEntry(name, role.value) for name in made.people[index][:2]),
        )
        yield CleanRow(row, {})


def store_visits(sessions: SessionData, items: ItemTable, seed: int) -> None:
    """Write the sessions into the database, as simulated ones, a minute from view to view."""
    from catalog.models import Item
    from sessions_app.models import Origin
    from sessions_app.whole_sessions import StoredSession, StoredView, store_sessions

    keys = dict(Item.objects.values_list("item_id", "pk"))
    stored = []
    for number, visited in enumerate(sessions.sequences()):
        public_id = uuid.uuid5(uuid.NAMESPACE_URL, f"{seed} {number}")
        end = datetime.fromtimestamp(int(sessions.ends[number]), tz=UTC)
        views = [
            StoredView(
                event_id=uuid.uuid5(public_id, str(place)),
                item=keys[items.ids[index]],
                occurred_at=end - timedelta(minutes=len(visited) - 1 - place),
                dwell_ms=None,
            )
            for place, index in enumerate(visited.tolist())
        ]
        stored.append(StoredSession(public_id, views))
    for begin in range(0, len(stored), 500):  # SQLite takes so many ids in a query
        store_sessions(sessions=stored[begin : begin + 500], origin=Origin.SIMULATED)


def trained_blend(data: TrainingSet) -> BlendRecommender:
    """The blend with a network of one epoch and weights learned on later sessions."""
    learn, validation = data.sessions.split_by_time(VALIDATION)
    config = GRU4RecConfig.default(epochs=1)
    network = GRU4RecRecommender(config).fit(learn, data.items, validation=validation)
    blend = default_blend(network, data.items).fit_counting(learn, data.items)
    few = validation.take(np.arange(max(len(validation) - WEIGHED_ON, 0), len(validation)))
    return blend.learn_weights(few).fit_counting(data.sessions, data.items)


def untrained_blend(data: TrainingSet) -> BlendRecommender:
    """The blend with a network of random weights to whom every item is known, all parts alike:
    as fast as a trained one, and of no use for anything else."""
    config = GRU4RecConfig.default(features=0)
    network = GRU4Rec(config, len(data.items))
    network.log_prior.fill_(-math.log(len(data.items)))
    random = GRU4RecRecommender(config).adopt(network, data.items.ids)
    blend = default_blend(random, data.items).fit_counting(data.sessions, data.items)
    return blend.adopt(even_weights(blend))


def publish(blend: BlendRecommender, data: TrainingSet) -> None:
    """Save the blend and let the site serve it. It is not evaluated: this is no place for it."""
    from recommender.ml import artifacts
    from recommender.models import ModelVersion
    from recommender.publishing import artifact_directory, serve_version

    name = "bench-1"
    manifest = artifacts.save(
        artifact_directory(name),
        blend,
        data.sessions,
        data.items,
        metrics={},
        fingerprint=data.fingerprint,
    )
    version = ModelVersion.objects.create(
        name=name,
        preset=manifest.config["preset"],
        config=manifest.config,
        data_summary=data.summary(),
        data_fingerprint=data.fingerprint,
        last_event_id=data.last_event_id,
        checksum=manifest.files[artifacts.WEIGHTS]["sha256"],
    )
    serve_version(version=version)
