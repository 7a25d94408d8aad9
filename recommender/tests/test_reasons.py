"""One sentence a card: which claim is made of a card and a step, and in which words."""

import pytest

from catalog.models import Creator, Credit, Item, Kinship, Relation, Role
from recommender import reasons
from recommender.reasons import Lean, Reason, Seen, Traffic

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(items: list[Item]) -> tuple[Item, Item]:
    """A film and a book without a genre, theme or mood in common, of one decade."""
    film, book = Item.objects.get(item_id="Movie_0"), Item.objects.get(item_id="Book_5")
    book.moods = ["epic"]
    book.save()
    return film, book


@pytest.fixture
def strangers(pair: tuple[Item, Item]) -> tuple[Item, Item]:
    """A film and a book that no fact joins."""
    film, book = pair
    book.year = None
    book.save()
    return film, book


@pytest.fixture
def alike(items: list[Item]) -> tuple[Item, Item]:
    """Two films with a genre, two themes and two moods in common."""
    for number in (0, 4):
        film = items[number]
        film.themes, film.moods = ["the sea", "exile"], ["calm", "haunting"]
        film.save()
    return items[0], items[4]


def why(
    card: Item,
    step: Item,
    *,
    lead: str = "gru4rec",
    seen: Seen = "",
    traffic: Traffic = "people",
    lean: Lean = "",
) -> Reason:
    cards = {item.pk: item for item in Item.objects.with_cards()}
    return reasons.of_step(
        card=cards[card.pk],
        step=cards[step.pk],
        kinships=reasons.kinships_among([card, step]),
        lead=lead,
        seen=seen,
        traffic=traffic,
        lean=lean,
    )


def test_a_kinship_is_the_strongest_reason_and_reads_both_ways(pair: tuple[Item, Item]) -> None:
    film, book = pair
    Kinship.objects.create(derived=film, relation=Relation.BASED_ON, origin=book)

    found = why(film, book, lead="markov", seen="next")

    assert found == Reason("kinship", "The film based on Sea Book 5", book.item_id)
    assert why(book, film).text == "The book that Noir Movie 0 is based on"


@pytest.mark.parametrize("relation", Relation.values)
def test_every_relation_has_a_sentence_in_both_directions(
    pair: tuple[Item, Item], relation: str
) -> None:
    film, book = pair
    Kinship.objects.create(derived=film, relation=relation, origin=book)

    assert book.title in why(film, book).text
    assert film.title in why(book, film).text


@pytest.mark.parametrize(
    ("of_book", "of_film", "text"),
    [
        (Role.AUTHOR, Role.DIRECTOR, "Nora (author) also made Noir Movie 0"),
        (Role.AUTHOR, Role.ACTOR, "Nora (author) also appears in Noir Movie 0"),
        (Role.AUTHOR, Role.AUTHOR, "By Nora, who also wrote Noir Movie 0"),
        (Role.DIRECTOR, Role.DIRECTOR, "By Nora, who also directed Noir Movie 0"),
        (Role.ACTOR, Role.ACTOR, "With Nora, also in Noir Movie 0"),
        (Role.ARTIST, Role.ARTIST, "By Nora, who also recorded Noir Movie 0"),
        (Role.COMPOSER, Role.COMPOSER, "Composed by Nora, who also composed Noir Movie 0"),
    ],
)
def test_a_shared_creator_is_named_with_what_they_did(
    pair: tuple[Item, Item], of_book: str, of_film: str, text: str
) -> None:
    film, book = pair
    person = Creator.objects.create(name="Nora")
    Credit.objects.create(item=film, creator=person, role=of_film)
    Credit.objects.create(item=book, creator=person, role=of_book)

    assert why(book, film) == Reason("creator", text, film.item_id, creator="Nora")


