"""From candidates to a list: variety, a share for every kind, the rest in order."""

from collections import Counter

import numpy as np
import pytest

from recommender.candidates import Candidate
from recommender.dial import quotas_of
from recommender.selection import diversify, is_complete, select
from sessions_app.preferences import Dial

KINDS = ["movie", "track", "book"]


def candidates(*scores: float, kind: str = "movie", start: int = 0) -> list[Candidate]:
    return [
        Candidate(f"{kind}_{number}", kind, score, "blend", index=number)
        for number, score in enumerate(scores, start)
    ]


def names(found: list[Candidate]) -> list[str]:
    return [candidate.item_id for candidate in found]


# Items 0 and 1 are the same, 2 and 3 are like nothing.
VECTORS = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=np.float32)


def test_without_strength_vectors_or_a_choice_the_order_stays() -> None:
    four = candidates(4, 3, 2, 1)

    assert diversify(four, VECTORS, strength=0) == four
    assert diversify(four, None, strength=0.9) == four
    assert diversify(four[:2], VECTORS[:2], strength=0.9) == four[:2]
    assert diversify([], VECTORS[:0], strength=0.9) == []


def test_two_that_are_the_same_are_drawn_apart() -> None:
    four = candidates(4, 3.9, 3.8, 1)

    assert names(diversify(four, VECTORS, strength=0.3)) == [
        "movie_0",
        "movie_2",
        "movie_1",
        "movie_3",
    ]
    assert names(diversify(four, VECTORS, strength=1.0))[-1] == "movie_1"


@pytest.mark.parametrize("strength", [0.1, 0.5, 0.9])
def test_the_best_stays_first_and_nobody_is_lost(strength: float) -> None:
    chance = np.random.default_rng(1)
    many = candidates(*sorted(chance.normal(size=30), reverse=True))
    vectors = chance.normal(size=(30, 5)).astype(np.float32)

    found = diversify(many, vectors, strength=strength)

    assert found[0] == many[0]
    assert sorted(names(found)) == sorted(names(many))
    assert found != many


def test_each_place_goes_to_the_best_of_relevance_and_likeness() -> None:
    """The definition, place by place, on random candidates."""
    chance = np.random.default_rng(2)
    scores = np.array(sorted(chance.normal(size=12), reverse=True))
    vectors = chance.normal(size=(12, 4)).astype(np.float32)
    found = diversify(candidates(*scores), vectors, strength=0.4)

    relevance = (scores - scores.min()) / (scores.max() - scores.min())
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    placed = [found[0].index]
    for candidate in found[1:]:
        worth = {
            other: 0.6 * relevance[other] - 0.4 * max(unit[other] @ unit[p] for p in placed)
            for other in range(12)
            if other not in placed
        }
        assert candidate.index == max(worth, key=lambda other: worth[other])
        placed.append(candidate.index)


def test_equal_scores_and_items_without_a_vector_do_no_harm() -> None:
    four = candidates(1, 1, 1, 1)
    nothing = np.zeros((4, 3), dtype=np.float32)

    assert diversify(four, nothing, strength=0.5) == four
    assert names(diversify(four, VECTORS, strength=0.5))[-1] == "movie_1"


def test_every_kind_gets_its_share_and_the_first_of_each_come_first() -> None:
    pool = [
        *candidates(*range(20, 0, -1)),
        *candidates(0.5, 0.4, 0.3, 0.2, kind="track"),
        *candidates(0.1, 0.09, 0.08, kind="book"),
    ]

    found = select([], pool, k=12, kinds=KINDS)

    kinds = [candidate.kind for candidate in found]
    assert len(found) == 12
    assert kinds.count("track") == kinds.count("book") == 3
    assert kinds[:3] == KINDS
    assert [name for name in names(found) if name.startswith("movie")] == [
        f"movie_{number}" for number in range(6)
    ]


def test_one_kind_and_lists_shorter_than_the_kinds_have_no_shares() -> None:
    pool = [*candidates(9, 8, 7), *candidates(1, kind="track"), *candidates(0.5, kind="book")]

    assert names(select([], pool, k=2, kinds=KINDS)) == ["movie_0", "movie_1"]
    assert names(select([], candidates(9, 8, 7), k=2, kinds=["movie"])) == ["movie_0", "movie_1"]


