"""A browser that costs next to nothing: keeps cookies and connections, loads fragments like htmx.

For load from one process that must not take the processor from the server. It understands just
what the site's own pages say: `hx-get` with `hx-trigger`, links to items, forms of the trail.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode, urlsplit

from recsite.tests.site import BROWSER

FRAGMENT = re.compile(r'<[a-z]+\s[^>]*?hx-get="([^"]+)"[^>]*>')
TRIGGER = re.compile(r'hx-trigger="([^"]*)"')
BY_ITSELF = re.compile(r"\b(load|revealed|intersect)\b")
ITEM_LINK = re.compile(r'href="(/items/[^"/]+/)"')
COVER = re.compile(r'<img class="cover" src="([^"]+)"')
STEP_FORM = re.compile(r'formaction="(/session/steps/[^"/]+/remove/)"')
VIEW = re.compile(r'data-view-id="([^"]+)"')
MOST_CONNECTIONS = 6  # as browsers keep to
MOST_ROUNDS = 3  # of fragments that came in fragments


@dataclass(frozen=True)
class Asked:
    """One request: what kind, when it was sent, and when its answer began and was whole, in
    milliseconds from then."""

    kind: str
    sent: float
    first: float
    last: float
    size: int


@dataclass
class LightBrowser:
    """One visitor's browser. Every request is added to `asked`."""

    port: int
    asked: list[Asked]
    covers: int = 0  # as many pictures of a page are fetched, each once
    cookies: dict[str, str] = field(default_factory=dict)
    had: set[str] = field(default_factory=set)
    _free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = field(default_factory=list)
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_CONNECTIONS))

    async def open(self, kind: str, path: str) -> str:
        """The page with everything that it loads by itself, as one text."""
        begun = time.perf_counter()
        page = await self.send(kind, "GET", path)
        texts, new = [page], fragments(page, BY_ITSELF)
        pictures = [src for src in COVER.findall(page) if src not in self.had][: self.covers]
        self.had.update(pictures)
        waiting = [self.send("cover", "GET", src) for src in pictures]
        for _ in range(MOST_ROUNDS):
            found = await asyncio.gather(*map(self.fragment, new), *waiting)
            texts += found[: len(new)]
            waiting = []
            new = [url for text in found[: len(new)] for url in fragments(text, BY_ITSELF)]
            if not new:
                break
        whole = 1000 * (time.perf_counter() - begun)
        size = sum(map(len, texts))
        self.asked.append(Asked(f"{kind}, whole", begun, whole, whole, size))
        return "".join(texts)

    async def fragment(self, path: str) -> str:
        return await self.send(kind_of(path), "GET", path, htmx=True)

    async def send(
        self,
        kind: str,
        method: str,
        path: str,
        form: dict[str, str] | None = None,
        *,
        htmx: bool = False,
    ) -> str:
        """The answer's text. Raises RuntimeError for an error."""
        async with self._places:
            sent = time.perf_counter()
            status, body, first = await self._exchange(self._request(method, path, form, htmx))
            last = time.perf_counter()
        self.asked.append(Asked(kind, sent, 1000 * (first - sent), 1000 * (last - sent), len(body)))
        if status >= 400:
            raise RuntimeError(f"{method} {path} was answered {status}: {body[:200]!r}")
        return body.decode() if kind != "cover" else ""

    def _request(self, method: str, path: str, form: dict[str, str] | None, htmx: bool) -> bytes:
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"User-Agent: {BROWSER}",
            "Accept: text/html",
        ]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{k}={v}" for k, v in self.cookies.items()))
        if htmx:
            lines.append("HX-Request: true")
        body = b""
        if form is not None:
            token = self.cookies.get("csrftoken", "")
            body = urlencode({**form, "csrfmiddlewaretoken": token}).encode()
            lines.append("Content-Type: application/x-www-form-urlencoded")
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    async def _exchange(self, request: bytes) -> tuple[int, bytes, float]:
        """Status, body, and when the answer began. A connection that the server gave up while it
        was idle is replaced, once."""
        reader, writer = await self._connection()
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
            reader, writer = await self._new_connection()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
        first = time.perf_counter()
        lines = head.decode("latin-1").split("\r\n")
        headers = [line.partition(": ")[::2] for line in lines[1:] if line]
        self._keep_cookies(headers)
        named = {name.lower(): value for name, value in headers}
        body = await read_body(reader, named)
        if named.get("connection", "").lower() == "close":
            writer.close()
        else:
            self._free.append((reader, writer))
        return int(lines[0].split()[1]), body, first

    def _keep_cookies(self, headers: list[tuple[str, str]]) -> None:
        for name, value in headers:
            if name.lower() != "set-cookie":
                continue
            key, _, rest = value.partition("=")
            said = rest.split(";", 1)[0]
            if said.strip('"') and "max-age=0" not in rest.lower():
                self.cookies[key] = said
            else:
                self.cookies.pop(key, None)

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._free:
            reader, writer = self._free.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return await self._new_connection()

    async def _new_connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    def close(self) -> None:
        for _, writer in self._free:
            writer.close()


async def read_body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    """The body by its length, or in the chunks that it comes in."""
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    if headers.get("transfer-encoding") != "chunked":
        return b""
    parts = []
    while True:
        size = int(await reader.readline(), 16)
        parts.append(await reader.readexactly(size))
        await reader.readline()
        if not size:
            return b"".join(parts)


def fragments(text: str, when: re.Pattern[str]) -> list[str]:
    """Addresses that the text fetches then, in order and each once."""
    return list(dict.fromkeys(_fragments(text, when)))


def _fragments(text: str, when: re.Pattern[str]) -> Iterator[str]:
    for found in FRAGMENT.finditer(text):
        trigger = TRIGGER.search(found[0])
        if trigger and when.search(trigger[1]):
            yield unescape(found[1])


def kind_of(path: str) -> str:
    """The same word for the fragments of all items: `picks`, `items/…/similar`."""
    return re.sub(r"items/[^/]+", "items/…", urlsplit(path).path.strip("/"))
