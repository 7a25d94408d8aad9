"""How many bytes the front page is, before compression, against what it may be.

    python -m bench.weight [--quick] [--folder DIR] [--json bench/out/weight.json]

HTML: the page itself and every fragment that it loads without a click, scrolled down or not. Our
JavaScript: every script of the page that is a file of static/js (htmx is not ours). CSS: every
style sheet of the page. On the site of bench/full_site.py, for a browser that was never here and
for a visitor with a full trail who has not been asked about storing yet. KB are thousands of bytes.
Ends with 1 if something is over its limit.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.browse import browser
from bench.full_site import folder_of_site, full_site
from bench.light_browser import BY_ITSELF, ITEM_LINK, fragments, kind_of
from bench.own_process import circumstances, in_own_process
from bench.served_site import open_site
from recsite.tests.site import BROWSER

OUT = Path(__file__).parent / "out" / "weight.json"
LIMITS = {"html": 60_000, "our js": 40_000, "css": 40_000}
STEPS = 12  # as many as the trail shows
STYLE = re.compile(r'<link rel="stylesheet" href="/static/([^"]+)"')
SCRIPT = re.compile(r'<script[^>]* src="/static/([^"]+)"')


@dataclass(frozen=True)
class Part:
    """`of` is one of LIMITS, or the word for what has none."""

    visitor: str
    of: str
    name: str
    size: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="the starter catalogue")
    parser.add_argument("--folder", type=Path, help="where the site is, or is to stay")
    parser.add_argument("--json", type=Path, default=OUT)
    options = parser.parse_args()
    with folder_of_site(options.folder, "segue-weight-") as folder:
        items = in_own_process(full_site, folder, quick=options.quick, seed=1)
        parts = in_own_process(measure, folder)
    sums = totals(parts)
    print_tables(parts, sums, items)
    report = {
        **circumstances(1),
        "items": items,
        "limits": LIMITS,
        "totals": sums,
        "parts": [asdict(part) for part in parts],
    }
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")
    sys.exit(any(of[name] > LIMITS[name] for of in sums.values() for name in LIMITS))


def measure(folder: Path) -> list[Part]:
    """The parts of the front page for both visitors, in a process of its own."""
    open_site(folder)
    from recommender.loader import loader

    loader.refresh()
    client = browser()
    client.defaults["HTTP_USER_AGENT"] = BROWSER
    found = list(parts_of(client, "newcomer"))
    page = client.get("/").content.decode()
    page += "".join(fetched(client, address) for address in fragments(page, BY_ITSELF))
    for link in sorted(set(ITEM_LINK.findall(page)))[:STEPS]:
        client.get(link)
    return [*found, *parts_of(client, f"{STEPS} steps")]


def parts_of(client: Any, visitor: str) -> list[Part]:
    page = client.get("/").content.decode()
    found = [Part(visitor, "html", "the page", len(page.encode()))]
    waiting = fragments(page, BY_ITSELF)
    while waiting:
        address = waiting.pop(0)
        text = fetched(client, address)
        found.append(Part(visitor, "html", kind_of(address), len(text.encode())))
        waiting += fragments(text, BY_ITSELF)
    styles, scripts = STYLE.findall(page), SCRIPT.findall(page)
    found += [Part(visitor, "css", path, size_of(path)) for path in styles]
    for path in scripts:
        ours = path.startswith("js/")
        found.append(Part(visitor, "our js" if ours else "other js", path, size_of(path)))
    return found


def fetched(client: Any, address: str) -> str:
    response = client.get(address, HTTP_HX_REQUEST="true")
    if response.status_code != 200:
        raise RuntimeError(f"{address}: {response.status_code}")
    return str(response.content.decode())


def size_of(path: str) -> int:
    """Bytes of a static file as it is written."""
    from django.contrib.staticfiles import finders

    found = finders.find(path)
    if not found:
        raise RuntimeError(f"{path} is no static file.")
    return Path(str(found)).stat().st_size


def totals(parts: list[Part]) -> dict[str, dict[str, int]]:
    """Visitor → what → bytes."""
    sums: dict[str, dict[str, int]] = {}
    for part in parts:
        of = sums.setdefault(part.visitor, dict.fromkeys(LIMITS, 0))
        of[part.of] = of.get(part.of, 0) + part.size
    return sums


def print_tables(parts: list[Part], sums: dict[str, dict[str, int]], items: int) -> None:
    print(f"\nThe front page at {items:,} items\n\n| visitor | of | part | KB |\n|---|---|---|---|")
    for part in parts:
        print(f"| {part.visitor} | {part.of} | {part.name} | {part.size / 1000:.1f} |")
    print("\n| visitor | of | KB | may be |\n|---|---|---|---|")
    for visitor, of in sums.items():
        for name, size in of.items():
            limit = LIMITS.get(name)
            may = f"{limit / 1000:.0f}" + (" (over)" if size > limit else "") if limit else ""
            print(f"| {visitor} | {name} | {size / 1000:.1f} | {may} |")


if __name__ == "__main__":
    main()
