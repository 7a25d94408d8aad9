"""Sessions and vocabularies as arrays."""

import numpy as np
import pytest

from recommender.ml.data import ItemTable, SessionData


@pytest.fixture
def three_sessions() -> SessionData:
    return SessionData.from_sequences(
        [[0, 1, 2], [3], [1, 1]],
        ends=[10, 20, 30],
        dwell=[[1.0, 2.0, 3.0], [4.0], [5.0, 6.0]],
        n_items=4,
    )


def lists(data: SessionData) -> list[list[int]]:
    return [session.tolist() for session in data.sequences()]


def test_sequences_come_back_as_they_went_in(three_sessions: SessionData) -> None:
    assert lists(three_sessions) == [[0, 1, 2], [3], [1, 1]]
    assert (len(three_sessions), three_sessions.n_events) == (3, 6)
    assert three_sessions.session(2).tolist() == [1, 1]
    assert three_sessions.counts().tolist() == [1, 3, 1, 1]


def test_sessions_are_put_in_order_of_their_ends_and_ties_keep_theirs() -> None:
    data = SessionData.from_sequences([[0], [1], [2], [3]], ends=[7, 5, 7, 5], n_items=4)
    assert lists(data) == [[1], [3], [0], [2]]
    assert data.ends.tolist() == [5, 5, 7, 7]


def test_unknown_dwell_is_not_a_number() -> None:
    assert np.isnan(SessionData.from_sequences([[0, 1]], n_items=2).dwell).all()


def test_taking_sessions_takes_their_events_ends_and_dwell(three_sessions: SessionData) -> None:
    by_index = three_sessions.take(np.array([2, 0]))
    assert lists(by_index) == [[1, 1], [0, 1, 2]]
    assert by_index.dwell.tolist() == [5.0, 6.0, 1.0, 2.0, 3.0]
    assert by_index.ends.tolist() == [30, 10]
    by_mask = three_sessions.take(np.array([False, True, True]))
    assert lists(by_mask) == [[3], [1, 1]]
    assert len(three_sessions.take(np.zeros(3, dtype=bool))) == 0


def test_the_later_side_of_a_split_is_the_last_part_by_time() -> None:
    data = SessionData.from_sequences([[i] for i in range(10)], n_items=10)
    earlier, later = data.split_by_time(0.2)
    assert lists(earlier) == [[i] for i in range(8)]
    assert lists(later) == [[8], [9]]


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.1])
def test_a_split_fraction_outside_zero_and_one_is_refused(fraction: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        SessionData.from_sequences([[0], [0]], n_items=1).split_by_time(fraction)


@pytest.mark.parametrize("fraction", [0.1, 0.9])
def test_a_split_with_an_empty_side_is_refused(fraction: float) -> None:
    data = SessionData.from_sequences([[0], [0]], n_items=1)
    with pytest.raises(ValueError, match="one side would be empty"):
        data.split_by_time(fraction)


def test_transitions_do_not_cross_from_one_session_to_the_next() -> None:
    data = SessionData.from_sequences([[], [0, 1], [], [2], [3, 4, 5], []], n_items=6)
    previous, following = data.transitions()
    assert list(zip(previous.tolist(), following.tolist(), strict=True)) == [(0, 1), (3, 4), (4, 5)]


def test_no_sessions_have_no_transitions() -> None:
    previous, following = SessionData.from_sequences([], n_items=3).transitions()
    assert len(previous) == len(following) == 0


def test_an_item_outside_the_vocabulary_is_refused() -> None:
    with pytest.raises(ValueError, match="out of range"):
        SessionData.from_sequences([[0, 4]], n_items=4)
    with pytest.raises(ValueError, match="out of range"):
        SessionData.from_sequences([[-1]], n_items=4)


@pytest.mark.parametrize(
    ("offsets", "ends", "sentence"),
    [
        ([0, 3, 2, 4], [1, 2, 3], "not monotone"),
        ([1, 2, 3, 4], [1, 2, 3], "start at 0"),
        ([0, 1, 2, 3], [1, 2, 3], "end at the number of events"),
        ([0, 1, 2, 4], [1, 3, 2], "end times decrease"),
        ([0, 1, 2, 4], [1, 2], "3 sessions came with 2 end times"),
    ],
)
def test_arrays_that_describe_no_sessions_are_refused(
    offsets: list[int], ends: list[int], sentence: str
) -> None:
    data = SessionData(
        np.zeros(4, np.int64), np.array(offsets), np.array(ends), np.zeros(4, np.float32), 1
    )
    with pytest.raises(ValueError, match=sentence):
        data.validate()


def test_dwell_and_ends_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="shape of the sessions"):
        SessionData.from_sequences([[0, 0]], dwell=[[1.0]], n_items=1)
    with pytest.raises(ValueError, match="1 sessions came with 2 end times"):
        SessionData.from_sequences([[0]], ends=[1, 2], n_items=1)


def test_an_item_table_finds_an_index_by_id() -> None:
    table = ItemTable(["a", "b"], ["movie", "book"], ["", ""])
    assert len(table) == 2
    assert table.index_of == {"a": 0, "b": 1}


def test_an_item_table_refuses_repeated_ids_and_uneven_lists() -> None:
    with pytest.raises(ValueError, match="same id twice"):
        ItemTable(["a", "a"], ["movie", "movie"], ["", ""])
    with pytest.raises(ValueError, match="2 ids, 1 kinds"):
        ItemTable(["a", "b"], ["movie"], ["", ""])
