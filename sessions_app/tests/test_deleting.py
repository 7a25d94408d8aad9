"""Forgetting a visit or everything, and deleting an account: which rows are gone, which stay."""

from datetime import UTC, datetime
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.apps import apps
from django.contrib.admin.models import LogEntry as AdminEntry
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from catalog.models import Genre, Item, Movie
from recommender.models import Exploration
from sessions_app import memory, services
from sessions_app.forgetting import LastSuperuserError, delete_account
from sessions_app.models import BrowsingSession, Preference, SessionEvent
from sessions_app.preferences import COOKIE, Dial, Preferences, as_cookie, from_cookie
from sessions_app.tests.conftest import PASSWORD

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def forget(client: Client, what: str) -> str:
    answer = client.post(reverse("sessions:forget"), {"what": what})
    assert answer.status_code == 200
    return answer.content.decode()


def hide(client: Client, item: Item) -> None:
    client.post(reverse("sessions:react"), {"item_id": item.item_id, "action": "hide"})


def settings_in(client: Client) -> Preferences:
    request: Any = type("Request", (), {"COOKIES": {COOKIE: client.cookies[COOKIE].value}})()
    return from_cookie(request)


# --- Forgetting -----------------------------------------------------------------------------


def test_forgetting_this_visit_leaves_the_earlier_one(
    visitor: Client, dune: Item, emma: Item
) -> None:
    visitor.get(dune.get_absolute_url())
    visitor.post(reverse("sessions:start_over"))
    visitor.get(emma.get_absolute_url())
    page = forget(visitor, "visit")
    assert "Deleted for good:" in page
    assert "1 visit: 1 title opened, 0 searches, 0 things said of titles." in page
    assert "forgets yours at its next training" in page
    assert [event.item for event in SessionEvent.objects.all()] == [dune]
    page = forget(visitor, "everything")  # the earlier one is still known to be this browser's
    assert "1 visit: 1 title opened" in page
    assert not BrowsingSession.objects.exists()


def test_forgetting_everything_empties_the_browser_too(
    visitor: Client, dune: Item, emma: Item
) -> None:
    Genre.objects.create(name="Noir", slug="noir")
    visitor.get(dune.get_absolute_url())
    hide(visitor, emma)
    visitor.post(reverse("sessions:hide_genre"), {"genre": "noir"})
    visitor.post(reverse("recommender:turn_dial"), {"vibe": 80})
    forget(visitor, "everything")
    assert not SessionEvent.objects.exists()
    assert not BrowsingSession.objects.exists()
    assert not Session.objects.exists()
    assert not visitor.cookies["sessionid"].value
    assert settings_in(visitor) == Preferences(consent=True, dial=Dial())
    assert "Recommend Emma again" not in visitor.get("/hidden/").content.decode()


def test_forgetting_empties_what_the_browser_remembers(stranger: Client, dune: Item) -> None:
    stranger.get(dune.get_absolute_url())
    stranger.cookies["segue_dwell"] = "1:1500"
    page = forget(stranger, "visit")
    assert "1 visit: 1 title opened" in page
    assert "It was in your browser alone; no model has learned from it." in page
    for name in (memory.COOKIE, memory.DWELL_COOKIE):
        assert not stranger.cookies[name].value
    assert stranger.get(reverse("sessions:trail")).context["trail"]() == []


def test_forgetting_while_paused_deletes_and_stays_paused(visitor: Client, dune: Item) -> None:
    visitor.get(dune.get_absolute_url())
    visitor.post(reverse("sessions:pause"), {"paused": "yes"})
    forget(visitor, "everything")
    assert not SessionEvent.objects.exists()
    assert settings_in(visitor).paused


def test_forgetting_takes_the_offer_to_undo_along(visitor: Client, dune: Item) -> None:
    hide(visitor, dune)
    assert "data-undo" not in forget(visitor, "visit")
    assert "data-undo" not in visitor.get("/hidden/").content.decode()


def test_nobody_forgets_what_another_did(
    visitor: Client, outsider: Client, ada: User, dune: Item
) -> None:
    visitor.get(dune.get_absolute_url())
    services.open_session(now=NOON, user=ada)
    page = forget(outsider, "everything")
    assert "There was nothing of yours to delete." in page
    assert BrowsingSession.objects.count() == 2


def test_an_account_forgets_its_visits_on_every_device(
    stranger: Client, ada: User, dune: Item
) -> None:
    elsewhere = services.open_session(now=NOON, user=ada)
    services.record_picks(session=elsewhere, items=[dune], now=NOON)
    stranger.post(reverse("sessions:sign_in"), {"username": "ada", "password": PASSWORD})
    page = forget(stranger, "everything")
    assert "1 title opened" in page
    assert not SessionEvent.objects.exists()
    assert User.objects.filter(pk=ada.pk).exists()
    assert stranger.get("/").context["user"] == ada


def test_the_page_says_first_what_would_go_and_looking_deletes_nothing(
    visitor: Client, dune: Item
) -> None:
    visitor.get(dune.get_absolute_url())
    page = visitor.get(reverse("sessions:forget")).content.decode()
    assert page.count("1 visit: 1 title opened") == 2
    assert "there is no undo" in page
    assert SessionEvent.objects.count() == 1


