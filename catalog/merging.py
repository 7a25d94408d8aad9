"""Two rows of one work become one: preview, merge, undo, and where an old id leads now.

The row that goes is deleted, so that no query has to leave it out; `Merge.snapshot` holds what
brings it back. Whatever points at it, in this app or in one above, is found through the model's
own relations and moved (docs/adr/0015-a-merge-deletes-and-remembers.md).
"""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple, cast

from auditlog.context import disable_auditlog
from django.apps import apps
from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone

from catalog.card_cache import cards
from catalog.models import Alias, Credit, DistinctPair, Item, Kind, Kinship, Merge
from catalog.moving import (
    ForeignKey,
    HeldRowsError,
    chunks,
    delete,
    move,
    name_of,
    pointers,
    restore,
    serialised,
    values_of,
)
from catalog.revision import note_change

_EMPTY: tuple[object, ...] = (None, "", [])
# Rows that are part of the work: kept whole, so that they come back even if somebody deletes
# them meanwhile. Of all others (events, ratings) only the keys: what a visitor deletes stays so.
_OWN: tuple[type[models.Model], ...] = (Credit, Item.genres.through, Alias, Kinship)
# What identifies a row, or follows from its other columns.
_NEVER_FILLED = {
    "id", "item_ptr", "item_id", "kind", "title", "title_key", "source", "row_hash", "added_at",
    "own_moods",
}  # fmt: skip


class MergeError(ValueError):
    """These cannot be merged, or this merge cannot be undone; the message is for people."""


class Undone(NamedTuple):
    """The item that is back, and how many of its rows point at something that is not there."""

    item: Item
    left_out: int


# --- Where an old id leads ----------------------------------------------------------------


def current_ids(item_ids: Iterable[str]) -> dict[str, str]:
    """Old id → id of the item that it was merged into, for those that were; one query a 500."""
    found: dict[str, str] = {}
    for some in chunks(sorted(set(item_ids))):
        live = Merge.objects.filter(gone_item_id__in=some, undone_at=None)
        found |= dict(live.values_list("gone_item_id", "kept__item_id"))
    return found


def items_by_id(item_ids: Iterable[str]) -> dict[str, Item]:
    """The items that have, or had before a merge, these ids: by the id that was asked for."""
    wanted = set(item_ids)
    found = {item.item_id: item for item in Item.objects.filter(item_id__in=wanted)}
    moved = current_ids(wanted - set(found)) if len(found) < len(wanted) else {}
    if moved:
        kept = {item.item_id: item for item in Item.objects.filter(item_id__in=moved.values())}
        found |= {old: kept[now] for old, now in moved.items() if now in kept}
    return found


# --- Merge --------------------------------------------------------------------------------


def fillable(kept: Item, gone: Item) -> list[models.Field]:
    """Columns that `kept` has empty and `gone` has not. Give both as rows of their kind."""
    return [
        field
        for field in type(kept)._meta.concrete_fields
        if field.name not in _NEVER_FILLED
        and getattr(kept, field.attname) in _EMPTY
        and getattr(gone, field.attname) not in _EMPTY
    ]


def merge(*, kept: Item, gone: Item, by: User | None, fill: Collection[str] | None = None) -> Merge:
    """Folds `gone` into `kept`: its address redirects, its events, credits and the rest move.

    `fill` names the empty columns of `kept` that take the value of `gone`; None is all of them.
    Raises MergeError unless these are two different items of one kind that exist.
    """
    with disable_auditlog(), transaction.atomic():
        kept, gone = _locked(kept, gone)
        snapshot: dict[str, Any] = {
            "kept": kept.item_id,
            "item": [*serialised(Item, [gone.pk]), *serialised(type(gone), [gone.pk])],
            "rows": [],
            "moved": {},
            "filled": _fill(kept, gone, fill),
            "added": [],
        }
        after = _last_position(kept) + 1
        for field in pointers(type(gone)):
            _move_all(field, gone, kept, snapshot)
        _bill_last(snapshot, after)
        _add_alias(kept, gone, snapshot)
        record = {"gone_item_id": gone.item_id, "gone_title": gone.title}
        gone.delete()
        note_change()
        made = Merge.objects.create(
            kept_id=kept.pk, snapshot=snapshot, merged_at=timezone.now(), merged_by=by, **record
        )
    cards.forget()
    return made


