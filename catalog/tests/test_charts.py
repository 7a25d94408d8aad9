"""Charts: right numbers, valid SVG, nothing where there is nothing to draw."""

from typing import Any
from xml.etree import ElementTree

from catalog.templatetags.svg_charts import bar_chart, level_bar, line_chart


def test_a_line_rises_where_the_numbers_do() -> None:
    rows: list[dict[str, Any]] = [
        {"epoch": 1, "loss": 4.0},
        {"epoch": 2, "loss": None},
        {"epoch": 3, "loss": 2.0},
    ]
    svg = ElementTree.fromstring(line_chart(rows, "epoch", "loss", "Loss"))
    line = svg.find("polyline")
    assert line is not None
    (first_x, first_y), (last_x, last_y) = [
        map(float, point.split(",")) for point in line.attrib["points"].split()
    ]
    assert first_x < last_x
    assert first_y < last_y  # down the page: y grows downwards
    assert svg.attrib["aria-label"] == "Loss: from 4 to 2 in 2 steps"


def test_one_point_is_no_line() -> None:
    assert line_chart([{"epoch": 1, "loss": 4.0}], "epoch", "loss", "Loss") == ""
    assert line_chart([], "epoch", "loss", "Loss") == ""


def test_equal_numbers_make_a_level_line() -> None:
    rows = [{"epoch": n, "loss": 1.0} for n in (1, 2)]
    assert "<polyline" in line_chart(rows, "epoch", "loss", "Loss")


def test_bars_are_as_long_as_their_values_and_ours_comes_first() -> None:
    others = {"markov": {"at": {"20": {"recall": 0.1}}}, "content": {"at": {"20": {"recall": 0.2}}}}
    svg = ElementTree.fromstring(
        bar_chart({"at": {"20": {"recall": 0.4}}}, "ours", others, "at.20.recall", "Recall")
    )
    widths = [float(bar.attrib["width"]) for bar in svg.findall("rect")]
    assert widths == [350.0, 175.0, 87.5]
    assert svg.attrib["aria-label"] == "Recall: ours 40.0 %; content 20.0 %; markov 10.0 %"


def test_a_measure_that_nobody_has_is_not_drawn() -> None:
    assert bar_chart({}, "ours", {"markov": {}}, "at.20.recall", "Recall") == ""


def test_names_are_escaped() -> None:
    assert "<b>" not in bar_chart({"r": 0.5}, "<b>", {}, "r", "<i>")
    assert "<b>" not in level_bar(40, "<b>")