def test_a_strange_wish_deletes_nothing(visitor: Client, dune: Item) -> None:
    visitor.get(dune.get_absolute_url())
    answer = visitor.post(reverse("sessions:forget"), {"what": "others"})
    assert answer.status_code == 400
    assert SessionEvent.objects.count() == 1


# --- Deleting an account --------------------------------------------------------------------


def sign_in(client: Client, user: User) -> None:
    form = {"username": user.username, "password": PASSWORD}
    client.post(reverse("sessions:sign_in"), form)


def leave(client: Client, password: str = PASSWORD) -> Any:
    return client.post(reverse("sessions:delete_account"), {"password": password})


def pointing_at(user_id: int, sessions: list[int]) -> dict[str, int]:
    """Table → rows that point at the account or its visits, through any column."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            ours: dict[Any, list[int]] = {User: [user_id], BrowsingSession: sessions}
            keys = ours.get(field.related_model, [])
            if keys and model._base_manager.filter(**{f"{field.attname}__in": keys}).exists():
                found[f"{model._meta.label}.{field.name}"] = len(keys)
    return found


def test_an_account_is_gone_from_every_table(stranger: Client, ada: User, dune: Item) -> None:
    ada.groups.add(Group.objects.create(name="Curators"))
    AdminEntry.objects.create(
        user=ada, action_flag=2, object_repr="Dune", content_type=ContentType.objects.first()
    )
    stranger.get(dune.get_absolute_url())
    sign_in(stranger, ada)
    hide(stranger, dune)
    stranger.post(reverse("sessions:seen"), {"seen": "yes"})
    session = BrowsingSession.objects.get()
    Exploration.objects.create(session=session, item=dune, position=12, propensity=0.01)
    keys = [session.pk]
    assert len(pointing_at(ada.pk, keys)) >= 5
    page = leave(stranger).content.decode()
    assert "Your account is deleted" in page
    assert "1 title opened" in page
    assert "forgets yours at its next training" in page
    assert pointing_at(ada.pk, keys) == {}
    assert not User.objects.filter(pk=ada.pk).exists()
    for model in (BrowsingSession, SessionEvent, Preference, Exploration, Session):
        assert not model._base_manager.exists(), model
    assert not stranger.get("/").context["user"].is_authenticated


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("", "Your password is needed to delete the account."),
        ("guessed", "This is not the password of this account."),
    ],
)
def test_the_password_is_asked_and_a_wrong_one_told_next_to_the_field(
    stranger: Client, ada: User, password: str, sentence: str
) -> None:
    sign_in(stranger, ada)
    answer = leave(stranger, password)
    assert answer.status_code == 400
    assert answer.context["form"].errors == {"password": [sentence]}
    assert User.objects.filter(pk=ada.pk).exists()


def test_who_is_not_signed_in_is_asked_to_sign_in(stranger: Client, db: None) -> None:
    answer = leave(stranger)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("sessions:sign_in"))


def test_the_visits_of_others_stay(
    stranger: Client, visitor: Client, ada: User, dune: Item
) -> None:
    visitor.get(dune.get_absolute_url())
    sign_in(stranger, ada)
    leave(stranger)
    assert SessionEvent.objects.count() == 1


def test_what_a_curator_edited_stays_without_the_name(
    stranger: Client, ada: User, dune: Item
) -> None:
    User.objects.filter(pk=ada.pk).update(is_staff=True, email="ada@example.org")
    entry = LogEntry.objects.create(
        content_type=ContentType.objects.get_for_model(Movie),
        object_pk=str(dune.pk),
        object_repr="Dune",
        action=1,
        actor=ada,
        actor_email="ada@example.org",
    )
    sign_in(stranger, ada)
    assert (
        "What you edited in the catalogue stays"
        in stranger.get("/account/delete/").content.decode()
    )
    leave(stranger)
    entry.refresh_from_db()
    assert (entry.actor, entry.actor_email) == (None, None)


def test_the_last_superuser_cannot_leave_but_one_of_two_can(stranger: Client, ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(is_superuser=True)
    sign_in(stranger, ada)
    assert "Make somebody else a superuser" in stranger.get("/account/delete/").content.decode()
    answer = leave(stranger)
    assert answer.status_code == 400
    assert "You are the only one who can administer this site." in answer.content.decode()
    grace = User.objects.create_user("grace", is_superuser=True, is_active=False)
    assert leave(stranger).status_code == 400  # one who cannot sign in is no help
    User.objects.filter(pk=grace.pk).update(is_active=True)
    assert leave(stranger).status_code == 200
    assert not User.objects.filter(pk=ada.pk).exists()


def test_a_deletion_that_is_refused_deletes_nothing(ada: User, dune: Item) -> None:
    User.objects.filter(pk=ada.pk).update(is_superuser=True)
    ada.refresh_from_db()
    session = services.open_session(now=NOON, user=ada)
    services.record_picks(session=session, items=[dune], now=NOON)
    with pytest.raises(LastSuperuserError):
        delete_account(user=ada)
    assert SessionEvent.objects.exists()


def test_the_browser_forgets_what_the_account_had_set(stranger: Client, ada: User) -> None:
    stranger.cookies[COOKIE] = as_cookie(Preferences(consent=True, dial=Dial(vibe=90)))
    sign_in(stranger, ada)
    leave(stranger)
    assert settings_in(stranger) == Preferences(consent=True)
