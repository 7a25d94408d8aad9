"""A value of a model's column as the text of a cell, and back, with nothing lost."""

import datetime
import json
import math
from typing import Any, TypeAlias

from django.db import models
from django.db.backends.base.operations import BaseDatabaseOperations

from catalog.cleaning import BadCellError, shown
from catalog.tables import csv_cell

Field: TypeAlias = "models.Field[Any, Any]"
_BOOLEANS = {"true": True, "false": False}


def to_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value.isoformat()
    return csv_cell(value)


def to_value(text: str, field: Field) -> Any:
    """The value of a cell of this column. Raises BadCellError for one that the column of the
    database could not hold, with a reason that goes on after the column's name."""
    if isinstance(field, models.CharField | models.TextField):
        return _text(text, field)
    if text == "":
        if field.null:
            return None
        raise BadCellError("is empty")
    if isinstance(field, models.JSONField):
        return _words(text)
    if isinstance(field, models.BooleanField):
        if text not in _BOOLEANS:
            raise BadCellError(f"is {shown(text)}, which is neither true nor false")
        return _BOOLEANS[text]
    if isinstance(field, models.DateTimeField | models.DateField):
        return _date(text, field)
    return _number(text, field)


def _text(text: str, field: Field) -> str:
    longest = field.max_length
    if "\0" in text:
        raise BadCellError("holds a NUL character, which is no text")
    if longest is not None and len(text) > longest:
        raise BadCellError(f"has {len(text)} characters; {longest} is the most")
    if field.choices and text not in dict(field.flatchoices):
        raise BadCellError(f"is {shown(text)}, which is none of its choices")
    if not text and not field.blank:
        raise BadCellError("is empty")
    return text


def _words(text: str) -> list[str]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
        raise BadCellError(f"is {shown(text)}, which is no list of words")
    return found


def _date(text: str, field: Field) -> datetime.date:
    try:
        if not isinstance(field, models.DateTimeField):
            return datetime.date.fromisoformat(text)
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise BadCellError(f"is {shown(text)}, which is no date of ISO 8601") from None
    if moment.tzinfo is None:
        raise BadCellError(f"is {shown(text)}, a time without its offset from UTC")
    return moment.astimezone(datetime.UTC)


def _number(text: str, field: Field) -> float:
    whole = isinstance(field, models.IntegerField)
    try:
        found = int(text) if whole else float(text)
    except ValueError:
        kind = "whole number" if whole else "number"
        raise BadCellError(f"is {shown(text)}, which is no {kind}") from None
    low, high = -math.inf, math.inf
    if whole:
        low, high = BaseDatabaseOperations.integer_field_ranges[field.get_internal_type()]
    if not math.isfinite(found) or not low <= found <= high:
        raise BadCellError(f"is {shown(text)}, which is too far from 0 or below it")
    return found
