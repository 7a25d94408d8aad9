"""Requests to the whole web side of a site: gunicorn with the project's configuration.

A client keeps its connection open and sends its next request when it has the answer to the last.
The clients are to run in a process that is not the server's, and share the machine with it.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np

from bench.served_site import WALK_STEPS, environment_of, read_walks
from recsite.tests.site import BROWSER, ROOT, free_port, wait_for

API, EMPTY, HOME = "/api/v1/recommendations/", "/empty/", "/"
AGAIN = f"{API} again"  # lists that were asked for a moment ago
DIFFERENT_AGAIN = 50  # lists of which those are
CONNECTIONS = 4
WORKERS = 2
LOADED_IN_A_ROW = 20  # answers that say so, before both workers are taken to have the model
FOLLOWING = re.compile(r"Following your (first step|(\d+) steps)")


@contextmanager
def running(folder: Path) -> Iterator[int]:
    """The site of the folder behind gunicorn, with its model in every worker: the port."""
    port = free_port()
    log = folder / "gunicorn.log"
    with log.open("ab") as output:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "recsite.wsgi"),
                *("--config", "recsite/gunicorn_conf.py"),
                *("--workers", str(WORKERS), "--bind", f"127.0.0.1:{port}"),
            ],
            cwd=ROOT,
            env={**os.environ, **environment_of(folder)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )

    def ready() -> bool:
        if server.poll() is not None:
            raise RuntimeError(f"Gunicorn ended: {log.read_text(errors='replace')[-2000:]}")
        return all_loaded(port)

    try:
        wait_for("the model in every worker", ready, seconds=300)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


def all_loaded(port: int) -> bool:
    """Whether every answer is one of a worker with a model. Each is asked on a connection of its
    own, so that the workers take turns."""
    try:
        return all(
            json.loads(Client(port).get("/api/v1/models/current/"))["loaded"]
            for _ in range(LOADED_IN_A_ROW)
        )
    except OSError:
        return False


class Client:
    """One connection that stays open, with the cookies that were set on it."""

    def __init__(self, port: int) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: SimpleCookie = SimpleCookie()

    def get(self, path: str) -> str:
        return self._send("GET", path, None).decode()

    def post(self, path: str, body: bytes) -> bytes:
        return self._send("POST", path, body)

    def _send(self, method: str, path: str, body: bytes | None) -> bytes:
        headers = {"User-Agent": BROWSER, "Content-Type": "application/json"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v.value}" for k, v in self.cookies.items())
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        answer = response.read()
        for value in response.headers.get_all("Set-Cookie", []):
            self.cookies.load(value)
        if response.status != 200:
            raise RuntimeError(f"{method} {path} was answered {response.status}: {answer[:300]!r}")
        return answer


@dataclass(frozen=True)
class Round:
    """What one round of load gave."""

    requests_per_second: float
    milliseconds: list[float]


# The API


def measure_api(port: int, folder: Path, *, rounds: int, requests: int) -> dict[str, Any]:
    """Rounds of the empty view, the API and the front page in turn, so many requests each.

    The empty view gets the same bodies as the API. No list of items is sent to the API twice, so
    that no worker knows an answer already; only the rounds "again" send a few lists many times,
    after a pass that does not count, as when many visits begin alike. Raises ValueError where
    there are too few of them.
    """
    bodies = api_bodies(read_walks(folder))
    if (rounds + 1) * requests > len(bodies):
        raise ValueError(f"{len(bodies)} lists of items are too few for so many requests.")
    found: dict[str, list[Round]] = {EMPTY: [], API: [], AGAIN: [], HOME: []}
    # The first round does not count: in it each worker imports what it needs.
    for number in range(rounds + 1):
        some = bodies[number * requests : (number + 1) * requests]
        for target, done in found.items():
            if target == AGAIN:
                few = some[:DIFFERENT_AGAIN]
                load(port, API, [*few, *few, *few])  # so that each worker has had each of them
                measured = load(port, API, [few[place % len(few)] for place in range(requests)])
            else:
                measured = load(port, target, some)
            if number:
                done.append(measured)
    shares = {
        target: [
            api.requests_per_second / nothing.requests_per_second
            for nothing, api in zip(found[EMPTY], found[target], strict=True)
        ]
        for target in (API, AGAIN)
    }
    return {
        "targets": {target: summarised(done) for target, done in found.items()},
        "share_of_empty": {target: float(np.median(share)) for target, share in shares.items()},
    }


def api_bodies(walks: Sequence[Sequence[str]]) -> list[bytes]:
    """A request for every beginning of every walk, in no order."""
    beginnings = [walk[:length] for walk in walks for length in range(1, len(walk) + 1)]
    order = np.random.default_rng(1).permutation(len(beginnings))
    return [json.dumps({"items": beginnings[place], "k": 12}).encode() for place in order]


def load(port: int, target: str, bodies: Sequence[bytes]) -> Round:
    """One request a body, by CONNECTIONS clients at once; the front page needs no body."""
    waiting: SimpleQueue[bytes] = SimpleQueue()
    for body in bodies:
        waiting.put(body)

    def one(client: Client) -> list[float]:
        times: list[float] = []
        while True:
            try:
                body = waiting.get_nowait()
            except Empty:
                return times
            sent = time.perf_counter()
            if target == HOME:
                client.get(target)
            else:
                client.post(target, body)
            times.append(1000 * (time.perf_counter() - sent))

    started = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        clients = [Client(port) for _ in range(CONNECTIONS)]
        milliseconds = [ms for times in pool.map(one, clients) for ms in times]
    return Round(len(milliseconds) / (time.perf_counter() - started), milliseconds)


def summarised(rounds: Sequence[Round]) -> dict[str, Any]:
    """The median rate of the rounds, and the times of all their requests."""
    rates = [done.requests_per_second for done in rounds]
    times = [ms for done in rounds for ms in done.milliseconds]
    return {"requests_per_second": float(np.median(rates)), "rounds": rates, **percentiles(times)}


def percentiles(milliseconds: Sequence[float]) -> dict[str, float]:
    """How many there are, the median, the 95th and 99th percentile and the longest."""
    p50, p95, p99 = np.percentile(milliseconds, (50, 95, 99)).tolist()
    return {
        "n": len(milliseconds),
        "p50_ms": p50,
        "p95_ms": p95,
        "p99_ms": p99,
        "max_ms": max(milliseconds),
    }


# From a click to the list that follows it


def measure_clicks(port: int, folder: Path, *, clicks: int) -> dict[str, Any]:
    """Visitors without an account open one item after the other, WALK_STEPS each, and ask for
    their picks after every one.

    A click lasts from the request for the item's page, which records the view, to the end of the
    answer with the picks. Raises RuntimeError where those do not follow this click.
    """
    pages: list[float] = []
    picks: list[float] = []
    changed = 0
    walks = read_walks(folder)
    for number in range(-(-clicks // WALK_STEPS) + 1):
        visitor = Client(port)
        before = visitor.get("/picks/")  # opens the connection, too
        for step, item_id in enumerate(walks[number], start=1):
            sent = time.perf_counter()
            visitor.get(f"/items/{item_id}/")
            opened = time.perf_counter()
            list_now = visitor.get("/picks/")
            ended = time.perf_counter()
            if steps_followed(list_now) != step:
                raise RuntimeError(f"The picks after click {step} do not follow it.")
            if number:  # the first visitor warms both workers up
                pages.append(1000 * (opened - sent))
                picks.append(1000 * (ended - opened))
                changed += shown(list_now) != shown(before)
            before = list_now
    both = [page + after for page, after in zip(pages, picks, strict=True)]
    return {
        "click": percentiles(both),
        "item_page": percentiles(pages),
        "picks": percentiles(picks),
        "list_changed": changed / len(both),
    }


def steps_followed(picks: str) -> int:
    """How many steps the fragment says that it follows."""
    found = FOLLOWING.search(picks)
    return 0 if found is None else int(found[2] or 1)


def shown(picks: str) -> list[str]:
    """The items of the fragment, in order."""
    return re.findall(r"/items/([^/]+)/", picks)
