"""A small catalogue that the page tests share."""

from catalog.models import Book, Creator, Credit, Genre, Item, Kinship, Movie, Relation, Role, Track

_CLASSES = {"movie": Movie, "track": Track, "book": Book}
_ROLES = {"movie": Role.DIRECTOR, "track": Role.ARTIST, "book": Role.AUTHOR}


def make(
    kind: str,
    title: str,
    *,
    by: str = "",
    genres: tuple[str, ...] = (),
    item_id: str = "",
    **more: object,
) -> Item:
    """One item with its credits and genres; everything else as the model's fields."""
    count = Item.objects.count()
    values = {"item_id": item_id or f"{kind}-{count}", "source": "test", **more}
    item: Item = _CLASSES[kind].objects.create(kind=kind, title=title, **values)
    for name in genres:
        genre, _ = Genre.objects.get_or_create(name=name, defaults={"slug": name.lower()})
        item.genres.add(genre)
    if by:
        creator, _ = Creator.objects.get_or_create(name=by)
        Credit.objects.create(item=item, creator=creator, role=_ROLES[kind])
    return item


def casablanca() -> tuple[Item, Item, Item]:
    """A film, the song in it and a book of the same mood."""
    film = make(
        "movie", "Casablanca", by="Michael Curtiz", genres=("Drama", "Romance"), year=1942,
        language="English", country="United States", moods=["romantic", "bittersweet"],
        item_id="Movie_casablanca", description="Two exit papers in Morocco.",
        original_title="Everybody Comes", score=85.0, budget=878_000.0,
    )  # fmt: skip
    song = make(
        "track", "As Time Goes By", by="Dooley Wilson", genres=("Jazz",), year=1942,
        language="English", moods=["nostalgic"], item_id="Music_time", album="Casablanca",
        energy=0.2, danceability=0.42, duration_minutes=3.1,
    )  # fmt: skip
    book = make(
        "book", "L'Étranger", by="Albert Camus", genres=("Classics",), year=1942,
        language="French", country="France", moods=["bleak"], item_id="Book_stranger",
        rating=4.0, num_ratings=12_345, url="https://books.example/1",
    )  # fmt: skip
    Kinship.objects.create(derived=song, relation=Relation.FEATURED_IN, origin=film)
    return film, song, book
