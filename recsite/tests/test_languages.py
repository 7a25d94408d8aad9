"""Pages in another language: who asks for it gets it, with its numbers; everybody else English.

The words of the translation are made up, so that nothing but the translation can have said them.
"""

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse, reverse_lazy

from catalog import starter_catalogue
from catalog.models import Book
from recsite.tests.catalogues import write_catalogue
from recsite.tests.pages_of_the_site import BOOK, FILM

pytestmark = pytest.mark.django_db

WORDS = {
    "Skip to the content": "hopp-in",
    "Movies": "kinkel",
    "Movie": "kink",
    "For you": "dudu",
    "About it": "dadrum",
    "Directed by": "gelenkt",
    "The book behind it": "dahinterbuch",
    "%(rating)s of 5": "%(rating)s auf fünfe",
    "%(rating)s of 5, from %(count)s ratings": "%(rating)s auf fünfe, %(count)s mal",
    "Genre": "sorterei",
    "Newest first": "neuestvorn",
    "%(total)s title\0%(total)s titles": "%(total)s stückl\0%(total)s stückle",
    "A place to start": "anfängle",
    "How it works": "wiesgeht",
    "Releases a year": "jahresraus",
    "Nothing here has the genre “%(value)s”, so it was left out.": "kein „%(value)s“ da.",
    "All results for “%(query)s”": "alles zu „%(query)s“",
}


@pytest.fixture
def starter(db: None) -> None:
    starter_catalogue.seed(progress=False)


@pytest.fixture
def translated(settings: Any, tmp_path: Path) -> None:
    """German is one of the languages, in made-up words."""
    write_catalogue(tmp_path, "de", WORDS)
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]


@pytest.fixture
def german(translated: None, starter: None) -> Client:
    return Client(headers={"accept-language": "de-AT,de;q=0.9,en;q=0.5"})


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Language"] == "de"
    return answer.content.decode()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/", ["hopp-in", "kinkel", "dudu", "wiesgeht"]),
        (FILM, ["dadrum", "gelenkt", "dahinterbuch", "kink</a>"]),
        ("/for-you/", ["dudu", "anfängle"]),
        ("/movies/", ["sorterei", "neuestvorn", "stückle"]),
        ("/movies/?genre=made-up", ["kein „made-up“ da."]),
        ("/insights/movies/", ["jahresraus"]),
        (reverse_lazy("recommender:how"), ["wiesgeht"]),
    ],
)
def test_a_page_is_in_the_language_that_the_browser_asks_for(
    german: Client, address: str, words: list[str]
) -> None:
    page = read(german, address)
    assert '<html lang="de"' in page
    assert [word for word in words if word not in page] == []


def test_a_fragment_is_in_that_language_too(german: Client) -> None:
    page = read(german, reverse("catalog:suggest") + "?q=blade")
    assert "kinkel</p>" in page
    assert "alles zu „blade“" in page


def test_numbers_are_written_as_that_language_writes_them(german: Client) -> None:
    dune = Book.objects.filter(item_id="Book_dune-1965")
    dune.update(rating=4.25, num_ratings=1_234_567)
    assert "4,25 auf fünfe, 1.234.567 mal" in read(german, BOOK)


@pytest.mark.parametrize("asked", ["", "en-GB", "fr-FR,fr;q=0.9", "xx-made-up", "*", ",;q="])
def test_everybody_else_reads_english(
    client: Client, translated: None, starter: None, asked: str
) -> None:
    answer = client.get("/", headers={"accept-language": asked} if asked else None)
    page = answer.content.decode()
    assert '<html lang="en-gb"' in page
    assert "Skip to the content" in page
    assert "hopp-in" not in page


def test_one_visitor_s_language_is_not_shown_to_the_next(
    german: Client, client: Client, translated: None
) -> None:
    """What is remembered in the process or the cache is remembered by language."""
    for address in (
        "/",
        "/movies/",
        "/insights/movies/",
        "/insights/health/",
        FILM,
        "/vocabulary/",
    ):
        first, other = read(german, address), client.get(address).content.decode()
        assert "hopp-in" in first
        found = [word for word in ("hopp-in", "kink", "jahresraus", "gelenkt") if word in other]
        assert found == [], address


def test_a_download_has_the_same_columns_and_words_in_every_language(
    german: Client, client: Client
) -> None:
    for form in ("csv", "json"):
        address = reverse("catalog:insights_data", args=["movie-releases", form])
        assert german.get(address).content == client.get(address).content


def test_caches_are_told_that_the_language_matters(client: Client, starter: None) -> None:
    varies = client.get("/").headers["Vary"]
    assert "Accept-Language" in varies
    assert "Cookie" in varies


def test_another_language_costs_no_query(german: Client, client: Client) -> None:
    for address in ("/movies/", FILM):
        counts = []
        for visitor in (client, german, client, german):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                visitor.get(address)
            counts.append(len(queries))
        assert counts[2] == counts[3]


def test_the_made_up_words_are_words_of_the_site() -> None:
    """A text that was rewritten would leave its translation here untold."""
    root = Path(__file__).resolve().parents[2]
    files = [*root.glob("templates/**/*.html")]
    for app in ("catalog", "sessions_app", "recommender", "recsite"):
        files += [path for path in root.glob(f"{app}/**/*.py") if "tests" not in path.parts]
    said = "\n".join(path.read_text(encoding="utf-8") for path in files)
    plain = re.sub(r"{{ (\w+) }}", r"%(\1)s", said)
    missing = [text for text in WORDS if text.partition("\0")[0] not in plain]
    assert missing == []
