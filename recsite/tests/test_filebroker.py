"""The file broker's rules in one process: order, acknowledgement, garbage, orphans."""

import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection, Exchange, Queue

from recommender.processes import owner_name
from recsite import message_files
from recsite.filebroker import restore_orphans
from recsite.tests.broker import connect, files_in, put, take_all


def test_a_reused_process_number_does_not_hide_an_orphan(
    root: Path, connection: Connection
) -> None:
    put(connection, 1)
    boot, pid, started = owner_name().split("-")
    (message,) = files_in(root, "ready")
    for stranger in (f"{boot}-{pid}-{int(started) + 1}", f"00000000-{pid}-{started}", "unknown"):
        claims = root / "claims" / stranger
        claims.mkdir(parents=True)
        (message,) = files_in(root, "ready")
        message.rename(claims / message.name)
        assert restore_orphans(root) == 1
        assert not claims.exists()
    assert take_all(connection) == [1]


def test_a_message_that_keeps_killing_its_worker_is_set_aside(
    root: Path, connection: Connection
) -> None:
    put(connection, 1)
    claims = root / "claims" / "gone-1-1"
    for _ in range(message_files.MAX_RESTORES):
        claims.mkdir(parents=True)
        (message,) = files_in(root, "ready")
        message.rename(claims / message.name)
        assert restore_orphans(root) == 1
    claims.mkdir()
    (message,) = files_in(root, "ready")
    message.rename(claims / message.name)
    assert restore_orphans(root) == 0
    assert len(files_in(root, "broken")) == 1
    assert take_all(connection) == []


def test_a_restored_message_says_that_it_was_delivered_before(
    root: Path, connection: Connection
) -> None:
    put(connection, 1)
    with connection.SimpleQueue("work") as queue:
        first = queue.get(timeout=1)
        assert not first.delivery_info.get("redelivered")
        claim = next(iter((root / "claims").iterdir()))
        claim.rename(claim.with_name("gone-1-1"))
        restore_orphans(root)
        assert queue.get(timeout=1).delivery_info["redelivered"] is True


def test_a_half_written_message_is_never_seen(
    root: Path, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    half_written, go_on = threading.Event(), threading.Event()
    write_bytes = Path.write_bytes

    def slow(path: Path, data: bytes) -> int:
        write_bytes(path, data[: len(data) // 2])
        half_written.set()
        assert go_on.wait(10)
        return write_bytes(path, data)

    put(connection, 1)
    assert take_all(connection) == [1]
    with connect(root) as other:
        other.SimpleQueue("work").close()
        monkeypatch.setattr(Path, "write_bytes", slow)
        producer = threading.Thread(target=put, args=(other, 2))
        producer.start()
        assert half_written.wait(10)
        assert len(files_in(root, "ready")) == 1
        assert take_all(connection) == []
        with connection.SimpleQueue("work") as queue:
            assert queue.qsize() == 0
        go_on.set()
        producer.join(10)
    assert take_all(connection) == [2]
    assert not (root / "broken").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"body": "x", "properties": {}}',
        b'{"body": "a", "properties": {"delivery_info": {}, "body_encoding": "base64"}}',
    ],
)
def test_garbage_is_set_aside_and_the_next_message_still_arrives(
    root: Path, connection: Connection, content: bytes
) -> None:
    put(connection, 1)
    garbage = root / "ready" / "work" / f"{1:019d}-{1:032x}-0.work.msg"
    garbage.write_bytes(content)
    assert take_all(connection) == [1]
    assert [path.read_bytes() for path in files_in(root, "broken")] == [content]


def test_a_file_or_folder_with_a_foreign_name_is_set_aside(
    root: Path, connection: Connection
) -> None:
    put(connection, 1)
    (root / "ready" / "work" / "notes.txt").write_text("mine")
    (root / "ready" / "work" / f"{1:019d}-{1:032x}-0.work.msg").mkdir()
    assert take_all(connection) == [1]
    assert len(list((root / "broken").iterdir())) == 2


