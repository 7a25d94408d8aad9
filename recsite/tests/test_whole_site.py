"""The whole site in real processes: web, worker and queue, and what happens when one dies.

Runs on the embedded default (SQLite, file broker) and, where the servers are there, on
PostgreSQL and a Redis of the test's own.
"""

import os
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from recsite.tests.site import Site, free_port, wait_for

pytestmark = pytest.mark.services

WEB_WORKERS = 2
POSTGRES = os.environ.get("SEGUE_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432")


class OwnRedis:
    """A Redis server of the test's own, so that it may be stopped."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
        )

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def make_database() -> str:
    """A new PostgreSQL database; its URL. Skips where no server answers."""
    name = f"segue_test_{uuid.uuid4().hex[:10]}"
    try:
        connection = psycopg2.connect(f"{POSTGRES}/postgres", connect_timeout=3)
    except psycopg2.OperationalError as error:
        pytest.skip(f"no PostgreSQL at {POSTGRES}: {error}")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    return f"{POSTGRES}/{name}"


def drop_database(url: str) -> None:
    connection = psycopg2.connect(f"{POSTGRES}/postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {url.rsplit('/', 1)[1]} WITH (FORCE)")
    connection.close()


def prepare(site: Site) -> None:
    site.manage("migrate", "--noinput")
    site.manage("collectstatic", "--noinput")
    site.manage("seed_starter")
    site.manage("simulate_sessions", "--sessions", "400", "--seed", "7")


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The default: nothing but this machine."""
    site = Site(tmp_path_factory.mktemp("embedded"), arguments=["--web-workers", str(WEB_WORKERS)])
    prepare(site)
    site.start()
    yield site
    site.stop()


@pytest.fixture(scope="module")
def outgrown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, OwnRedis]]:
    """The same code on PostgreSQL and Redis."""
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server on this machine")
    database = make_database()
    folder = tmp_path_factory.mktemp("outgrown")
    redis = OwnRedis(folder)
    redis.start()
    site = Site(
        folder,
        environment={
            "SEGUE_DATABASE_URL": database,
            "SEGUE_REDIS_URL": f"redis://127.0.0.1:{redis.port}/0",
        },
        arguments=["--no-beat"],
    )
    try:
        prepare(site)
        site.start()
        yield site, redis
    finally:
        if site.process is not None:
            site.stop()
        redis.stop()
        drop_database(database)


def some_item(site: Site, kind: str) -> str:
    return str(
        site.visitor().json(f"/api/v1/items/?kind={kind}&page_size=1")["results"][0]["item_id"]
    )


def status_page_with(site: Site, words: str) -> str:
    """The admin's status page as soon as it says these words."""

    def probe() -> str | None:
        page = site.status_page()
        return page if words in page else None

    return wait_for(f"{words!r} on the status page", probe, seconds=20)


def model_after(site: Site, name: str | None, *, seconds: float = 120) -> str:
    """The serving version once it is another than `name` and every web process has loaded it."""

    def another() -> str | None:
        now = site.current_model()
        version = now["version"]["name"] if now["version"] else None
        return version if version != name and now["loaded"] == version else None

    found = wait_for(f"a version after {name}: {site.log[-1500:]}", another, seconds=seconds)
    wait_for(
        "the version in every web process",
        lambda: site.log.count(f"Serving {found} ") >= WEB_WORKERS,
        seconds=60,
    )
    return found


def test_a_worker_trains_and_every_web_process_serves_the_version_without_a_restart(
    embedded: Site,
) -> None:
    web_before = embedded.pids("web")
    visitor = embedded.visitor().agree()
    film = some_item(embedded, "movie")
    visitor.get(f"/items/{film}/")
    assert visitor.json("/api/v1/recommendations/")["model_version"] is None

    embedded.train_now()
    name = model_after(embedded, None)

    # Within 5 seconds every process has it: many requests reach both.
    time.sleep(5)
    assert {embedded.current_model()["loaded"] for _ in range(30)} == {name}
    answer = visitor.json("/api/v1/recommendations/")
    assert answer["tier"] == "blend"
    assert {card["item"]["kind"] for card in answer["cards"]} == {"movie", "track", "book"}
    assert embedded.pids("web") == web_before


