"""Messages as files: written whole, claimed by renaming, put back when their process died.

The pure file half of ``recsite.filebroker``; it knows nothing of Celery. The layout is described
there.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kombu.utils.json import loads

from recommender.processes import owner_is_alive

logger = logging.getLogger(__name__)

#: A message whose worker died this often is set aside: it may be what kills the workers.
MAX_RESTORES = 10
#: A dot-file this old was left by a producer that died while writing, seconds.
STALE_WRITE_AGE = 3600.0

NAME = re.compile(r"(?P<time>\d{19})-(?P<id>[0-9a-f]{32})-(?P<restores>\d+)\.(?P<queue>.+)\.msg")

_last_time = 0


class BrokenMessageError(ValueError):
    """A file in a queue folder that is not a message."""


def message_name(queue: str) -> str:
    """Return a new file name; names of one process sort in the order they were made."""
    global _last_time
    _last_time = max(_last_time + 1, time.time_ns())
    return f"{_last_time:019d}-{uuid.uuid4().hex}-0.{queue_folder_name(queue)}.msg"


def queue_folder_name(queue: str) -> str:
    """Return ``queue`` as one safe path component (``/`` and a leading dot are encoded)."""
    quoted = quote(queue, safe="@")
    return "%2E" + quoted[1:] if quoted.startswith(".") else quoted


def restores(name: str) -> int:
    """Return how often the message of this name was taken back from a dead process."""
    match = NAME.fullmatch(name)
    return int(match["restores"]) if match else 0


def write_whole(path: Path, data: bytes) -> None:
    """Write ``data`` so that a reader of ``path`` sees all of it or nothing."""
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        partial.write_bytes(data)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(data)
    partial.replace(path)


def read_message(path: Path) -> dict[str, Any]:
    """Return the message stored at ``path``; raise ``BrokenMessageError`` if it is not one."""
    if NAME.fullmatch(path.name) is None:
        raise BrokenMessageError("its name is not a message name")
    try:
        payload = loads(path.read_bytes().decode())
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BrokenMessageError(str(error)) from error
    properties = payload.get("properties") if isinstance(payload, dict) else None
    if not isinstance(properties, dict) or "body" not in payload:
        raise BrokenMessageError("it has no body or no properties")
    if not isinstance(properties.get("delivery_info"), dict):
        raise BrokenMessageError("it has no delivery information")
    return payload


def set_aside(path: Path, root: Path, reason: str) -> None:
    """Move ``path`` into ``broken/``, where no worker looks."""
    target = root / "broken" / path.name
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        target = target.with_name(f"{path.name}.{uuid.uuid4().hex}")
    try:
        path.rename(target)
    except FileNotFoundError:
        return  # another process set it aside first
    logger.error("Set aside %s: %s.", target, reason)


def restore_orphans(folder: str | Path) -> int:
    """Put back what dead processes had taken; return how many messages are ready again.

    Safe to call from several processes at once, and while others consume.
    """
    root = Path(folder)
    restored = 0
    for claims in entries(root / "claims"):
        if owner_is_alive(claims.name):
            continue
        restored += sum(_restore_orphan(path, root) for path in entries(claims))
        try:
            claims.rmdir()
        except OSError:
            logger.warning("%s could not be removed; it is tried again at the next start.", claims)
    _remove_stale_writes(root)
    if restored:
        logger.warning("Restored %d messages of stopped processes.", restored)
    return restored


def _restore_orphan(path: Path, root: Path) -> bool:
    match = NAME.fullmatch(path.name)
    if match is None:
        set_aside(path, root, "its name is not a message name")
        return False
    count = int(match["restores"]) + 1
    if count > MAX_RESTORES:
        set_aside(path, root, f"its worker died {count} times")
        return False
    name = f"{match['time']}-{match['id']}-{count}.{match['queue']}.msg"
    return rename_into(path, root / "ready" / match["queue"] / name)


def rename_into(path: Path, target: Path) -> bool:
    """Rename, making the folder if needed; return False if ``path`` is no longer there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.rename(target)
    except FileNotFoundError:
        return False
    return True


def _remove_stale_writes(root: Path) -> None:
    limit = time.time() - STALE_WRITE_AGE
    for queue in entries(root / "ready"):
        for path in queue.glob(".*"):
            try:
                if path.stat().st_mtime < limit:
                    path.unlink()
            except FileNotFoundError:
                continue


def entries(folder: Path) -> list[Path]:
    """Return what is in ``folder``, dot-names left out, sorted by name; [] if it is missing."""
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return []
