"""Names a process so that a later process with the same number is not taken for it."""

from __future__ import annotations

import os
import subprocess
from functools import cache, lru_cache
from pathlib import Path

_STARTED_FIELD = 22  # of /proc/<pid>/stat, counted from 1: start time in ticks since boot
_STATE_FIELD = 3
_GONE = "ZX"  # zombie and dead: such a process will never finish anything


def started_at(pid: int) -> str | None:
    """Return when process ``pid`` started, in a form only good for comparing.

    None if there is no such process, or it is dead and only waits for its parent.
    """
    if Path("/proc/self/stat").exists():
        return _started_at_linux(pid)
    return _started_at_elsewhere(pid)


def _started_at_linux(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the command in brackets and may hold spaces and brackets itself.
    fields = stat.rpartition(")")[2].split()
    if fields[_STATE_FIELD - 3] in _GONE:
        return None
    return fields[_STARTED_FIELD - 3]


def _started_at_elsewhere(pid: int) -> str | None:
    answer = subprocess.run(  # noqa: S603 (a fixed command and a number)
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
    )
    state, _, started = answer.stdout.strip().partition(" ")
    if not started or state[0] in _GONE:
        return None
    return "".join(filter(str.isalnum, started))


@cache
def _boot() -> str:
    """Return a short name of this boot: ticks since boot repeat after the next one."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")[:8]
    except FileNotFoundError:
        return "noboot"


@lru_cache(maxsize=8)
def _name(pid: int) -> str:
    return f"{_boot()}-{pid}-{started_at(pid)}"


def owner_name() -> str:
    """Return the name of this process, the same for as long as it lives (``fork`` changes it)."""
    return _name(os.getpid())


def owner_is_alive(name: str) -> bool:
    """Return whether the process that ``owner_name`` gave this name still runs.

    A name that is not of this form belongs to nobody.
    """
    boot, _, rest = name.partition("-")
    pid, _, started = rest.partition("-")
    if boot != _boot() or not pid.isdecimal():
        return False
    return started_at(int(pid)) == started
