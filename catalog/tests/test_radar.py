"""A radar: where its corners are, what it says to who cannot see it."""

import re
from xml.etree import ElementTree

import pytest

from catalog.charts.radar import Axis, Radar
from catalog.sound import MEASURES


def radar(*values: float, others: tuple[float, ...] = ()) -> str:
    axes = [
        Axis(f"Axis {n}", value, f"{value:.0%}", others[n] if others else None)
        for n, value in enumerate(values)
    ]
    return Radar("sound", "How <it> sounds", "All of it", axes).svg()


def corners(svg: str, name: str) -> list[tuple[float, float]]:
    found = re.search(rf'class="radar__{name}" points="([^"]*)"', svg)
    assert found is not None
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in found[1].split())]


def test_the_first_axis_points_up_and_the_next_one_right() -> None:
    svg = radar(1, 1, 1, 1)
    (x, top), (right, y), (_, bottom), (left, _) = corners(svg, "value")
    assert (x, y) == (180, 156)
    assert (top, bottom) == (52, 260)
    assert (left, right) == (76, 284)


def test_a_value_of_nothing_is_in_the_middle_and_half_is_half_way() -> None:
    svg = radar(0, 0.5, 1, 0.5)
    assert corners(svg, "value")[0] == (180, 156)
    assert corners(svg, "value")[1] == (232, 156)


def test_it_is_an_image_with_a_name_and_a_description() -> None:
    root = ElementTree.fromstring(radar(0.1, 0.2, 0.3))
    assert root.attrib["role"] == "img"
    named = root.attrib["aria-labelledby"].split()
    assert [child.attrib["id"] for child in root[:2]] == named
    assert [child.text for child in root[:2]] == ["How <it> sounds", "All of it"]


def test_every_axis_has_its_label_and_its_figure() -> None:
    svg = radar(0.1, 0.2, 0.3, 0.4, 0.5)
    assert re.findall(r">(Axis \d)<", svg) == [f"Axis {n}" for n in range(5)]
    assert re.findall(r">(\d+%)<", svg) == ["10%", "20%", "30%", "40%", "50%"]


def test_what_it_is_held_against_is_drawn_below_it() -> None:
    svg = radar(1, 1, 1, others=(0.5, 0.5, 0.5))
    assert svg.index("radar__other") < svg.index('class="radar__value" points')
    assert corners(svg, "other")[0] == (180, 104)


def test_an_average_that_lacks_an_axis_is_not_drawn() -> None:
    axes = [Axis("A", 1, "1", 0.5), Axis("B", 1, "1", 0.5), Axis("C", 1, "1", None)]
    assert "radar__other" not in Radar("r", "t", "d", axes).svg()


@pytest.mark.parametrize("count", [0, 1, 2])
def test_fewer_than_three_axes_are_no_shape(count: int) -> None:
    assert radar(*[0.5] * count) == ""


def test_the_labels_of_a_sound_stay_on_a_narrow_page() -> None:
    """At 390 pixels the drawing is as wide as its own units; a letter is 8 wide on average."""
    axes = [Axis(str(label), 1, "100") for label in MEASURES.values()]
    svg = Radar("r", "t", "d", axes).svg()
    labels = re.findall(r'x="([^"]*)" y="[^"]*" text-anchor="(\w+)">(\w+)<', svg)
    assert len(labels) == len(MEASURES)
    for x, anchor, label in labels:
        width = 8 * len(label)
        left = float(x) - {"start": 0, "middle": width / 2, "end": width}[anchor]
        assert left >= 0
        assert left + width <= 364
