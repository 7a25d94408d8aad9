"""Many rows in few statements: a column of its own value in each row."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from catalog.bulk import set_column
from catalog.models import Item

pytestmark = pytest.mark.django_db
FIRST = datetime(2020, 1, 1, microsecond=1, tzinfo=UTC)


def test_each_row_gets_its_value_and_no_other_row_is_touched(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    items = Item.objects.bulk_create(
        Item(item_id=f"Book_{n}", kind="book", title=f"B{n}", source="test") for n in range(701)
    )
    wanted = {item.pk: FIRST + timedelta(hours=n) for n, item in enumerate(items[:-1])}
    now = Item.objects.get(pk=items[-1].pk).added_at
    with django_assert_num_queries(2):  # at most 500 rows a statement
        set_column(Item, "added_at", wanted)
    stored = dict(Item.objects.values_list("pk", "added_at"))
    assert stored == wanted | {items[-1].pk: now}


def test_nothing_to_set_is_no_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        set_column(Item, "title", {})
