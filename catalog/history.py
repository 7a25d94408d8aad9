"""Who changed what in the catalogue, and when: kept by django-auditlog, read here.

Edits by hand are kept one by one. Imports and merges are not: `ImportRun` and `Merge` tell of
them as a whole (docs/adr/0015-a-merge-deletes-and-remembers.md).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from auditlog.middleware import AuditlogMiddleware
from auditlog.models import LogEntry
from auditlog.registry import auditlog
from auditlog.signals import post_log
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from catalog.models import (
    Alias,
    Book,
    Creator,
    Credit,
    Genre,
    GenreRule,
    Item,
    Kinship,
    Merge,
    Movie,
    SoundRule,
    Term,
    Track,
)

# The importer's and the rules' own columns, and what follows from another column.
_NOT_KEPT = {
    "id", "item_ptr", "title_key", "name_key", "row_hash", "themes", "added_at",
}  # fmt: skip
_KINDS: tuple[type[Item], ...] = (Movie, Track, Book)
# Rows that belong to items: an edit of one is part of the item's history.
_PARTS: dict[type[Model], tuple[str, ...]] = {
    Credit: ("item_id",),
    Alias: ("item_id",),
    Kinship: ("derived_id", "origin_id"),
}
_OTHERS: tuple[type[Model], ...] = (Genre, Creator, Term, GenreRule, SoundRule)
_DONE = {0: "Added", 1: "Changed", 2: "Deleted"}
_SHORT = 300


@dataclass(frozen=True)
class Difference:
    """One field of one edit."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Edit:
    """One entry of a history, for people to read."""

    at: datetime
    by: str
    done: str
    what: str = ""
    differences: list[Difference] = field(default_factory=list)


def register() -> None:
    """Has every edit of these models kept; called once, when the app is ready."""
    for model in (*_KINDS, *_PARTS, *_OTHERS):
        auditlog.register(
            model,
            include_fields=[
                column.name
                for column in model._meta.concrete_fields
                if column.name not in _NOT_KEPT
            ],
            m2m_fields={"genres"} if model in _KINDS else set(),
        )
    post_log.connect(_note_items, dispatch_uid="catalog.history")


def _note_items(instance: Model, log_entry: LogEntry | None, **_: Any) -> None:
    """Notes which items an edited part belongs to, so that their histories find it."""
    names = _PARTS.get(type(instance))
    if names and log_entry is not None:
        keys = zip(("item", "other"), names, strict=False)
        log_entry.additional_data = {key: getattr(instance, name) for key, name in keys}
        log_entry.save(update_fields=["additional_data"])


class EditorMiddleware(AuditlogMiddleware):
    """Says who edits, in the admin only: nothing else edits the catalogue, and to ask who is
    there costs a public page two queries."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(reverse("admin:index")):
            response: HttpResponse = super().__call__(request)
            return response
        respond: Callable[[HttpRequest], HttpResponse] = self.get_response
        return respond(request)


def history_of(row: Model) -> list[Edit]:
    """Every edit of this row, newest first; of an item its credits, other names, kinships and
    merges too."""
    if isinstance(row, Item):
        return sorted([*_of_item(row), *_merges_of(row)], key=lambda edit: edit.at, reverse=True)
    return [_edit(entry) for entry in _entries(Q(pk__in=_logged(row)))]


def _logged(row: Model) -> Any:
    return LogEntry.objects.get_for_object(row).order_by().values("pk")


def _of_item(item: Item) -> list[Edit]:
    kinds, parts = _type_keys(Item, *_KINDS), _type_keys(*_PARTS)
    belongs = Q(additional_data__item=item.pk) | Q(additional_data__other=item.pk)
    found = _entries(
        Q(content_type__in=kinds, object_id=item.pk) | Q(content_type__in=parts) & belongs
    )
    return [_edit(entry, part=entry.content_type_id in parts) for entry in found]


def _type_keys(*models: type[Model]) -> list[int]:
    return [of_type.pk for of_type in ContentType.objects.get_for_models(*models).values()]


def _entries(which: Q) -> list[LogEntry]:
    entries = LogEntry.objects.filter(which).select_related("actor", "content_type")
    return list(entries.order_by("-timestamp", "-pk"))


def _edit(entry: LogEntry, *, part: bool = False) -> Edit:
    noun = f"{entry.content_type.name} “{entry.object_repr}”" if part else ""
    done = _DONE.get(entry.action, "Changed")
    # Of a part that came or went its name says enough.
    told = {} if part and done != "Changed" else entry.changes_dict
    return Edit(
        at=entry.timestamp,
        by=str(entry.actor or entry.actor_email or "the system"),
        done=done,
        what=noun,
        differences=[
            difference
            for name, change in sorted(told.items())
            for difference in _differences(entry, name, change)
        ],
    )


def _differences(entry: LogEntry, name: str, change: Any) -> list[Difference]:
    if isinstance(change, dict):  # of a many-to-many field
        objects = ", ".join(map(str, change.get("objects", [])))
        gone = change.get("operation") == "delete"
        return [Difference(name, objects if gone else "", "" if gone else objects)]
    before, after = (_told(value) for value in change)
    if before == after:
        return []
    return [Difference(_in_words(entry.content_type.model_class(), name), before, after)]


def _in_words(model: type[Model] | None, name: str) -> str:
    columns = {column.name: column for column in model._meta.fields} if model else {}
    return str(columns[name].verbose_name) if name in columns else name


def _told(value: object) -> str:
    text = "" if value in (None, "None") else str(value)
    return f"{text[:_SHORT]}…" if len(text) > _SHORT else text


def _merges_of(item: Item) -> list[Edit]:
    """Merges into the item, and those by which it was away for a while."""
    merges = Merge.objects.filter(Q(kept=item) | Q(gone_item_id=item.item_id))
    model = {kind._meta.model_name: kind for kind in _KINDS}[item.kind]
    edits = []
    for merge in merges.select_related("kept", "merged_by", "undone_by"):
        name = f"“{merge.gone_title}” ({merge.gone_item_id})"
        into = f" into “{merge.kept.title}”" if merge.kept_id != item.pk else ""
        filled = [
            Difference(_in_words(model, column), _told(before), _told(after))
            for column, (before, after) in merge.snapshot.get("filled", {}).items()
            if not into
        ]
        by = str(merge.merged_by or "the system")
        edits.append(Edit(merge.merged_at, by, "Merged", f"{name}{into}", filled))
        if merge.undone_at:
            by = str(merge.undone_by or "the system")
            edits.append(Edit(merge.undone_at, by, "Undone", f"the merge of {name}{into}"))
    return edits
