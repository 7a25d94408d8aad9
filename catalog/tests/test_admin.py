"""The catalogue's admin: it opens, finds, and does not slow down with length."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from catalog.models import Creator, Genre, Item, Kinship, Relation
from catalog.tests.shelves import casablanca, make

pytestmark = pytest.mark.django_db
KINDS = ["movie", "track", "book"]


@pytest.fixture
def staff(admin_client: Client, settings: Settings) -> Client:
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    return admin_client


def list_of(model: str) -> str:
    return reverse(f"admin:catalog_{model}_changelist")


@pytest.mark.parametrize("model", [*KINDS, "genre", "creator", "kinship", "item"])
def test_a_list_costs_the_same_number_of_queries_at_any_length(
    staff: Client, model: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    casablanca()
    for kind in KINDS:
        for n in range(20):
            item = make(kind, f"{kind} {n}", by=f"Maker {kind} {n}", genres=(f"G{n}",))
            other = make("book", f"Novel {kind} {n}")
            Kinship.objects.create(derived=item, relation=Relation.INSPIRED_BY, origin=other)
    with django_assert_max_num_queries(11):
        assert staff.get(list_of(model)).status_code == 200


@pytest.mark.parametrize("query", ["Casablanca", "curtiz", "Movie_casablanca"])
def test_an_item_is_found_by_title_creator_and_id(staff: Client, query: str) -> None:
    film, _, _ = casablanca()
    make("movie", "Ran", by="Akira Kurosawa")
    response = staff.get(list_of("movie"), {"q": query})
    assert [item.pk for item in response.context["cl"].result_list] == [film.pk]


@pytest.mark.parametrize("kind", KINDS)
def test_an_item_is_edited_through_its_kind(staff: Client, kind: str) -> None:
    item = make(kind, "Before", by="Somebody", genres=("Drama",))
    url = reverse(f"admin:catalog_{kind}_change", args=[item.pk])
    assert "Somebody" in staff.get(url).content.decode()
    (credit,) = item.credits.all()
    row = {"id": credit.pk, "item": item.pk, "creator": credit.creator_id, "role": credit.role}
    data = {
        **{f"credits-0-{name}": value for name, value in row.items()},
        "credits-0-position": 0,
        "credits-TOTAL_FORMS": 1,
        "credits-INITIAL_FORMS": 1,
        "aliases-0-name": "Danach",
        "aliases-TOTAL_FORMS": 1,
        "aliases-INITIAL_FORMS": 0,
        "title": "Après",
        "moods": '["calm"]',
        "genres": [Genre.objects.get().pk],
    }
    response = staff.post(url, data)
    assert response.status_code == 302, response.context["errors"]
    item.refresh_from_db()
    assert (item.title, item.title_key) == ("Après", "apres")
    assert [alias.name_key for alias in item.aliases.all()] == ["danach"]


def test_items_are_not_made_by_hand(staff: Client) -> None:
    for model in (*KINDS, "item"):
        assert staff.get(reverse(f"admin:catalog_{model}_add")).status_code == 403


def test_the_bare_item_is_only_looked_up(staff: Client) -> None:
    film, _, _ = casablanca()
    url = reverse("admin:catalog_item_change", args=[film.pk])
    staff.post(url, {"title": "Something else"})
    assert Item.objects.get(pk=film.pk).title == "Casablanca"
    assert staff.post(reverse("admin:catalog_item_delete", args=[film.pk])).status_code == 403


def test_genres_and_creators_count_their_items(staff: Client) -> None:
    make("book", "A", by="Ursula", genres=("Essays",))
    make("book", "B", by="Ursula", genres=("Essays",))
    for model, made in (("genre", Genre.objects.get()), ("creator", Creator.objects.get())):
        (row,) = staff.get(list_of(model)).context["cl"].result_list
        assert (row.pk, row.size) == (made.pk, 2)


def test_a_visitor_does_not_get_in(client: Client) -> None:
    client.force_login(User.objects.create_user("visitor"))
    response = client.get(list_of("movie"))
    assert response.status_code == 302
    assert reverse("admin:login") in response["Location"]
