"""Pictures on pages and in the admin: shown with their credit, from our own origin."""

import datetime
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from kombu.exceptions import OperationalError

from catalog import tasks
from catalog.card_cache import cards
from catalog.models import Item, Picture
from catalog.pictures import keeping
from catalog.pictures.images import prepared
from catalog.pictures.providers import PROVIDERS, Found
from catalog.templatetags.catalogue import cover_url
from catalog.tests.shelves import make
from catalog.tests.stub_provider import picture

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)
TMDB = PROVIDERS[0]
LIST = "admin:catalog_picture_changelist"


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.TMDB_KEY, settings.OPEN_LIBRARY, settings.COVER_ART_ARCHIVE = "", False, False


def with_poster(title: str = "Solaris", width: int = 500, height: int = 750) -> Item:
    item = make("movie", title, by="Andrei Tarkovsky", year=1972, genres=("Drama",))
    page = "https://www.themoviedb.org/movie/593"
    keeping.keep_found(
        item=item, seen=None, provider=TMDB, found=Found("", page),
        picture=prepared(picture(width, height)), now=NOW,
    )  # fmt: skip
    return item


def fresh(item: Item) -> Item:
    return Item.objects.with_cards().get(pk=item.pk)


def cover_on(page: str) -> str:
    found = re.search(r'<img class="cover"[^>]*>', page)
    assert found
    return found[0]


# --- Pages --------------------------------------------------------------------------------


def test_the_page_of_an_item_shows_its_picture_and_credits_it(client: Client) -> None:
    item = with_poster()
    page = client.get(item.get_absolute_url()).content.decode()
    cover = cover_on(page)
    assert f'src="/pictures/{item.item_id}.webp?v=' in cover
    assert 'width="500" height="750" alt=""' in cover
    assert "This product uses the TMDB API but is not endorsed or certified by TMDB." in page
    assert 'href="https://www.themoviedb.org/movie/593"' in page


def test_an_item_without_a_picture_keeps_its_drawn_cover_and_credits_nobody(client: Client) -> None:
    item = make("movie", "Solaris")
    keeping.keep_missing(item=item, seen=None, provider=TMDB, now=NOW)
    page = client.get(item.get_absolute_url()).content.decode()
    assert f'src="/covers/{item.item_id}.svg?v=' in cover_on(page)
    assert "TMDB" not in page


def test_a_card_shows_the_picture() -> None:
    item = with_poster()
    card = render_to_string("catalog/_card.html", {"item": fresh(item)})
    assert f'src="/pictures/{item.item_id}.webp' in cover_on(card)


def test_cards_with_pictures_cost_no_query_each(django_assert_num_queries: Any) -> None:
    items = [with_poster(f"Film {n}") for n in range(3)]
    cards.forget()
    with django_assert_num_queries(4):
        shown = cards.get([item.item_id for item in items])
        assert all("/pictures/" in cover_url(item) for item in shown.values())


def test_the_credits_name_those_whose_pictures_are_shown_and_nobody_else(client: Client) -> None:
    address = reverse("catalog:picture_credits")
    assert "No picture of anybody else is shown" in client.get(address).content.decode()
    item = with_poster()
    make("movie", "Other")
    page = client.get(address).content.decode()
    assert "not endorsed or certified by TMDB" in page
    assert "1 picture shown now" in page
    assert "Open Library" not in page
    assert f'href="{address}"' in client.get(item.get_absolute_url()).content.decode()


# --- Serving ------------------------------------------------------------------------------


def test_the_versioned_address_may_be_kept_for_good(client: Client) -> None:
    response = client.get(cover_url(fresh(with_poster())))
    assert response["Content-Type"] == "image/webp"
    assert response.content[8:12] == b"WEBP"
    assert "immutable" in response["Cache-Control"]


@pytest.mark.parametrize("query", ["", "?v=1-0123456789ab"])
def test_another_version_is_not_kept_for_good(client: Client, query: str) -> None:
    item = with_poster()
    response = client.get(reverse("catalog:picture", args=[item.item_id]) + query)
    assert response.status_code == 200
    assert "immutable" not in response["Cache-Control"]


