"""Charts for pages outside the insights: right numbers, a name for every mark."""

import re
from xml.etree import ElementTree

import pytest

from catalog.charts import Bar, Bars, Mark, Part, Stack

NASTY = 'Tom & "Jerry" <b>'


def drawn(*values: float) -> ElementTree.Element:
    parts = [Part(f"Part {n}", value, f"{value:g}", f"css-{n}") for n, value in enumerate(values)]
    return ElementTree.fromstring(Stack("Visits", parts).svg())


def places(root: ElementTree.Element) -> list[tuple[float, float]]:
    """(where it begins, how wide it is) of every part, in per cent of the bar."""
    pieces = [rect.attrib for rect in root.findall("svg/g/rect")]
    return [(float(at["x"].rstrip("%")), float(at["width"].rstrip("%"))) for at in pieces]


def test_parts_lie_side_by_side_as_wide_as_their_shares() -> None:
    assert places(drawn(25, 50, 25)) == [(0, 25), (25, 50), (75, 25)]


def test_a_part_of_nothing_is_in_the_legend_alone() -> None:
    root = drawn(0, 4)

    assert places(root) == [(0, 100)]
    assert [label.text for label in root.findall("ul/li/span[@class='stack__label']")] == [
        "Part 0",
        "Part 1",
    ]


def test_a_tiny_part_can_be_seen_and_the_bar_stays_whole() -> None:
    (_, tiny), (begins, wide) = places(drawn(1, 100_000))

    assert tiny > 0.5
    assert begins + wide == pytest.approx(100, abs=0.02)


def test_without_any_part_there_is_a_bare_rail() -> None:
    assert places(drawn(0, 0)) == []
    assert places(drawn()) == []


def test_a_part_is_named_and_names_are_escaped() -> None:
    svg = Stack(NASTY, [Part(NASTY, 3, "3 of 4", "x")]).svg()

    assert "<b>" not in svg
    assert "Jerry&quot; &lt;b&gt;: 3 of 4" in svg


def test_a_bar_can_stand_out() -> None:
    plain, other = Bar("a", 1, "1", Mark("a")), Bar("b", 1, "1", Mark("b"), css="bars__row--other")

    assert re.findall(r'class="mark (bars__row[^"]*)"', Bars("x", [plain, other]).svg()) == [
        "bars__row",
        "bars__row bars__row--other",
    ]
