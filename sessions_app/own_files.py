"""A visitor's own data as files: JSON as it is held, CSV as one flat table."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import StreamingHttpResponse
from django.utils import timezone

from catalog.downloads import download, file_name
from catalog.tables import Cell, Layout
from sessions_app.own_data import Held, Record

FORMS = ("json", "csv")
_COLUMNS = (
    *("Part", "Visit", "When", "What", "Item_ID", "Title", "Value", "Dwell_Milliseconds"),
    "Taken_Back",
)
LAYOUT = Layout("segue-my-data", {name: datetime if name == "When" else str for name in _COLUMNS})


def as_file(held: Held, form: str) -> StreamingHttpResponse:
    """`form` is one of FORMS. Sent while the visits are read, and kept by no cache."""
    if form == "csv":
        return download(LAYOUT, rows(held), format="csv")
    return StreamingHttpResponse(
        json_pieces(held),
        content_type="application/json",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{file_name(LAYOUT, "json")}"',
        },
    )


def json_pieces(held: Held) -> Iterator[str]:
    """One JSON object, a piece a visit."""
    parts = {
        "made_at": timezone.now(),
        "account": held.account,
        "settings": held.settings,
        "in_this_browser": held.in_this_browser,
        "elsewhere": held.elsewhere,
    }
    yield _json(parts).removesuffix("\n}") + ',\n "visits": ['
    between = "\n"
    for visit in held.visits():
        yield between + _json(visit)
        between = ",\n"
    yield "\n]}\n"


def _json(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)


@dataclass(frozen=True)
class Row:
    """One line of the CSV file; the columns of an event that others do not have are empty."""

    part: str
    what: str
    value: str = ""
    visit: str = ""
    when: datetime | None = None
    item_id: str = ""
    title: str = ""
    dwell: str = ""
    taken_back: str = ""

    def cells(self) -> tuple[Cell, ...]:
        return (
            *(self.part, self.visit, self.when, self.what, self.item_id, self.title),
            *(self.value, self.dwell, self.taken_back),
        )


def rows(held: Held) -> Iterator[tuple[Cell, ...]]:
    """The account and the settings a line a value, then a line an event."""
    for row in _rows(held):
        yield row.cells()


def _rows(held: Held) -> Iterator[Row]:
    for name, value in (held.account or {}).items():
        yield Row("account", name, _text(value))
    for name, value in held.settings.items():
        yield Row("settings", name, _text(value))
    for table, found in held.elsewhere.items():
        for row in found:
            yield Row("elsewhere", table, _text(row))
    for name, found in (held.in_this_browser or {}).items():
        for row in found:
            yield _of_browser(name, row)
    for visit in held.visits():
        yield from _of_visit(visit)


def _of_browser(name: str, row: Record) -> Row:
    return Row(
        "in this browser",
        row.get("type") or name,
        value=_text(row.get("value")),
        when=datetime.fromtimestamp(row["at"], UTC) if "at" in row else None,
        item_id=row["item_id"] or "",
        title=row["title"] or "",
        dwell=_text(row.get("dwell_ms")),
    )


def _of_visit(visit: Record) -> Iterator[Row]:
    public_id = str(visit["public_id"])
    yield Row("visit", "started", visit=public_id, when=visit["started_at"])
    for event in visit["events"]:
        yield Row(
            "event",
            event["type"],
            value=_text(event["query"] or event["rating"]),
            visit=public_id,
            when=event["occurred_at"],
            item_id=event["item_id"] or "",
            title=event["title"] or "",
            dwell=_text(event["dwell_ms"]),
            taken_back="yes" if event["taken_back"] else "no",
        )
    for table, found in visit.items():
        if table != "events" and isinstance(found, list):
            for row in found:
                yield Row("visit", table, _text(row), visit=public_id)
    if visit["ended_at"]:
        yield Row("visit", "ended", visit=public_id, when=visit["ended_at"])


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, cls=DjangoJSONEncoder)
