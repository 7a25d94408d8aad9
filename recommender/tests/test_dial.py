"""The dial: what each end does to lists, and that the middle does nothing."""

from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from catalog.models import Item
from catalog.revision import note_change
from recommender.asking import dial_of
from recommender.dial import Turn
from recommender.facets import facets_of
from recommender.loader import Loader
from recommender.services import Answer, recommend
from sessions_app.preferences import Dial, Preferences, as_cookie

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(items: list[Item]) -> list[Item]:
    """Genres go round by four and themes and moods by three, so that they cross."""
    for number, item in enumerate(items):
        place = number % 12
        theme = ("exile", "wonder", "work")[place % 3]
        mood = ("calm", "wild", "bleak")[place % 3]
        Item.objects.filter(pk=item.pk).update(
            themes=[theme], moods=[mood], popularity=90.0 - place
        )
    note_change()
    return list(Item.objects.order_by("pk"))


@pytest.fixture
def turned(world: list[Item], served: str) -> list[Item]:
    return world


def ids(answer: Answer) -> list[str]:
    return [card.item.item_id for card in answer.cards]


def shared(answer: Answer, step: str) -> tuple[float, float]:
    """Of the cards, the share with the step's genre, and the share with its theme."""
    item = Item.objects.get(item_id=step)
    genres = {genre.pk for genre in item.genres.all()}
    with_genre = [bool(genres & {g.pk for g in c.item.genres.all()}) for c in answer.cards]
    with_theme = [c.item.themes == item.themes for c in answer.cards]
    return sum(with_genre) / len(with_genre), sum(with_theme) / len(with_theme)


def lists(name: str) -> dict[int, list[Answer]]:
    steps = ["Movie_1", "Music_2", "Book_3", "Movie_6", "Music_8", "Book_10"]
    return {
        at: [recommend(steps=[step], k=6, dial=Dial(**{name: at})) for step in steps]
        for at in (0, 25, 50, 75, 100)
    }


def test_the_middle_is_the_list_without_a_dial(turned: list[Item]) -> None:
    for step in ("Movie_1", "Music_2", "Book_3"):
        plain = recommend(steps=[step], k=9)
        middle = recommend(steps=[step], k=9, dial=Dial())
        assert [(c.item, c.score, c.why) for c in middle.cards] == [
            (c.item, c.score, c.why) for c in plain.cards
        ]


def test_kinds_that_are_all_turned_alike_change_nothing(turned: list[Item]) -> None:
    alike = Dial(movie=90, track=90, book=90)

    assert ids(recommend(steps=["Movie_1"], dial=alike)) == ids(recommend(steps=["Movie_1"]))


def test_vibe_goes_from_genre_to_theme_without_a_step_back(turned: list[Item]) -> None:
    found = {
        at: np.mean([shared(answer, answer.cards[0].because.item_id) for answer in some], axis=0)  # type: ignore[union-attr]
        for at, some in lists("vibe").items()
    }
    genre = [float(found[at][0]) for at in sorted(found)]
    theme = [float(found[at][1]) for at in sorted(found)]

    assert genre == sorted(genre, reverse=True)
    assert theme == sorted(theme)
    assert genre[0] > genre[-1] + 0.3
    assert theme[-1] > theme[0] + 0.3


def test_surprise_goes_from_what_is_well_known_to_what_few_know(turned: list[Item]) -> None:
    found = {
        at: float(np.mean([c.item.popularity for answer in some for c in answer.cards]))
        for at, some in lists("surprise").items()
    }
    known = [found[at] for at in sorted(found)]

    assert known == sorted(known, reverse=True)
    assert known[0] > known[-1] + 2


def test_a_kind_turned_to_nothing_is_absent_and_the_others_have_their_shares(
    turned: list[Item],
) -> None:
    answer = recommend(steps=["Movie_1"], k=9, dial=Dial(movie=0, track=100))

    assert sorted(card.item.kind for card in answer.cards) == ["book"] * 3 + ["track"] * 6


