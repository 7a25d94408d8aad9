"""What 20 visitors at once wait for: the front page, item pages and their fragments.

    python -m bench.visitors [--quick] [--no-thinking] [--covers 12] [--folder DIR] [--json FILE]

The site has the catalogue, the visits and the model of bench/full_site.py on SQLite, behind
gunicorn with the project's own configuration and two workers. A visitor opens the front page and
walks from card to card, a few cards a walk; each page brings the fragments that it loads by itself.
In between they think (exponential, 2 s in the mean); leaving an item's page they report its dwell
time as the browser does, and now and then take a step out of the trail again. All of it once with
consent given, so that the database is written to, and once with the question unanswered.

`first` and `last` are the first and last byte of an answer as the visitor sees them, in ms, queue
included; `server` is gunicorn's own figure for the request. `home, whole` lasts from the click to
the last fragment. With --covers so many drawings of a page are fetched, too, each once a visitor.
The visitors are one process beside the server, which says how much of the processor it took and how
late its own clock was (the two share the machine). The beginning does not count. A site that is
made in --folder stays there for the next time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from bench.full_site import folder_of_site, full_site
from bench.light_browser import (
    ITEM_LINK,
    STEP_FORM,
    VIEW,
    Asked,
    LightBrowser,
    fragments,
    kind_of,
)
from bench.own_process import circumstances, in_own_process
from bench.serving_http import running

OUT = Path(__file__).parent / "out" / "visitors.json"
VISITORS, THINKING = 20, 2.0
CARDS_A_WALK = 5.0  # in the mean
STEPS_TAKEN_OUT = 0.1  # of the items opened
WARM_UP, SECONDS = 10.0, 60.0
QUICK_WARM_UP, QUICK_SECONDS = 3.0, 8.0
AIM_MS, AIMED = 100.0, ("home", "item")
ON_CHANGE = re.compile(r"trail-changed")
KEPT_BY_THE_BROWSER = "00000000-"  # views of a visit that is not stored
LOGGED = re.compile(r"^(\d+) (\w+) (\S+)$")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="the starter catalogue, few seconds")
    parser.add_argument("--no-thinking", action="store_true", help="the next click at once")
    parser.add_argument("--covers", type=int, default=0, help="drawings fetched of a page")
    parser.add_argument("--folder", type=Path, help="where the site is, or is to stay")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, default=OUT)
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with folder_of_site(options.folder, "segue-visitors-") as folder:
        log = folder / "requests.log"
        os.environ["GUNICORN_CMD_ARGS"] = (
            f"--access-logfile={log} --access-logformat='%(D)s %(m)s %(U)s'"
        )
        items = in_own_process(full_site, folder, quick=options.quick, seed=options.seed)
        rounds = []
        with running(folder) as port:
            for consent in (True, False):
                found = in_own_process(
                    measure,
                    port,
                    folder,
                    consent=consent,
                    thinking=0.0 if options.no_thinking else THINKING,
                    covers=options.covers,
                    seconds=(QUICK_WARM_UP, QUICK_SECONDS) if options.quick else (WARM_UP, SECONDS),
                    seed=options.seed,
                )
                rounds.append({"consent": consent, **found})
                print_table(rounds[-1], items)
    report = {**circumstances(1), "quick": options.quick, "items": items, "rounds": rounds}
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(report, indent=1, ensure_ascii=False), encoding="utf-8")


def measure(
    port: int,
    folder: Path,
    *,
    consent: bool,
    thinking: float,
    covers: int,
    seconds: tuple[float, float],
    seed: int,
) -> dict[str, Any]:
    """One round of all visitors. Raises RuntimeError if a page fails."""
    log, warm_up = folder / "requests.log", seconds[0]
    crowd = Crowd(port, consent=consent, thinking=thinking, covers=covers, seed=seed)
    asyncio.run(crowd.come(warm_up=warm_up, stay=seconds[1], log=log, folder=folder))
    with log.open(encoding="utf-8") as lines:
        lines.seek(crowd.logged_from)
        server = server_times(lines.read())
    counted = [one for one in crowd.asked if one.sent >= crowd.counted_from]
    kinds: dict[str, list[Asked]] = defaultdict(list)
    for one in counted:
        kinds[one.kind].append(one)
    requests = sum(not one.kind.endswith(", whole") for one in counted)
    return {
        "visitors": VISITORS,
        "thinking_s": thinking,
        "covers": covers,
        "seconds": seconds[1],
        "requests_per_second": requests / seconds[1],
        "client_cpu": crowd.cpu,
        "cpu_ms_a_request": 1000 * crowd.server_cpu * seconds[1] / max(requests, 1),
        "server_cpu": crowd.server_cpu,
        "client_late_p99_ms": float(np.percentile(crowd.late, 99)),
        "kinds": {kind: summary(some, server.get(kind)) for kind, some in sorted(kinds.items())},
    }


def summary(some: list[Asked], server: list[float] | None) -> dict[str, Any]:
    """How many, how large, and p50, p95, p99 of each time."""
    found = {
        "n": len(some),
        "bytes": float(np.median([one.size for one in some])),
        "first": shares([one.first for one in some]),
        "last": shares([one.last for one in some]),
    }
    return {**found, "server": shares(server)} if server else found


def shares(milliseconds: list[float]) -> list[float]:
    return [float(ms) for ms in np.percentile(milliseconds, (50, 95, 99))]


def server_times(log: str) -> dict[str, list[float]]:
    """Kind → milliseconds of gunicorn's log."""
    found: dict[str, list[float]] = defaultdict(list)
    for line in log.splitlines():
        if match := LOGGED.match(line):
            microseconds, method, path = match.groups()
            found[logged_kind(method, path)].append(int(microseconds) / 1000)
    return found


