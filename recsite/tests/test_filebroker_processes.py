"""The file broker under several real processes, some of them killed."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kombu import Connection

from recommender.processes import owner_is_alive, owner_name, started_at
from recsite.filebroker import restore_orphans
from recsite.tests.broker import files_in, put

REPOSITORY = Path(__file__).resolve().parents[2]

PRELUDE = """
import os, socket, sys, time
from pathlib import Path
from kombu import Connection
import recsite.filebroker
root = Path(sys.argv[1])
connection = Connection(
    "safefile://", transport_options={"folder": str(root), "polling_interval": 0.02}
)
def note(name, text):
    handle = os.open(root.parent / name, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(handle, f"{text}\\n".encode())
    os.close(handle)
"""
PRODUCE = """
first, count = int(sys.argv[2]), int(sys.argv[3])
with connection, connection.SimpleQueue("work") as queue:
    for number in range(first, first + count):
        queue.put({"n": number})
"""
CONSUME = """
with connection, connection.SimpleQueue("work") as queue:
    queue.channel.basic_qos(0, 1, False)
    note("ready", os.getpid())
    while True:
        try:
            message = queue.get(timeout=0.5)
        except queue.Empty:
            if (root.parent / "all-produced").exists():
                break
            continue
        note("done", message.payload["n"])
        message.ack()
"""
HOLD = """
with connection, connection.SimpleQueue("work") as queue:
    queue.channel.basic_qos(0, 10, False)
    for _ in range(5):
        message = queue.get(timeout=5)
        note("done", message.payload["n"])
        message.ack()
    held = [queue.get(timeout=5) for _ in range(10)]
    note("done", held[0].payload["n"])  # in progress: done, but not acknowledged yet
    note("holding", os.getpid())
    time.sleep(60)
"""


@pytest.fixture
def start(root: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []

    def run(script: str, *arguments: int) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-c", PRELUDE + script, str(root), *map(str, arguments)],
            cwd=REPOSITORY,
            env={**os.environ, "SEGUE_ENV": "development"},
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline, f"{path.name} did not appear"
        time.sleep(0.02)


def numbers_done(root: Path) -> Counter[int]:
    return Counter(int(line) for line in (root.parent / "done").read_text().split())


def test_two_producers_and_two_consumers_lose_nothing_and_do_nothing_twice(
    root: Path, start: Callable[..., subprocess.Popen[bytes]]
) -> None:
    consumers = [start(CONSUME) for _ in range(2)]
    producers = [start(PRODUCE, first, 1000) for first in (0, 1000)]
    assert [process.wait(60) for process in producers] == [0, 0]
    (root.parent / "all-produced").touch()
    assert [process.wait(60) for process in consumers] == [0, 0]

    assert numbers_done(root) == Counter(range(2000))
    assert files_in(root, "ready") == []
    assert files_in(root, "claims") == []
    assert not (root / "broken").exists()


def test_after_a_kill_all_is_done_and_only_the_task_in_progress_twice(
    root: Path, start: Callable[..., subprocess.Popen[bytes]], connection: Connection
) -> None:
    put(connection, *range(40))
    holder = start(HOLD)
    wait_for(root.parent / "holding")
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    in_progress = 5
    assert len(files_in(root, "claims")) == 10

    (root.parent / "all-produced").touch()
    assert restore_orphans(root) == 10
    assert start(CONSUME).wait(60) == 0

    assert numbers_done(root) == Counter(range(40)) + Counter([in_progress])
    assert files_in(root, "claims") == []


def test_the_claims_of_a_living_process_are_left_alone(
    root: Path, start: Callable[..., subprocess.Popen[bytes]], connection: Connection
) -> None:
    put(connection, *range(15))
    start(HOLD)
    wait_for(root.parent / "holding")
    assert restore_orphans(root) == 0
    assert len(files_in(root, "claims")) == 10


def test_a_killed_process_counts_as_dead_before_its_parent_has_collected_it() -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    name = f"{owner_name().partition('-')[0]}-{process.pid}-{started_at(process.pid)}"
    assert owner_is_alive(name)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert not owner_is_alive(name)
    process.wait()
