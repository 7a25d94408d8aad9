"""The supervisor with dummy programs: real processes, real signals."""

import http.server
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from recommender.processes import started_at
from recsite.management.commands import serve

REPOSITORY = Path(__file__).resolve().parents[2]

RUN = """
import sys
from recsite.supervisor import Program, Supervisor, Timing
programs = [
    Program(
        name, (sys.executable, "-u", "-c", code), {"SEGUE_ROLE": name}, after_ready=name == "beat"
    )
    for name, code in PROGRAMS.items()
]
timing = Timing(first_delay=0.1, longest_delay=0.4, healthy_after=HEALTHY, grace=1.0,
                ready_patience=2.0)
sys.exit(Supervisor(
    programs, say=lambda line: print(line, flush=True), ready_url=URL, ready_message="READY",
    timing=timing,
).run())
"""
SLEEP = "import os, time; print('pid', os.getpid()); time.sleep(60)"
WITH_GRANDCHILD = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("pid", os.getpid()); print("grandchild", child.pid); time.sleep(60)
"""
STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN); print("pid", os.getpid()); time.sleep(60)
"""


class Running:
    """A supervisor in a process of its own, and what it has printed so far."""

    def __init__(self, programs: dict[str, str], url: str | None, healthy_after: float) -> None:
        values = f"PROGRAMS = {programs!r}\nURL = {url!r}\nHEALTHY = {healthy_after!r}\n"
        self.process = subprocess.Popen(
            [sys.executable, "-c", values + RUN],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # Whoever runs the tests with nohup has SIGHUP ignored, and processes inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def wait_for(self, pattern: str, times: int = 1) -> list[str]:
        deadline = time.monotonic() + 40
        while True:
            found = [match[1] for line in self.lines if (match := re.search(pattern, line))]
            if len(found) >= times:
                return found
            assert time.monotonic() < deadline, f"no {pattern!r} in {self.lines}"
            time.sleep(0.02)

    def pid(self, name: str, number: int = 0, word: str = "pid") -> int:
        return int(self.wait_for(rf"^{name} +\| {word} (\d+)$", number + 1)[number])

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        code = self.process.wait(40)
        self._reader.join(5)
        return code


@pytest.fixture
def run() -> Iterator[Callable[..., Running]]:
    running: list[Running] = []

    def start(
        programs: dict[str, str], url: str | None = None, healthy_after: float = 60.0
    ) -> Running:
        running.append(Running(programs, url, healthy_after))
        return running[-1]

    yield start
    for supervisor in running:
        # A stop, not a kill: only then does it take the grandchildren with it.
        supervisor.stop()


def wait_until_gone(*pids: int) -> None:
    deadline = time.monotonic() + 5
    while alive := [pid for pid in pids if started_at(pid) is not None]:
        assert time.monotonic() < deadline, f"still running: {alive}"
        time.sleep(0.02)


def test_a_killed_program_is_started_again(run: Callable[..., Running]) -> None:
    supervisor = run({"web": SLEEP, "beat": SLEEP})
    first, other = supervisor.pid("web"), supervisor.pid("beat")
    os.kill(first, signal.SIGKILL)
    second = supervisor.pid("web", 1)
    assert second != first
    assert started_at(other) is not None
    assert supervisor.wait_for(r"^serve \| (web was killed by signal 9; next start in 0.1 s)$")


def test_restarts_back_off_up_to_a_limit(run: Callable[..., Running]) -> None:
    supervisor = run({"web": "raise SystemExit(3)"})
    delays = supervisor.wait_for(r"web ended with code 3; next start in ([\d.]+) s", 4)
    assert delays[:4] == ["0.1", "0.2", "0.4", "0.4"]


def test_the_back_off_starts_over_after_a_healthy_time(run: Callable[..., Running]) -> None:
    supervisor = run({"web": "raise SystemExit(3)"}, healthy_after=0.0)
    delays = supervisor.wait_for(r"web ended with code 3; next start in ([\d.]+) s", 3)
    assert delays[:3] == ["0.1", "0.1", "0.1"]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stop_is_clean_and_leaves_no_process(
    run: Callable[..., Running], how: signal.Signals
) -> None:
    supervisor = run({"web": WITH_GRANDCHILD, "worker": SLEEP})
    pids = [
        supervisor.pid("web"),
        supervisor.pid("web", word="grandchild"),
        supervisor.pid("worker"),
    ]
    began = time.monotonic()
    assert supervisor.stop(how) == 0
    assert time.monotonic() - began < 1.0, "nobody refused to stop, so nobody had to be killed"
    wait_until_gone(*pids)
    assert supervisor.lines[-1] == "serve  | stopped"


def test_a_program_that_ignores_the_request_is_killed_after_the_grace(
    run: Callable[..., Running],
) -> None:
    supervisor = run({"worker": STUBBORN})
    pid = supervisor.pid("worker")
    began = time.monotonic()
    assert supervisor.stop() == 0
    assert time.monotonic() - began >= 1.0
    wait_until_gone(pid)
    assert "serve  | worker did not stop in time and was killed" in supervisor.lines


def test_grandchildren_are_gone_before_a_killed_program_starts_again(
    run: Callable[..., Running],
) -> None:
    supervisor = run({"web": WITH_GRANDCHILD})
    grandchild = supervisor.pid("web", word="grandchild")
    os.kill(supervisor.pid("web"), signal.SIGKILL)
    supervisor.pid("web", 1)
    wait_until_gone(grandchild)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel offers this on Linux only")
def test_programs_do_not_outlive_a_killed_supervisor(run: Callable[..., Running]) -> None:
    supervisor = run({"web": SLEEP, "beat": SLEEP})
    pids = supervisor.pid("web"), supervisor.pid("beat")
    supervisor.process.kill()
    wait_until_gone(*pids)


def test_the_rest_starts_after_a_while_even_if_the_web_never_answers(
    run: Callable[..., Running],
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        supervisor = run({"beat": SLEEP}, url=f"http://127.0.0.1:{unused.getsockname()[1]}/")
        supervisor.pid("beat")


def test_output_is_prefixed_and_the_last_words_of_a_dying_program_are_printed(
    run: Callable[..., Running],
) -> None:
    code = (
        "import os, sys; sys.stderr.write(os.environ['SEGUE_ROLE'] + ': no newline'); sys.exit(1)"
    )
    supervisor = run({"worker": code})
    assert supervisor.wait_for(r"^(worker \| worker: no newline)$")


def test_the_site_is_ready_and_the_rest_starts_when_the_web_answers_without_an_error(
    run: Callable[..., Running],
) -> None:
    status = [503]
    asked = threading.Event()

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status[0])
            self.send_header("Content-Length", "0")
            self.end_headers()
            asked.set()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/healthz/"
        supervisor = run({"web": SLEEP, "beat": SLEEP}, url=url)
        supervisor.pid("web")
        assert asked.wait(10)
        time.sleep(0.5)
        assert not any("READY" in line or "beat" in line for line in supervisor.lines)
        status[0] = 200
        supervisor.wait_for(r"^serve +\| (READY)$")
        supervisor.pid("beat")
        server.shutdown()


def test_a_taken_port_is_named_and_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a program was started")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} on 127.0.0.1 is already in use"):
            call_command("serve", bind=f"127.0.0.1:{port}")