def logged_kind(method: str, path: str) -> str:
    if path == "/":
        return "home"
    if path.startswith("/covers/"):
        return "cover"
    if method == "POST":
        return "dwell" if path.endswith("/dwell/") else "take out"
    kind = kind_of(path)
    return "item" if kind == "items/…" else kind


class Crowd:
    """Visitors who come one after the other within the warm-up and stay to the end."""

    def __init__(
        self, port: int, *, consent: bool, thinking: float, covers: int, seed: int
    ) -> None:
        self.port, self.consent, self.thinking = port, consent, thinking
        self.covers, self.seed = covers, seed
        self.asked: list[Asked] = []
        self.late: list[float] = []
        self.counted_from = self.cpu = self.server_cpu = 0.0
        self.logged_from = 0

    async def come(self, *, warm_up: float, stay: float, log: Path, folder: Path) -> None:
        visits = [asyncio.create_task(self.visit(number, warm_up)) for number in range(VISITORS)]
        clock = asyncio.create_task(self.watch_the_clock())
        await self.unless_failed(visits, warm_up)
        self.late.clear()
        self.counted_from, own, theirs = time.perf_counter(), time.process_time(), cpu_of(folder)
        self.logged_from = log.stat().st_size
        await self.unless_failed(visits, stay)
        self.cpu = (time.process_time() - own) / stay
        self.server_cpu = (cpu_of(folder) - theirs) / stay
        for task in [*visits, clock]:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*visits, clock)

    async def unless_failed(self, visits: list[asyncio.Task[None]], seconds: float) -> None:
        done, _ = await asyncio.wait(visits, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()

    async def watch_the_clock(self) -> None:
        """How much later than due this process wakes up: what it adds to the times at worst."""
        while True:
            due = time.perf_counter() + 0.02
            await asyncio.sleep(0.02)
            self.late.append(1000 * (time.perf_counter() - due))

    async def visit(self, number: int, warm_up: float) -> None:
        chance = random.Random(f"{self.seed} {number}")
        browser = LightBrowser(self.port, self.asked, self.covers)
        await asyncio.sleep(chance.uniform(0, warm_up / 2))
        page = await browser.open("home", "/")
        if self.consent:
            await browser.send("consent", "POST", "/session/consent/", {"answer": "yes"})
        while True:
            for _ in range(1 + int(chance.expovariate(1 / CARDS_A_WALK))):
                await self.think(chance)
                page = await self.open_a_card(browser, page, chance)
            await self.think(chance)
            page = await browser.open("home", "/")

    async def open_a_card(self, browser: LightBrowser, page: str, chance: random.Random) -> str:
        """Leave a page for one of the items that it shows."""
        links = sorted(set(ITEM_LINK.findall(page)))
        if not links:
            return await browser.open("home", "/")
        view = VIEW.search(page)
        if view and not view[1].startswith(KEPT_BY_THE_BROWSER):
            left = {"view_id": view[1], "dwell_ms": str(chance.randint(500, 60_000))}
            await browser.send("dwell", "POST", "/session/dwell/", left)
        page = await browser.open("item", chance.choice(links))
        steps = STEP_FORM.findall(page)
        if steps and chance.random() < STEPS_TAKEN_OUT:
            await self.think(chance)
            await browser.send("take out", "POST", steps[0], {}, htmx=True)
            await asyncio.gather(*map(browser.fragment, fragments(page, ON_CHANGE)))
            page = VIEW.sub("", page)  # the oldest step, which may be this very page
        return page

    async def think(self, chance: random.Random) -> None:
        if self.thinking:
            await asyncio.sleep(chance.expovariate(1 / self.thinking))


def cpu_of(folder: Path) -> float:
    """Processor seconds so far of the processes of this site but this one."""
    seconds, mark = 0.0, f"SEGUE_DATA_DIR={folder}".encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        with suppress(OSError):
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                numbers = (entry / "stat").read_text().rpartition(")")[2].split()
                seconds += (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")
    return seconds


def print_table(found: dict[str, Any], items: int) -> None:
    print(
        f"\n{items:,} items, {found['visitors']} visitors, consent "
        f"{'given' if found['consent'] else 'not asked for yet'}, thinking {found['thinking_s']} s:"
        f" {found['requests_per_second']:.1f} requests a second; processor: server"
        f" {found['server_cpu']:.2f} cores, {found['cpu_ms_a_request']:.1f} ms a request; visitors"
        f" {found['client_cpu']:.2f} cores, their clock {found['client_late_p99_ms']:.1f} ms late"
        " (p99)"
    )
    print("\n| | n | KB | first p50 | p95 | p99 | last p50 | p95 | p99 | server p50 | p95 | p99 |")
    print(f"|{'---|' * 12}")
    for kind, row in found["kinds"].items():
        times = [f"{ms:.0f}" for part in ("first", "last") for ms in row[part]]
        times += [f"{ms:.0f}" for ms in row.get("server", ())] or [""] * 3
        if kind in AIMED and row["last"][1] > AIM_MS:
            times[4] += " (late)"
        cells = [kind, f"{row['n']:,}", f"{row['bytes'] / 1000:.1f}", *times]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
