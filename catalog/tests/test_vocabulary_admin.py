"""Curators and the vocabulary: editing, trying out, applying; and what an edit of an item does."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from kombu.exceptions import OperationalError
from pytest_django import DjangoAssertNumQueries

from catalog import tasks, vocabulary
from catalog.models import Genre, GenreRule, Item, SoundRule, Term
from catalog.tests.shelves import make
from catalog.vocabulary.rules import FEATURES

pytestmark = pytest.mark.django_db

TERMS = "admin:catalog_term_changelist"
APPLY = "admin:catalog_term_apply"
TRY = "admin:catalog_term_try"


@pytest.fixture
def curator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("curator", password="a long pass phrase"))
    return client


@pytest.fixture
def seeded() -> None:
    vocabulary.ensure()


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    calls: list[int] = []
    monkeypatch.setattr(tasks.apply_vocabulary, "delay", lambda: calls.append(1))
    return calls


def told(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def page_of(client: Client, address: str, **query: str) -> str:
    response = client.get(address, query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def term_form(term: Term, **changes: object) -> dict[str, object]:
    """What the change page of a term without rules posts."""
    data: dict[str, object] = {"name": term.name, "what": term.what, "description": ""}
    for part in ("genre_rules", "sound_rules"):
        data |= {f"{part}-TOTAL_FORMS": 0, f"{part}-INITIAL_FORMS": 0}
    return data | changes


def save(client: Client, term: Term, **changes: object) -> Any:
    address = reverse("admin:catalog_term_change", args=[term.pk])
    return client.post(address, term_form(term, **changes))


# --- terms and rules -------------------------------------------------------------------------


def test_the_list_tells_how_many_works_have_a_term_in_few_queries(
    curator: Client, seeded: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make("book", "Sea", themes=["nature"])
    page_of(curator, reverse(TERMS))
    with django_assert_max_num_queries(9):
        page = page_of(curator, reverse(TERMS), q="nature")
    assert '<td class="field-books">1</td>' in page
    assert '<td class="field-movies">0</td>' in page


def test_a_rule_is_typed_by_the_genres_name_and_the_curator_told_what_comes_next(
    curator: Client,
) -> None:
    term = Term.objects.create(name="love", what="theme")
    row = {"kind": "track", "genre_slug": "Indie Pop", "weight": "0.5", "term": term.pk}
    rule = {f"genre_rules-0-{name}": value for name, value in row.items()}
    response = save(curator, term, **rule, **{"genre_rules-TOTAL_FORMS": 1})
    assert response.status_code == 302
    stored = GenreRule.objects.get()
    assert (stored.kind, stored.genre_slug, stored.weight) == ("track", "indie-pop", 0.5)
    assert any("once the vocabulary is applied" in message for message in told(response))


def test_a_term_shows_what_each_of_its_genres_gives(curator: Client, seeded: None) -> None:
    term = Term.objects.get(name="grief")
    page = page_of(curator, reverse("admin:catalog_term_change", args=[term.pk]))
    assert "grief; solitude; love; melancholic; lonely" in page  # the music genre sad


def test_the_term_with_most_rules_can_be_saved(curator: Client, seeded: None) -> None:
    term = Term.objects.get(name="home")
    rules = list(term.genre_rules.all())
    assert len(rules) > 100
    data: dict[str, object] = {"genre_rules-TOTAL_FORMS": len(rules)}
    data["genre_rules-INITIAL_FORMS"] = len(rules)
    for n, rule in enumerate(rules):
        row = {"id": rule.pk, "term": term.pk, "kind": rule.kind, "genre_slug": rule.genre_slug}
        row |= {"weight": 0.9, "extra": "", "extra2": ""}
        data |= {f"genre_rules-{n}-{name}": value for name, value in row.items()}
    assert save(curator, term, **data).status_code == 302
    assert set(term.genre_rules.values_list("weight", flat=True)) == {0.9}


@pytest.mark.parametrize(
    ("bounds", "problem"),
    [
        ({}, "Set at least one bound"),
        ({"energy_from": "0.8", "energy_below": "0.2"}, "No energy is from 0.8 and under 0.2"),
    ],
)
def test_a_sound_rule_that_cannot_hold_or_always_holds_is_refused(
    curator: Client, bounds: dict[str, str], problem: str
) -> None:
    term = Term.objects.create(name="love", what="theme")
    row = {"weight": "2", "term": term.pk}
    row |= {f"{name}_{end}": "" for name in FEATURES for end in ("from", "below")} | bounds
    data = {f"sound_rules-0-{name}": value for name, value in row.items()}
    response = save(curator, term, **data, **{"sound_rules-TOTAL_FORMS": 1})
    assert response.status_code == 200
    assert problem in response.content.decode()
    assert not SoundRule.objects.exists()


@pytest.mark.parametrize("model", ["genrerule", "soundrule"])
def test_rules_are_listed_with_weights_to_edit(
    curator: Client, seeded: None, model: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    address = reverse(f"admin:catalog_{model}_changelist")
    with django_assert_max_num_queries(9):
        page = page_of(curator, address)
    assert 'name="form-0-weight"' in page
    rows = GenreRule.objects.all() if model == "genrerule" else SoundRule.objects.all()
    first: GenreRule | SoundRule = rows[0]
    data = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": first.pk}
    response = curator.post(address, data | {"form-0-weight": "3.5", "_save": "Save"})
    assert response.status_code == 302
    first.refresh_from_db()
    assert first.weight == 3.5


# --- trying out ------------------------------------------------------------------------------


def test_the_rules_can_be_tried_on_a_work_that_nobody_made(curator: Client, seeded: None) -> None:
    page = page_of(
        curator, reverse(TRY), kind="track", genres="Indie Pop, zydeco", valence="0.2", energy="0.3"
    )
    assert "coming of age" in page
    assert "melancholic" in page
    assert "No rule speaks of zydeco." in page


def test_sound_says_nothing_of_a_book(curator: Client, seeded: None) -> None:
    page = page_of(curator, reverse(TRY), kind="book", genres="", valence="0.2", energy="0.3")
    assert "Themes: <strong>none</strong>. Moods: <strong>none</strong>." in page


@pytest.mark.parametrize("query", [{}, {"kind": "film"}, {"kind": "track", "energy": "loud"}])
def test_trying_out_nothing_or_nonsense_shows_the_form(
    curator: Client, query: dict[str, str]
) -> None:
    assert "It gets" not in page_of(curator, reverse(TRY), **query)


# --- applying --------------------------------------------------------------------------------


def test_the_curator_is_asked_first_and_told_how_many_works_change(
    curator: Client, seeded: None, queued: list[int]
) -> None:
    make("movie", "Brief", genres=("Romance",))
    make("movie", "Plain")
    assert "<strong>1</strong> work gets" in page_of(curator, reverse(APPLY))
    assert queued == []
    response = curator.post(reverse(APPLY))
    assert (response.status_code, queued) == (302, [1])
    assert told(response)[0].startswith("Queued")


def test_where_nothing_would_change_there_is_nothing_to_press(curator: Client) -> None:
    assert "nothing to apply" in page_of(curator, reverse(APPLY))


def test_the_curator_hears_that_the_queue_is_away(
    curator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(tasks.apply_vocabulary, "delay", away)
    assert told(curator.post(reverse(APPLY))) == [
        "The queue does not answer, nothing was queued: no broker"
    ]


def test_who_may_only_look_applies_nothing(client: Client, queued: list[int]) -> None:
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_term"))
    client.force_login(reader)
    assert "Apply to the whole catalogue" not in page_of(client, reverse(TERMS))
    for response in (client.get(reverse(APPLY)), client.post(reverse(APPLY))):
        assert told(response)[-1] == "Only those who may change terms apply them."
    assert queued == []


def test_who_may_not_see_terms_tries_nothing_out(client: Client) -> None:
    client.force_login(User.objects.create_user("stranger", is_staff=True))
    response = client.get(reverse(TRY))
    assert (response.status_code, response["Location"]) == (302, reverse("admin:index"))


# --- items -----------------------------------------------------------------------------------


def save_item(client: Client, item: Item, **changes: object) -> Item:
    data: dict[str, object] = {"title": item.title, "moods": "[]"}
    for part in ("credits", "aliases"):
        data |= {f"{part}-TOTAL_FORMS": 0, f"{part}-INITIAL_FORMS": 0}
    address = reverse(f"admin:catalog_{item.kind}_change", args=[item.pk])
    response = client.post(address, data | changes)
    assert response.status_code == 302, response.context["errors"]
    item.refresh_from_db()
    return item


def test_a_genre_that_an_editor_adds_brings_its_words(curator: Client, seeded: None) -> None:
    film = make("movie", "Brief")
    romance = Genre.objects.create(name="Romance", slug="romance")
    save_item(curator, film, genres=[romance.pk])
    assert (film.themes, film.moods[0]) == (["love", "desire"], "romantic")
    assert not film.own_moods


def test_a_figure_of_the_sound_that_an_editor_types_counts(curator: Client, seeded: None) -> None:
    song = make("track", "Loop")
    save_item(curator, song, valence="0.1", energy="0.1")
    assert "melancholic" in song.moods
    assert song.themes == ["solitude"]


def test_moods_that_an_editor_types_stay(curator: Client, seeded: None) -> None:
    romance = Genre.objects.create(name="Romance", slug="romance")
    film = make("movie", "Brief", genres=("Romance",))
    save_item(curator, film, genres=[romance.pk], moods='["bleak"]')
    assert (film.moods, film.own_moods, film.themes) == (["bleak"], True, ["love", "desire"])
    vocabulary.apply(progress=False)
    film.refresh_from_db()
    assert film.moods == ["bleak"]


def test_moods_that_an_editor_takes_away_come_from_the_rules_again(
    curator: Client, seeded: None
) -> None:
    film = make("movie", "Brief", genres=("Romance",), moods=["bleak"], own_moods=True)
    save_item(curator, film, genres=[Genre.objects.get().pk], own_moods="on")
    assert (film.own_moods, film.moods[0]) == (False, "romantic")
