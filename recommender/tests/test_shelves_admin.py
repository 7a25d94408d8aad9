"""Editors' shelves in the admin, and those that a new site begins with."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog import starter_catalogue
from catalog.models import Item, Kind
from catalog.tests.pages import text_of
from recommender import starter_shelves
from recommender.models import Pin, Shelf

pytestmark = pytest.mark.django_db

LIST = "admin:recommender_shelf_changelist"


def staff(name: str, *permissions: str) -> Client:
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def editor() -> Client:
    """Somebody who may do what an editor of shelves needs, and nothing else."""
    models = ("shelf", "pin")
    may = [f"{do}_{model}" for do in ("add", "change", "delete", "view") for model in models]
    return staff("editor", "view_item", *may)


@pytest.fixture
def outsider() -> Client:
    return staff("outsider", "view_item")


@pytest.fixture
def shelf(items: list[Item]) -> Shelf:
    made = Shelf.objects.create(title="Rainy days", blurb="For staying in.")
    for place, item in enumerate(items[:8]):
        Pin.objects.create(shelf=made, item=item, position=place)
    return made


def form(items: list[Item], **fields: Any) -> dict[str, Any]:
    """What the page to add a shelf sends."""
    values = {"title": "Rainy days", "blurb": "", "position": 0, "is_on": "on", **fields}
    values |= {"starts_on": fields.get("starts_on", ""), "ends_on": fields.get("ends_on", "")}
    values |= {"pins-TOTAL_FORMS": len(items), "pins-INITIAL_FORMS": 0}
    for place, item in enumerate(items):
        values |= {f"pins-{place}-item": item.pk, f"pins-{place}-position": place}
        values |= {f"pins-{place}-note": "", f"pins-{place}-starts_on": ""}
        values |= {f"pins-{place}-ends_on": ""}
    return values


def test_a_shelf_that_an_editor_makes_stands_on_the_front_page_at_once(
    editor: Client, items: list[Item]
) -> None:
    assert "Rainy days" not in text_of(Client(), "/?rows=all")

    response = editor.post(reverse("admin:recommender_shelf_add"), form(items[:6]))

    assert response.status_code == 302, response.content.decode()
    page = text_of(Client(), "/?rows=all")
    assert "Rainy days" in page
    assert "Picked by our editors" in page


def test_a_shelf_that_is_taken_away_is_gone_at_once(editor: Client, shelf: Shelf) -> None:
    assert shelf.title in text_of(Client(), "/?rows=all")
    editor.post(reverse("admin:recommender_shelf_delete", args=[shelf.pk]), {"post": "yes"})
    assert shelf.title not in text_of(Client(), "/?rows=all")


def test_titles_are_found_by_a_part_of_them(editor: Client, items: list[Item]) -> None:
    asked = {"app_label": "recommender", "model_name": "pin", "field_name": "item"}
    response = editor.get(reverse("admin:autocomplete"), {**asked, "term": items[5].title[:8]})
    assert str(items[5].pk) in {found["id"] for found in response.json()["results"]}


def test_the_same_title_twice_is_refused(editor: Client, items: list[Item]) -> None:
    response = editor.post(
        reverse("admin:recommender_shelf_add"), form([items[0], items[1], items[0]])
    )
    assert response.status_code == 200
    assert "correct the" in response.content.decode()
    assert not Shelf.objects.exists()


def test_a_last_day_before_the_first_is_refused_with_a_sentence(
    editor: Client, items: list[Item]
) -> None:
    wrong = form(items[:4], starts_on="2026-12-24", ends_on="2026-12-01")
    response = editor.post(reverse("admin:recommender_shelf_add"), wrong)
    assert "The last day is before the first." in response.content.decode()
    assert not Shelf.objects.exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Yes"),
        ({"is_on": False}, "No: turned off"),
        ({"ends_on": timezone.localdate() - timedelta(days=1)}, "No: it is over"),
        ({"starts_on": timezone.localdate() + timedelta(days=300)}, "From "),
    ],
)
def test_the_list_says_whether_a_shelf_stands(
    editor: Client, shelf: Shelf, fields: dict[str, Any], said: str
) -> None:
    Shelf.objects.filter(pk=shelf.pk).update(**fields)
    assert f'field-stands">{said}' in text_of(editor, reverse(LIST))


def test_the_list_says_that_a_shelf_is_too_short(editor: Client, shelf: Shelf) -> None:
    Pin.objects.filter(shelf=shelf, position__gte=3).delete()
    assert "No: a row has at least 4 titles" in text_of(editor, reverse(LIST))


def test_the_preview_shows_a_shelf_before_its_first_day(editor: Client, shelf: Shelf) -> None:
    first = timezone.localdate() + timedelta(days=300)
    Shelf.objects.filter(pk=shelf.pk).update(starts_on=first, is_on=False)
    change = text_of(editor, reverse("admin:recommender_shelf_change", args=[shelf.pk]))
    address = reverse("admin:recommender_shelf_preview", args=[shelf.pk])
    assert f'href="{address}"' in change

    page = text_of(editor, address)

    assert "Rainy days" in page
    assert str(first.year) in page
    assert page.count('class="card ') == 8
    assert shelf.title not in text_of(Client(), "/?rows=all")


def test_the_preview_of_no_shelf_is_not_found(editor: Client) -> None:
    address = reverse("admin:recommender_shelf_preview", args=[4711])
    assert editor.get(address).status_code == 404


def test_an_outsider_sees_and_changes_nothing(outsider: Client, shelf: Shelf) -> None:
    for name, args in (("changelist", []), ("change", [shelf.pk]), ("preview", [shelf.pk])):
        assert (
            outsider.get(reverse(f"admin:recommender_shelf_{name}", args=args)).status_code == 403
        )
        stranger = Client().get(reverse(f"admin:recommender_shelf_{name}", args=args))
        assert stranger.status_code == 302
    outsider.post(reverse("admin:recommender_shelf_delete", args=[shelf.pk]), {"post": "yes"})
    assert Shelf.objects.filter(pk=shelf.pk).exists()


# --- A new site's shelves -------------------------------------------------------------------


def test_a_new_site_begins_with_shelves_of_all_kinds() -> None:
    starter_catalogue.seed(progress=False)

    assert starter_shelves.seed() == 3

    kinds: set[str] = set()
    for shelf in Shelf.objects.all():
        assert shelf.pins.count() >= 10
        kinds |= set(shelf.pins.values_list("item__kind", flat=True))
    assert kinds == set(Kind.values)
    page = text_of(Client(), "/?rows=all")
    for shelf in Shelf.objects.all():
        assert shelf.title in page

    assert starter_shelves.seed() == 0  # nothing is made twice


def test_what_the_notes_of_the_first_shelf_say_is_in_the_catalogue() -> None:
    starter_catalogue.seed(progress=False)
    starter_shelves.seed()
    pins = list(Shelf.objects.order_by("position")[0].pins.select_related("item"))
    for film, track, book in zip(pins[::3], pins[1::3], pins[2::3], strict=True):
        assert film.item.title in track.note
        assert film.item.gave_rise_to.filter(derived=track.item).exists()
        assert film.item.derived_from.filter(origin=book.item).exists()


def test_a_site_with_other_titles_gets_no_shelves(items: list[Item]) -> None:
    assert starter_shelves.seed() == 0
    assert not Shelf.objects.exists()


def test_a_site_with_shelves_keeps_its_own(shelf: Shelf) -> None:
    starter_catalogue.seed(progress=False)
    assert starter_shelves.seed() == 0
    assert list(Shelf.objects.all()) == [shelf]
