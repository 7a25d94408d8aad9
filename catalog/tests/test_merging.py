"""Two rows of one work become one, whatever points at them, and two again."""

import threading
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import close_old_connections, connection
from django.test import Client
from django.urls import reverse

from catalog.import_report import FailedRows, ImportReport
from catalog.importing import import_rows
from catalog.merging import MergeError, current_ids, items_by_id, merge, undo
from catalog.models import (
    Alias,
    Creator,
    Credit,
    DistinctPair,
    Item,
    Kinship,
    Merge,
    Movie,
    Picture,
    Relation,
    Role,
)
from catalog.revision import revision
from catalog.rows import CreditEntry, MovieRow
from catalog.sources import CleanRow
from catalog.tests.shelves import casablanca, make

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator() -> User:
    return User.objects.create_superuser("curator")


def twins() -> tuple[Item, Item]:
    """One film twice: the kept one has a director and a year, the other the rest."""
    kept = make(
        "movie", "Alien", by="Ridley Scott", genres=("Horror",), year=1979, item_id="Movie_kept"
    )
    gone = make(
        "movie", "Alien: The Eighth Passenger", genres=("Horror", "Space"), item_id="Movie_gone",
        year=1980, country="UK", description="In space nobody hears you.", budget=11e6,
        moods=["tense"],
    )  # fmt: skip
    for place, (name, role) in enumerate(
        [("Ridley  Scott", Role.DIRECTOR), ("Sigourney Weaver", Role.ACTOR)]
    ):
        creator, _ = Creator.objects.get_or_create(name=name)
        Credit.objects.create(item=gone, creator=creator, role=role, position=place)
    return kept, gone


def everything() -> dict[str, list[Any]]:
    """All rows of the catalogue but those that only note that something happened."""
    from django.apps import apps

    return {
        model._meta.label: sorted(map(str, model._base_manager.values_list()))
        for model in apps.get_app_config("catalog").get_models(include_auto_created=True)
        if model._meta.model_name not in ("change", "merge")
    }


def test_the_kept_item_gets_what_it_lacks_and_keeps_what_it_has() -> None:
    kept, gone = twins()
    merge(kept=kept, gone=gone, by=None)
    film = Movie.objects.get()
    assert (film.item_id, film.title, film.year) == ("Movie_kept", "Alien", 1979)
    assert (film.country, film.budget, film.moods) == ("UK", 11e6, ["tense"])
    assert film.description == "In space nobody hears you."
    assert {genre.name for genre in film.genres.all()} == {"Horror", "Space"}
    assert [alias.name for alias in film.aliases.all()] == ["Alien: The Eighth Passenger"]


def test_a_person_spelled_twice_is_credited_once_and_the_others_are_billed_after() -> None:
    kept, gone = twins()
    merge(kept=kept, gone=gone, by=None)
    credits = Credit.objects.filter(item=kept).values_list("creator__name", "role")
    assert list(credits) == [("Ridley Scott", "director"), ("Sigourney Weaver", "actor")]


def test_only_the_columns_that_were_ticked_are_filled() -> None:
    kept, gone = twins()
    merge(kept=kept, gone=gone, by=None, fill=["country", "title", "year"])
    film = Movie.objects.get()
    assert (film.country, film.budget, film.description) == ("UK", None, "")
    assert (film.title, film.year) == ("Alien", 1979)  # these it has


def test_undo_leaves_every_row_of_the_catalogue_as_it_was(curator: User) -> None:
    kept, gone = twins()
    book = make("book", "Alien", by="Alan Dean Foster")
    Kinship.objects.create(derived=book, relation=Relation.BASED_ON, origin=gone)
    Kinship.objects.create(derived=gone, relation=Relation.INSPIRED_BY, origin=kept)
    for film in (kept, gone):
        Kinship.objects.create(derived=film, relation=Relation.BASED_ON, origin=book)
        Alias.objects.create(item=film, name="Alien 1")
    other = make("movie", "Aliens")
    DistinctPair.objects.create(first=gone, second=other)
    Picture.objects.create(
        item=gone, status="missing", provider="none", tried_at="2024-01-01T00:00Z"
    )
    before = everything()
    made = merge(kept=kept, gone=gone, by=curator)
    assert everything() != before
    item, left_out = undo(merge=made, by=curator)
    assert everything() == before
    assert (item.pk, item.item_id, left_out) == (gone.pk, "Movie_gone", 0)
    made.refresh_from_db()
    assert made.undone_at is not None
    assert made.undone_by == curator


