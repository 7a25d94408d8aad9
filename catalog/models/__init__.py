"""Everything the catalogue stores, by topic: works, the vocabulary, curation, pictures, the log."""

from catalog.models.curation import Alias, DistinctPair, Merge
from catalog.models.items import (
    Book,
    Creator,
    Credit,
    Genre,
    Item,
    ItemQuerySet,
    Kind,
    Kinship,
    Movie,
    Relation,
    Role,
    Track,
    creator_key,
)
from catalog.models.log import Change, ImportRun
from catalog.models.pictures import Picture
from catalog.models.vocabulary import GenreRule, SoundRule, Term

__all__ = [
    "Alias",
    "Book",
    "Change",
    "Creator",
    "Credit",
    "DistinctPair",
    "Genre",
    "GenreRule",
    "ImportRun",
    "Item",
    "ItemQuerySet",
    "Kind",
    "Kinship",
    "Merge",
    "Movie",
    "Picture",
    "Relation",
    "Role",
    "SoundRule",
    "Term",
    "Track",
    "creator_key",
]
