"""The start's pages, as a browser without scripts uses them."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from catalog.models import Item, Kind
from catalog.tests.shelves import make
from recommender.loader import Loader
from recommender.start_choices import LONGEST_TEXT
from sessions_app import preferences
from sessions_app.models import BrowsingSession, EventType, Origin, SessionEvent
from sessions_app.preferences import Preferences
from sessions_app.tests.conftest import FIREFOX, agreed

pytestmark = pytest.mark.django_db

START, LIST, FOUND = "/start/", "/start/list/", "/start/found/"
_INPUT = re.compile(r"<input\b[^>]*>")


@pytest.fixture
def visitor(items: list[Item]) -> Client:
    return agreed()


@pytest.fixture
def stranger() -> Client:
    """Was not asked yet."""
    return Client(headers={"user-agent": FIREFOX})


def preferring(**fields: Any) -> Client:
    client = Client(headers={"user-agent": FIREFOX})
    client.cookies[preferences.COOKIE] = preferences.as_cookie(Preferences(**fields))
    return client


def text_of(response: Any) -> str:
    assert response.status_code == 200
    return unescape(response.content.decode())


def boxes(html: str, name: str = "item", *, ticked: bool = False) -> list[str]:
    """The values of the checkboxes of a name, in order."""
    found = []
    for tag in _INPUT.findall(html):
        value = re.search(r'value="([^"]*)"', tag)
        if value and f'type="checkbox" name="{name}"' in tag and (" checked" in tag or not ticked):
            found.append(value[1])
    return found


def cards(html: str) -> list[str]:
    return re.findall(r'class="card__link" href="/items/([^/"]+)/"', html)


def live_sessions() -> int:
    return BrowsingSession.objects.filter(origin=Origin.LIVE).count()


# --- The page -----------------------------------------------------------------------------


def test_the_page_offers_the_three_kinds_and_a_way_past(visitor: Client) -> None:
    html = text_of(visitor.get(START))

    offered = boxes(html)
    assert len(offered) == len(set(offered)) == 27
    assert {item_id.split("_")[0] for item_id in offered} == {"Movie", "Music", "Book"}
    assert boxes(html, ticked=True) == []
    assert 'href="/"' in html[html.index("start__skip") :].split(">")[0]


def test_looking_stores_nothing(visitor: Client) -> None:
    visitor.get(START)
    visitor.get(FOUND, {"text": "noir"})
    visitor.get(LIST, {"item": "Movie_0"})

    assert not live_sessions()


def test_other_titles_come_and_what_was_chosen_stays(visitor: Client) -> None:
    first = boxes(text_of(visitor.get(START)))

    turned = visitor.post(START, {"do": "others", "page": "1", "item": first[:2], "text": "sea"})
    html = text_of(visitor.get(turned["Location"]))

    assert boxes(html, ticked=True) == first[:2]
    assert set(boxes(html)) != set(first)
    assert 'name="page" value="2"' in html
    assert 'value="sea"' in html


def test_search_inside_finds_a_misspelt_title_and_keeps_the_choices(visitor: Client) -> None:
    make("movie", "Chinatown", by="Roman Polanski", genres=("Noir",), item_id="Movie_china")

    looked = visitor.post(START, {"do": "find", "text": "chinatwon", "item": ["Music_1"]})
    html = text_of(visitor.get(looked["Location"]))

    assert looked.status_code == 302
    assert boxes(html, ticked=True) == ["Music_1"]
    assert "Movie_china" in boxes(html)
    assert boxes(html).count("Movie_china") == 1
    assert not SessionEvent.objects.exists()


def test_a_search_finds_works_of_a_person(visitor: Client) -> None:
    make("book", "Beloved", by="Toni Morrison", item_id="Book_beloved")

    assert "Book_beloved" in boxes(text_of(visitor.get(FOUND, {"text": "toni morrison"})))


def test_results_as_one_types_offer_the_text_as_it_is_too(visitor: Client) -> None:
    html = text_of(visitor.get(FOUND, {"text": "Noir in the Desert"}))

    assert boxes(html, "title") == ["Noir in the Desert"]
    assert "noir, desert" in html
    assert boxes(text_of(visitor.get(FOUND, {"text": "Noir Movie 0"})), "title") == []
    assert text_of(visitor.get(FOUND)).strip() == ""


def test_what_is_hidden_or_of_a_hidden_genre_is_not_offered(items: list[Item]) -> None:
    visitor = preferring(consent=True, hidden_genres=("noir",))
    gone = boxes(text_of(visitor.get(START)))[0]
    visitor.post("/session/react/", {"item_id": gone, "action": "hide"})

    offered = boxes(text_of(visitor.get(START)))

    assert offered
    assert gone not in offered
    assert not [one for one in offered if int(one.split("_")[1]) % 4 == 0]  # every fourth is noir


def test_foreign_text_is_shown_as_text(visitor: Client) -> None:
    nasty = '"><script>alert(1)</script>' + "x" * 1_000

    found = visitor.get(START, {"text": nasty, "title": nasty, "item": nasty, "page": "9" * 5_000})
    refused = visitor.post(START, {"do": "list", "text": nasty})
    for response in (found, refused):
        assert response.status_code == 200
        assert "<script>alert" not in response.content.decode()
        typed = re.search(r'name="text" value="([^"]*)"', response.content.decode())
        assert typed
        assert len(unescape(typed[1])) == LONGEST_TEXT


@pytest.mark.parametrize("page", ["", "-1", "0", "x", "²", "9999999"])
def test_a_page_that_is_none_is_some_page(visitor: Client, page: str) -> None:
    assert len(boxes(text_of(visitor.get(START, {"page": page})))) >= 9


def test_an_empty_catalogue_has_a_page_too(db: None) -> None:
    html = text_of(agreed().get(START))

    assert "no titles to show yet" in html
    assert "at least one" in text_of(agreed().post(START, {"do": "list"}))


@pytest.mark.parametrize("address", [FOUND, LIST])
def test_only_the_form_is_posted(visitor: Client, address: str) -> None:
    assert visitor.post(address).status_code == 405
    assert visitor.put(START).status_code == 405


# --- Choosing -----------------------------------------------------------------------------


def test_from_an_empty_browser_to_a_list_of_every_kind_in_three_clicks(
    served: str, stranger: Client
) -> None:
    picked = boxes(text_of(stranger.get(START)))[0]  # one click: "Pick what you love"

    sent = stranger.post(START, {"do": "list", "item": [picked]})  # ticking it, and "Show my list"
    html = text_of(stranger.get(sent["Location"]))

    shown = cards(html)
    assert len(shown) == len(set(shown)) == 24
    assert {item_id.split("_")[0] for item_id in shown} == {"Movie", "Music", "Book"}
    assert picked not in shown
    assert html.count("card__why") == 24
    assert not live_sessions()  # nobody has agreed to that


def test_picks_are_steps_of_the_trail_and_liked(served: str, visitor: Client) -> None:
    visitor.post(START, {"do": "list", "item": ["Movie_0", "Book_1"]})

    events = SessionEvent.objects.order_by("pk")
    picked = [e.item.item_id for e in events.filter(type=EventType.PICK) if e.item]
    liked = {e.item.item_id for e in events.filter(type=EventType.LIKE) if e.item}
    assert picked == ["Movie_0", "Book_1"]
    assert liked == {"Movie_0", "Book_1"}
    assert "Noir Movie 0" in text_of(visitor.get("/session/trail/"))


def test_what_one_visitor_picked_is_nothing_to_another(served: str, visitor: Client) -> None:
    outsider = agreed()
    visitor.post(START, {"do": "list", "item": ["Movie_0"]})

    assert "Noir Movie 0" not in text_of(outsider.get("/session/trail/"))


def test_who_has_paused_gets_the_list_and_nothing_is_kept(served: str) -> None:
    visitor = preferring(consent=True, paused=True)

    sent = visitor.post(START, {"do": "list", "item": ["Movie_0"]})
    html = text_of(visitor.get(sent["Location"]))

    assert len(cards(html)) == 24
    assert not live_sessions()
    assert "Noir Movie 0" not in text_of(visitor.get("/session/trail/"))


def test_nothing_chosen_is_an_error_beside_the_button(visitor: Client) -> None:
    html = text_of(visitor.post(START, {"do": "list"}))

    assert "Choose at least one title" in html
    assert 'aria-describedby="start-trouble"' in html
    assert "<title>Not yet:" in html


def test_six_are_refused_in_a_sentence_and_all_stay_ticked(visitor: Client) -> None:
    six = [f"Movie_{number}" for number in range(6)]

    html = text_of(visitor.post(START, {"do": "list", "item": six}))

    assert "Choose at most 5. These are 6" in html
    assert boxes(html, ticked=True) == six
    assert not SessionEvent.objects.exists()


def test_the_address_of_a_list_asks_no_more_than_the_form(visitor: Client) -> None:
    six = [f"Movie_{number}" for number in range(6)]

    for query in ({}, {"item": "Movie_gone"}, {"item": six}):
        response = visitor.get(LIST, query)
        assert response.status_code == 302
        assert urlsplit(response["Location"]).path == START


# --- Titles that are typed ----------------------------------------------------------------


def listed(client: Client, **form: Any) -> str:
    sent = client.post(START, {"do": "list", **form})
    assert sent.status_code == 302, text_of(sent)
    return text_of(client.get(sent["Location"]))


def test_a_typed_title_of_ours_is_taken_and_that_is_said(served: str, visitor: Client) -> None:
    html = listed(visitor, text="noir movei 0")

    assert "“noir movei 0” was taken as Noir Movie 0 (1960)." in html
    assert SessionEvent.objects.filter(type=EventType.PICK, item__item_id="Movie_0").exists()


def test_an_unknown_title_goes_by_its_words_and_that_is_said(
    items: list[Item], loader_without_thread: Loader, visitor: Client
) -> None:
    loader_without_thread.refresh()

    html = listed(visitor, text="Desert of the Qzzxv")

    assert "We do not have “Desert of the Qzzxv”, so this goes by words: desert." in html
    assert "Matches your word: desert" in html
    assert {one.split("_")[0] for one in cards(html)} == {"Movie", "Music", "Book"}
    assert not SessionEvent.objects.exists()


def test_unknown_words_are_asked_about_and_nothing_is_lost(visitor: Client) -> None:
    form = {"text": "Qzzxv wwqj", "item": ["Movie_0"]}

    asked = text_of(visitor.post(START, {"do": "list", **form}))
    words = boxes(asked, "word")
    html = listed(
        visitor,
        text="Qzzxv wwqj",
        item=boxes(asked, ticked=True),
        title=boxes(asked, "title", ticked=True),
        word=["sea"],
    )

    assert "We do not know “Qzzxv wwqj”" in asked
    assert 'aria-invalid="true"' in asked
    assert boxes(asked, ticked=True) == ["Movie_0"]
    assert boxes(asked, "title", ticked=True) == ["Qzzxv wwqj"]
    assert {"sea", "noir", "space", "desert"} <= set(words)
    assert "so this goes by words: sea." in html
    assert "Matches your word: sea" in html


def test_a_search_that_was_answered_is_no_further_title(served: str, visitor: Client) -> None:
    sent = visitor.post(START, {"do": "list", "text": "noir movie", "item": ["Movie_0"]})

    query = parse_qs(urlsplit(sent["Location"]).query)
    assert query == {"item": ["Movie_0"]}


def test_a_title_that_was_insisted_on_is_not_taken_for_a_near_one(visitor: Client) -> None:
    make("movie", "Chinatown", by="Roman Polanski", genres=("Noir",))

    html = text_of(visitor.post(START, {"do": "list", "title": ["Chinatwon"]}))

    assert "We do not know “Chinatwon”" in html


# --- Cost ---------------------------------------------------------------------------------


def test_queries_of_the_pages(served: str, visitor: Client, django_assert_num_queries: Any) -> None:
    query = {"item": ["Movie_0", "Book_1"], "title": "Desert of the Qzzxv"}
    visitor.post(START, {"do": "list", "item": ["Movie_0", "Book_1"]})
    for address, values in ((START, {}), (FOUND, {"text": "noir"}), (LIST, query)):
        visitor.get(address, values)

    # The visit's session, its trail (2), what it said of items (1); then the catalogue's revision.
    with django_assert_num_queries(5):
        visitor.get(START)
    with django_assert_num_queries(4):  # three looks at the revision, one at ids
        visitor.get(FOUND, {"text": "noir"})
    with django_assert_num_queries(7):
        visitor.get(LIST, query)


def test_without_an_engine_there_is_a_list_all_the_same(visitor: Client) -> None:
    html = listed(visitor, item=["Movie_0"])
    by_words = listed(visitor, title=["Noir of the Qzzxv"])

    assert {one.split("_")[0] for one in cards(html)} == {"Movie", "Music", "Book"}
    assert len(cards(html)) == 24
    assert "Matches your word: noir" in by_words


def test_every_kind_has_a_heading_of_its_own(visitor: Client) -> None:
    html = text_of(visitor.get(START))

    for kind in Kind:
        assert f'<fieldset class="start__row kind-{kind.value}">' in html
    assert html.count("<h1>") == 1
