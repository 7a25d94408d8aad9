"""Rows that point at an item: found in any app, moved, put into a snapshot and brought back.

What `catalog.merging` is made of; it knows foreign keys and constraints, and nothing of works.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar, cast

from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, models, transaction

T = TypeVar("T")
Row = dict[str, Any]  # as Django serialises it: model, pk, fields
ForeignKey = models.ForeignKey[Any, Any]

_KEYS_A_QUERY = 500


class _Exactly(DjangoJSONEncoder):
    """Django's own encoder drops microseconds; what comes back is to be what went."""

    def default(self, o: object) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


class HeldRowsError(ValueError):
    """Rows cannot be deleted because others hang on them; the message is for people."""


def pointers(model: type[models.Model]) -> list[ForeignKey]:
    """Every foreign key to this kind of item, in any app; what makes it a kind is left out."""
    relations: Iterable[Any] = model._meta.get_fields(include_hidden=True)
    return [
        relation.field
        for relation in relations
        if relation.auto_created
        and not relation.concrete
        and (relation.one_to_many or relation.one_to_one)
        and not relation.parent_link
    ]


def move(keys: list[int], field: ForeignKey, to: int, at: int | None = None) -> list[int]:
    """Points the rows (only those at `at`, if given) at the item `to`; the keys of those that
    the database refuses."""
    refused: list[int] = []
    for some in chunks(keys):
        rows = field.model._base_manager.filter(pk__in=some)
        if at is not None:
            rows = rows.filter(**{field.name: at})
        try:
            with transaction.atomic():
                rows.update(**{field.name: to})
        except IntegrityError:
            if len(some) == 1:
                refused += some
                continue
            half = len(some) // 2
            refused += move(some[:half], field, to, at) + move(some[half:], field, to, at)
    return refused


def delete(model: type[models.Model], keys: list[int]) -> None:
    """Deletes rows that the snapshot has. Whatever hangs on them would go unseen: refuse."""
    for field in pointers(model):
        if field.model._base_manager.filter(**{f"{field.name}__in": keys}).exists():
            raise HeldRowsError(
                f"{model._meta.verbose_name_plural} with "
                f"{field.model._meta.verbose_name_plural} that would be lost."
            )
    for some in chunks(keys):
        model._base_manager.filter(pk__in=some).delete()


def restore(row: Row) -> bool:
    """Inserts the row as it was; False where something that it points at is not there now."""
    (restored,) = serializers.deserialize("python", [row], ignorenonexistent=True)
    for field in restored.object._meta.concrete_fields:
        key = getattr(restored.object, field.attname)
        if field.is_relation and key is not None:
            target = cast(type[models.Model], field.related_model)._base_manager
            if not target.filter(pk=key).exists():
                return False
    try:
        with transaction.atomic():
            restored.save()
    except IntegrityError:
        return False
    return True


def serialised(model: type[models.Model], keys: Collection[int]) -> list[Row]:
    """Rows of this very table by their keys, ready for JSON."""
    names = [field.name for field in model._meta.local_concrete_fields]
    rows: list[Row] = []
    for some in chunks(sorted(keys)):
        found = model._base_manager.filter(pk__in=some).order_by("pk")
        rows += json.loads(serializers.serialize("json", found, fields=names, cls=_Exactly))
    return rows


def values_of(row: models.Model) -> dict[str, Any]:
    """Every column of a row, its parents' too, ready for JSON."""
    columns = {field.name: field.value_from_object(row) for field in row._meta.concrete_fields}
    plain: dict[str, Any] = json.loads(json.dumps(columns, cls=_Exactly))
    return plain


def name_of(field: ForeignKey) -> str:
    """`catalog.credit.item`: how a snapshot calls a foreign key."""
    return f"{field.model._meta.label_lower}.{field.name}"


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """The values in lists that any database takes as parameters."""
    rest = iter(values)
    while some := list(islice(rest, _KEYS_A_QUERY)):
        yield some