def test_a_kind_that_is_asked_for_stands_above_the_dial(turned: list[Item]) -> None:
    answer = recommend(steps=["Movie_1"], k=5, kind="movie", dial=Dial(movie=0))

    assert [card.item.kind for card in answer.cards] == ["movie"] * 5


def test_shares_hold_for_visitors_of_whom_nothing_is_known(turned: list[Item]) -> None:
    answer = recommend(steps=[], k=8, dial=Dial(movie=0, book=50, track=50))

    assert answer.tier == "popular"
    assert sorted(card.item.kind for card in answer.cards) == ["book"] * 4 + ["track"] * 4


def test_a_turn_reaches_what_no_part_of_the_engine_names(
    turned: list[Item], loader_without_thread: Loader
) -> None:
    facets = facets_of(loader_without_thread.current)
    total = np.zeros(len(turned), dtype=np.float32)
    total[5] = 1.0

    to_vibe = Turn(facets, vibe=1.0, surprise=0.0).reweigh(total, [0])
    to_genre = Turn(facets, vibe=-1.0, surprise=0.0).reweigh(total, [0])

    assert turned[3].themes == turned[0].themes
    assert to_vibe[3] > 0
    assert to_vibe[4] == 0  # of another theme and mood
    assert to_genre[4] > 0  # of the same genre


def test_a_card_that_the_dial_alone_brings_names_the_step_that_draws_it(
    turned: list[Item], loader_without_thread: Loader
) -> None:
    facets = facets_of(loader_without_thread.current)

    drawn = Turn(facets, vibe=0.5, surprise=0.0).drawn_by([1, 0], np.array([3, 4]))

    assert drawn[:, 0].tolist() == pytest.approx([0.0, 0.5])  # as calm and lonely as the last step
    assert drawn[:, 1].tolist() == pytest.approx([0.5, 0.0])  # item 4 is like item 1
    assert not Turn(facets, vibe=0.0, surprise=1.0).drawn_by([1, 0], np.array([3, 4])).any()


def test_each_kind_keeps_the_probability_that_it_had(
    turned: list[Item], loader_without_thread: Loader
) -> None:
    facets = facets_of(loader_without_thread.current)
    total = np.random.default_rng(5).random(len(turned)).astype(np.float32)

    moved = Turn(facets, vibe=0.7, surprise=-1.0).reweigh(total, [0, 14])

    for kind in ("movie", "track", "book"):
        of_kind = np.array([item.kind == kind for item in turned])
        assert moved[of_kind].sum() == pytest.approx(total[of_kind].sum(), rel=1e-4)
    assert not np.allclose(moved, total)


def test_who_is_well_known_is_told_by_sources_and_visits(
    turned: list[Item], loader_without_thread: Loader
) -> None:
    known = facets_of(loader_without_thread.current).known

    assert known.min() >= 0
    assert known.max() <= 1
    assert known[0] > known[11]  # popularity falls with the number, and visits are alike


def test_another_turn_of_the_same_visit_is_another_list(turned: list[Item]) -> None:
    """What the engine remembers of one dial is not given for another."""
    found = [
        tuple(ids(recommend(steps=["Movie_1"], k=9, dial=Dial(vibe=vibe, surprise=surprise))))
        for vibe, surprise in ((50, 50), (0, 50), (100, 50), (50, 0), (50, 100), (50, 50))
    ]

    assert len(set(found)) == 5
    assert found[0] == found[-1]


# --- What a request asks for ----------------------------------------------------------------


def request(address: str, **preferences: Any) -> Any:
    made = RequestFactory().get(address)
    made.user = AnonymousUser()
    made.COOKIES["segue_preferences"] = as_cookie(Preferences(**preferences))
    return made


def test_the_address_stands_above_what_the_visitor_set() -> None:
    kept = Dial(vibe=10, book=0)

    assert dial_of(request("/", dial=kept)) == kept
    assert dial_of(request("/?kind=book", dial=kept)) == kept
    assert dial_of(request("/?vibe=80", dial=kept)) == Dial(vibe=80)
    assert dial_of(request("/?vibe=500&track=x", dial=kept)) == Dial(vibe=100)
