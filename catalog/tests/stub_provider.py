"""A provider of pictures on this machine: answers as a test says, remembers what it was asked."""

import io
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from PIL import Image

from catalog.models import Item, Picture
from catalog.tests.shelves import make

MBID = "76df3287-6cda-33eb-8e9a-044b5e15ffdd"
FRONT = f"/caa/release-group/{MBID}/front-500"
SEARCH, POSTER = "/tmdb/search/movie", "/images/s.jpg"


@dataclass
class Answer:
    """`wait` is in seconds, before the first byte; `drip` in seconds between two bytes."""

    body: bytes = b""
    kind: str = "image/jpeg"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0
    drip: float = 0.0


@dataclass
class Asked:
    path: str
    params: dict[str, str]
    headers: dict[str, str]


@dataclass
class Stub:
    port: int = 0
    routes: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def on(self, path: str, *answers: Answer) -> None:
        """The answers to a path in turn; the last one is repeated."""
        self.routes[path] = list(answers)

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        answers = self.routes.get(asked.path, [Answer(status=404, kind="text/plain")])
        return answers.pop(0) if len(answers) > 1 else answers[0]


def told(value: Any) -> Answer:
    return Answer(json.dumps(value).encode(), "application/json")


def sent_on(url: str, status: int = 307) -> Answer:
    return Answer(status=status, headers={"Location": url})


def picture(
    width: int = 600, height: int = 900, form: str = "JPEG", mode: str = "RGB", **more: Any
) -> bytes:
    """A picture with some structure, so that a cut leaves something out."""
    file = io.BytesIO()
    image = Image.linear_gradient("L").resize((width, height)).convert(mode)
    image.save(file, form, **more)
    return file.getvalue()


@contextmanager
def running_stub() -> Iterator[Stub]:
    stub = Stub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            params = {name: values[0] for name, values in parse_qs(parts.query).items()}
            answer = stub.answer(Asked(parts.path, params, dict(self.headers)))
            if answer.wait:
                time.sleep(answer.wait)
            try:
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.kind)
                for name, value in {"Content-Length": str(len(answer.body))}.items():
                    self.send_header(name, answer.headers.get(name, value))
                for name in answer.headers.keys() - {"Content-Length"}:
                    self.send_header(name, answer.headers[name])
                self.end_headers()
                for byte in answer.body if answer.drip else ():
                    self.wfile.write(bytes([byte]))
                    time.sleep(answer.drip)
                if not answer.drip:
                    self.wfile.write(answer.body)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the other side has given up: that is what a test of limits wants

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    stub.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()


def solaris(**more: Any) -> Item:
    """The film that the search of the fixture finds."""
    return make("movie", "Solaris", **{"year": 1972, "popularity": 80.0, **more})


def kept(item: Item) -> Picture:
    """What was written about an item."""
    return Picture.objects.get(item=item)
