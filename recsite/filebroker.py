"""A message broker in a folder, for one machine without a broker server.

Celery reaches it as ``safefile://`` (importing this module registers the name). Kombu's own
filesystem transport loses messages when several processes use it; this one keeps three rules:

* a message appears whole or not at all: it is written to a dot-name, then renamed;
* a message is taken by renaming it into a folder of the taking process, so one process gets it;
* a taken message is deleted when it is acknowledged, not before. ``restore_orphans`` puts the
  claims of dead processes back at worker start.

Layout under ``transport_options["folder"]``::

    ready/<queue>/<time>-<id>-<restores>.<queue>.msg    waiting, oldest name first
    claims/<boot>-<pid>-<start>/<same name>             taken, not yet acknowledged
    broken/                                             set aside, for a person to look at
    control/<exchange>.exchange                         which queues a broadcast goes to

All processes must share one process table (not two containers over one volume): a claim is
judged by whether its process is alive. Messages survive any killed process; a power cut can lose
the last moments, like SQLite with ``synchronous=NORMAL``.
"""

from __future__ import annotations

import fcntl
import json
import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem, virtual
from kombu.transport.filesystem import exchange_queue_t
from kombu.utils.json import dumps

from recommender.processes import owner_name
from recsite.message_files import (
    NAME,
    BrokenMessageError,
    entries,
    message_name,
    queue_folder_name,
    read_message,
    rename_into,
    restore_orphans,
    restores,
    set_aside,
    write_whole,
)

__all__ = ["SCHEME", "Channel", "Transport", "restore_orphans"]

logger = logging.getLogger(__name__)

SCHEME = "safefile"
TRANSPORT_ALIASES[SCHEME] = "recsite.filebroker:Transport"

#: Broadcast commands ("ping", "shutdown") are for workers that live now, seconds.
CONTROL_MAX_AGE = 60.0


class QoS(virtual.QoS):
    """Deletes a message's file when it is acknowledged or refused for good."""

    def ack(self, delivery_tag: str) -> None:
        self.channel.settle(delivery_tag)
        super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        if not requeue:
            self.channel.settle(delivery_tag)
        super().reject(delivery_tag, requeue=requeue)


