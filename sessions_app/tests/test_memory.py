"""The cookie of a visit that is stored nowhere else."""

import uuid
from uuid import UUID

import pytest

from sessions_app.memory import MOST_STEPS, Memory, dwell_times


def walked(*items: int) -> Memory:
    memory = Memory()
    for place, item in enumerate(items):
        memory = memory.with_step(item, now=1_000 + place)
    return memory


def opened(memory: Memory) -> list[int]:
    return [step.item for step in memory.steps]


def test_the_cookie_gives_the_same_memory_back() -> None:
    memory = walked(3, 1, 2).with_reaction("hide", 7).with_reaction("rate", 8, 4)
    memory = memory.without_step(memory.steps[1].step_id)
    assert Memory.read(memory.cookie()) == memory


@pytest.mark.parametrize("cookie", ["", "nonsense", "a:b:c", Memory().cookie() + "x"])
def test_a_cookie_that_is_none_says_nothing(cookie: str) -> None:
    assert Memory.read(cookie) == Memory()


def test_a_cookie_that_somebody_else_signed_says_nothing() -> None:
    from django.core import signing

    forged = signing.dumps({"s": [[1, 1, 1, 0]]}, key="another key", salt="sessions_app.memory")
    assert Memory.read(forged) == Memory()


def test_the_fullest_memory_fits_into_a_cookie() -> None:
    memory = walked(*range(100_000, 100_200)).started_over()
    for item in range(900_000, 900_100):
        memory = memory.with_step(7 * item % 1_000_003, picked=True, now=1_790_000_000 + 37 * item)
    for type in ("hide", "like", "dislike", "save", "rate"):
        for item in range(100):
            memory = memory.with_reaction(type, 7_919 * item % 1_000_003)
    assert len(memory.steps) == MOST_STEPS
    assert len(memory.cookie()) < 4_000


def test_the_same_item_again_goes_on() -> None:
    assert opened(walked(1, 1, 2, 2, 1)) == [1, 2, 1]


def test_a_step_taken_out_comes_back_where_it_was() -> None:
    memory = walked(1, 2, 3)
    second = memory.steps[1].step_id
    without = memory.without_step(second)
    assert opened(without) == [1, 3]
    assert without.without_step(second) == without
    assert opened(without.with_step_again(second)) == [1, 2, 3]
    with pytest.raises(KeyError):
        memory.without_step(uuid.uuid4())
    with pytest.raises(KeyError):
        memory.with_step_again(uuid.uuid4())


def test_starting_over_can_be_undone() -> None:
    memory = walked(1, 2)
    assert opened(memory.started_over()) == []
    assert opened(memory.started_over().before_start_over()) == [1, 2]
    assert memory.before_start_over() == memory
    assert Memory().started_over() == Memory()


def test_a_reaction_said_again_is_the_newest() -> None:
    memory = Memory().with_reaction("save", 1).with_reaction("save", 2).with_reaction("save", 1)
    assert list(memory.reactions["save"]) == [2, 1]
    assert memory.without_reaction("save", 2).without_reaction("save", 1).is_empty


def test_dwell_times_are_read_from_what_the_script_kept() -> None:
    assert dwell_times("1:2300.12:90") == {UUID(int=1): 2300, UUID(int=12): 90}
    assert dwell_times("") == dwell_times("x:1.3:-4.:.5") == {}
    assert dwell_times("9" * 40 + ":" + "9" * 40) == {UUID(int=10**12 - 1): 10**9 - 1}
