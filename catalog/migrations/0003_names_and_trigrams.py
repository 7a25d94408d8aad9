"""Fills the creators' normal forms, says whose moods are their own, and adds PostgreSQL's trigrams.

Before this, only the starter catalogue told moods; all others were drawn from genre and sound.
"""

import sys
from typing import Any

from django.db import migrations, transaction
from django.db.utils import DatabaseError

from catalog.models.items import creator_key

_AT_ONCE = 2_000


def fill_name_keys(apps: Any, schema_editor: Any) -> None:
    Creator = apps.get_model("catalog", "Creator")
    creators = list(Creator.objects.filter(name_key="").only("pk", "name"))
    for creator in creators:
        creator.name_key = creator_key(creator.name)
    Creator.objects.bulk_update(creators, ["name_key"], batch_size=_AT_ONCE)


def mark_own_moods(apps: Any, schema_editor: Any) -> None:
    Item = apps.get_model("catalog", "Item")
    Item.objects.filter(source="starter").exclude(moods=[]).update(own_moods=True)


def add_trigram_index(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=schema_editor.connection.alias):
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            schema_editor.execute(
                "CREATE INDEX catalog_item_title_key_trigrams ON catalog_item "
                "USING gin (title_key gin_trgm_ops)"
            )
    except DatabaseError as error:
        # Without the right to add extensions the site works; searching in the admin is slower.
        print(f"No trigram index on titles: {error}", file=sys.stderr)  # noqa: T201


def drop_trigram_index(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS catalog_item_title_key_trigrams")


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_vocabulary_curation_pictures_log")]
    # PostgreSQL refuses an index on a table whose rows were changed in the same transaction.
    atomic = False

    operations = [
        migrations.RunPython(fill_name_keys, migrations.RunPython.noop),
        migrations.RunPython(mark_own_moods, migrations.RunPython.noop),
        migrations.RunPython(add_trigram_index, drop_trigram_index),
    ]