@pytest.mark.parametrize(
    ("lean", "text"),
    [
        ("", "Shares Noir and the calm mood of Noir Movie 0"),
        ("genre", "Shares Noir with Noir Movie 0"),
        ("vibe", "Shares the sea and the calm mood of Noir Movie 0"),
    ],
)
def test_what_both_have_is_named_as_the_dial_leans(
    alike: tuple[Item, Item], lean: Lean, text: str
) -> None:
    step, card = alike

    assert why(card, step, lean=lean).text == text


def test_moods_alone_and_themes_alone_read_well(alike: tuple[Item, Item]) -> None:
    step, card = alike
    card.genres.clear()
    Item.objects.filter(pk=card.pk).update(themes=[])
    assert why(card, step).text == "Shares the calm and haunting mood of Noir Movie 0"
    Item.objects.filter(pk=card.pk).update(themes=["exile", "the sea"], moods=[])

    found = why(card, step)

    assert found.text == "Shares exile and the sea with Noir Movie 0"
    assert found.words == ("exile", "the sea")


def test_a_word_that_is_a_genre_and_a_theme_is_named_once(alike: tuple[Item, Item]) -> None:
    step, card = alike
    Item.objects.filter(pk__in=[step.pk, card.pk]).update(themes=["noir"], moods=[])

    assert why(card, step).words == ("Noir",)


def test_decades_serve_when_nothing_stronger_joins(pair: tuple[Item, Item]) -> None:
    film, book = pair
    assert why(book, film).text == "From the 1960s, like Noir Movie 0"
    Item.objects.filter(pk__in=[film.pk, book.pk]).update(country="Chile")
    assert why(book, film).text == "From Chile in the 1960s, like Noir Movie 0"


@pytest.mark.parametrize(
    ("seen", "traffic", "text"),
    [
        ("next", "people", "People who opened Noir Movie 0 went on to this"),
        ("near", "people", "People opened this and Noir Movie 0 in one visit"),
        ("next", "mixed", "Opened after Noir Movie 0 in earlier visits, some simulated"),
        ("near", "mixed", "Opened with Noir Movie 0 in earlier visits, some simulated"),
        ("next", "simulated", "Opened after Noir Movie 0 in simulated visits"),
        ("near", "simulated", "Opened with Noir Movie 0 in simulated visits"),
        ("", "people", "Opened in visits like this one, with Noir Movie 0 in it"),
    ],
)
@pytest.mark.parametrize("lead", ["stan", "cooccurrence", "markov"])
def test_visits_are_told_as_they_were(
    strangers: tuple[Item, Item], lead: str, seen: Seen, traffic: Traffic, text: str
) -> None:
    film, book = strangers

    found = why(book, film, lead=lead, seen=seen, traffic=traffic)

    assert found == Reason("session", text, film.item_id, seen=seen)


def test_what_people_did_goes_before_likeness_and_what_was_simulated_after(
    alike: tuple[Item, Item],
) -> None:
    step, card = alike

    assert why(card, step, lead="markov", seen="next").kind == "session"
    assert why(card, step, lead="markov", seen="next", traffic="mixed").kind == "shared"
    assert why(card, step, lead="gru4rec", seen="next").kind == "shared"


@pytest.mark.parametrize(
    ("lead", "kind", "text"),
    [
        ("gru4rec", "model", "After Noir Movie 0: our session model's pick"),
        ("content", "content", "Described in words like those of Noir Movie 0"),
        ("", "path", "Near Noir Movie 0, as you set the dial"),
    ],
)
def test_without_any_fact_the_reason_says_only_what_the_leading_part_knows(
    strangers: tuple[Item, Item], lead: str, kind: str, text: str
) -> None:
    film, book = strangers

    found = why(book, film, lead=lead)

    assert (found.kind, found.text) == (kind, text)


def test_a_title_with_braces_is_named_as_it_is(strangers: tuple[Item, Item]) -> None:
    film, book = strangers
    Item.objects.filter(pk=film.pk).update(title="{name} %s")

    assert why(book, film).text == "After {name} %s: our session model's pick"