def test_a_merge_makes_no_kinship_with_itself_and_none_twice() -> None:
    kept, gone = twins()
    book = make("book", "Alien")
    Kinship.objects.create(derived=gone, relation=Relation.INSPIRED_BY, origin=kept)
    for film in (kept, gone):
        Kinship.objects.create(derived=book, relation=Relation.BASED_ON, origin=film)
    merge(kept=kept, gone=gone, by=None)
    assert list(Kinship.objects.values_list("derived", "origin")) == [(book.pk, kept.pk)]


def test_what_is_not_the_one_is_not_the_other_either() -> None:
    other = make("movie", "Aliens")
    gone = make("movie", "Alien")
    third = make("movie", "Alien 3")
    kept = make("movie", "Alien")
    DistinctPair.objects.create(first=gone, second=third)  # would have to turn round
    DistinctPair.objects.create(first=other, second=gone)
    made = merge(kept=kept, gone=gone, by=None)
    pairs = set(DistinctPair.objects.values_list("first", "second"))
    assert pairs == {(third.pk, kept.pk), (other.pk, kept.pk)}
    undo(merge=made, by=None)
    pairs = set(DistinctPair.objects.values_list("first", "second"))
    assert pairs == {(gone.pk, third.pk), (other.pk, gone.pk)}


def test_a_picture_moves_where_there_is_none_and_comes_back() -> None:
    kept, gone = twins()
    for item, provider in ((kept, "a"), (gone, "b")):
        Picture.objects.create(
            item=item, status="missing", provider=provider, tried_at="2024-01-01T00:00Z"
        )
    made = merge(kept=kept, gone=gone, by=None)
    assert Picture.objects.get().provider == "a"
    undo(merge=made, by=None)
    assert dict(Picture.objects.values_list("item", "provider")) == {kept.pk: "a", gone.pk: "b"}


# --- What cannot be -----------------------------------------------------------------------


def test_an_item_is_not_merged_with_itself_nor_with_another_kind() -> None:
    film, song, _ = casablanca()
    with pytest.raises(MergeError, match="two different items"):
        merge(kept=film, gone=film, by=None)
    with pytest.raises(MergeError, match="is a movie and “As Time Goes By” a track"):
        merge(kept=film, gone=song, by=None)
    assert Item.objects.count() == 3


def test_an_item_that_is_gone_is_not_merged_again() -> None:
    kept, gone = twins()
    merge(kept=kept, gone=gone, by=None)
    for pair in ((kept, gone), (gone, kept)):
        with pytest.raises(MergeError, match="not in the catalogue any more"):
            merge(kept=pair[0], gone=pair[1], by=None)
    assert Merge.objects.count() == 1


def test_a_merge_is_undone_once() -> None:
    kept, gone = twins()
    made = merge(kept=kept, gone=gone, by=None)
    undo(merge=made, by=None)
    with pytest.raises(MergeError, match="undone already"):
        undo(merge=made, by=None)
    merge(kept=gone, gone=kept, by=None)  # and then the other way round
    assert Item.objects.get().item_id == "Movie_gone"


def test_an_item_does_not_come_back_beside_another_of_its_id() -> None:
    kept, gone = twins()
    made = merge(kept=kept, gone=gone, by=None)
    make("movie", "An impostor", item_id="Movie_gone")
    with pytest.raises(MergeError, match="cannot come back beside it"):
        undo(merge=made, by=None)
    assert set(Item.objects.values_list("title", flat=True)) == {"Alien", "An impostor"}


