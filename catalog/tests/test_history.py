"""Every edit by hand is kept: who, when, which field, from what to what."""

import json
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from catalog.history import history_of
from catalog.import_report import FailedRows, ImportReport
from catalog.importing import import_rows
from catalog.merging import merge, undo
from catalog.models import Alias, Creator, Genre, GenreRule, Item, Kinship, Movie, Term
from catalog.rows import CreditEntry, MovieRow
from catalog.sources import CleanRow
from catalog.starter_catalogue import seed
from catalog.tests.shelves import casablanca, make

pytestmark = pytest.mark.django_db


def saved_in_the_admin(staff: Client, film: Item, **changed: Any) -> None:
    """Sends the film's form as the admin shows it, with these fields changed."""
    url = reverse("admin:catalog_movie_change", args=[film.pk])
    page = staff.get(url)
    form = page.context["adminform"].form
    data: dict[str, Any] = {}
    for inline in page.context["inline_admin_formsets"]:
        for one in (inline.formset.management_form, *inline.formset.initial_forms):
            data |= {one.add_prefix(name): one[name].value() for name in one.fields}
    data |= {name: form[name].value() for name in form.fields}
    # A field whose default is made anew each time sends what it was along.
    data["moods"] = data["initial-moods"] = json.dumps(Movie.objects.get(pk=film.pk).moods)
    data = {name: value for name, value in (data | changed).items() if value is not None}
    response = staff.post(url, data)
    assert response.status_code == 302, response.context["errors"]


def differences(film: Item) -> dict[str, tuple[str, str]]:
    return {
        difference.name: (difference.before, difference.after)
        for edit in history_of(film)
        for difference in edit.differences
    }


def test_an_edit_in_the_admin_is_told_field_by_field(admin_client: Client) -> None:
    film, _, _ = casablanca()
    LogEntry.objects.all().delete()
    jazz = Genre.objects.get(name="Jazz")
    saved_in_the_admin(admin_client, film, title="Casablanca!", country="", genres=[jazz.pk])
    told = differences(film)
    assert told["title"] == ("Casablanca", "Casablanca!")
    assert told["country"] == ("United States", "")
    assert "title_key" not in told
    genres = [
        (difference.before, difference.after)
        for edit in history_of(film)
        for difference in edit.differences
        if difference.name == "genres"
    ]
    assert sorted(genres) == [("", "Jazz"), ("Drama, Romance", "")]
    assert {edit.by for edit in history_of(film)} == {"admin"}


def test_saving_without_a_change_is_no_edit(admin_client: Client) -> None:
    film, _, _ = casablanca()
    LogEntry.objects.all().delete()
    saved_in_the_admin(admin_client, film)
    assert history_of(film) == []


def test_other_names_credits_and_kinships_are_part_of_an_items_history() -> None:
    film, song, _ = casablanca()
    LogEntry.objects.all().delete()
    alias = Alias.objects.create(item=film, name="Everybody Comes")
    alias.name = "Everybody Comes to Rick's"
    alias.save()
    credit = film.credits.get()
    credit.delete()
    Kinship.objects.get(derived=song).delete()
    told = [(edit.done, edit.what) for edit in reversed(history_of(film))]
    assert told == [
        ("Added", "alias “Everybody Comes”"),
        ("Changed", "alias “Everybody Comes to Rick's”"),
        ("Deleted", "credit “Michael Curtiz (director) in Casablanca (1942)”"),
        ("Deleted", "kinship “As Time Goes By (1942) featured in Casablanca (1942)”"),
    ]
    assert [edit.what.split()[0] for edit in history_of(song)] == ["kinship"]


def test_the_vocabulary_has_a_history_too() -> None:
    term = Term.objects.create(name="lonely", what=Term.What.MOOD)
    rule = GenreRule.objects.create(kind="track", genre_slug="sad", term=term, weight=1)
    rule.weight = 2
    rule.save()
    newest, oldest = history_of(rule)
    assert (newest.done, oldest.done) == ("Changed", "Added")
    assert [(d.name, d.before, d.after) for d in newest.differences] == [("weight", "1.0", "2")]


