"""The cast: `visitor` and `outsider` are two people at two browsers who agreed to be stored;
`stranger` was not asked yet; `crawler` is no person."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from catalog.models import Book, Creator, Credit, Genre, Item, Movie, Role, Track
from sessions_app import preferences
from sessions_app.preferences import Preferences

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
PASSWORD = "correct-horse-battery"

MakeItem = Callable[..., Item]


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    # The real hasher is slow on purpose.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def agreed() -> Client:
    """A browser whose visitor said yes."""
    client = Client(headers={"user-agent": FIREFOX})
    client.cookies[preferences.COOKIE] = preferences.as_cookie(Preferences(consent=True))
    return client


@pytest.fixture
def visitor() -> Client:
    return agreed()


@pytest.fixture
def outsider() -> Client:
    return agreed()


@pytest.fixture
def stranger() -> Client:
    return Client(headers={"user-agent": FIREFOX})


@pytest.fixture
def crawler() -> Client:
    return Client(headers={"user-agent": GOOGLEBOT})


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada", password=PASSWORD)


@pytest.fixture(params=["visitor", "stranger", "account"])
def browser(request: pytest.FixtureRequest) -> Client:
    """The same for who is stored, for who is not, and for who is signed in."""
    if request.param == "account":
        request.getfixturevalue("ada")
        client: Client = request.getfixturevalue("stranger")
        assert client.login(username="ada", password=PASSWORD)
        return client
    found: Client = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def make_item(db: None) -> MakeItem:
    """Makes an item by its id: `Movie_1`, `Music_1` or `Book_1`."""

    def make(
        item_id: str,
        *,
        genres: tuple[str, ...] = (),
        moods: tuple[str, ...] = (),
        creator: str = "",
        **values: Any,
    ) -> Item:
        model, kind, role = {
            "Movie": (Movie, "movie", Role.DIRECTOR),
            "Music": (Track, "track", Role.ARTIST),
            "Book": (Book, "book", Role.AUTHOR),
        }[item_id.split("_")[0]]
        item: Item = model.objects.create(
            item_id=item_id,
            kind=kind,
            title=values.pop("title", f"Title of {item_id}"),
            moods=list(moods),
            source="test",
            **values,
        )
        for name in genres:
            item.genres.add(Genre.objects.get_or_create(name=name, slug=name.lower())[0])
        if creator:
            named, _ = Creator.objects.get_or_create(name=creator)
            Credit.objects.create(item=item, creator=named, role=role)
        return Item.objects.get(pk=item.pk)

    return make


@pytest.fixture
def dune(make_item: MakeItem) -> Item:
    return make_item("Movie_dune", title="Dune")


@pytest.fixture
def emma(make_item: MakeItem) -> Item:
    return make_item("Book_emma", title="Emma")


@pytest.fixture
def hurt(make_item: MakeItem) -> Item:
    return make_item("Music_hurt", title="Hurt")
