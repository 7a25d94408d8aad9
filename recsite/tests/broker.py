"""What the tests of the file broker share: one queue called "work", messages {"n": number}."""

from pathlib import Path

from kombu import Connection

import recsite.filebroker  # noqa: F401 (registers safefile://)


def connect(root: Path) -> Connection:
    return Connection(
        "safefile://", transport_options={"folder": str(root), "polling_interval": 0.01}
    )


def put(connection: Connection, *numbers: int) -> None:
    with connection.SimpleQueue("work") as queue:
        for number in numbers:
            queue.put({"n": number})


def take_all(connection: Connection) -> list[int]:
    taken: list[int] = []
    with connection.SimpleQueue("work") as queue:
        while True:
            try:
                message = queue.get(timeout=0.05)
            except queue.Empty:
                return taken
            taken.append(message.payload["n"])
            message.ack()


def files_in(root: Path, folder: str) -> list[Path]:
    return [path for path in (root / folder).rglob("*") if path.is_file()]
