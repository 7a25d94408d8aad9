"""Who is not a person: crawlers, and browsers that fetch a page before anybody looks at it."""

import re
import uuid
from datetime import date
from uuid import UUID

from crawleruseragents import is_crawler
from django.http import HttpRequest

from sessions_app.models import Ignored

_BOTS = uuid.UUID("0b0e5f0c-6c1f-4d0b-9a3e-5b7c1d2e3f40")
# A program that writes to the API reports what its own visitors do; the same library on a page
# is a scraper.
_LIBRARIES = re.compile(
    r"curl|wget|requests|urllib|httpx|aiohttp|okhttp|go-http|axios|node-fetch|http-?client",
    re.IGNORECASE,
)
_EARLY_HEADERS = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
_EARLY = re.compile(r"prefetch|prerender|preview", re.IGNORECASE)


def user_agent(request: HttpRequest) -> str:
    return request.headers.get("User-Agent", "").strip()


def is_bot(agent: str, *, api: bool = False) -> bool:
    """Whether a user agent names a crawler or nothing; `api` lets HTTP libraries pass."""
    if api and (not agent or _LIBRARIES.search(agent)):
        return False
    return not agent or bool(is_crawler(agent))


def shared_session_id(agent: str, day: date) -> UUID:
    """Crawlers keep no cookies, so all visits of one user agent on one day share a session."""
    return uuid.uuid5(_BOTS, f"{day.isoformat()} {agent}")


def why_ignored(request: HttpRequest) -> str:
    """Prefetch when the browser says that it fetches ahead of the visitor, else nothing."""
    values = (request.headers.get(name, "") for name in _EARLY_HEADERS)
    return Ignored.PREFETCH if any(_EARLY.search(value) for value in values) else Ignored.NO
