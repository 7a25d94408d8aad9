"""Many rows in few statements, also for the kinds' own tables.

Django's `bulk_create` refuses models with multi-table inheritance. The parents can be created
with it; `insert_children` then writes the rows of a child table, whose primary key is the
parent's.
"""

from collections.abc import Mapping, Sequence
from itertools import islice

from django.db import connections, router
from django.db.models import Field, Model

_ROWS_A_STATEMENT = 500


def insert_children(
    model: type[Model], parents: Sequence[int], values: Sequence[Mapping[str, object]]
) -> None:
    """Inserts rows of `model`'s own table: `parents[i]` is the key, `values[i]` the columns.

    Column values are prepared by the model's own fields, so that this works on every backend
    that Django knows. To be called inside the transaction that wrote the parents.
    """
    meta = model._meta
    connection = connections[router.db_for_write(model)]
    fields: list[Field] = list(meta.local_concrete_fields)
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    one_row = f"({', '.join(['%s'] * len(fields))})"
    most = connection.features.max_query_params or 65_535
    size = max(1, min(_ROWS_A_STATEMENT, most // len(fields)))
    pairs = iter(zip(parents, values, strict=True))
    with connection.cursor() as cursor:
        while chunk := list(islice(pairs, size)):
            parameters = [
                field.get_db_prep_save(key if field.primary_key else row[field.name], connection)
                for key, row in chunk
                for field in fields
            ]
            rows = ", ".join([one_row] * len(chunk))
            # Only names of our own models' tables and columns are put into the text.
            cursor.execute(
                f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES {rows}",  # noqa: S608
                parameters,
            )


def set_column(model: type[Model], name: str, values: Mapping[int, object]) -> None:
    """Gives a column of `model`'s own table another value in each row: key → value, none of them
    None.

    Django's `bulk_update` makes a branch of one CASE for each row, which takes longer than to
    insert the rows.
    """
    connection = connections[router.db_for_write(model)]
    quote = connection.ops.quote_name
    field = next(field for field in model._meta.local_concrete_fields if field.name == name)
    key = model._meta.pk
    table, column = quote(model._meta.db_table), quote(str(field.column))
    most = connection.features.max_query_params or 65_535
    rows = iter(values.items())
    with connection.cursor() as cursor:
        while chunk := list(islice(rows, max(1, min(_ROWS_A_STATEMENT, most // 2)))):
            pairs = ", ".join(["(%s, %s)"] * len(chunk))
            # Both databases call the columns of VALUES column1 and column2. Only names of our own
            # models' tables and columns are put into the text.
            cursor.execute(
                f"UPDATE {table} SET {column} = given.column2 "  # noqa: S608
                f"FROM (VALUES {pairs}) AS given "
                f"WHERE {table}.{quote(str(key.column))} = given.column1",
                [
                    cell
                    for row, value in chunk
                    for cell in (row, field.get_db_prep_save(value, connection))
                ],
            )
