"""Starts several programs, keeps them running, and leaves none behind.

Knows nothing of Django or of what the programs do; ``manage.py serve`` says which they are. One
thread and one loop: output, deaths, restarts and signals are all handled in ``Supervisor.run``.
"""

from __future__ import annotations

import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import FrameType

TICK = 0.1  # seconds between two looks at the children
PROBE_EVERY = 0.3
PROBE_TIMEOUT = 0.5
LONGEST_LINE = 64 * 1024  # bytes; a longer line is printed in pieces
PR_SET_PDEATHSIG = 1
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

# Loaded before any fork: a child must not load libraries between fork and exec.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Program:
    """What to run. ``environment`` is added to that of this process."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Timing:
    """Seconds."""

    first_delay: float = 0.5
    longest_delay: float = 30.0
    healthy_after: float = 60.0
    grace: float = 8.0


def _die_with_parent(parent: int) -> None:
    """Run in the child before exec: ask the kernel for SIGTERM when the supervisor dies."""
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)


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
            preexec_fn=partial(_die_with_parent, os.getpid()),  # noqa: PLW1509
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

    def died(self) -> int | None:
        """Return the exit code if the process has ended, and plan the next start."""
        code = self.process.poll() if self.process is not None else None
        if code is None:
            return None
        # What it left behind would hold its port or do its work a second time.
        self.signal_group(signal.SIGKILL)
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


class Supervisor:
    """Runs ``programs`` until a stop signal comes; ``say`` receives each line of output.

    ``ready_url`` is asked after the start until it answers; then ``on_ready`` is called once.
    """

    def __init__(
        self,
        programs: list[Program],
        *,
        say: Callable[[str], None],
        ready_url: str | None = None,
        on_ready: Callable[[], None] = lambda: None,
        timing: Timing | None = None,
    ) -> None:
        self.timing = timing or Timing()
        self.children = [Child(program, self.timing) for program in programs]
        self._say_line = say
        self._ready_url = ready_url
        self._on_ready = on_ready
        self._next_probe = 0.0
        self._stops_asked = 0
        self._width = max(len(name) for name in [*(p.name for p in programs), "serve"])
        self._selector = selectors.DefaultSelector()

    def run(self) -> int:
        """Return 0 after a stop that was asked for. Call it in the main thread."""
        previous = {number: signal.signal(number, self._ask_stop) for number in STOP_SIGNALS}
        try:
            while not self._stops_asked:
                self._start_due()
                self._pump()
                self._bury()
                self._probe()
        finally:
            self._stop_all()
            for number, handler in previous.items():
                signal.signal(number, handler)
        return 0

    def _ask_stop(self, number: int, frame: FrameType | None) -> None:
        self._stops_asked += 1

    def _say(self, name: str, line: str) -> None:
        try:
            self._say_line(f"{name:<{self._width}} | {line}")
        except BrokenPipeError:
            # Whoever read our output has gone; nobody can be told, so stop quietly.
            self._say_line = lambda line: None
            self._stops_asked += 1

    def _start_due(self) -> None:
        for child in self.children:
            if child.process is None and time.monotonic() >= child.start_at:
                child.start()
                self._selector.register(child.output, selectors.EVENT_READ, child)

    def _pump(self) -> None:
        if not self._selector.get_map():
            time.sleep(TICK)
            return
        for key, _ in self._selector.select(TICK):
            lines = key.data.read_lines()
            if lines is None:
                self._selector.unregister(key.fd)
                continue
            for line in lines:
                self._say(key.data.program.name, line)

    def _bury(self) -> None:
        for child in self.children:
            code = child.died()
            if code is None:
                continue
            self._release(child)
            delay = max(0.0, child.start_at - time.monotonic())
            how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
            if not self._stops_asked:
                self._say("serve", f"{child.program.name} {how}; next start in {delay:.1f} s")

    def _release(self, child: Child) -> None:
        """Print what a dead child still had to say and close its pipe."""
        if child.output in self._selector.get_map():
            self._selector.unregister(child.output)
        for line in child.read_lines(rest=True) or []:
            self._say(child.program.name, line)
        child.close()

    def _probe(self) -> None:
        if self._ready_url is None or time.monotonic() < self._next_probe:
            return
        self._next_probe = time.monotonic() + PROBE_EVERY
        try:
            with urllib.request.urlopen(self._ready_url, timeout=PROBE_TIMEOUT):  # noqa: S310
                pass
        except urllib.error.HTTPError as error:
            error.close()
            if error.code >= 500:
                return
            # A refusal (a host name that is not allowed) is an answer too.
        except OSError:
            return
        self._ready_url = None
        self._on_ready()

    def _stop_all(self) -> None:
        """TERM to each group; KILL after the grace, or at once when asked a second time."""
        asked = self._stops_asked
        deadline = time.monotonic() + self.timing.grace
        alive = [child for child in self.children if child.signal_group(signal.SIGTERM)]
        while alive and time.monotonic() < deadline and self._stops_asked == asked:
            self._pump()
            alive = [child for child in alive if self._is_alive(child)]
        for child in alive:
            self._say("serve", f"{child.program.name} did not stop in time and was killed")
            child.signal_group(signal.SIGKILL)
        for child in self.children:
            if child.process is not None:
                child.process.wait()
                self._release(child)
        self._selector.close()

    @staticmethod
    def _is_alive(child: Child) -> bool:
        if child.process is not None:
            child.process.poll()  # a dead leader that nobody collected still counts as a member
        return child.signal_group(0)
