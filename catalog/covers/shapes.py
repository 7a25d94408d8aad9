"""SVG marks as text. Attributes only: a strict policy allows no inline style."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import cos, pi, sin

Point = tuple[float, float]


@dataclass(frozen=True)
class Tones:
    """The inks of one cover. `ink` is readable on `ground`; the others are for pictures."""

    ground: str
    shade: str
    glow: str
    spark: str
    ink: str


@dataclass(frozen=True)
class Panel:
    """Where the lettering goes, in cover units, and in which ink."""

    x: float
    y: float
    width: float
    height: float
    ink: str
    anchor: str = "start"
    face: str = "serif"
    sits: str = "top"
    caps: bool = False
    largest: float = 66


@dataclass(frozen=True)
class Picture:
    """What a composition hands back: the marks below the lettering and the panel for it."""

    marks: str
    panel: Panel


def num(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") if value % 1 else str(int(value))


def _opacity(value: float) -> str:
    return "" if value >= 1 else f' opacity="{value:.2f}"'


def rect(x: float, y: float, w: float, h: float, fill: str, opacity: float = 1) -> str:
    return (
        f'<rect x="{num(x)}" y="{num(y)}" width="{num(w)}" height="{num(h)}" '
        f'fill="{fill}"{_opacity(opacity)}/>'
    )


def circle(x: float, y: float, r: float, fill: str, opacity: float = 1) -> str:
    return f'<circle cx="{num(x)}" cy="{num(y)}" r="{num(r)}" fill="{fill}"{_opacity(opacity)}/>'


def ring(x: float, y: float, r: float, stroke: str, width: float = 2, opacity: float = 1) -> str:
    return (
        f'<circle cx="{num(x)}" cy="{num(y)}" r="{num(r)}" fill="none" stroke="{stroke}" '
        f'stroke-width="{num(width)}"{_opacity(opacity)}/>'
    )


def path(data: str, fill: str = "none", opacity: float = 1, stroke: str = "", w: float = 2) -> str:
    line = (
        f' stroke="{stroke}" stroke-width="{num(w)}" stroke-linecap="round" stroke-linejoin="round"'
        if stroke
        else ""
    )
    return f'<path d="{data}" fill="{fill}"{line}{_opacity(opacity)}/>'


def polygon(points: Iterable[Point], fill: str, opacity: float = 1) -> str:
    corners = " ".join(f"{num(x)},{num(y)}" for x, y in points)
    return f'<polygon points="{corners}" fill="{fill}"{_opacity(opacity)}/>'


def through(points: list[Point]) -> str:
    """Path data of a soft curve that starts and ends at the outer points."""
    data = [f"M{num(points[0][0])} {num(points[0][1])}"]
    for (ax, ay), (bx, by) in pairwise(points[1:]):
        data.append(f"Q{num(ax)} {num(ay)} {num((ax + bx) / 2)} {num((ay + by) / 2)}")
    data.append(f"L{num(points[-1][0])} {num(points[-1][1])}")
    return "".join(data)


def around(x: float, y: float, r: float, turn: float) -> Point:
    """The point at radius `r`, `turn` of a full circle clockwise from the top."""
    return x + r * sin(2 * pi * turn), y - r * cos(2 * pi * turn)


def figure(x: float, foot: float, height: float, fill: str) -> str:
    """A small standing person in a coat, seen from behind."""
    u = height / 10
    coat = (
        f"M{num(x - 1.1 * u)} {num(foot - 7.6 * u)}Q{num(x)} {num(foot - 8.6 * u)} "
        f"{num(x + 1.1 * u)} {num(foot - 7.6 * u)}L{num(x + 1.7 * u)} {num(foot - 2.6 * u)}"
        f"H{num(x + 0.9 * u)}V{num(foot)}H{num(x + 0.2 * u)}V{num(foot - 2.6 * u)}"
        f"H{num(x - 0.2 * u)}V{num(foot)}H{num(x - 0.9 * u)}V{num(foot - 2.6 * u)}"
        f"H{num(x - 1.7 * u)}Z"
    )
    return circle(x, foot - 9.1 * u, 0.9 * u, fill) + path(coat, fill)
