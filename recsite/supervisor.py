"""Starts several programs, keeps them running, and leaves none behind.

Knows nothing of Django or of what the programs do; ``manage.py serve`` says which they are. One
thread and one loop: output, deaths, restarts and signals are all handled in ``Supervisor.run``.
"""

from __future__ import annotations

import selectors
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from types import FrameType

from recsite.child_process import Child, Program, Timing, adopt_orphans

__all__ = ["Program", "Supervisor", "Timing"]

TICK = 0.1  # seconds between two looks at the children
PROBE_EVERY = 0.3
PROBE_TIMEOUT = 0.5
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

# A proxy of the environment is for other machines.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Supervisor:
    """Runs ``programs`` until a stop signal comes; ``say`` receives each line of output.

    ``ready_url`` is asked after the start until it answers; then ``ready_message`` is said once.
    """

    def __init__(
        self,
        programs: list[Program],
        *,
        say: Callable[[str], None],
        ready_url: str | None = None,
        ready_message: str = "ready",
        timing: Timing | None = None,
    ) -> None:
        self.timing = timing or Timing()
        self.children = [Child(program, self.timing) for program in programs]
        self._say_line = say
        self._ready_url = ready_url
        self._ready_message = ready_message
        self._next_probe = 0.0
        self._began = time.monotonic()
        self._stops_asked = 0
        self._width = max(len(name) for name in [*(p.name for p in programs), "serve"])
        self._selector = selectors.DefaultSelector()

    def run(self) -> int:
        """Return 0 after a stop that was asked for. Call it in the main thread."""
        adopt_orphans()
        previous = {
            number: signal.signal(number, self._ask_stop)
            for number in STOP_SIGNALS
            # nohup: who ignores the hang-up wants us to outlive the terminal
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN
        }
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
        self._say("serve", "stopped")
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
            if child.program.after_ready and self._is_waiting_for_the_site():
                continue
            if child.process is None and time.monotonic() >= child.start_at:
                child.start()
                self._selector.register(child.output, selectors.EVENT_READ, child)

    def _is_waiting_for_the_site(self) -> bool:
        patience_ends = self._began + self.timing.ready_patience
        return self._ready_url is not None and time.monotonic() < patience_ends

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
            with _DIRECT.open(self._ready_url, timeout=PROBE_TIMEOUT):
                pass
        except urllib.error.HTTPError as error:
            error.close()
            if error.code >= 500:
                return
            # A refusal (a host name that is not allowed) is an answer too.
        except OSError:
            return
        self._ready_url = None
        self._say("serve", self._ready_message)

    def _stop_all(self) -> None:
        """TERM to each group; KILL after the grace, or at once when asked a second time."""
        asked = self._stops_asked
        deadline = time.monotonic() + self.timing.grace
        alive = [child for child in self.children if child.signal_group(signal.SIGTERM)]
        while alive and time.monotonic() < deadline and self._stops_asked == asked:
            self._pump()
            alive = [child for child in alive if child.is_alive()]
        for child in alive:
            self._say("serve", f"{child.program.name} did not stop in time and was killed")
            child.signal_group(signal.SIGKILL)
        for child in self.children:
            if child.process is not None:
                child.process.wait()
                self._release(child)
        self._selector.close()
