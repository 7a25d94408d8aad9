"""Search over titles, original titles, aliases and people: see docs/adr/0012.

forms     the forms under which a name is found, what a query may mean
triples   texts by the letter triples that they share
names     many names: exact, by their beginning, by word, nearly
likeness  how alike a query and a name are
finding   what a query finds among names, with ranks
index     the whole catalogue: titles, people, and both together
building  the database → the index
results   the index → items, people and suggestions for pages and API
"""

from catalog.search.results import (
    Found,
    Person,
    Suggestion,
    ranked_keys,
    search,
    suggest,
)

__all__ = ["Found", "Person", "Suggestion", "ranked_keys", "search", "suggest"]
