"""The pages that explain the vocabulary, and where else its words are shown."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from catalog import vocabulary
from catalog.models import GenreRule, Item, Kind, SoundRule, Term
from catalog.tests.shelves import make
from catalog.vocabulary import explained

pytestmark = pytest.mark.django_db

INDEX = "/vocabulary/"


@pytest.fixture(autouse=True)
def words() -> None:
    night = Term.objects.create(name="night", what="theme", description="After dark.")
    Term.objects.create(name="growing up", what="theme", description="First times.")
    warm = Term.objects.create(name="warm", what="mood", description="Kind and close.")
    for kind, slug, term, weight in (
        ("track", "house", night, 0.5),
        ("track", "techno", night, 1.0),
        ("book", "vampires", night, 1.0),
        ("book", "polka", night, 1.0),
        ("movie", "family", warm, 1.0),
    ):
        GenreRule.objects.create(kind=kind, genre_slug=slug, term=term, weight=weight)
    SoundRule.objects.create(term=night, danceability_from=0.8, energy_from=0.65)


@pytest.fixture
def three() -> tuple[Item, Item, Item]:
    """A film, a track and a book of the night."""
    return (
        make("movie", "Neon", genres=("Crime",), themes=["night"], popularity=80.0),
        make("track", "Loop", genres=("techno", "house"), themes=["night"]),
        make("book", "Fangs", genres=("Vampires",), themes=["night"], moods=["warm"]),
    )


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_every_word_is_told_with_its_works_and_what_leads_to_it(
    client: Client, three: tuple[Item, ...]
) -> None:
    page = text(client, INDEX)
    assert "After dark." in page
    assert "Kind and close." in page
    assert "techno, Vampires, house" in page
    assert "energy from 0.65 and danceability from 0.8" in page
    for kind, counted in (("movies", "1&nbsp;movie"), ("music", "1&nbsp;track")):
        assert f'href="/{kind}/?theme=night">{counted}<' in page
    assert 'href="/books/?mood=warm">1&nbsp;book<' in page
    assert "polka" not in page  # no book has that genre


def test_a_word_without_works_is_told_and_leads_nowhere(client: Client) -> None:
    assert "?theme=growing" not in text(client, INDEX)
    page = text(client, "/vocabulary/growing%20up/")
    assert "No work of the catalogue has this word now." in page


def test_a_word_has_a_film_a_track_and_a_book_side_by_side(
    client: Client, three: tuple[Item, ...]
) -> None:
    page = text(client, reverse("catalog:word", args=["night"]))
    titles = [page.index(f'<span class="card__title">{item.title}<') for item in three]
    assert titles == sorted(titles)
    assert '<a class="chip" href="/music/?genre=techno">techno</a>' in page
    assert "energy from 0.65 and danceability from 0.8" in page
    assert "No genre of movies leads to it" in page


def test_works_that_are_most_of_all_about_it_are_shown_first(three: tuple[Item, ...]) -> None:
    for n in range(10):
        make("movie", f"Aside {n}", themes=["growing up", "night"], popularity=99.0)
    word = explained.read().words["night"]
    films = [item for item in explained.examples(word, date(2026, 1, 1)) if item.kind == "movie"]
    assert films[0].title == "Neon"
    assert len(films) == explained.EXAMPLES


def test_the_works_shown_stay_for_a_day() -> None:
    for n in range(30):
        make("book", f"Book {n:02}", themes=["night"])
    word = explained.read().words["night"]
    days = [date(2026, 1, 1), date(2026, 1, 1), date(2026, 1, 2)]
    first, again, next_day = ([i.pk for i in explained.examples(word, day)] for day in days)
    assert first == again != next_day


def test_a_word_of_a_works_own_is_told_too(client: Client) -> None:
    make("book", "Odd", moods=["zesty"], own_moods=True)
    page = text(client, reverse("catalog:word", args=["zesty"]))
    assert "Told by the source or an editor" in page
    assert "Odd" in page


def test_there_is_no_page_of_a_word_that_nobody_uses(client: Client) -> None:
    assert client.get("/vocabulary/gladness/").status_code == 404


def test_a_changed_rule_shows_at_once(client: Client, three: tuple[Item, ...]) -> None:
    assert "Crime" not in text(client, INDEX)
    rule = GenreRule(kind=Kind.MOVIE, genre_slug="crime", term=Term.objects.get(name="night"))
    rule.save()
    assert "Crime" in text(client, INDEX)


@pytest.mark.parametrize("works", [1, 20])
def test_the_pages_cost_few_queries_at_any_size(
    client: Client, works: int, django_assert_max_num_queries: Callable[..., Iterator[None]]
) -> None:
    for n in range(works):
        for kind in Kind:
            make(kind, f"{kind} {n}", by=f"Maker {kind} {n}", genres=(f"G{n}",), themes=["night"])
    word = reverse("catalog:word", args=["night"])
    client.get(INDEX)
    client.get(word)
    # The session's trail and the revision; for a word four more, for the cards.
    with django_assert_max_num_queries(3):  # type: ignore[attr-defined]
        client.get(INDEX)
    with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
        client.get(word)


def test_a_works_page_leads_to_its_themes(client: Client, three: tuple[Item, ...]) -> None:
    page = text(client, three[1].get_absolute_url())
    assert '<a class="chip chip--theme" href="/vocabulary/night/">night</a>' in page


def test_the_api_tells_the_themes(client: Client, three: tuple[Item, ...]) -> None:
    answer = client.get(f"/api/v1/items/{three[2].item_id}/").json()
    assert (answer["themes"], answer["moods"]) == (["night"], ["warm"])


def test_the_footer_leads_to_the_vocabulary(client: Client) -> None:
    assert '<a href="/vocabulary/">Themes and moods</a>' in text(client, INDEX)


def test_the_seed_makes_a_page_of_seventy_words(client: Client) -> None:
    vocabulary.reset()
    page = text(client, INDEX)
    assert page.count('class="word__name') == 70
