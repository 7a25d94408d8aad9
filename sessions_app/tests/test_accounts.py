"""Signing up, in and out: the trail comes along, and does not stay behind for the next person."""

from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from catalog.models import Item
from sessions_app.models import BrowsingSession
from sessions_app.tests.conftest import FIREFOX, PASSWORD
from sessions_app.tests.test_trail import trail_of

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer


def sign_up(client: Client, **form: str) -> "Answer":
    form = {"username": "grace", "password1": PASSWORD, "password2": PASSWORD, **form}
    return client.post(reverse("sessions:sign_up"), form)


def sign_in(client: Client, **form: str) -> "Answer":
    form = {"username": "ada", "password": PASSWORD, **form}
    return client.post(reverse("sessions:sign_in"), form)


def test_signing_up_keeps_the_trail(visitor: Client, dune: Item, emma: Item) -> None:
    visitor.get(dune.get_absolute_url())
    key_before = visitor.cookies["sessionid"].value
    assert sign_up(visitor)["Location"] == reverse("home")
    assert visitor.cookies["sessionid"].value != key_before
    visitor.get(emma.get_absolute_url())
    assert trail_of(visitor) == ["Dune", "Emma"]
    assert BrowsingSession.objects.get().user == User.objects.get(username="grace")


def test_signing_in_keeps_the_trail(visitor: Client, ada: User, dune: Item) -> None:
    visitor.get(dune.get_absolute_url())
    assert sign_in(visitor).status_code == 302
    assert trail_of(visitor) == ["Dune"]
    assert BrowsingSession.objects.get().user == ada


def test_signing_in_at_an_empty_browser_starts_the_accounts_visit(
    visitor: Client, ada: User
) -> None:
    sign_in(visitor)
    assert BrowsingSession.objects.get().user == ada


def test_signing_out_ends_the_visit_and_leaves_no_trail(
    visitor: Client, ada: User, dune: Item, emma: Item
) -> None:
    sign_in(visitor)
    visitor.get(dune.get_absolute_url())
    assert visitor.post(reverse("sessions:sign_out"))["Location"] == reverse("home")
    assert trail_of(visitor) == []
    visitor.get(emma.get_absolute_url())
    own, anonymous = BrowsingSession.objects.order_by("id")
    assert own.user == ada
    assert own.ended_at is not None
    assert anonymous.user is None


def test_a_second_account_does_not_take_over_the_firsts_visit(
    visitor: Client, ada: User, dune: Item
) -> None:
    sign_in(visitor)
    visitor.get(dune.get_absolute_url())
    bob = User.objects.create_user("bob", password=PASSWORD)
    visitor.force_login(bob)  # without signing out
    visitor.get(dune.get_absolute_url())
    assert BrowsingSession.objects.filter(user=ada).count() == 1
    assert BrowsingSession.objects.get(user=bob).events.count() == 1


def test_a_wrong_password_signs_nobody_in(visitor: Client, ada: User) -> None:
    response = sign_in(visitor, password="wrong")
    assert response.status_code == 200
    assert "Please enter a correct username and password" in response.content.decode()
    assert "_auth_user_id" not in visitor.session


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"username": "ada"}, "already exists"),
        ({"password2": "different"}, "didn’t match"),
        ({"password1": "12345678", "password2": "12345678"}, "too common"),
    ],
)
def test_a_bad_sign_up_says_why(
    visitor: Client, ada: User, form: dict[str, str], sentence: str
) -> None:
    response = sign_up(visitor, **form)
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert not User.objects.filter(username="grace").exists()


@pytest.mark.parametrize(
    ("next_page", "leads_to"), [("/items/x/", "/items/x/"), ("https://evil.example/", "/")]
)
def test_next_is_followed_only_within_the_site(
    visitor: Client, outsider: Client, ada: User, next_page: str, leads_to: str
) -> None:
    assert sign_in(visitor, next=next_page)["Location"] == leads_to
    assert sign_up(outsider, next=next_page)["Location"] == leads_to


def test_the_forms_carry_next_along(db: None, visitor: Client) -> None:
    for name in ("sign_in", "sign_up"):
        page = visitor.get(reverse(f"sessions:{name}"), {"next": "/items/x/"}).content.decode()
        assert '<input type="hidden" name="next" value="/items/x/">' in page
        assert 'class="form"' in page
        assert 'class="field"' in page


def test_somebody_signed_in_is_not_asked_again(visitor: Client, ada: User) -> None:
    visitor.force_login(ada)
    for name in ("sign_in", "sign_up"):
        assert visitor.get(reverse(f"sessions:{name}"))["Location"] == reverse("home")


@pytest.mark.parametrize("name", ["sign_in", "sign_up", "sign_out", "react", "start_over"])
def test_every_form_needs_the_csrf_token(db: None, name: str) -> None:
    browser = Client(headers={"user-agent": FIREFOX}, enforce_csrf_checks=True)
    assert browser.post(reverse(f"sessions:{name}")).status_code == 403
