"""The pages that belong to a visit: how one got here, and the list with its dial."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from catalog.models import Item
from catalog.tests.pages import text_of, titles_on
from recommender.trail import legs
from sessions_app.memory import Memory
from sessions_app.models import Preference
from sessions_app.preferences import Dial
from sessions_app.remembered import RememberedVisit

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
TRAIL, FOR_YOU, DIAL = (
    reverse(f"recommender:{name}") for name in ("how_here", "for_you", "turn_dial")
)


@pytest.fixture
def browser(db: None) -> Client:
    return Client(headers={"user-agent": FIREFOX})


def by_id(items: list[Item], item_id: str) -> Item:
    return next(item for item in items if item.item_id == item_id)


def test_each_step_says_what_joins_it_to_the_one_before(items: list[Item]) -> None:
    visit = RememberedVisit(Memory())
    for item_id in ("Movie_0", "Book_4", "Music_1"):  # noir, noir, sea
        visit.open(by_id(items, item_id))
    found = legs(visit)
    assert [leg.step.item.item_id for leg in found] == ["Music_1", "Book_4", "Movie_0"]
    assert "Noir Movie 0" in found[1].joined
    assert found[2].joined == ""


def test_an_empty_visit_has_no_legs(db: None) -> None:
    assert legs(RememberedVisit(Memory())) == []


def test_the_trail_page_shows_the_newest_step_first(browser: Client, items: list[Item]) -> None:
    for item_id in ("Movie_0", "Book_4"):
        browser.get(by_id(items, item_id).get_absolute_url())
    page = text_of(browser, TRAIL)
    assert page.index("Noir Book 4</a></h2>") < page.index("Noir Movie 0</a></h2>")
    assert browser.post(TRAIL).status_code == 405


def test_the_trail_page_of_an_empty_visit_leads_on(browser: Client, items: list[Item]) -> None:
    page = text_of(browser, TRAIL)
    assert "Nothing opened yet in this visit." in page
    assert reverse("recommender:start") in page


def test_the_trail_page_costs_the_same_whatever_its_length(
    browser: Client, items: list[Item], django_assert_max_num_queries: Any
) -> None:
    for item in items[:20]:
        browser.get(item.get_absolute_url())
    with django_assert_max_num_queries(8):
        browser.get(TRAIL)


# --- The dial -----------------------------------------------------------------------------


def kinds_on(page: str) -> set[str]:
    return {kind for kind in ("movie", "track", "book") if f'class="card kind-{kind}"' in page}


def test_a_turned_dial_stands_in_the_address_and_is_remembered(
    browser: Client, items: list[Item], served: str
) -> None:
    browser.get(items[0].get_absolute_url())
    answer = browser.post(DIAL, {"vibe": 80, "surprise": 50, "movie": 50, "track": 50, "book": 0})
    assert answer["Location"] == f"{FOR_YOU}?vibe=80&book=0"
    page = text_of(browser, FOR_YOU)
    assert 'name="vibe" min="0" max="100" step="10" value="80"' in page
    assert kinds_on(page) == {"movie", "track"}


def test_with_scripts_the_list_comes_back_with_its_address(
    browser: Client, items: list[Item], served: str
) -> None:
    browser.get(items[0].get_absolute_url())
    form = {"vibe": 50, "surprise": 50, "movie": 100, "track": 0, "book": 0}
    answer = browser.post(DIAL, form, headers={"hx-request": "true"})
    assert answer["HX-Replace-Url"] == f"{FOR_YOU}?movie=100&track=0&book=0"
    page = answer.content.decode()
    assert "<title>" not in page
    assert kinds_on(page) == {"movie"}
    assert titles_on(page)


def test_a_dial_in_a_link_is_shown_and_not_made_ones_own(
    browser: Client, items: list[Item], served: str
) -> None:
    browser.get(items[0].get_absolute_url())
    assert kinds_on(text_of(browser, f"{FOR_YOU}?book=0&track=0")) == {"movie"}
    assert kinds_on(text_of(browser, FOR_YOU)) == {"movie", "track", "book"}


def test_the_way_back_to_the_middle(browser: Client, items: list[Item], served: str) -> None:
    browser.get(items[0].get_absolute_url())
    middle = titles_on(text_of(browser, FOR_YOU))
    browser.post(DIAL, {"vibe": 0})
    answer = browser.post(DIAL, {"vibe": 0, "reset": 1})
    assert answer["Location"] == f"{FOR_YOU}?vibe=50"
    assert titles_on(text_of(browser, FOR_YOU)) == middle


def test_while_paused_the_dial_turns_and_is_not_remembered(
    browser: Client, items: list[Item], served: str
) -> None:
    browser.post(reverse("sessions:pause"), {"paused": "yes"})
    answer = browser.post(DIAL, {"book": 0})
    assert kinds_on(text_of(browser, answer["Location"])) == {"movie", "track"}
    assert 'name="book" min="0" max="100" step="10" value="50"' in text_of(browser, FOR_YOU)


def test_the_dial_of_an_account_follows_it_to_the_next_browser(
    browser: Client, items: list[Item], django_user_model: type[User]
) -> None:
    ada = django_user_model.objects.create_user("ada")
    browser.force_login(ada)
    browser.post(DIAL, {"surprise": 20})
    assert Preference.objects.get().dial == {"surprise": 20}
    other = Client(headers={"user-agent": FIREFOX})
    other.force_login(ada)
    assert 'name="surprise" min="0" max="100" step="10" value="20"' in text_of(other, FOR_YOU)


@pytest.mark.parametrize(
    "query", ["?vibe=loud", "?vibe=-7&surprise=9999", "?movie=0&track=0&book=0"]
)
def test_a_dial_beyond_its_ends_is_at_its_ends(
    browser: Client, items: list[Item], served: str, query: str
) -> None:
    assert browser.get(FOR_YOU + query).status_code == 200


def test_turning_needs_a_post(browser: Client) -> None:
    assert browser.get(DIAL).status_code == 405


def test_the_shares_of_a_dial_sum_to_one() -> None:
    dial = Dial(movie=100, track=50, book=50)
    assert dial.shares == {"movie": 0.5, "track": 0.25, "book": 0.25}
    assert Dial.read({"movie": "0", "track": "0", "book": "0"}) == Dial()
    assert Dial.read({"vibe": "101", "surprise": None}) == Dial(vibe=100)
    assert Dial(movie=0).kinds == ["track", "book"]
    assert Dial(vibe=70, book=0).query == "vibe=70&book=0"
    assert Dial().query == ""
