"""Not interested: gone from all that is recommended at once, still found, undone with one press;
the next card of the same row takes the place."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Item
from recommender import home
from recommender.home import Row
from recommender.models import Pin, Shelf
from recommender.replacing import Replacing
from recommender.tests.cases import make_catalogue, make_sessions, trained_version
from sessions_app.memory import Memory
from sessions_app.models import SessionEvent
from sessions_app.preferences import COOKIE, Preferences, as_cookie
from sessions_app.remembered import RememberedVisit
from sessions_app.tests.conftest import agreed

pytestmark = pytest.mark.django_db
HTMX = {"hx-request": "true"}


@pytest.fixture
def items() -> list[Item]:
    return make_catalogue(per_kind=20)


@pytest.fixture
def served(items: list[Item], settings: Any, tmp_path: Any, loader_without_thread: Any) -> str:
    settings.MODEL_DIR = tmp_path
    make_sessions(items, wander=0.5)
    version = trained_version()
    loader_without_thread.refresh()
    return version.name


@pytest.fixture(params=["stored", "remembered"])
def browser(request: pytest.FixtureRequest) -> Client:
    client = agreed()
    if request.param == "remembered":
        client.cookies[COOKIE] = as_cookie(Preferences(consent=False))
    return client


def dismiss(
    client: Client, item_id: str, *, script: bool = True, page: str = "/", **form: Any
) -> Any:
    headers = {**HTMX, "hx-current-url": f"http://testserver{page}"} if script else None
    return client.post(
        reverse("recommender:dismiss"), {"item_id": item_id, **form}, headers=headers
    )


def cards_in(html: str) -> list[str]:
    """Public ids of the cards that can be dismissed, in order."""
    return re.findall(r'form="dismiss" name="item_id" value="([^"]+)"', html)


def links_in(html: str) -> set[str]:
    return set(re.findall(r'href="/items/([^/"]+)/"', html))


def rows_of(client: Client) -> list[Row]:
    found: list[Row] = client.get(reverse("recommender:rows")).context["rows"]
    return found


def row_of(client: Client, key: str) -> list[str]:
    return next(
        [card.item.item_id for card in row.cards] for row in rows_of(client) if row.key == key
    )


def surfaces(client: Client, item: Item) -> dict[str, str]:
    """Everything that recommends."""
    addresses = {
        "home": "/?rows=all",
        "rows": reverse("recommender:rows"),
        "picks": reverse("recommender:picks"),
        "for you": reverse("recommender:for_you"),
        "similar": reverse("recommender:similar", args=[item.item_id]),
    }
    return {name: client.get(address).content.decode() for name, address in addresses.items()}


# --- The contract ---------------------------------------------------------------------------


@pytest.mark.usefixtures("served")
def test_it_is_gone_from_every_surface_at_once_and_undo_brings_it_back(
    browser: Client, items: list[Item]
) -> None:
    browser.get(items[0].get_absolute_url())
    shown = surfaces(browser, items[0])
    unwanted = cards_in(shown["picks"])[0]
    on = {name for name, html in shown.items() if unwanted in cards_in(html)}
    assert {"home", "rows", "picks", "for you"} <= on
    dismiss(browser, unwanted)
    for name, html in surfaces(browser, items[0]).items():
        assert unwanted not in cards_in(html), name
    form = {"what": "hide", "id": unwanted}
    answer = browser.post(reverse("sessions:undo"), form, headers=HTMX)
    assert "hidden-changed" in answer["HX-Trigger"]  # which the rows of a page listen to
    after = surfaces(browser, items[0])
    assert {name for name, html in after.items() if unwanted in cards_in(html)} == on


def test_search_browsing_and_its_own_page_still_have_it(browser: Client, items: list[Item]) -> None:
    dismiss(browser, items[4].item_id)
    for address in ("/movies/", f"/search/?q={items[4].title}", items[4].get_absolute_url()):
        page = browser.get(address)
        assert page.status_code == 200
        assert items[4].title in page.content.decode(), address


def test_what_is_found_or_browsed_has_no_such_button(browser: Client, items: list[Item]) -> None:
    for address in ("/movies/", "/search/?q=noir", "/genres/noir/", "/browse/"):
        assert cards_in(browser.get(address).content.decode()) == [], address


@pytest.mark.usefixtures("served")
def test_it_stands_in_the_list_that_manages_it(browser: Client, items: list[Item]) -> None:
    dismiss(browser, items[4].item_id)
    assert f"Recommend {items[4].title} again" in browser.get("/hidden/").content.decode()


# --- The card that takes the place ----------------------------------------------------------


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("row", ["row-session", "picks-heading", ""])
def test_the_next_pick_takes_the_place_with_the_undo_bar(
    browser: Client, items: list[Item], row: str
) -> None:
    browser.get(items[0].get_absolute_url())
    picks = cards_in(browser.get(reverse("recommender:picks")).content.decode())
    answer = dismiss(browser, picks[2], row=row, shown=",".join(picks))
    html = answer.content.decode()
    (card,) = cards_in(html)
    assert card not in picks
    assert "is gone from everything we recommend to you." in html
    assert 'id="undo"' in html
    assert 'hx-swap-oob="true"' in html
    assert "HX-Trigger" not in answer  # the rows stay as they are: one card changes


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("key", ["movie", "track", "book", "new"])
def test_a_row_of_its_own_kind_gets_the_next_of_that_row(
    browser: Client, items: list[Item], key: str
) -> None:
    rows = rows_of(browser)
    on_page = [card.item.item_id for row in rows for card in row.cards]
    here = row_of(browser, key)
    html = dismiss(browser, here[0], row=f"row-{key}", shown=",".join(on_page)).content.decode()
    cards = cards_in(html)
    assert not set(cards) & set(on_page)
    if key != "new":
        assert [Item.objects.get(item_id=card).kind for card in cards] == [key]


@pytest.mark.usefixtures("served")
def test_a_row_that_follows_a_step_gets_a_card_that_owes_it(
    browser: Client, items: list[Item]
) -> None:
    browser.get(items[0].get_absolute_url())
    browser.get(items[21].get_absolute_url())
    key = f"because-{items[0].pk}"
    here = row_of(browser, key)
    answer = dismiss(browser, here[0], row=f"row-{key}", shown=",".join(here))
    card = answer.context["card"]
    assert card.because.item_id == items[0].item_id
    assert card.item.item_id not in here


@pytest.mark.usefixtures("served")
def test_a_row_of_a_step_that_is_not_yours_gets_nothing(browser: Client, items: list[Item]) -> None:
    answer = dismiss(browser, items[3].item_id, row=f"row-because-{items[0].pk}")
    assert answer.context["card"] is None
    assert 'id="undo"' in answer.content.decode()


def test_an_editors_shelf_gets_its_next_pin_until_there_is_none(
    browser: Client, items: list[Item]
) -> None:
    shelf = Shelf.objects.create(title="From the attic")
    for place, item in enumerate(items[:6]):
        Pin.objects.create(shelf=shelf, item=item, position=place)
    shown = [item.item_id for item in items[:5]]
    form: dict[str, Any] = {"row": f"row-shelf-{shelf.pk}", "shown": ",".join(shown)}
    assert cards_in(dismiss(browser, shown[0], **form).content.decode()) == [items[5].item_id]
    form["shown"] += f",{items[5].item_id}"
    assert cards_in(dismiss(browser, shown[1], **form).content.decode()) == []


@pytest.mark.usefixtures("served")
def test_similar_titles_stay_similar_to_the_page_they_stand_on(
    browser: Client, items: list[Item]
) -> None:
    page = items[0].get_absolute_url()
    address = reverse("recommender:similar", args=[items[0].item_id])
    here = cards_in(browser.get(f"{address}?kind=movie").content.decode())
    form: dict[str, Any] = {"row": "similar-heading", "shown": ",".join(here)}
    (card,) = cards_in(dismiss(browser, here[0], page=page, **form).content.decode())
    assert card not in here
    assert Item.objects.get(item_id=card).kind == "movie"


def test_a_hidden_genre_does_not_come_back_in_a_replacement(items: list[Item]) -> None:
    client = agreed()
    client.cookies[COOKIE] = as_cookie(Preferences(consent=True, hidden_genres=("sea",)))
    for row in ("row-session", "row-movie", "row-trending", "row-new"):
        answer = dismiss(client, items[0].item_id, row=row)
        card = answer.context["card"]
        assert card is None or "Sea" not in card.item.title


@pytest.mark.parametrize("row", ["row-nothing", "row-shelf-x", "row-because-x", "row-" + "9" * 60])
def test_a_row_that_nobody_knows_does_no_harm(browser: Client, items: list[Item], row: str) -> None:
    assert dismiss(browser, items[0].item_id, row=row).status_code == 200


# --- Without scripts, paused, refused -------------------------------------------------------


def test_without_scripts_the_page_comes_back_with_the_undo_bar(
    browser: Client, items: list[Item]
) -> None:
    answer = dismiss(browser, items[4].item_id, script=False, next="/for-you/")
    assert answer["Location"] == "/for-you/"
    page = browser.get("/for-you/").content.decode()
    assert f"{items[4].title} is gone from everything we recommend to you." in page
    assert 'name="what" value="hide"' in page
    assert items[4].item_id not in cards_in(page)
    elsewhere = dismiss(browser, items[5].item_id, script=False, next="https://evil.example/")
    assert elsewhere["Location"] == "/"


@pytest.mark.parametrize("script", [True, False])
def test_while_paused_nothing_is_done_and_the_page_says_so(items: list[Item], script: bool) -> None:
    client = agreed()
    client.cookies[COOKIE] = as_cookie(Preferences(consent=True, paused=True))
    answer = dismiss(client, items[4].item_id, script=script)
    if script:
        assert answer["HX-Reswap"] == "none"
    else:
        answer = client.get(answer["Location"])
    assert "You have paused: nothing is kept until you go on." in answer.content.decode()
    assert not SessionEvent.objects.exists()


@pytest.mark.parametrize(
    ("item_id", "status", "sentence"),
    [("", 400, "item_id is missing"), ("Movie_none", 404, "No item has the id Movie_none.")],
)
def test_what_cannot_be_dismissed_is_refused(
    items: list[Item], item_id: str, status: int, sentence: str
) -> None:
    answer = dismiss(agreed(), item_id)
    assert answer.status_code == status
    assert sentence in answer.content.decode()


def test_it_is_a_form(items: list[Item]) -> None:
    assert agreed().get(reverse("recommender:dismiss")).status_code == 405


def test_what_one_dismisses_another_is_still_shown(items: list[Item]) -> None:
    one, other = agreed(), agreed()
    dismiss(one, items[4].item_id)
    assert f"Recommend {items[4].title} again" not in other.get("/hidden/").content.decode()


@pytest.mark.usefixtures("served")
def test_dismissing_twice_takes_one_undo(browser: Client, items: list[Item]) -> None:
    for _ in range(2):
        dismiss(browser, items[4].item_id)
    browser.post(reverse("sessions:undo"), {"what": "hide", "id": items[4].item_id})
    assert "No title is hidden." in browser.get("/hidden/").content.decode()


@pytest.mark.usefixtures("served")
def test_every_row_of_the_front_page_is_replaced_from_its_own_source(items: list[Item]) -> None:
    visit, preferences = RememberedVisit(Memory()), Preferences()
    visit.open(items[0])
    shelf = Shelf.objects.create(title="After dark")
    Pin.objects.bulk_create(Pin(shelf=shelf, item=item) for item in items[20:30])
    found = home.rows(visit=visit, preferences=preferences)
    families = {row.key.split("-")[0] for row in found}
    assert families >= {"session", "because", "shelf", "trending"}
    for row in found:
        card = Replacing(visit=visit, preferences=preferences, shown=set()).card(f"row-{row.key}")
        assert card is not None, row.key
        assert card.why is not None
        if row.key != "session":
            assert card.why.kind in {one.why.kind for one in row.cards if one.why}, row.key
        if row.key.startswith("because"):
            assert card.because is not None
            assert card.because.pk == items[0].pk
        if row.kind:
            assert card.item.kind == row.kind