# --- Chains -------------------------------------------------------------------------------


def test_an_old_id_leads_to_the_end_of_the_chain() -> None:
    first, second, third = (make("book", "Emma", item_id=f"Book_{n}") for n in "abc")
    merge(kept=second, gone=first, by=None)
    merge(kept=third, gone=second, by=None)
    assert current_ids(["Book_a", "Book_b", "Book_c", "Book_d"]) == {
        "Book_a": "Book_c",
        "Book_b": "Book_c",
    }
    found = items_by_id(["Book_a", "Book_c", "Book_d"])
    assert {old: item.pk for old, item in found.items()} == {"Book_a": third.pk, "Book_c": third.pk}


def test_a_chain_is_undone_from_its_end() -> None:
    items = [
        make("book", f"Emma {n}", by=f"Author {n}", genres=(f"G{n}",), item_id=f"Book_{n}")
        for n in "abc"
    ]
    before = everything()
    one = merge(kept=items[1], gone=items[0], by=None)
    two = merge(kept=items[2], gone=items[1], by=None)
    assert Credit.objects.filter(item=items[2]).count() == 3
    with pytest.raises(MergeError, match="has itself been merged into “Emma c” since"):
        undo(merge=one, by=None)
    undo(merge=two, by=None)
    assert current_ids(["Book_a", "Book_b"]) == {"Book_a": "Book_b"}
    undo(merge=one, by=None)
    assert everything() == before


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_merges_into_one_are_undone_in_either_order(order: tuple[int, int]) -> None:
    kept, *others = (
        make("book", f"Emma {n}", by=f"Author {n}", genres=("Novel",), item_id=f"Book_{n}")
        for n in "abc"
    )
    Item.objects.filter(pk=others[0].pk).update(country="England")
    before = everything()
    made = [merge(kept=kept, gone=other, by=None) for other in others]
    for place in order:
        undo(merge=made[place], by=None)
    assert everything() == before


# --- What was changed in between ----------------------------------------------------------


def test_undo_leaves_what_was_edited_since() -> None:
    kept, gone = twins()
    made = merge(kept=kept, gone=gone, by=None)
    Movie.objects.filter(pk=kept.pk).update(country="United Kingdom")
    alias = Alias.objects.get()
    alias.name = "Alien, the eighth passenger"
    alias.save()
    undo(merge=made, by=None)
    film = Movie.objects.get(pk=kept.pk)
    assert (film.country, film.description) == ("United Kingdom", "")
    assert [alias.name for alias in film.aliases.all()] == ["Alien, the eighth passenger"]


def test_credits_that_were_deleted_since_come_back_with_the_item() -> None:
    kept, gone = twins()
    made = merge(kept=kept, gone=gone, by=None)
    Credit.objects.filter(item=kept).delete()
    undo(merge=made, by=None)
    names = Credit.objects.filter(item=gone).values_list("creator__name", flat=True)
    assert list(names) == ["Ridley  Scott", "Sigourney Weaver"]


def test_a_row_whose_other_end_is_gone_stays_away_and_is_counted() -> None:
    kept, gone = twins()
    made = merge(kept=kept, gone=gone, by=None)
    Credit.objects.get(creator__name="Sigourney Weaver").creator.delete()
    item, left_out = undo(merge=made, by=None)
    assert left_out == 1
    assert [credit.creator.name for credit in item.credits.all()] == ["Ridley  Scott"]


def test_a_merge_changes_the_revision() -> None:
    kept, gone = twins()
    seen = {revision()}
    made = merge(kept=kept, gone=gone, by=None)
    seen.add(revision())
    undo(merge=made, by=None)
    assert len(seen | {revision()}) == 3


# --- Imports ------------------------------------------------------------------------------


def film_row(item_id: str, title: str) -> CleanRow:
    credits = (CreditEntry("Ridley Scott", Role.DIRECTOR.value),)
    row = MovieRow(item_id=item_id, title=title, genres=("Horror",), credits=credits)
    return CleanRow(row, {"title": title})


