"""One supervised program: its process group, its output, when it may start again."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

LONGEST_LINE = 64 * 1024  # bytes; a longer line is printed in pieces
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

# Loaded before any fork: a child must not load libraries between fork and exec.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Program:
    """What to run. ``environment`` is added to that of this process.

    ``after_ready``: it waits for the site to answer, so that a start on few cores is quick.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    after_ready: bool = False


@dataclass(frozen=True)
class Timing:
    """Seconds."""

    first_delay: float = 0.5
    longest_delay: float = 30.0
    healthy_after: float = 60.0
    grace: float = 8.0
    ready_patience: float = 20.0


def _die_with_parent(parent: int) -> None:
    """Run in the child before exec: ask the kernel for SIGTERM when the supervisor dies."""
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of grandchildren whose parent ends.

    Otherwise that is process 1, and in a container without an init it never collects them: a
    group would look alive for ever.
    """
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)


def _collect(group: int) -> bool:
    """Collect ended members of a process group; return whether children of ours remain in it."""
    try:
        while os.waitpid(-group, os.WNOHANG) != (0, 0):
            continue
    except ChildProcessError:
        return False
    return True


class Child:
    """One program and its current process, which leads a session and process group of its own."""

    def __init__(self, program: Program, timing: Timing) -> None:
        self.program = program
        self.timing = timing
        self.process: subprocess.Popen[bytes] | None = None
        self.start_at = 0.0
        self._started = 0.0
        self._delay = timing.first_delay
        self._unfinished = b""
        self._former_groups: set[int] = set()

    def start(self) -> None:
        self._started = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 (the command comes from our own code)
            self.program.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **self.program.environment},
            start_new_session=True,
            # Safe here: this process has one thread.
            preexec_fn=partial(_die_with_parent, os.getpid()),
        )
        os.set_blocking(self.output, False)

    @property
    def output(self) -> int:
        assert self.process is not None  # noqa: S101 (start() was called)
        assert self.process.stdout is not None  # noqa: S101
        return self.process.stdout.fileno()

    def read_lines(self, *, rest: bool = False) -> list[str] | None:
        """Return the complete lines that are there; with ``rest`` an unfinished one too.

        None when the other end is closed.
        """
        try:
            data = os.read(self.output, LONGEST_LINE)
        except BlockingIOError:
            data = b""
        else:
            if not data and not rest:
                return None
        *lines, self._unfinished = (self._unfinished + data).split(b"\n")
        if self._unfinished and (rest or len(self._unfinished) > LONGEST_LINE):
            lines.append(self._unfinished)
            self._unfinished = b""
        return [line.decode(errors="replace").rstrip("\r") for line in lines]

    def signal_group(self, number: int) -> bool:
        """Send a signal to all of its processes; return False if none is left."""
        if self.process is None:
            return False
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return False
        except PermissionError:  # macOS says this of a group of zombies
            return False
        return True

    def is_alive(self) -> bool:
        """Return whether any process of its group still runs."""
        if self.process is None:
            return False
        self.process.poll()  # first, so that its exit code is not lost below
        _collect(self.process.pid)
        return self.signal_group(0)

    def died(self) -> int | None:
        """Return the exit code if the process has ended, and plan the next start."""
        self._former_groups = {group for group in self._former_groups if _collect(group)}
        code = self.process.poll() if self.process is not None else None
        if self.process is None or code is None:
            return None
        # What it left behind would hold its port or do its work a second time.
        self.signal_group(signal.SIGKILL)
        self._former_groups.add(self.process.pid)
        now = time.monotonic()
        if now - self._started >= self.timing.healthy_after:
            self._delay = self.timing.first_delay
        self.start_at = now + self._delay
        self._delay = min(self._delay * 2, self.timing.longest_delay)
        return code

    def close(self) -> None:
        if self.process is not None and self.process.stdout is not None:
            self.process.stdout.close()
        self.process = None
