"""Reads and checks the environment; every refusal is one sentence that says what to change."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")


def read(env: environ.Env, name: str, cast: Callable[[str], T], default: T, want: str) -> T:
    """The variable `name` through `cast`, `default` when unset or empty.

    Raises ImproperlyConfigured naming the variable, its value and what was wanted.
    """
    raw = env.str(name, default="").strip()
    if raw == "":
        return default
    try:
        return cast(raw)
    except (ValueError, KeyError) as error:
        raise ImproperlyConfigured(f"{name}={raw!r} is not usable: it must be {want}.") from error


def boolean(raw: str) -> bool:
    return {
        "1": True, "true": True, "yes": True, "on": True,
        "0": False, "false": False, "no": False, "off": False,
    }[raw.lower()]  # fmt: skip


def positive_int(raw: str) -> int:
    value = int(raw)
    if value <= 0:
        raise ValueError("not positive")
    return value


def share(raw: str) -> float:
    value = float(raw)
    if not 0 <= value <= 1:
        raise ValueError
    return value


def url_with_scheme(*schemes: str) -> Callable[[str], str]:
    def check(raw: str) -> str:
        if not raw.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise ValueError("wrong scheme")
        return raw

    return check


def web_address(raw: str) -> str:
    """An http or https URL with a host, without the slash at its end."""
    parts = urlsplit(raw)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("no web address")
    return raw.rstrip("/")


def contact(raw: str) -> str:
    """Goes into a header of requests: an e-mail address or a URL, in plain ASCII."""
    if not (raw.isascii() and raw.isprintable() and ("@" in raw or "://" in raw)):
        raise ValueError("no contact")
    return raw


def writable_directory(raw: str) -> Path:
    path = Path(raw).expanduser().resolve()
    path.mkdir(parents=True, exist_ok=True)
    if not os.access(path, os.W_OK):
        raise ValueError("not writable")
    return path


def secret_key(env: environ.Env, *, development: bool, keep_at: Path) -> str:
    """The configured key; in development one is generated once and kept in `keep_at`."""
    key = env.str("SEGUE_SECRET_KEY", default="").strip()
    if key:
        if not development and len(key) < 32:
            raise ImproperlyConfigured(
                "SEGUE_SECRET_KEY is shorter than 32 characters: use a long random value."
            )
        return key
    if not development:
        raise ImproperlyConfigured(
            "SEGUE_SECRET_KEY is not set. Set it to a long random value, or set "
            "SEGUE_ENV=development to have one generated and kept for this machine."
        )
    try:
        # 'x' makes two processes that start together agree: the loser reads the winner's key.
        with keep_at.open("x", encoding="ascii") as file:
            os.chmod(keep_at, 0o600)
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    kept = keep_at.read_text(encoding="ascii").strip()
    if not kept:
        raise ImproperlyConfigured(f"{keep_at} is empty: delete it and start again.")
    return kept