@pytest.mark.parametrize("bind", ["8000", "localhost", ":8000", "127.0.0.1:0", "host:99999", "a:b"])
def test_a_bind_address_that_is_none_is_refused_with_a_sentence(bind: str) -> None:
    with pytest.raises(CommandError, match=r"is not host:port, like 127\.0\.0\.1:8000"):
        call_command("serve", bind=bind)


def test_the_worker_consumes_every_queue_that_tasks_are_sent_to() -> None:
    queues = serve.worker().command[serve.worker().command.index("--queues") + 1].split(",")
    assert set(queues) == {"default", "training"}


def test_each_program_knows_its_role_and_the_web_computes_with_one_thread() -> None:
    programs = [serve.web("127.0.0.1:8000", 2, 4), serve.worker(), serve.beat()]
    assert [program.environment["SEGUE_ROLE"] for program in programs] == ["web", "worker", "beat"]
    assert programs[0].environment["OMP_NUM_THREADS"] == "1"


def test_the_address_to_open_is_one_that_a_browser_here_can_open() -> None:
    assert serve.site_url("0.0.0.0", 8000) == "http://127.0.0.1:8000/"
    assert serve.site_url("::", 8000) == "http://[::1]:8000/"
    assert serve.site_url("localhost", 81) == "http://localhost:81/"
