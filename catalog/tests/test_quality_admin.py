"""Duplicates and merges in the admin: shown before, done by POST, by those who may."""

import uuid

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Alias, DistinctPair, Item, Merge
from catalog.tests.shelves import make
from sessions_app.services import open_session, react

pytestmark = pytest.mark.django_db


@pytest.fixture
def emmas() -> tuple[Item, Item]:
    """One novel twice, the second with more in it."""
    return (
        make("book", "Emma", by="Jane Austen", item_id="Book_1", description="A matchmaker."),
        make("book", "Emma: A Novel", by="Jane Austen", item_id="Book_2", year=1815, rating=4.0),
    )


def two(kept: Item, gone: Item) -> str:
    return reverse("admin:catalog_merge_two", args=[kept.pk, gone.pk])


def staff_with(*permissions: str) -> Client:
    user = User.objects.create_user(f"curator {permissions}", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def test_the_page_shows_both_and_changes_nothing(
    admin_client: Client, emmas: tuple[Item, Item]
) -> None:
    page = admin_client.get(two(*emmas))
    text = page.content.decode()
    assert "A matchmaker." in text
    assert "“Emma: A Novel” becomes another name" in text
    assert f'href="{two(emmas[1], emmas[0])}"' in text
    assert [line.name for line in page.context["preview"].fills] == ["year", "rating"]
    tallies = {(t.label, t.kept, t.gone) for t in page.context["preview"].tallies}
    assert tallies == {("Credits", 1, 1)}
    assert Item.objects.count() == 2


def test_a_merge_is_sent_with_what_was_ticked(
    admin_client: Client, emmas: tuple[Item, Item]
) -> None:
    response = admin_client.post(two(*emmas), {"fill": ["year"]}, follow=True)
    text = response.content.decode()
    assert "“Emma: A Novel” was merged into" in text
    book = Item.objects.get()
    assert (book.item_id, book.year, book.book.rating) == ("Book_1", 1815, None)
    made = Merge.objects.get()
    assert made.merged_by is not None
    again = admin_client.post(two(*emmas))
    assert again.status_code == 404


def test_items_of_two_kinds_are_refused_with_a_sentence(admin_client: Client) -> None:
    film, book = make("movie", "Emma"), make("book", "Emma")
    response = admin_client.get(two(film, book), follow=True)
    assert "only items of one kind can be merged" in response.content.decode()


def test_the_list_of_merges_undoes(admin_client: Client, emmas: tuple[Item, Item]) -> None:
    admin_client.post(two(*emmas))
    made = Merge.objects.get()
    undo = reverse("admin:catalog_merge_undo", args=[made.pk])
    listed = admin_client.get(reverse("admin:catalog_merge_changelist")).content.decode()
    assert f'formaction="{undo}"' in listed
    assert admin_client.get(undo).status_code == 405
    text = admin_client.post(undo, follow=True).content.decode()
    assert "is back, apart from" in text
    assert "Undone on" in text
    assert Item.objects.count() == 2
    assert "undone already" in admin_client.post(undo, follow=True).content.decode()


def test_a_merge_that_came_in_an_archive_has_nothing_to_undo(
    admin_client: Client, emmas: tuple[Item, Item]
) -> None:
    made = Merge.objects.create(
        kept=emmas[0], gone_item_id="Book_0", gone_title="Emma 0", snapshot={},
        merged_at="2024-01-01T00:00Z",
    )  # fmt: skip
    listed = admin_client.get(reverse("admin:catalog_merge_changelist")).content.decode()
    assert "Came in an archive" in listed
    assert "formaction" not in listed
    undo = reverse("admin:catalog_merge_undo", args=[made.pk])
    said = admin_client.post(undo, follow=True).content.decode()
    assert "nothing that could be brought back" in said
    history = reverse("admin:catalog_book_history", args=[emmas[0].pk])
    assert "Merged “Emma 0”" in admin_client.get(history).content.decode()


def test_the_one_to_keep_is_suggested_by_what_visitors_did(
    admin_client: Client, emmas: tuple[Item, Item]
) -> None:
    asked = f"{two(*emmas)}?suggest"
    assert admin_client.get(asked)["Location"] == two(emmas[1], emmas[0])
    session = open_session(now=timezone.now())
    react(session=session, item=emmas[0], type="like", event_id=uuid.uuid4(), now=timezone.now())
    assert admin_client.get(asked)["Location"] == two(*emmas)
    tallies = admin_client.get(two(*emmas)).context["preview"].tallies
    assert ("Session events: like", 1, 0) in {(t.label, t.kept, t.gone) for t in tallies}


def test_the_action_wants_exactly_two(admin_client: Client, emmas: tuple[Item, Item]) -> None:
    listing = reverse("admin:catalog_book_changelist")
    third = make("book", "Persuasion")
    keys = [emmas[0].pk, emmas[1].pk, third.pk]
    for chosen in (keys[:1], keys):
        data = {"action": "merge_two", "_selected_action": chosen}
        response = admin_client.post(listing, data, follow=True)
        assert "Choose exactly two items" in response.content.decode()
    data = {"action": "merge_two", "_selected_action": keys[:2]}
    response = admin_client.post(listing, data)
    # The second has more columns filled, and is the one to keep.
    assert response["Location"] == two(emmas[1], emmas[0])


def test_duplicates_are_listed_with_their_reason_and_can_be_kept_apart(
    admin_client: Client, emmas: tuple[Item, Item]
) -> None:
    Item.objects.filter(pk=emmas[1].pk).update(title="Emma", title_key="emma")
    page = reverse("admin:catalog_duplicates")
    text = admin_client.get(page, {"kind": "book"}).content.decode()
    assert "same title, same author" in text
    assert two(*emmas) in text
    pair = {"first": emmas[1].pk, "second": emmas[0].pk}
    said = admin_client.post(reverse("admin:catalog_keep_apart"), pair, follow=True)
    assert "are two works" in said.content.decode()
    assert DistinctPair.objects.count() == 1
    assert "No two books look like one work" in said.content.decode()
    nobody = {"first": "x", "second": ""}
    assert admin_client.post(reverse("admin:catalog_keep_apart"), nobody).status_code == 404


def test_it_takes_the_permission_to_change_and_to_delete_this_kind(
    emmas: tuple[Item, Item],
) -> None:
    addresses = [two(*emmas), reverse("admin:catalog_duplicates")]
    for permissions in (("change_book",), ("delete_book",), ("change_movie", "delete_movie")):
        client = staff_with(*permissions)
        assert client.get(addresses[0]).status_code == 403
        assert client.post(addresses[0]).status_code == 403
        pair = {"first": emmas[0].pk, "second": emmas[1].pk}
        assert client.post(reverse("admin:catalog_keep_apart"), pair).status_code == 403
    curator = staff_with("change_book", "delete_book")
    assert [curator.get(address).status_code for address in addresses] == [200, 200]
    kinds = [kind for kind, _ in curator.get(addresses[1]).context["kinds"]]
    assert kinds == ["book"]
    assert curator.post(addresses[0]).status_code == 302
    undo = reverse("admin:catalog_merge_undo", args=[Merge.objects.get().pk])
    assert staff_with("view_merge").post(undo).status_code == 403
    assert curator.post(undo).status_code == 302
    assert Item.objects.count() == 2


def test_a_merge_from_another_site_is_refused(emmas: tuple[Item, Item]) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.create_superuser("curator"))
    assert strict.post(two(*emmas)).status_code == 403
    assert Item.objects.count() == 2


def test_visitors_are_sent_to_sign_in(client: Client, emmas: tuple[Item, Item]) -> None:
    for address in (two(*emmas), reverse("admin:catalog_duplicates")):
        response = client.get(address)
        assert response.status_code == 302
        assert reverse("admin:login") in response["Location"]


@pytest.mark.parametrize("query", ["zwei Emmas", "ZWEI", "émmas"])
def test_an_item_is_found_by_its_other_names(
    admin_client: Client, emmas: tuple[Item, Item], query: str
) -> None:
    Alias.objects.create(item=emmas[0], name="Zwei Emmas")
    response = admin_client.get(reverse("admin:catalog_book_changelist"), {"q": query})
    assert [item.pk for item in response.context["cl"].result_list] == [emmas[0].pk]
