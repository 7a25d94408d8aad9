"""Themes in the texts that content models read, and in the reasons on the cards."""

import pytest

from catalog import vocabulary
from catalog.cleaning import NO_DESCRIPTION
from catalog.models import Creator, Credit, GenreRule, Item, Role, Term
from catalog.tests.shelves import make
from recommender import reasons
from recommender.dataset import item_table
from recommender.loader import Loader
from recommender.ml.content import ContentRecommender
from recommender.ml.texts import theme_words

pytestmark = pytest.mark.django_db


def reason(card: Item, step: Item) -> str:
    cards = {item.pk: item for item in Item.objects.with_cards()}
    return reasons.of_step(
        card=cards[card.pk],
        step=cards[step.pk],
        kinships=reasons.kinships_among([card, step]),
        lead="gru4rec",
    ).text


def test_a_theme_is_one_word_and_no_word_of_a_description() -> None:
    assert theme_words(["coming of age", "love"]) == ["theme_coming_of_age", "theme_love"]


def test_of_an_item_without_description_themes_are_said_more_than_once() -> None:
    make("track", "Loop", moods=["dark"], themes=["night", "city"])
    (text,) = item_table().texts
    assert text.split("\n")[1].split() == ["dark", *["theme_night", "theme_city"] * 3]


def test_the_words_for_no_description_are_no_description() -> None:
    make("book", "Loop", themes=["night"], description=NO_DESCRIPTION)
    (text,) = item_table().texts
    assert text.split() == ["Loop", *["theme_night"] * 3]


def test_a_tracks_themes_count_more_than_the_words_of_its_title() -> None:
    track = make("track", "Paradise Circus", themes=["night", "city"])
    for n in range(20):
        make("book", f"Other {n}", themes=["home"], description=f"Plain story number {n}.")
    make("book", "Circus", themes=["home"], description="Elephants, clowns and a lion.")
    alike = make("book", "Bars", themes=["night", "city"], description="Neon over rainy asphalt.")
    table = item_table()
    found, _ = ContentRecommender().fit_texts(table.texts).similar(table.index_of[track.item_id], 1)
    assert [table.ids[index] for index in found] == [alike.item_id]


def test_the_text_of_an_item_has_its_themes() -> None:
    make("book", "Salt", moods=["warm"], themes=["inner life", "sea"], description="A road.")
    (text,) = item_table().texts
    assert text.split("\n") == ["Salt", "warm theme_inner_life theme_sea", "A road."]


def test_a_novel_and_a_track_that_share_nothing_but_a_theme_are_neighbours() -> None:
    book = make("book", "Fangs", genres=("Vampires",), themes=["night"])
    make("track", "Hay", genres=("country",), themes=["home"])
    track = make("track", "Loop", genres=("techno",), themes=["night"])
    table = item_table()
    found, _ = ContentRecommender().fit_texts(table.texts).similar(table.index_of[book.item_id], 5)
    assert [table.ids[index] for index in found] == [track.item_id]


@pytest.mark.parametrize(
    ("themes", "moods", "sentence"),
    [
        (["solitude", "night"], ["dark"], "Shares solitude and the dark mood of Fangs"),
        (["inner life"], ["dark"], "Shares inner life and the dark mood of Fangs"),
        (["night"], [], "Shares night with Fangs"),
        (["home"], ["dark", "eerie"], "Shares the dark and eerie mood of Fangs"),
        (["home"], ["glad"], "After Fangs: our session model's pick"),
    ],
)
def test_a_shared_theme_is_a_reason_that_is_true(
    themes: list[str], moods: list[str], sentence: str
) -> None:
    step = make(
        "book",
        "Fangs",
        genres=("Vampires",),
        themes=["night", "inner life", "solitude"],
        moods=["dark", "eerie"],
    )
    card = make("track", "Loop", genres=("techno",), themes=themes, moods=moods)
    assert reason(card, step) == sentence


def test_a_genre_of_one_kind_goes_before_a_theme() -> None:
    step, card = (
        make("book", title, genres=("Vampires",), themes=["night"], moods=["dark"])
        for title in ("Fangs", "Teeth")
    )
    assert reason(card, step) == "Shares Vampires and the dark mood of Fangs"


def test_a_creator_is_a_stronger_reason_than_a_theme() -> None:
    step = make("book", "Fangs", themes=["night"])
    card = make("movie", "Dusk", themes=["night"])
    person = Creator.objects.create(name="Nora Example")
    Credit.objects.create(item=step, creator=person, role=Role.AUTHOR)
    Credit.objects.create(item=card, creator=person, role=Role.DIRECTOR)
    assert reason(card, step) == "Nora Example (director) also made Fangs"


def test_what_is_served_learns_of_an_applied_vocabulary() -> None:
    make("book", "Fangs", genres=("Vampires",))
    make("track", "Loop", genres=("techno",))
    night = Term.objects.create(name="night", what="theme")
    for kind, slug in (("book", "vampires"), ("track", "techno")):
        GenreRule.objects.create(kind=kind, genre_slug=slug, term=night)
    loader = Loader()
    loader.refresh()
    assert loader.current is not None
    assert not any("theme_night" in text for text in loader.current.items.texts)
    vocabulary.apply(progress=False)
    loader._rest_until = 0.0  # the rest after a load is over
    loader.refresh()
    assert all("theme_night" in text for text in loader.current.items.texts)