def of_its_kind(item: Item) -> Item:
    """The item as a row of its kind, with the kind's own columns."""
    return cast(Item, apps.get_model("catalog", item.kind)._default_manager.get(pk=item.pk))


def check_pair(kept: Item, gone: Item) -> None:
    """Raises MergeError unless the two can be merged."""
    if kept.pk == gone.pk:
        raise MergeError("Choose two different items: this is one item, twice.")
    if kept.kind != gone.kind:
        raise MergeError(
            f"“{kept.title}” is a {Kind(kept.kind).label.lower()} and “{gone.title}” a "
            f"{Kind(gone.kind).label.lower()}: only items of one kind can be merged."
        )


def _locked(kept: Item, gone: Item) -> tuple[Item, Item]:
    """Both as rows of their kind, locked, the lower key first so that nobody waits in a ring."""
    check_pair(kept, gone)
    rows = Item.objects.select_for_update().order_by("pk").in_bulk([kept.pk, gone.pk])
    for item in (kept, gone):
        if item.pk not in rows:
            raise MergeError(f"“{item.title}” is not in the catalogue any more.")
    return of_its_kind(rows[kept.pk]), of_its_kind(rows[gone.pk])


def _move_all(field: ForeignKey, gone: Item, kept: Item, snapshot: dict[str, Any]) -> None:
    """Points everything at `kept` that points at `gone` by this key. What a constraint refuses,
    because `kept` has its like, is put into the snapshot and deleted."""
    model = field.model
    pointing = model._base_manager.filter(**{field.name: gone.pk})
    keys = list(pointing.order_by("pk").values_list("pk", flat=True))
    if not keys:
        return
    if model in _OWN:
        snapshot["rows"] += serialised(model, keys)
    spare = _same_people(gone, kept) if model is Credit else set()
    refused = [*move([key for key in keys if key not in spare], field, kept.pk), *sorted(spare)]
    if refused:
        if model not in _OWN:
            snapshot["rows"] += serialised(model, refused)
        if model is DistinctPair:
            _keep_apart(refused, gone, kept, snapshot)
        try:
            delete(model, refused)
        except HeldRowsError as error:
            raise MergeError(f"Both items have the same: {error}") from error
    snapshot["moved"][name_of(field)] = sorted(set(keys) - set(refused))


def _same_people(gone: Item, kept: Item) -> set[int]:
    """Credits of `gone` whose person `kept` credits in that role by another spelling."""
    billed = set(kept.credits.values_list("creator__name_key", "role"))
    credits = gone.credits.values_list("pk", "creator__name_key", "role")
    return {pk for pk, name_key, role in credits if (name_key, role) in billed}


def _last_position(item: Item) -> int:
    last = item.credits.aggregate(last=models.Max("position"))["last"]
    return -1 if last is None else last


def _bill_last(snapshot: dict[str, Any], after: int) -> None:
    """Who came from the item that went is billed after everybody that the kept one had."""
    moved = Credit.objects.filter(pk__in=snapshot["moved"].get("catalog.credit.item", []))
    moved.update(position=models.F("position") + after)


def _keep_apart(keys: list[int], gone: Item, kept: Item, snapshot: dict[str, Any]) -> None:
    """A pair that says "not the same" holds for the kept item too, lower key first."""
    for pair in DistinctPair.objects.filter(pk__in=keys):
        other = pair.second_id if pair.first_id == gone.pk else pair.first_id
        if other == kept.pk:
            continue
        first, second = sorted((other, kept.pk))
        made, is_new = DistinctPair.objects.get_or_create(first_id=first, second_id=second)
        if is_new:
            snapshot["added"] += serialised(DistinctPair, [made.pk])


def _add_alias(kept: Item, gone: Item, snapshot: dict[str, Any]) -> None:
    """People go on finding the work by the title that went."""
    same = gone.title_key == kept.title_key if gone.title_key else gone.title == kept.title
    if not same:
        alias, is_new = Alias.objects.get_or_create(item_id=kept.pk, name=gone.title)
        if is_new:
            snapshot["added"] += serialised(Alias, [alias.pk])