def test_a_worker_killed_while_training_is_shown_and_the_training_is_done_again(
    embedded: Site,
) -> None:
    before = embedded.current_model()["version"]["name"]
    embedded.train_now()
    wait_for("a running training", lambda: embedded.current_model()["training"], seconds=30)
    (worker,) = embedded.pids("worker")

    os.kill(worker, signal.SIGKILL)

    visitor = embedded.visitor()
    film = some_item(embedded, "movie")
    assert "</html>" in visitor.get(f"/items/{film}/")
    assert visitor.json("/api/v1/recommendations/")["steps"] == 1
    assert embedded.current_model()["loaded"] == before
    shown = status_page_with(embedded, "went away while it was")
    assert "Lost: its process went away" in shown
    # The supervisor restarts the worker, and the queue hands it the same task.
    after = model_after(embedded, before)
    assert after != before
    assert embedded.pids("worker") != [worker]


def test_a_broken_artifact_leaves_the_old_version_serving_and_the_admin_says_so(
    embedded: Site,
) -> None:
    serving = embedded.current_model()["version"]["name"]
    others = [v["name"] for v in embedded.visitor().json("/api/v1/models/") if not v["is_serving"]]
    broken = others[0]
    weights = embedded.folder / "models" / broken / "weights.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[: len(whole) // 2])
    # The files broke after the version was published: move the pointer past the check.
    embedded.manage(
        "shell",
        "-c",
        "from recommender.models import ModelVersion as V; "
        "V.objects.update(is_serving=False); "
        f"V.objects.filter(name='{broken}').update(is_serving=True)",
    )

    page = status_page_with(embedded, f"{broken} is broken")
    assert "truncated" in page
    assert f"({serving} goes on serving)" in page
    film = some_item(embedded, "movie")
    visitor = embedded.visitor()
    visitor.get(f"/items/{film}/")
    answer = visitor.json("/api/v1/recommendations/")
    assert answer["tier"] == "blend"
    assert answer["model_version"] == serving

    weights.write_bytes(whole)  # mended: it is noticed without a restart
    wait_for(
        "the mended version",
        lambda: embedded.current_model()["loaded"] == broken,
        seconds=15,
    )


def test_a_killed_web_process_is_replaced_and_loads_the_model(embedded: Site) -> None:
    version = embedded.current_model()["version"]["name"]
    before = set(embedded.pids("web"))

    for pid in before:
        os.kill(pid, signal.SIGKILL)

    wait_for(
        "new web processes", lambda: embedded.answers() and not before & set(embedded.pids("web")),
        seconds=40,
    )  # fmt: skip
    wait_for("the model", lambda: embedded.current_model()["loaded"] == version, seconds=60)


def test_on_postgresql_and_redis_the_same_flow_works(outgrown: tuple[Site, OwnRedis]) -> None:
    site, _ = outgrown
    visitor = site.visitor()
    film = some_item(site, "movie")
    visitor.get(f"/items/{film}/")

    site.train_now()
    model_after(site, None)

    assert visitor.json("/api/v1/recommendations/")["tier"] == "blend"
    assert "The Redis broker answers." in site.status_page()
    assert "The Redis cache answers." in site.status_page()


def test_without_redis_the_site_answers_clicks_are_kept_and_the_admin_says_why(
    outgrown: tuple[Site, OwnRedis],
) -> None:
    site, redis = outgrown
    visitor = site.visitor().agree()
    film, book = some_item(site, "movie"), some_item(site, "book")

    redis.stop()

    started = time.monotonic()
    assert "</html>" in visitor.get(f"/items/{film}/")
    visitor.get(f"/items/{book}/")
    answer = visitor.json("/api/v1/recommendations/")
    assert answer["steps"] == 2
    assert answer["tier"] == "blend"
    assert time.monotonic() - started < 15
    page = site.status_page()
    assert "The Redis cache does not answer" in page
    assert "The Redis broker does not answer" in page
    curator = site.curator()
    curator.get("/admin/recommender/trainingrun/")
    told = curator.post("/admin/recommender/trainingrun/train-now/")
    assert "nothing was queued" in told
    assert "A training could not be queued" in site.status_page()

    redis.start()
    wait_for("Redis again", lambda: "broker answers" in site.status_page(), seconds=20)
    assert visitor.json("/api/v1/recommendations/")["steps"] == 2


def test_the_site_stops_cleanly_and_leaves_nothing_running(tmp_path: Path) -> None:
    site = Site(tmp_path, arguments=["--web-workers", "1"])
    site.manage("migrate", "--noinput")
    site.manage("collectstatic", "--noinput")
    site.start()
    wait_for("all three programs", lambda: site.pids("worker") and site.pids("beat"), seconds=20)

    assert site.stop() == 0

    for role in ("web", "worker", "beat"):
        assert site.pids(role) == []
