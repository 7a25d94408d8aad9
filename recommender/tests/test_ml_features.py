"""Content features: texts as vectors, also of texts that nobody had when they were learned."""

import numpy as np
import pytest

from recommender.ml import features
from recommender.ml.contract import NotFittedError
from recommender.ml.features import HASHED_TERMS, TextEncoder
from recommender.tests.ml_cases import GROUPS, item_table

TEXTS = item_table().texts


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder(width=16, seed=3).fit(TEXTS)


def test_a_text_is_one_row_of_length_one(encoder: TextEncoder) -> None:
    found = encoder.encode(TEXTS)
    assert found.shape == (len(TEXTS), 16)
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, rtol=1e-5)


def test_the_same_text_has_the_same_vector(encoder: TextEncoder) -> None:
    twice = encoder.encode([TEXTS[4], TEXTS[9], TEXTS[4]])
    np.testing.assert_array_equal(twice[0], twice[2])
    assert not np.array_equal(twice[0], twice[1])
    np.testing.assert_allclose(encoder.encode([TEXTS[4]])[0], twice[0], rtol=1e-6)


def test_case_accents_and_stop_words_make_no_difference(encoder: TextEncoder) -> None:
    plain, dressed = encoder.encode(["vampire railway", "The VÁMPIRE of the railway"])
    np.testing.assert_allclose(plain, dressed, rtol=1e-6)


def test_texts_that_share_words_are_closer_than_texts_that_do_not(encoder: TextEncoder) -> None:
    """Of 60 texts in groups that share a word, every one is closest to its own group."""
    found = encoder.encode(TEXTS)
    cosines = found @ found.T
    group = np.arange(len(TEXTS)) % len(GROUPS)
    same = group[:, None] == group[None, :]
    np.fill_diagonal(cosines, np.nan)
    inside = np.nanmin(np.where(same, cosines, np.nan), axis=1)
    outside = np.nanmax(np.where(same, np.nan, cosines), axis=1)
    assert (inside > outside).all()


def test_an_unseen_text_lies_with_the_texts_it_shares_words_with(encoder: TextEncoder) -> None:
    known = encoder.encode(TEXTS)
    for group, word in enumerate(GROUPS):
        cosines = known @ encoder.encode([f"A new {word} tale, never told"])[0]
        assert set(np.argsort(-cosines)[:5] % len(GROUPS)) == {group}


def test_a_text_without_a_known_word_is_zero(encoder: TextEncoder) -> None:
    found = encoder.encode(["", "the of and", "zyzzyva"])
    np.testing.assert_array_equal(found, np.zeros((3, 16), dtype=np.float32))
    assert encoder.encode([]).shape == (0, 16)


def test_an_encoder_is_its_two_arrays(encoder: TextEncoder) -> None:
    idf, components = encoder.arrays
    assert (idf.dtype, components.dtype) == (np.float32, np.float32)
    assert (idf.shape, components.shape) == ((HASHED_TERMS,), (HASHED_TERMS, 16))

    copy = TextEncoder(width=16).adopt(idf.copy(), components.copy())

    unseen = ["a vampire in winter", *TEXTS[:5]]
    np.testing.assert_array_equal(copy.encode(unseen), encoder.encode(unseen))


def test_the_same_texts_and_seed_give_the_same_encoder(encoder: TextEncoder) -> None:
    again = TextEncoder(width=16, seed=3).fit(TEXTS)
    for ours, theirs in zip(again.arrays, encoder.arrays, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_many_texts_are_encoded_as_they_are_alone(
    encoder: TextEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = encoder.encode(TEXTS)
    monkeypatch.setattr(features, "ENCODED_AT_ONCE", 7)
    np.testing.assert_allclose(encoder.encode(TEXTS), whole, rtol=1e-5, atol=1e-7)


def test_of_a_very_large_catalogue_a_part_teaches_the_axes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(features, "FITTED_ON", 20)
    part = TextEncoder(width=4).fit(TEXTS)
    monkeypatch.undo()
    third = TextEncoder(width=4).fit(TEXTS[::3])
    np.testing.assert_array_equal(part.arrays[1], third.arrays[1])


def test_fewer_texts_than_axes_leave_the_rest_empty() -> None:
    encoder = TextEncoder(width=8).fit(["red fox", "blue whale", "red whale"])
    found = encoder.encode(["red fox", "blue whale"])
    assert found.shape == (2, 8)
    assert not encoder.arrays[1][:, 2:].any()
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, rtol=1e-5)


@pytest.mark.parametrize("texts", [[], ["", "the"], ["one word and nothing else", ""]])
def test_texts_without_words_teach_nothing(texts: list[str]) -> None:
    with pytest.raises(ValueError, match="at least two texts with a word"):
        TextEncoder(width=4).fit(texts)


def test_an_encoder_is_not_used_before_it_is_fitted() -> None:
    with pytest.raises(NotFittedError):
        TextEncoder().encode(["a film"])
    with pytest.raises(NotFittedError):
        _ = TextEncoder().arrays


def test_arrays_of_another_encoder_and_a_width_of_nothing_are_refused(
    encoder: TextEncoder,
) -> None:
    with pytest.raises(ValueError, match="of width 8"):
        TextEncoder(width=8).adopt(*encoder.arrays)
    with pytest.raises(ValueError, match="at least 1"):
        TextEncoder(width=0)