def _fill(kept: Item, gone: Item, names: Collection[str] | None) -> dict[str, list[Any]]:
    """Fills empty columns of `kept`; column → [before, after], as they are serialised."""
    filled = [field.name for field in fillable(kept, gone) if names is None or field.name in names]
    if "moods" in filled and gone.own_moods != kept.own_moods:
        filled.append("own_moods")  # else the vocabulary's rules would write over them
    if not filled:
        return {}
    before = values_of(kept)
    for name in filled:
        setattr(kept, name, getattr(gone, name))
    kept.save()
    after = values_of(kept)
    return {name: [before[name], after[name]] for name in filled}


# --- Undo ---------------------------------------------------------------------------------


def undo(*, merge: Merge, by: User | None) -> Undone:
    """Brings the item back under its old key and id, with every row that came from it and is
    still there. What the merge gave to the kept item goes, unless it was changed since.

    Raises MergeError where something is in the way.
    """
    with disable_auditlog(), transaction.atomic():
        Item.objects.select_for_update().filter(pk=merge.kept_id).first()
        live = Merge.objects.select_for_update().filter(pk=merge.pk, undone_at=None)
        found = live.select_related(None).first()
        if found is None:
            raise MergeError("This merge is undone already, or its item was deleted.")
        kept = of_its_kind(found.kept)
        _refuse_undo(found, kept)
        snapshot = found.snapshot
        for row in snapshot["item"]:
            restore(row)
        item = of_its_kind(Item.objects.get(item_id=found.gone_item_id))
        _take_away(kept, snapshot)
        left_out = _bring_back(item, kept, snapshot)
        note_change()
        found.undone_at, found.undone_by = timezone.now(), by
        found.save(update_fields=["undone_at", "undone_by"])
    cards.forget()
    return Undone(item, left_out)


def _refuse_undo(merge: Merge, kept: Item) -> None:
    if not merge.snapshot:
        raise MergeError(
            f"“{merge.gone_title}” was merged at another site; only its address came from there, "
            "in an archive, and there is nothing that could be brought back."
        )
    if kept.item_id != merge.snapshot["kept"]:
        raise MergeError(
            f"{merge.snapshot['kept']}, which “{merge.gone_title}” was merged into, has itself "
            f"been merged into “{kept.title}” since. Undo that merge first."
        )
    key = merge.snapshot["item"][0]["pk"]
    if Item.objects.filter(models.Q(item_id=merge.gone_item_id) | models.Q(pk=key)).exists():
        raise MergeError(
            f"An item with the id {merge.gone_item_id} is in the catalogue again: the one that "
            "was merged away cannot come back beside it."
        )


def _take_away(kept: Item, snapshot: dict[str, Any]) -> None:
    """What the merge gave to the kept item and nobody has changed since."""
    for row in snapshot["added"]:
        model = apps.get_model(row["model"])
        if serialised(model, [row["pk"]]) == [row]:
            model._base_manager.filter(pk=row["pk"]).delete()
    now = values_of(kept)
    untouched = {
        name: before for name, (before, after) in snapshot["filled"].items() if now[name] == after
    }
    columns = {column.name: column for column in type(kept)._meta.concrete_fields}
    for name, before in untouched.items():
        setattr(kept, name, columns[name].to_python(before))
    if untouched:
        kept.save()


def _bring_back(item: Item, kept: Item, snapshot: dict[str, Any]) -> int:
    """Rows that moved go back, rows that were deleted are made again; how many could not be."""
    left_out = 0
    for field in pointers(type(item)):
        keys = snapshot["moved"].get(name_of(field), [])
        left_out += len(move(keys, field, item.pk, at=kept.pk))
    for row in snapshot["rows"]:
        model = apps.get_model(row["model"])
        if not model._base_manager.filter(pk=row["pk"]).exists():
            left_out += not restore(row)
        elif model is Credit:
            mine = Credit.objects.filter(pk=row["pk"], item=item.pk)
            mine.update(position=row["fields"]["position"])
    return left_out
