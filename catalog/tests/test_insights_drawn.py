"""What is drawn is drawn once, however many ask."""

import threading
import time

import pytest

from catalog.insights.drawn import Drawn


def test_many_who_ask_at_once_get_what_one_made() -> None:
    drawn: Drawn[str] = Drawn(4)
    made: list[str] = []

    def make() -> str:
        time.sleep(0.05)
        made.append("page")
        return "page"

    found: list[str] = []
    askers = [threading.Thread(target=lambda: found.append(drawn.get(1, make))) for _ in range(8)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert made == ["page"]
    assert found == ["page"] * 8


def test_what_was_asked_for_longest_ago_gives_way() -> None:
    drawn: Drawn[int] = Drawn(2)
    for key in (1, 2, 1, 3):
        drawn.get(key, lambda key=key: key)  # type: ignore[misc]
    made: list[int] = []
    drawn.get(1, lambda: made.append(1) or 1)  # type: ignore[func-returns-value]
    drawn.get(2, lambda: made.append(2) or 2)  # type: ignore[func-returns-value]
    assert made == [2]


def test_a_failure_is_not_remembered() -> None:
    drawn: Drawn[int] = Drawn(2)
    with pytest.raises(ZeroDivisionError):
        drawn.get(1, lambda: 1 // 0)
    assert drawn.get(1, lambda: 7) == 7
