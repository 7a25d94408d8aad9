"""Charts for pages outside the insights: right numbers, a name for every mark."""

import re
from xml.etree import ElementTree

import pytest

from catalog.charts import Bar, Bars, Mark, Part, Ridge, Ridges, Stack, Tick
from catalog.charts.ridges import HEIGHT

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


# --- Waves --------------------------------------------------------------------------------


def waves(*rows: tuple[float, ...]) -> ElementTree.Element:
    ridges = [
        Ridge(f"word {n}", "5 titles", "ridge--theme", [(v, Mark(f"week: {v:g}")) for v in row])
        for n, row in enumerate(rows)
    ]
    ticks = [Tick(0.25, "3 Nov"), Tick(0.75, "10 Nov", minor=True)]
    return ElementTree.fromstring(Ridges("Over time", ridges, ticks).svg())


def heights(ridge: ElementTree.Element) -> list[float]:
    """How high above the ground the wave is at each of its periods."""
    dots = [dot for dot in ridge.iter("circle") if "ridge__dot" in dot.attrib["class"]]
    return [HEIGHT - float(dot.attrib["cy"]) for dot in dots]


def test_waves_are_on_one_scale() -> None:
    first, second = waves((4, 0), (2, 1)).findall("div[@class='ridge ridge--theme']")

    assert heights(first) == pytest.approx([54, 0])
    assert heights(second) == pytest.approx([27, 13.5])


def test_a_wave_begins_and_ends_on_the_ground() -> None:
    (path,) = waves((4, 2)).iter("path")

    points = [point.strip() for point in re.split(r"[MC]", path.attrib["d"]) if point]
    assert points[0] == f"0 {HEIGHT}"
    assert points[-1].endswith(f"1000 {HEIGHT}")


def test_every_period_of_a_wave_has_a_name_and_the_dates_stand_below() -> None:
    root = waves((4, 2))

    names = [g.attrib["aria-label"] for g in root.iter("g") if g.get("class") == "mark"]
    assert names == ["week: 4", "week: 2"]
    assert [text.text for text in root.iter("text")] == ["3 Nov", "10 Nov"]


def test_waves_of_nothing_lie_flat() -> None:
    (ridge,) = waves((0, 0)).findall("div[@class='ridge ridge--theme']")

    assert heights(ridge) == [0, 0]
