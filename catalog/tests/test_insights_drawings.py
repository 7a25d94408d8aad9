"""Charts as SVG: every mark has a name, nothing is styled or scripted in place."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import pytest

from catalog.charts import (
    Bar,
    Bars,
    Cell,
    Cells,
    Column,
    Columns,
    Heat,
    Line,
    Mark,
    Pair,
    Panel,
    Panels,
    Point,
    SharesRow,
    SharesTable,
    Tick,
    log_ticks,
    ticks,
)
from catalog.charts.cells import LEVELS, radius, shape
from catalog.charts.heat import signed, strength
from catalog.charts.scales import top_of

NASTY = 'Tom & "Jerry" <script>'


def columns(*values: float, density: tuple[tuple[float, float], ...] = ()) -> Columns:
    return Columns(
        "Scores",
        [Column(value, Mark(f"{NASTY}: {value}")) for value in values],
        ticks(0, 100),
        "Score",
        "Movies",
        density=density,
    )


DRAWINGS: dict[str, Any] = {
    "bars": Bars("Genres", [
        Bar(NASTY, 3, "3", Mark(NASTY, "/a?b=1&c=2")), Bar("b", 0, "0", Mark("b"))
    ]),
    "shares": SharesTable(
        "Themes", "Theme", [("Movies", "kind-movie"), ("Music", "kind-track")],
        [SharesRow(NASTY, [Bar(NASTY, 0.5, "50 %", Mark(NASTY, "/x")), None])],
    ),
    "columns": columns(1, 0, 5, density=((0.0, 1.0), (1.0, 4.0))),
    "panels": Panels([Panel(NASTY, "kind-movie", columns(2, 3))]),
    "line": Line("Years", [Point(0, 0.5, Mark(NASTY)), Point(1, 1, Mark("2", "/y"))],
                 (Tick(0, "1990"),), ticks(0, 10), "Year", "Movies"),
    "cells": Cells("Money", [Cell(0.5, 0.5, 9, level, Mark(NASTY)) for level in range(LEVELS)],
                   ticks(0, 1), ticks(0, 1), "Budget", "Revenue", "Score", [NASTY, "b", "c", "d"]),
    "heat": Heat("Together", ["a", NASTY, "c"], [
        Pair(1, 0, 0.8, Mark(NASTY)), Pair(2, 0, -0.5, Mark("ac")), Pair(2, 1, None, Mark("bc"))
    ]),
}  # fmt: skip


def parsed(markup: str) -> ET.Element:
    return ET.fromstring(f"<div>{markup}</div>")


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_is_well_formed_and_holds_no_style_or_script(name: str) -> None:
    markup = str(DRAWINGS[name].svg())
    for element in parsed(markup).iter():
        assert element.tag not in ("script", "style")
        assert not {key for key in element.attrib if key == "style" or key.startswith("on")}
    assert NASTY not in markup


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_mark_has_a_name_and_is_a_link_or_an_image(name: str) -> None:
    marks = [e for e in parsed(DRAWINGS[name].svg()).iter() if "mark" in e.get("class", "").split()]
    assert marks
    for mark in marks:
        assert mark.get("aria-label")
        assert (mark.tag == "a" and mark.get("href")) or mark.get("role") == "img"


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_tells_the_script_how_arrows_go(name: str) -> None:
    ways = [e.get("data-marks") for e in parsed(DRAWINGS[name].svg()).iter() if e.get("data-marks")]
    assert ways
    assert set(ways) <= {"list", "row", "grid"}


def test_bars_are_as_long_as_their_share_of_the_longest() -> None:
    markup = Bars("x", [Bar("a", 8, "8", Mark("a")), Bar("b", 2, "2", Mark("b"))]).svg()
    assert re.findall(r'bar__fill" width="([\d.]+)%', markup) == ["100", "25"]


def test_a_bar_of_next_to_nothing_can_be_seen_and_one_of_nothing_cannot() -> None:
    bars = [Bar("a", 9e6, "", Mark("a")), Bar("b", 1, "", Mark("b")), Bar("c", 0, "", Mark("c"))]
    assert re.findall(r'bar__fill" width="([\d.]+)%', Bars("x", bars).svg()) == ["100", "0.4", "0"]


def test_columns_stand_on_the_ground_and_reach_their_value() -> None:
    found = re.findall(
        r'plot__column" x="[\d.]+%" y="([\d.]+)" width="[\d.]+%" height="([\d.]+)',
        columns(50, 100).svg(),
    )
    assert [(float(y), float(high)) for y, high in found] == [(125.0, 125.0), (0.0, 250.0)]


def test_the_four_classes_have_four_shapes_of_about_one_area() -> None:
    assert len({shape(level, 6) for level in range(LEVELS)}) == LEVELS
    triangle = [float(n) for n in re.findall(r"-?[\d.]+", shape(3, 10))]
    width, height = triangle[2], abs(triangle[4])
    square = [float(n) for n in re.findall(r"-?[\d.]+", shape(2, 10))]
    assert width * height / 2 == pytest.approx(314.16, rel=0.02)
    assert square[2] ** 2 == pytest.approx(314.16, rel=0.02)


def test_the_area_of_a_cell_grows_with_its_count() -> None:
    assert radius(400, 400) / radius(100, 400) == pytest.approx(2)
    assert radius(1, 10_000) > 1


@pytest.mark.parametrize(
    ("value", "css", "text"),
    [
        (0.05, "heat--up-0", "+0.05"),
        (-0.2, "heat--down-1", "−0.20"),
        (0.3, "heat--up-2", "+0.30"),
        (-1.0, "heat--down-4", "−1.00"),
        (None, "heat--none", "–"),
    ],
)
def test_a_correlation_has_a_class_by_strength_and_sign(
    value: float | None, css: str, text: str
) -> None:
    assert (strength(value), signed(value)) == (css, text)


def test_ticks_are_round_and_inside() -> None:
    assert [(tick.at, tick.label) for tick in ticks(0, 20, wanted=2)] == [
        (0.0, "0"), (0.5, "10"), (1.0, "20")
    ]  # fmt: skip
    assert [tick.label for tick in ticks(1.5, 3.2, wanted=4)] == ["1.5", "2", "2.5", "3"]
    assert [tick.label for tick in ticks(7, 7)] == ["7"]


def test_every_second_tick_gives_way_on_a_narrow_page_where_there_are_many() -> None:
    assert [tick.minor for tick in ticks(0, 10, wanted=10)] == [False, True] * 5 + [False]
    assert not any(tick.minor for tick in ticks(0, 10, wanted=5))


def test_logarithmic_ticks_are_powers_of_ten() -> None:
    write: Callable[[float], str] = "{:.0f}".format
    found = log_ticks(1.5, 4, write)
    assert [tick.label for tick in found] == ["100", "1000", "10000"]
    assert [round(tick.at, 2) for tick in found] == [0.2, 0.6, 1.0]


@pytest.mark.parametrize(("most", "top"), [(0, 1), (7, 8), (953, 1000), (1000, 1000), (0.39, 0.4)])
def test_an_axis_ends_at_a_round_number(most: float, top: float) -> None:
    assert top_of(most) == pytest.approx(top)
