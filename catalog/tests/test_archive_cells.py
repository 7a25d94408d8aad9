"""Any value comes back from the cell that it was written into."""

from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.archive import cells
from catalog.archive.layout import TABLES
from catalog.models import (
    Movie,
)

_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


def field(name: str) -> Any:
    return Movie._meta.get_field(name)


@given(_TEXT)
def test_any_text_comes_back(text: str) -> None:
    assert cells.to_value(cells.to_text(text), field("description")) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_comes_back(number: float) -> None:
    assert cells.to_value(cells.to_text(number), field("score")) == number


@given(st.lists(_TEXT))
def test_any_list_of_words_comes_back(words: list[str]) -> None:
    assert cells.to_value(cells.to_text(words), field("moods")) == words


@given(st.datetimes(timezones=st.just(UTC)))
def test_any_moment_comes_back(moment: Any) -> None:
    assert cells.to_value(cells.to_text(moment), field("added_at")) == moment


@pytest.mark.parametrize("value", [True, False, None])
def test_yes_no_and_unknown_come_back(value: bool | None) -> None:
    explicit = TABLES["tracks"].columns["explicit"].field
    assert cells.to_value(cells.to_text(value), explicit) is value