def test_a_later_tier_fills_up_without_repeats_and_brings_the_kinds_that_lack() -> None:
    better = candidates(9, 8, 7, 6)
    later = [
        *candidates(3, 2, 1, start=2),  # the first two are chosen already
        *candidates(2, kind="track"),
        *candidates(1, kind="book"),
    ]

    found = select(better, later, k=4, kinds=KINDS)

    assert names(found) == ["movie_0", "track_0", "book_0", "movie_1"]
    assert names(select(better, later, k=7, kinds=KINDS)) == [
        *("movie_0", "track_0", "book_0", "movie_1", "movie_2", "movie_3", "movie_4"),
    ]


def test_too_few_candidates_give_a_short_list() -> None:
    assert len(select([], candidates(2, 1), k=10, kinds=KINDS)) == 2


def test_a_list_is_complete_when_it_is_full_and_has_every_kind_that_fits() -> None:
    movies = candidates(4, 3, 2, 1)
    mixed = [*movies[:2], *candidates(1, kind="track"), *candidates(1, kind="book")]

    assert is_complete(mixed, k=4, kinds=KINDS)
    assert not is_complete(mixed, k=5, kinds=KINDS)
    assert not is_complete(movies, k=4, kinds=KINDS)
    assert is_complete(movies[:2], k=2, kinds=KINDS)
    assert is_complete(movies, k=4, kinds=["movie"])


# --- Quotas -------------------------------------------------------------------------------


def of_each(number: int) -> list[Candidate]:
    pool = [
        *candidates(*range(number, 0, -1)),
        *candidates(*(0.5 / (n + 1) for n in range(number)), kind="track"),
        *candidates(*(0.1 / (n + 1) for n in range(number)), kind="book"),
    ]
    return sorted(pool, key=lambda candidate: -candidate.score)


def counts(found: list[Candidate]) -> dict[str, int]:
    return dict(Counter(candidate.kind for candidate in found))


@pytest.mark.parametrize(
    ("dial", "expected"),
    [
        (Dial(movie=100), {"movie": 6, "track": 3, "book": 3}),
        (Dial(movie=0), {"track": 6, "book": 6}),
        (Dial(movie=0, track=0), {"book": 12}),
        (Dial(movie=70, track=20, book=10), {"movie": 9, "track": 2, "book": 1}),  # 8.4, 2.4, 1.2
        (Dial(movie=1, track=100, book=1), {"track": 12}),
    ],
)
def test_each_kind_gets_its_share_of_the_list(dial: Dial, expected: dict[str, int]) -> None:
    quotas = quotas_of(dial, 12)

    found = select([], of_each(20), k=12, kinds=dial.kinds, quotas=quotas)

    assert counts(found) == expected
    assert is_complete(found, k=12, kinds=dial.kinds, quotas=quotas)


@pytest.mark.parametrize("k", [1, 2, 3, 7, 12, 24, 100])
def test_quotas_fill_the_list_and_alike_means_none(k: int) -> None:
    quotas = quotas_of(Dial(movie=33, track=51, book=90), k)

    assert quotas is not None
    assert sum(quotas.values()) == k
    assert quotas_of(Dial(), k) is None
    assert quotas_of(Dial(movie=80, track=80, book=80), k) is None


def test_what_a_kind_cannot_fill_goes_to_the_best_of_the_others() -> None:
    pool = [*candidates(9, 8, 7, 6, 5), *candidates(1, kind="track")]

    found = select([], pool, k=5, kinds=KINDS, quotas={"movie": 1, "track": 4})

    assert names(found) == ["movie_0", "track_0", "movie_1", "movie_2", "movie_3"]
    assert not is_complete(found, k=5, kinds=KINDS, quotas={"movie": 1, "track": 4})


def test_a_later_tier_takes_the_places_over_a_quota_the_worst_first() -> None:
    better = [*candidates(9, 8, 7, 6), *candidates(1, kind="track")]
    later = candidates(3, 2, 1, kind="track", start=1)

    found = select(better, later, k=5, kinds=KINDS, quotas={"movie": 2, "track": 3})

    assert names(found) == ["movie_0", "track_0", "movie_1", "track_1", "track_2"]
