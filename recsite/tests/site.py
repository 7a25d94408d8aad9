"""A whole site in processes of its own, as `make run` starts it, for tests from outside."""

import http.cookiejar
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parents[2]
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CURATOR, PASSWORD = "curator", "a long pass phrase"

T = TypeVar("T")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: str, probe: Callable[[], T | None], *, seconds: float) -> T:
    """The first true answer of `probe`; AssertionError with `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"Waited {seconds:.0f} s in vain for {what}.")
        time.sleep(0.1)


class Visitor:
    """A browser without JavaScript: keeps its cookies, follows redirects."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies)
        )

    def get(self, path: str) -> str:
        return self._open(urllib.request.Request(self.url + path))

    def json(self, path: str) -> Any:
        return json.loads(self.get(path))

    def post(self, path: str, **fields: str) -> str:
        token = next((c.value for c in self.cookies if c.name == "csrftoken"), "") or ""
        body = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": token}).encode()
        return self._open(urllib.request.Request(self.url + path, data=body))

    def post_json(self, path: str, body: Any) -> Any:
        request = urllib.request.Request(
            self.url + path,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        return json.loads(self._open(request))

    def agree(self) -> "Visitor":
        """Says yes to visits being stored."""
        self.get("/account/sign-in/")
        self.post("/session/consent/", answer="yes")
        return self

    def _open(self, request: urllib.request.Request) -> str:
        request.add_header("User-Agent", BROWSER)
        with self._opener.open(request, timeout=30) as response:
            return str(response.read().decode())


@dataclass
class Site:
    """`manage.py serve` over a data directory of its own."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    arguments: list[str] = field(default_factory=list)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.folder / "serve.log").read_text(errors="replace")

    def env(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("SEGUE_")}
        return {
            **kept,
            "SEGUE_ENV": "development",
            "SEGUE_DATA_DIR": str(self.folder),
            "SEGUE_TRAIN_THREADS": "1",
            # The same data then give the same model, which the gate lets through as no worse.
            "SEGUE_TRAIN_WARM_START": "false",
            "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
            **self.environment,
        }

    def manage(self, *arguments: str) -> str:
        """Run a management command to its end; AssertionError with its output if it fails."""
        result = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.env(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def start(self) -> None:
        log = (self.folder / "serve.log").open("ab")
        self.process = subprocess.Popen(
            [
                sys.executable,
                "manage.py",
                "serve",
                "--bind",
                f"127.0.0.1:{self.port}",
                *self.arguments,
            ],
            cwd=ROOT,
            env=self.env(),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        wait_for("the site to answer: " + self.log[-2000:], self.answers, seconds=60)

    def answers(self) -> bool:
        try:
            Visitor(self.url).get("/healthz/")
        except (urllib.error.URLError, OSError):
            return False
        return True

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)

    def pids(self, role: str) -> list[int]:
        """Processes of this site with that role, by what they carry in their environment."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdecimal():
                continue
            try:
                carried = (entry / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if {
                f"SEGUE_ROLE={role}".encode(),
                f"SEGUE_DATA_DIR={self.folder}".encode(),
            } <= set(carried):
                found.append(int(entry.name))
        return found

    def visitor(self) -> Visitor:
        return Visitor(self.url)

    def curator(self) -> Visitor:
        """Somebody signed in to the admin; the account is made at the first call."""
        if not (self.folder / "curator-made").exists():
            self.manage(
                "createsuperuser", "--noinput", "--username", CURATOR, "--email", "c@example.org"
            )
            (self.folder / "curator-made").touch()
        visitor = self.visitor()
        visitor.get("/admin/login/")
        visitor.post("/admin/login/?next=/admin/", username=CURATOR, password=PASSWORD)
        return visitor

    def train_now(self) -> None:
        curator = self.curator()
        curator.get("/admin/recommender/trainingrun/")
        page = curator.post("/admin/recommender/trainingrun/train-now/")
        assert "A training is queued" in page, page

    def status_page(self) -> str:
        """The admin's status page as text, tags removed."""
        page = self.curator().get("/admin/recommender/trainingrun/status/")
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))

    def current_model(self) -> Any:
        return self.visitor().json("/api/v1/models/current/")