def test_a_known_picture_is_not_sent_again(client: Client) -> None:
    url = cover_url(fresh(with_poster()))
    etag = client.get(url)["ETag"]
    unchanged = client.get(url, headers={"If-None-Match": etag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_another_picture_has_another_address() -> None:
    item = with_poster()
    before = cover_url(fresh(item))
    keeping.keep_upload(item=item, data=picture(300, 450), attribution="", source_page="", now=NOW)
    assert cover_url(fresh(item)) != before


def test_where_the_file_is_gone_the_drawn_cover_is_shown(client: Client) -> None:
    item = fresh(with_poster())
    url = cover_url(item)
    default_storage.delete(str(item.picture.file.name))
    response = client.get(url, follow=True)
    assert response["Content-Type"] == "image/svg+xml"
    assert "immutable" not in client.get(url)["Cache-Control"]


def test_without_a_picture_its_address_leads_to_the_drawn_cover(client: Client) -> None:
    item = make("book", "Dune")
    response = client.get(reverse("catalog:picture", args=[item.item_id]))
    assert response["Location"] == cover_url(item)


def test_the_picture_of_nothing_is_not_found(client: Client) -> None:
    assert client.get(reverse("catalog:picture", args=["no-such"])).status_code == 404


def test_a_picture_is_not_posted_to(client: Client) -> None:
    address = reverse("catalog:picture", args=[with_poster().item_id])
    assert client.post(address).status_code == 405


# --- Admin --------------------------------------------------------------------------------


@pytest.fixture
def editor(client: Client) -> Client:
    user = User.objects.create_user("editor", is_staff=True)
    names = ("view_picture", "add_picture", "change_picture", "view_movie")
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)
    return client


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    calls: list[Any] = []
    monkeypatch.setattr(tasks.fetch_pictures, "delay", calls.append)
    return calls


def act(client: Client, action: str, *items: Item) -> str:
    chosen = [item.picture.pk for item in map(fresh, items)]
    data = {"action": action, "_selected_action": chosen}
    return client.post(reverse(LIST), data, follow=True).content.decode()


def upload(client: Client, item: Item, data: bytes) -> str:
    fields = {
        "item": item.pk,
        "upload": SimpleUploadedFile("own.jpg", data, "image/jpeg"),
        "attribution": "Our own scan",
        "source_page": "",
    }
    address = reverse("admin:catalog_picture_add")
    return client.post(address, fields, follow=True).content.decode()


def test_the_list_says_what_is_turned_on(editor: Client, settings: Any) -> None:
    with_poster()
    page = editor.get(reverse(LIST)).content.decode()
    assert "off: SEGUE_TMDB_KEY turns it on" in page
    assert "Fetch now" not in page
    settings.TMDB_KEY = "k3y"
    page = editor.get(reverse(LIST)).content.decode()
    assert "SEGUE_TMDB_KEY" not in page
    assert "k3y" not in page
    assert "Fetch now" in page


def test_the_list_costs_the_same_at_any_length(
    editor: Client, django_assert_max_num_queries: Any
) -> None:
    for n in range(12):
        with_poster(f"Film {n}")
    with django_assert_max_num_queries(12):
        assert "/pictures/" in editor.get(reverse(LIST)).content.decode()


def test_a_row_is_looked_at_but_not_typed_in(editor: Client) -> None:
    item = fresh(with_poster())
    row = item.picture
    address = reverse("admin:catalog_picture_change", args=[row.pk])
    assert "/pictures/" in editor.get(address).content.decode()
    assert editor.post(address, {"status": "missing"}).status_code == 403


def test_a_picture_is_forgotten_and_asked_for_again(
    editor: Client, settings: Any, queued: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    settings.TMDB_KEY = "k3y"
    item = with_poster()
    name = str(fresh(item).picture.file.name)
    with django_capture_on_commit_callbacks(execute=True):
        page = act(editor, "forget_and_fetch", item)
    assert "1 picture(s) forgotten" in page
    assert queued == [[item.item_id]]
    assert not Picture.objects.exists()
    assert not default_storage.exists(name)


def test_the_drawn_cover_can_be_preferred(editor: Client) -> None:
    item = with_poster()
    assert "keep their drawn cover" in act(editor, "use_drawn_cover", item)
    row = Picture.objects.get(item=item)
    assert (row.status, row.provider, bool(row.file)) == ("missing", "editor", False)
    assert "/covers/" in cover_url(fresh(item))


def test_who_may_only_look_gets_no_actions_and_no_button(client: Client, settings: Any) -> None:
    settings.TMDB_KEY = "k3y"
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_picture"))
    client.force_login(user)
    item = with_poster()
    page = client.get(reverse(LIST)).content.decode()
    assert "forget_and_fetch" not in page
    assert "Fetch now" not in page
    act(client, "use_drawn_cover", item)
    assert Picture.objects.get(item=item).status == "found"


def test_a_run_is_started_by_its_button_alone(
    editor: Client, settings: Any, queued: list[Any]
) -> None:
    settings.TMDB_KEY = "k3y"
    address = reverse("admin:catalog_pictures_fetch_now")
    editor.get(address)
    assert queued == []
    editor.post(address)
    assert queued == [None]


def test_a_queue_that_is_away_is_told(
    editor: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TMDB_KEY = "k3y"

    def away(*_: Any) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(tasks.fetch_pictures, "delay", away)
    address = reverse("admin:catalog_pictures_fetch_now")
    page = editor.post(address, follow=True).content.decode()
    assert "The queue does not answer" in page


def test_an_editor_uploads_a_picture_which_takes_the_place_of_another(
    editor: Client, client: Client
) -> None:
    item = with_poster()
    assert "was added successfully" in upload(editor, item, picture(800, 1200, "PNG"))
    row = Picture.objects.get(item=item)
    assert (row.provider, row.status, row.width) == ("editor", "found", 500)
    page = client.get(item.get_absolute_url()).content.decode()
    assert "Our own scan" in page
    assert "TMDB" not in page


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"<html>", "It cannot be used: it is no JPEG, PNG or WebP picture."),
        (picture()[:4000], "It cannot be used: the picture is damaged or cut off."),
        (b"x" * 3_000_001, "It has more than 3 MB."),
        (b"", "The submitted file is empty."),
    ],
)
def test_an_upload_that_is_no_picture_is_refused(
    editor: Client, data: bytes, sentence: str
) -> None:
    item = with_poster()
    assert sentence in upload(editor, item, data)
    assert Picture.objects.get(item=item).provider == "tmdb"


def test_the_page_of_an_item_in_the_admin_leads_to_the_upload(editor: Client) -> None:
    item = with_poster()
    page = editor.get(reverse("admin:catalog_movie_change", args=[item.pk])).content.decode()
    address = f"{reverse('admin:catalog_picture_add')}?item={item.pk}"
    assert f'href="{address}"' in page
    assert f'value="{item.pk}"' in editor.get(address).content.decode()


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "CMYK"])
def test_any_kind_of_pixels_becomes_plain_colours(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    made = prepared(picture(400, 600, form, mode))
    assert (made.width, made.height) == (400, 600)
    assert made.data[8:12] == b"WEBP"