class Channel(filesystem.Channel):
    """One channel. The delivery tag of a message is the name of its file."""

    QoS = QoS

    def __init__(self, connection: Any, **kwargs: Any) -> None:
        super().__init__(connection, **kwargs)
        self.root = Path(self.transport_options["folder"])
        self._listed: dict[str, deque[Path]] = {}

    @property
    def control_folder(self) -> Path:
        return self.root / "control"

    @property
    def claims(self) -> Path:
        """The folder of this process; asked for each time, because a process may fork."""
        return self.root / "claims" / owner_name()

    def _ready(self, queue: str) -> Path:
        return self.root / "ready" / queue_folder_name(queue)

    def _put(  # type: ignore[override]  # kombu's own classes disagree on the argument's name
        self, queue: str, payload: dict[str, Any], **kwargs: Any
    ) -> None:
        write_whole(self._ready(queue) / message_name(queue), dumps(payload).encode())

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        for path in self._candidates(queue):
            claimed = self.claims / path.name
            try:
                path.rename(claimed)
            except FileNotFoundError:
                continue  # another process took it
            try:
                payload = read_message(claimed)
                payload["properties"]["delivery_tag"] = claimed.name
                self.Message(payload, channel=self)  # can its body be decoded?
            except (BrokenMessageError, ValueError, TypeError) as error:
                set_aside(claimed, self.root, str(error))
                continue
            if restores(claimed.name):
                payload["properties"]["delivery_info"]["redelivered"] = True
            return payload
        raise Empty

    def _candidates(self, queue: str) -> Iterator[Path]:
        """Yield waiting files, oldest first.

        A listing is used up before the folder is read again: with 10,000 messages waiting,
        a listing a message would take most of the time.
        """
        listed = self._listed.setdefault(queue, deque())
        for fresh in (False, True):
            if fresh:
                self.claims.mkdir(parents=True, exist_ok=True)
                listed.extend(entries(self._ready(queue)))
            while listed:
                path = listed.popleft()
                if not (queue.endswith(".pidbox") and self._drop_if_old(path)):
                    yield path

    @staticmethod
    def _drop_if_old(path: Path) -> bool:
        match = NAME.fullmatch(path.name)
        if match is None or time.time() - int(match["time"]) / 1e9 < CONTROL_MAX_AGE:
            return False
        path.unlink(missing_ok=True)
        return True

    def settle(self, delivery_tag: str) -> None:
        """Delete a message that this process holds."""
        (self.claims / delivery_tag).unlink(missing_ok=True)

    def basic_consume(
        self, queue: str, no_ack: bool, callback: Callable[[Any], Any], *args: Any, **kwargs: Any
    ) -> None:
        def settle_first(message: Any) -> Any:
            self.settle(message.delivery_tag)
            return callback(message)

        handler = settle_first if no_ack else callback
        super().basic_consume(queue, no_ack, handler, *args, **kwargs)

    def basic_get(self, queue: str, no_ack: bool = False, **kwargs: Any) -> Any:
        message = super().basic_get(queue, no_ack=no_ack, **kwargs)
        if message is not None and no_ack:
            self.settle(message.delivery_tag)
        return message

    def _restore(self, message: Any) -> None:
        """Put a message back unchanged, in its old place in the order.

        Nothing happens if this process does not hold it: a forked copy of the channel runs
        the same clean-up at exit and must not put back what its parent works on.
        """
        match = NAME.fullmatch(message.delivery_tag)
        if match is not None:
            target = self.root / "ready" / match["queue"] / message.delivery_tag
            rename_into(self.claims / message.delivery_tag, target)
            self._listed.clear()  # it is older than what was listed since

    def _size(self, queue: str) -> int:
        return len(entries(self._ready(queue)))

    def _purge(self, queue: str) -> int:
        """Remove what waits in ``queue`` (not what is being worked on); return how many."""
        removed = 0
        for path in entries(self._ready(queue)):
            try:
                path.unlink()
            except FileNotFoundError:
                continue
            removed += 1
        return removed

    def _delete(
        self, queue: str, exchange: str, routing_key: str, pattern: str, *args: Any, **kwargs: Any
    ) -> None:
        self._purge(queue)
        try:
            self._ready(queue).rmdir()
        except OSError:
            logger.debug("%s was not empty or already gone.", self._ready(queue))
        entry = exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._table(exchange) as table:
            table[:] = [other for other in table if other != entry]

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        entry = exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._table(exchange) as table:
            if entry not in table:
                table.insert(0, entry)

    def get_table(self, exchange: str) -> list[exchange_queue_t]:
        """Return the bindings of ``exchange``; the file is always whole, so no lock is needed."""
        try:
            stored = self._exchange_file(exchange).read_bytes()
        except FileNotFoundError:
            return []
        return [exchange_queue_t(*entry) for entry in json.loads(stored)]

    @contextmanager
    def _table(self, exchange: str) -> Iterator[list[exchange_queue_t]]:
        """Lend the bindings of ``exchange`` for a change that no other process interrupts."""
        self.control_folder.mkdir(parents=True, exist_ok=True)
        with (self.control_folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            table = self.get_table(exchange)
            before = list(table)
            yield table
            if table != before:
                write_whole(self._exchange_file(exchange), json.dumps(table).encode())


class Transport(filesystem.Transport):
    """The ``safefile://`` transport; ``transport_options["folder"]`` says where it keeps things."""

    Channel = Channel
    driver_name = SCHEME
    _states: dict[str, virtual.BrokerState] = {}

    def __init__(self, client: Any, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        try:
            folder = str(client.transport_options["folder"])
        except KeyError:
            raise ValueError(
                "The safefile:// broker needs broker_transport_options = {'folder': ...}."
            ) from None
        # What was declared in one folder was not declared in another.
        self.state = self._states.setdefault(folder, virtual.BrokerState())

    @property
    def default_connection_params(self) -> dict[str, Any]:
        return {}  # no host: kombu would warn that it has to assume one