def imported(rows: list[CleanRow], tmp_path: Any) -> ImportReport:
    report = ImportReport(label="Movie")
    with FailedRows(tmp_path / "failed.csv") as failed:
        import_rows(iter(rows), source="test", report=report, failed=failed, progress=False)
    return report


def test_an_import_does_not_bring_back_what_was_merged_away(tmp_path: Any) -> None:
    rows = [film_row("Movie_1", "Alien"), film_row("Movie_2", "Alien."), film_row("Movie_3", "Ran")]
    assert imported(rows, tmp_path).new == 3
    first, second = (Item.objects.get(item_id=f"Movie_{n}") for n in (1, 2))
    made = merge(kept=first, gone=second, by=None)
    again = imported(rows, tmp_path)
    assert (again.new, again.unchanged, again.repeated, again.updated) == (0, 2, 1, 0)
    assert again.adds_up
    undo(merge=made, by=None)
    assert imported(rows, tmp_path).unchanged == 3


def test_an_import_that_changes_the_kept_item_does_not_hinder_undo(tmp_path: Any) -> None:
    rows = [film_row("Movie_1", "Alien"), film_row("Movie_2", "The Alien")]
    imported(rows, tmp_path)
    first, second = (Item.objects.get(item_id=f"Movie_{n}") for n in (1, 2))
    made = merge(kept=first, gone=second, by=None)
    imported([film_row("Movie_1", "Alien (1979)")], tmp_path)
    item, left_out = undo(merge=made, by=None)
    assert (item.title, item.credits.count(), item.genres.count()) == ("The Alien", 1, 1)
    assert left_out == 0
    assert imported(rows[1:], tmp_path).unchanged == 1


# --- Old addresses ------------------------------------------------------------------------


def test_old_addresses_lead_to_the_kept_item_until_the_merge_is_undone(client: Client) -> None:
    kept, gone = twins()
    names = ("catalog:item", "catalog:cover", "api-item")
    old = {name: reverse(name, args=[gone.item_id]) for name in names}
    made = merge(kept=kept, gone=gone, by=None)
    for name, address in old.items():
        response = client.get(address)
        assert response.status_code == 302
        assert response["Location"] == reverse(name, args=[kept.item_id])
        assert client.get(response["Location"]).status_code == 200
        assert client.get(reverse(name, args=["Movie_nobody"])).status_code == 404
    undo(merge=made, by=None)
    for address in old.values():
        assert client.get(address).status_code == 200


def test_other_names_are_on_the_page_and_in_the_api(client: Client) -> None:
    film, _, _ = casablanca()
    page = reverse("catalog:item", args=[film.item_id])
    assert "Also known as" not in client.get(page).content.decode()
    for name in ("Everybody Comes to Rick's", "Casablanca 1942"):
        Alias.objects.create(item=film, name=name)
    answer = client.get(reverse("api-item", args=[film.item_id])).json()
    assert answer["aliases"] == ["Casablanca 1942", "Everybody Comes to Rick's"]
    text = client.get(page).content.decode()
    assert "Also known as" in text
    assert "Everybody Comes to Rick&#x27;s" in text


# --- At the same time ---------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("crossed", [True, False])
def test_of_two_merges_of_one_pair_at_once_one_wins(crossed: bool) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("the tests' SQLite, in memory, has one writer and no queue")
    kept, gone = twins()
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def work(first: Item, second: Item) -> None:
        try:
            start.wait(5)
            merge(kept=first, gone=second, by=None)
            outcomes.append("merged")
        except MergeError as error:
            outcomes.append(str(error))
        finally:
            close_old_connections()
            connection.close()

    pairs = [(kept, gone), (gone, kept) if crossed else (kept, gone)]
    threads = [threading.Thread(target=work, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcome == "merged" for outcome in outcomes) == [False, True]
    assert Item.objects.count() == Merge.objects.count() == 1
