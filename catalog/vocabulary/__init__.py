"""The words that films, music and books share: themes and moods, and the rules that give them.

The rules are rows (`Term`, `GenreRule`, `SoundRule`) that curators edit; the files in `seed/` are
what a new site starts with. See docs/adr/0014-one-vocabulary-for-three-kinds.md.
"""

from catalog.vocabulary.applying import Applied, affected, apply, refresh
from catalog.vocabulary.rules import Rules, Terms, Vote, load
from catalog.vocabulary.seeding import SeedError, ensure, reset, seeded

__all__ = [
    "Applied",
    "Rules",
    "SeedError",
    "Terms",
    "Vote",
    "affected",
    "apply",
    "ensure",
    "load",
    "refresh",
    "reset",
    "seeded",
]
