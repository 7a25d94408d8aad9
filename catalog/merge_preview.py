"""What a merge would do, side by side, before anybody decides."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Count

from catalog.merging import check_pair, fillable, of_its_kind
from catalog.models import Item
from catalog.moving import ForeignKey, pointers

_HIDDEN = {"id", "item_ptr", "title_key", "row_hash", "own_moods"}
_LONGEST = 600


@dataclass(frozen=True)
class Line:
    """One column of both items, as text."""

    name: str
    label: str
    kept: str
    gone: str
    differs: bool
    fillable: bool = False


@dataclass(frozen=True)
class Tally:
    """How many rows of one sort each of them has."""

    label: str
    kept: int
    gone: int


@dataclass(frozen=True)
class Preview:
    kept: Item
    gone: Item
    lines: list[Line]
    tallies: list[Tally]
    new_alias: bool

    @property
    def fills(self) -> list[Line]:
        return [line for line in self.lines if line.fillable]


def preview(*, kept: Item, gone: Item) -> Preview:
    """Both items with what differs marked. Raises MergeError where they cannot be merged."""
    check_pair(kept, gone)
    kept, gone = of_its_kind(kept), of_its_kind(gone)
    fills = {field.name for field in fillable(kept, gone)}
    lines = [
        _line(field.name, str(field.verbose_name), _text(a), _text(b), field.name in fills)
        for field in type(kept)._meta.concrete_fields
        if field.name not in _HIDDEN
        for a, b in [(field.value_from_object(kept), field.value_from_object(gone))]
        if a or b
    ]
    lines[3:3] = [
        _line("", "people", _people(kept), _people(gone)),
        _line("", "genres", _genres(kept), _genres(gone)),
    ]
    return Preview(kept, gone, lines, _tallies(kept, gone), gone.title_key != kept.title_key)


def _line(name: str, label: str, kept: str, gone: str, fillable: bool = False) -> Line:
    return Line(name, label[:1].upper() + label[1:], kept, gone, kept != gone, fillable)


def _people(item: Item) -> str:
    credits = item.credits.select_related("creator")
    return ", ".join(f"{one.creator} ({one.get_role_display().lower()})" for one in credits)


def _genres(item: Item) -> str:
    return ", ".join(genre.name for genre in item.genres.all())


def _text(value: Any) -> str:
    if value in (None, ""):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return f"{value:%-d %B %Y}"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    text = str(value)
    if isinstance(value, float):
        text = f"{value:,.4g}" if value < 1000 else f"{value:,.0f}"
    return f"{text[:_LONGEST]}…" if len(text) > _LONGEST else text


def _tallies(kept: Item, gone: Item) -> list[Tally]:
    """Rows that point at either, of any app; by their type where they have one, as events do."""
    of_kept: Counter[str] = Counter()
    of_gone: Counter[str] = Counter()
    for field in pointers(type(kept)):
        of_kept.update(_counted(field, kept))
        of_gone.update(_counted(field, gone))
    labels = sorted(set(of_kept) | set(of_gone))
    return [Tally(label, of_kept[label], of_gone[label]) for label in labels]


def _counted(field: ForeignKey, item: Item) -> dict[str, int]:
    model = field.model
    if model._meta.auto_created:
        label = "Genres"
    else:
        label = str(model._meta.verbose_name_plural).capitalize()
    rows = model._base_manager.filter(**{field.name: item.pk})
    type_field = next((f for f in model._meta.concrete_fields if f.name == "type"), None)
    if not isinstance(type_field, models.CharField) or not type_field.choices:
        size = rows.count()
        return {label: size} if size else {}
    names = dict(type_field.flatchoices)
    sizes = rows.order_by().values_list("type").annotate(size=Count("pk"))
    return {f"{label}: {str(names.get(value, value)).lower()}": size for value, size in sizes}


def better_first(first: Item, second: Item) -> tuple[Item, Item]:
    """The one to keep, as a suggestion: the one that visitors did more with, then that with more
    columns filled, then the older one."""

    def weight(item: Item) -> tuple[int, int, int]:
        app = item._meta.app_label
        fields = [field for field in pointers(type(item)) if field.model._meta.app_label != app]
        visits = sum(sum(_counted(field, item).values()) for field in fields)
        filled = [f for f in type(item)._meta.concrete_fields if f.value_from_object(item)]
        return visits, len(filled), -item.pk

    pair = of_its_kind(first), of_its_kind(second)
    kept, gone = sorted(pair, key=weight, reverse=True)
    return kept, gone
