"""Asks a provider, politely and within limits: time, size, rate, and only the hosts it may ask.

Messages name the host, never the whole address: a key may be in it.
"""

import datetime
import json
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from django.conf import settings

from catalog.pictures.providers import Provider, Question

CONNECT_SECONDS, READ_SECONDS = 3.0, 10.0
WHOLE_SECONDS = 20.0  # a server that sends a byte a second is not waited for either
MOST_PICTURE_BYTES = 3_000_000
MOST_ANSWER_BYTES = 1_000_000
MOST_REDIRECTS = 5
REST_SECONDS, LONGEST_REST = 15 * 60.0, 24 * 3600.0
TYPES = ("image/jpeg", "image/png", "image/webp")
_CHUNK = 32 * 1024


class AskingError(Exception):
    """The request did not give what was asked for; the message is one sentence part."""


class NotThereError(AskingError):
    """The provider has no such thing."""


class NoAnswerError(AskingError):
    """The provider cannot be reached, or not in time."""


class RestError(AskingError):
    """The provider wants to be left alone for `seconds`. `counts`: it may be this item's fault."""

    def __init__(self, message: str, *, seconds: float, counts: bool) -> None:
        super().__init__(message)
        self.seconds = seconds
        self.counts = counts


@dataclass(frozen=True)
class _Origin:
    scheme: str
    host: str
    port: int


class Asker:
    """Asks one provider, and waits its pause between two requests. Close it after the run."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._origins = {_origin(base) for base in provider.bases()}
        self._session = requests.Session()
        self._session.headers["User-Agent"] = user_agent()
        self._session.auth = _as_it_is  # else a .netrc of this machine would be looked into
        self._earliest = 0.0

    def close(self) -> None:
        self._session.close()

    def answer(self, question: Question) -> Any:
        """The JSON value of a search. Raises AskingError."""
        headers = {"Accept": "application/json", **question.headers}
        _, body = self._get(question.url, question.params, headers, MOST_ANSWER_BYTES)
        try:
            return json.loads(body)
        except ValueError as error:
            raise AskingError("the search was answered with something else than JSON") from error

    def picture(self, url: str) -> bytes:
        """The bytes of a picture, which are not looked into here. Raises AskingError."""
        headers = {"Accept": ", ".join(TYPES), "Accept-Encoding": "identity"}
        kind, body = self._get(url, {}, headers, MOST_PICTURE_BYTES, picture=True)
        if kind not in TYPES:
            raise AskingError(f"it came as {kind[:60] or 'no type'}, not as a picture")
        return body

    def _get(
        self,
        url: str,
        params: dict[str, str],
        headers: dict[str, str],
        most_bytes: int,
        *,
        picture: bool = False,
    ) -> tuple[str, bytes]:
        """Content type and body; follows redirects to hosts that may be asked."""
        self._wait()
        deadline = time.monotonic() + WHOLE_SECONDS
        for _ in range(MOST_REDIRECTS + 1):
            origin = self._allowed(url)
            try:
                with self._session.get(
                    url,
                    params=params,
                    headers=headers,
                    stream=True,
                    allow_redirects=False,
                    timeout=(CONNECT_SECONDS, READ_SECONDS),
                ) as response:
                    if not response.is_redirect:
                        _refuse(response, origin.host, picture=picture)
                        kind = response.headers.get("Content-Type", "").split(";")[0].strip()
                        return kind.lower(), _body(response, most_bytes, deadline)
                    url = _next(url, response.headers["Location"])
                    # A key is for the provider alone.
                    params, headers = {}, {k: headers[k] for k in headers if k != "Authorization"}
            except requests.RequestException as error:
                raise NoAnswerError(
                    f"{origin.host} did not answer ({type(error).__name__})"
                ) from error
            except ValueError as error:  # requests looks at where a redirect leads, too
                raise AskingError("a redirect to an address that is none") from error
        raise AskingError(f"more than {MOST_REDIRECTS} redirects")

    def _wait(self) -> None:
        left = self._earliest - time.monotonic()
        if left > 0:
            time.sleep(left)
        self._earliest = time.monotonic() + self.provider.pause

    def _allowed(self, url: str) -> _Origin:
        """The origin of an address that may be asked: the provider's own, or where it leads to."""
        origin = _origin(url)
        below = tuple(f".{host}" for host in self.provider.leads_to)
        known = origin.host in self.provider.leads_to or origin.host.endswith(below or ("\0",))
        if origin in self._origins or (known and (origin.scheme, origin.port) == ("https", 443)):
            return origin
        raise AskingError(f"a redirect to {origin.host[:80]} was refused")


def user_agent() -> str:
    """Who asks, and whom to write to."""
    contact = settings.PICTURES_CONTACT
    return f"Segue/1.0 ({contact})" if contact else "Segue/1.0"


def retry_after(value: str, now: datetime.datetime) -> float:
    """Seconds that a Retry-After header asks for, as a number or a date; within sensible bounds."""
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - now).total_seconds()
        except (TypeError, ValueError):
            return REST_SECONDS
    # Not a number compares false with everything: it is no wish.
    return min(max(seconds, 1.0), LONGEST_REST) if seconds == seconds else REST_SECONDS


def _refuse(response: requests.Response, host: str, *, picture: bool) -> None:
    """Raises for every answer but a good one."""
    status = response.status_code
    if status == 200:
        return
    if status in (404, 410):
        raise NotThereError("the provider has no such picture")
    if status == 429 or status >= 500 or (status in (401, 403) and not picture):
        now = datetime.datetime.now(datetime.UTC)
        busy = status == 429 or (status in (401, 403, 503) and not picture)
        raise RestError(
            f"{host} answered {status}",
            seconds=retry_after(response.headers.get("Retry-After", ""), now),
            counts=not busy,
        )
    raise AskingError(f"{host} answered {status}")


def _body(response: requests.Response, most_bytes: int, deadline: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    for chunk in response.iter_content(_CHUNK):
        size += len(chunk)
        if size > most_bytes:
            raise AskingError(f"more than {most_bytes / 1e6:g} MB")
        if time.monotonic() > deadline:
            raise NoAnswerError(f"it took longer than {WHOLE_SECONDS:.0f} seconds")
        parts.append(chunk)
    return b"".join(parts)


def _next(url: str, location: str) -> str:
    """Where a redirect leads. Raises ValueError for an address that is none."""
    target = urljoin(url, location)
    parts = urlsplit(target)
    # The archive still redirects to http where it answers by https as well.
    if parts.scheme == "http" and (parts.hostname or "").endswith("archive.org"):
        return parts._replace(scheme="https", netloc=parts.hostname or "").geturl()
    return target


def _origin(url: str) -> _Origin:
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (KeyError, ValueError) as error:
        raise AskingError("an address that is none was refused") from error
    return _Origin(parts.scheme, (parts.hostname or "").lower(), port)


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
