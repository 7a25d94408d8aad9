"""What a visitor must not be shown: what they hid or did not like, what is of a genre they hid, and
what they know already."""

from collections.abc import Collection

from recommender.facets import Hidden, facets_of
from recommender.loader import loader
from sessions_app.preferences import Preferences
from sessions_app.visits import Visit


def never_shown(visit: Visit) -> set[str]:
    """Public ids of what the visitor is not interested in or did not like."""
    return visit.hidden_item_ids() | visit.disliked_item_ids()


def barred_for(visit: Visit, preferences: Preferences) -> set[str]:
    """Public ids that no list has for this visitor: what is never shown, and what they saw unless
    they want to see it again."""
    barred = never_shown(visit)
    return barred if preferences.include_seen else barred | visit.seen_item_ids()


def hidden_of(genres: Collection[str]) -> Hidden | None:
    """What is of these genres (slugs), as the engine and the columns number it; None for none."""
    return facets_of(loader.current).hidden(genres) if genres else None
