"""The same catalogue gives the same answers on SQLite and on PostgreSQL."""

import json
from pathlib import Path

import pytest

from recsite.tests.site import Site
from recsite.tests.test_whole_site import drop_database, make_database

pytestmark = pytest.mark.services

_ASK = """
import json
from catalog.search import Person, search, suggest
from catalog.tests.misspelt import FIRST, add_what_is_lacking, misspelt_queries
add_what_is_lacking()
answers = {
    row.query: [
        [a.name if isinstance(a, Person) else a.item_id for a in search(row.query).best[:FIRST]],
        [[what, [option.url for option in options]] for what, options in suggest(row.query)],
    ]
    for row in misspelt_queries()
}
print(json.dumps(answers))
"""


def answers(site: Site) -> dict[str, list[object]]:
    """Each query's first five, and its suggestions."""
    site.folder.mkdir()
    site.manage("migrate", "--noinput")
    site.manage("seed_starter")
    found: dict[str, list[object]] = json.loads(site.manage("shell", "-c", _ASK).splitlines()[-1])
    return found


def test_every_misspelt_query_has_the_same_first_five_on_both(tmp_path: Path) -> None:
    url = make_database()
    try:
        lite = answers(Site(tmp_path / "lite"))
        server = answers(Site(tmp_path / "server", environment={"SEGUE_DATABASE_URL": url}))
    finally:
        drop_database(url)
    assert len(lite) >= 180
    assert sum(bool(best) for best, _ in lite.values()) > 0.95 * len(lite)
    assert {query for query in lite if lite[query] != server[query]} == set()