def test_an_import_is_no_edit(tmp_path: Any) -> None:
    def imported(*titles: str) -> ImportReport:
        report = ImportReport(label="Movie")
        rows = [
            CleanRow(
                MovieRow(
                    item_id=f"Movie_{number}",
                    title=title,
                    genres=("Drama",),
                    credits=(CreditEntry("Somebody", "actor"),),
                ),
                {"title": title},
            )
            for number, title in enumerate(titles)
        ]
        with FailedRows(tmp_path / "failed.csv") as failed:
            import_rows(rows, source="test", report=report, failed=failed, progress=False)
        return report

    assert imported("Alien", "Aliens").new == 2
    assert imported("Alien!", "Aliens!").updated == 2
    assert not LogEntry.objects.exists()
    seed(progress=False)
    assert not LogEntry.objects.exists()


def test_merges_are_part_of_the_history_and_not_told_row_by_row() -> None:
    curator = User.objects.create_superuser("curator")
    kept = make("movie", "Alien", by="Ridley Scott", item_id="Movie_kept")
    gone = make("movie", "The Alien", by="Ridley Scott", country="UK", item_id="Movie_gone")
    LogEntry.objects.all().delete()
    made = merge(kept=kept, gone=gone, by=curator)
    assert not LogEntry.objects.exists()
    (edit,) = history_of(kept)
    assert (edit.done, edit.what, edit.by) == ("Merged", "“The Alien” (Movie_gone)", "curator")
    assert differences(kept) == {"country": ("", "UK")}
    undo(merge=made, by=None)
    assert [edit.done for edit in history_of(kept)] == ["Undone", "Merged"]
    assert [edit.done for edit in history_of(gone)] == ["Undone", "Merged"]
    assert history_of(gone)[0].by == "the system"


def test_a_deleted_item_leaves_its_log() -> None:
    film, _, _ = casablanca()
    Movie.objects.get(pk=film.pk).delete()
    entries = LogEntry.objects.filter(object_id=film.pk, object_repr="Casablanca (1942)")
    assert entries.earliest("timestamp").action == LogEntry.Action.CREATE
    deleted = entries.get(action=LogEntry.Action.DELETE)
    assert deleted.changes["title"] == ["Casablanca", "None"]


def test_the_history_page_tells_it_to_those_who_may_look(admin_client: Client) -> None:
    film, _, _ = casablanca()
    saved_in_the_admin(admin_client, film, title="<b>Casablanca</b>")
    url = reverse("admin:catalog_movie_history", args=[film.pk])
    assert LogEntry.objects.filter(actor__username="admin", remote_addr=None).exists()
    page = admin_client.get(url).content.decode()
    assert "&lt;b&gt;Casablanca&lt;/b&gt;" in page
    assert "by admin" in page
    assert admin_client.get(reverse("admin:catalog_movie_history", args=[99])).status_code == 404
    outsider = Client()
    outsider.force_login(User.objects.create_user("outsider", is_staff=True))
    assert outsider.get(url).status_code == 403


@pytest.mark.parametrize("model", ["genre", "creator", "kinship"])
def test_every_editable_row_has_a_history_page(admin_client: Client, model: str) -> None:
    casablanca()
    row = {"genre": Genre, "creator": Creator, "kinship": Kinship}[model].objects.first()  # type: ignore[attr-defined]
    page = admin_client.get(reverse(f"admin:catalog_{model}_history", args=[row.pk]))
    assert "Added" in page.content.decode()


def test_a_page_for_visitors_asks_nothing_more_than_before(client: Client, settings: Any) -> None:
    film, _, _ = casablanca()
    client.force_login(User.objects.create_user("visitor"))
    url = reverse("api-item", args=[film.item_id])
    client.get(url)
    middleware = list(settings.MIDDLEWARE)
    settings.MIDDLEWARE = [name for name in middleware if "EditorMiddleware" not in name]
    assert len(settings.MIDDLEWARE) < len(middleware)
    with_none = _queries(client, url)
    settings.MIDDLEWARE = middleware
    assert _queries(client, url) == with_none


def _queries(client: Client, url: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    fresh = Client()  # the handler reads the settings once
    fresh.cookies = client.cookies
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert fresh.get(url).status_code == 200
    return len(captured)