def test_messages_come_in_the_order_they_were_sent(root: Path, connection: Connection) -> None:
    with connect(root) as other:
        for number in range(30):
            put(other if number % 2 else connection, number)
    assert take_all(connection) == list(range(30))


def test_a_requeued_message_comes_back_first_and_a_rejected_one_never(
    root: Path, connection: Connection
) -> None:
    put(connection, 1, 2)
    with connection.SimpleQueue("work") as queue:
        queue.get(timeout=1).requeue()
    assert take_all(connection) == [1, 2]
    put(connection, 3, 4)
    with connection.SimpleQueue("work") as queue:
        queue.get(timeout=1).reject()
    assert take_all(connection) == [4]
    assert files_in(root, "claims") == []


def test_closing_a_connection_gives_back_what_was_not_acknowledged(root: Path) -> None:
    with connect(root) as first:
        put(first, 1, 2)
        first.SimpleQueue("work").get(timeout=1)
    with connect(root) as second:
        assert take_all(second) == [1, 2]


def test_size_and_purge_count_one_queue_and_only_what_waits(
    root: Path, connection: Connection
) -> None:
    put(connection, 1, 2, 3)
    with connection.SimpleQueue("work") as queue, connection.SimpleQueue("work.more") as other:
        other.put({"n": 9})
        held = queue.get(timeout=1)
        assert (queue.qsize(), other.qsize()) == (2, 1)
        assert queue.clear() == 2
        assert (queue.qsize(), other.qsize()) == (0, 1)
        held.ack()
    assert take_all(connection) == []


def test_a_broadcast_reaches_every_bound_queue_once(root: Path, connection: Connection) -> None:
    exchange = Exchange("news", type="fanout")
    queues = [Queue(name, exchange, no_ack=True) for name in ("first", "second")]
    for queue in queues:
        queue(connection.default_channel).declare()
    with connect(root) as other:
        other.Producer(exchange=exchange).publish({"n": 1})
    got: list[Any] = []
    with connection.Consumer(queues, callbacks=[lambda body, _: got.append(body)], no_ack=True):
        for _ in queues:
            connection.drain_events(timeout=1)
    assert got == [{"n": 1}, {"n": 1}]
    assert files_in(root, "ready") == []
    assert files_in(root, "claims") == []


def test_an_old_broadcast_command_is_not_obeyed_by_a_later_worker(
    root: Path, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connection.SimpleQueue("host.celery.pidbox") as queue:
        monkeypatch.setattr("recsite.filebroker.CONTROL_MAX_AGE", 0.05)
        queue.put({"method": "shutdown"})
        time.sleep(0.1)
        with pytest.raises(queue.Empty):
            queue.get(timeout=0.05)


def test_queue_names_cannot_leave_the_folder(root: Path, connection: Connection) -> None:
    channel = connection.default_channel
    for name in ("../outside", "/etc", "..", ".hidden"):
        connection.Producer().publish({"n": 1}, routing_key=name)
        received = channel.basic_get(name)
        assert received is not None
        assert received.payload == {"n": 1}
        channel.basic_reject(received.delivery_tag, requeue=True)
        assert channel.queue_purge(name) == 1
    assert {path.name for path in root.parent.iterdir()} == {"broker"}


def test_without_a_folder_the_transport_refuses_with_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"needs broker_transport_options"):
        Connection("safefile://").connect()


def test_a_write_left_by_a_dead_producer_is_removed_when_it_is_old(
    root: Path, connection: Connection
) -> None:
    put(connection, 1)
    old, young = (root / "ready" / "work" / name for name in (".old", ".young"))
    for path in (old, young):
        path.write_bytes(b"half")
    long_ago = time.time() - 2 * message_files.STALE_WRITE_AGE
    os.utime(old, (long_ago, long_ago))
    restore_orphans(root)
    assert (old.exists(), young.exists()) == (False, True)
