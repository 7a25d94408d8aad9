"""Book bindings, 400 × 600: one function a composition."""

from collections.abc import Callable

from catalog.covers.dice import Dice
from catalog.covers.shapes import (
    Panel,
    Picture,
    Point,
    Tones,
    around,
    circle,
    num,
    path,
    polygon,
    rect,
    ring,
)

W, H = 400, 600


def _frame(x: float, y: float, w: float, h: float, stroke: str, width: float = 2) -> str:
    return (
        f'<rect x="{num(x)}" y="{num(y)}" width="{num(w)}" height="{num(h)}" fill="none" '
        f'stroke="{stroke}" stroke-width="{num(width)}"/>'
    )


def _leaf(x: float, y: float, long: float, angle: float, fill: str) -> str:
    data = f"M0 0Q{num(long * 0.45)} {num(-long * 0.36)} {num(long)} 0Q{num(long * 0.45)} " \
           f"{num(long * 0.36)} 0 0Z"  # fmt: skip
    return (
        f'<path d="{data}" fill="{fill}" '
        f'transform="translate({num(x)} {num(y)}) rotate({num(angle)})"/>'
    )


def medallion(dice: Dice, t: Tones) -> Picture:
    """A stamped frame and a rosette on cloth."""
    marks = [_frame(44, 24, 332, 552, t.glow, 4), _frame(54, 34, 312, 532, t.glow, 1.4)]
    x, y, count = 210.0, 400.0, dice.pick([8, 10, 12, 16])
    for index in range(count):
        marks.append(_leaf(x, y, 104, index * 360 / count, t.shade if index % 2 else t.glow))
    for index in range(count):
        px, py = around(x, y, 116, (index + 0.5) / count)
        marks.append(circle(px, py, 5, t.spark))
    marks += [circle(x, y, 34, t.ground), ring(x, y, 34, t.glow, 3), circle(x, y, 16, t.spark)]
    return Picture("".join(marks), Panel(74, 60, 272, 200, t.ink, "middle", sits="middle"))


def patterned(dice: Dice, t: Tones) -> Picture:
    """A patterned paper with a pasted label."""
    marks = [_scales, _diamonds, _sprigs, _wavelets, _tiles][dice.below(5)](t)
    y = dice.pick([86.0, 120.0, 200.0])
    label = rect(82, y, 260, 190, t.ground) + _frame(91, y + 9, 242, 172, t.ink, 1.4)
    return Picture(
        marks + label, Panel(104, y + 20, 216, 150, t.ink, "middle", sits="middle", largest=38)
    )


def _scales(t: Tones) -> str:
    marks = []
    for row in range(17):
        for column in range(11):
            x, y = column * 44 - (22 if row % 2 else 0), 620 - row * 38 + 20
            marks.append(circle(x, y, 24, t.shade) + ring(x, y, 24, t.ground, 2))
            marks.append(ring(x, y, 13, t.glow, 3))
    return "".join(reversed(marks))


def _diamonds(t: Tones) -> str:
    marks = [rect(0, 0, W, H, t.shade)]
    for row in range(11):
        for column in range(8):
            x, y = column * 60 + (30 if row % 2 else 0), row * 60
            fill = t.glow if (row + column) % 3 else t.spark
            marks.append(polygon([(x, y - 27), (x + 18, y), (x, y + 27), (x - 18, y)], fill))
            marks.append(circle(x, y, 5, t.shade))
    return "".join(marks)


def _sprigs(t: Tones) -> str:
    marks = [rect(0, 0, W, H, t.shade)]
    for row in range(10):
        for column in range(6):
            x, y = column * 84 + (42 if row % 2 else 0), row * 64 + 40
            marks.append(path(f"M{x} {y}v-38", "none", 1, t.glow, 2.4))
            for step, angle in ((8, -30), (8, 210), (20, -35), (20, 215)):
                marks.append(_leaf(x, y - step, 22, angle, t.glow))
            marks.append(circle(x, y - 42, 6, t.spark))
    return "".join(marks)


def _wavelets(t: Tones) -> str:
    marks = [rect(0, 0, W, H, t.shade)]
    for row in range(26):
        data = f"M-30 {row * 24 + 6}" + "".join("q15 -16 30 0t30 0" for _ in range(8))
        marks.append(path(data, "none", 1, t.spark if row % 4 == 0 else t.glow, 3))
    return "".join(marks)


def _tiles(t: Tones) -> str:
    marks = [rect(0, 0, W, H, t.shade)]
    for row in range(8):
        for column in range(5):
            x, y = column * 80, row * 80
            for corner in ((x, y), (x + 80, y + 80)):
                marks.append(ring(*corner, 40, t.glow, 9) + ring(*corner, 20, t.spark, 5))
    return "".join(marks)


def modernist(dice: Dice, t: Tones) -> Picture:
    """Stacked half discs, in balance."""
    marks, y = [], 318.0
    inks = dice.shuffled([t.glow, t.spark, t.shade])
    for index in range(3):
        r = 126 - index * dice.between(22, 36)
        x = 210 + dice.between(-30, 30)
        up = dice.chance(0.5)
        data = f"M{num(x - r)} {num(y)}A{num(r)} {num(r)} 0 0 {int(up)} {num(x + r)} {num(y)}Z"
        shifted = y if up else y - r
        marks.append(path(data if up else data.replace(num(y), num(shifted)), inks[index]))
        y -= r * dice.between(0.72, 0.95)
    return Picture("".join(marks), Panel(52, 350, 316, 210, t.ink, face="sans", sits="bottom"))


def herbal(dice: Dice, t: Tones) -> Picture:
    """A plant drawn from nature."""
    marks, foot, sway = [], 566.0, dice.between(-34, 34)
    stem: list[Point] = [
        (210 + sway * (step / 10) ** 2 * dice.between(0.9, 1.1), foot - step * 33)
        for step in range(11)
    ]
    data = "M" + "L".join(f"{num(x)} {num(y)}" for x, y in stem)
    marks.append(path(data, "none", 1, t.glow, 4))
    for step, (x, y) in enumerate(stem[1:-1]):
        long = 104 - step * 7
        marks.append(_leaf(x, y, long, -22 - dice.between(0, 24), t.glow if step % 3 else t.shade))
        marks.append(_leaf(x, y, long, 202 + dice.between(0, 24), t.shade if step % 2 else t.glow))
    x, y = stem[-1]
    for index in range(7):
        px, py = around(x, y, 17, index / 7)
        marks.append(circle(px, py, 12, t.spark))
    marks.append(circle(x, y, 9, t.ground))
    return Picture("".join(marks), Panel(48, 34, 324, 160, t.ink, "middle"))


def arch(dice: Dice, t: Tones) -> Picture:
    """An arched window on a far landscape."""
    x, top, w = 98.0, 250.0, 224.0
    data = f"M{x} 566V{num(top + w / 2)}A{w / 2} {w / 2} 0 0 1 {x + w} {num(top + w / 2)}V566Z"
    clip = f'<clipPath id="arch"><path d="{data}"/></clipPath>'
    view = [rect(x, top, w, 320, t.shade)]
    view.append(circle(x + dice.between(60, 160), top + dice.between(70, 120), 36, t.glow))
    for index, fill in enumerate((t.glow, t.spark, t.ground)):
        level = 430 + index * 42
        rise = [dice.between(-34, 26) for _ in range(3)]
        view.append(
            path(
                f"M{x - 10} {num(level + rise[0])}Q{num(x + w * 0.3)} {num(level - 50 + rise[1])} "
                f"{num(x + w * 0.55)} {num(level)}T{num(x + w + 10)} {num(level + rise[2])}"
                "V600H80Z",
                fill,
                (0.55, 1, 1)[index],
            )
        )
    marks = f'{clip}<g clip-path="url(#arch)">{"".join(view)}</g>'
    marks += path(data, "none", 1, t.ink, 3)
    marks += path(data.replace("566", "578"), "none", 0.5, t.ink, 1)
    return Picture(marks, Panel(52, 40, 316, 185, t.ink, "middle"))


def sky_map(dice: Dice, t: Tones) -> Picture:
    """Stars joined into a figure that has no name yet."""
    marks = [ring(210, 370, r, t.shade, 2) for r in (70, 120, 170)]
    marks += [path("M210 200V540M40 370H380", "none", 1, t.shade, 1.5)]
    stars: list[Point] = []
    for index in range(8):
        stars.append(around(210, 370, dice.between(42, 166), (index + dice.between(0, 0.6)) / 8))
    data = "M" + "L".join(f"{num(x)} {num(y)}" for x, y in stars)
    marks.append(path(data, "none", 0.9, t.glow, 1.8))
    for index, (x, y) in enumerate(stars):
        size = dice.between(7, 15)
        points = [around(x, y, size if i % 2 == 0 else size * 0.36, i / 8) for i in range(8)]
        marks.append(polygon(points, t.spark if index % 3 == 0 else t.glow))
    for _ in range(34):
        at = (dice.between(40, 390), dice.between(200, 590))
        marks.append(circle(*at, dice.between(0.8, 2), t.ink, 0.7))
    return Picture("".join(marks), Panel(50, 38, 320, 150, t.ink, face="serif"))


def labyrinth(dice: Dice, t: Tones) -> Picture:
    """Rings with gates, and a way in."""
    x, y = 210.0, 380.0
    marks = [circle(x, y, 168, t.shade)]
    for index in range(7):
        r, gate = 26 + index * 22, dice.between(0, 1)
        ax, ay = around(x, y, r, gate + 0.045 + 0.05 / (index + 1))
        bx, by = around(x, y, r, gate - 0.045 - 0.05 / (index + 1))
        ink = t.glow if index % 3 else t.ink
        arc = f"M{num(ax)} {num(ay)}A{r} {r} 0 1 1 {num(bx)} {num(by)}"
        marks.append(path(arc, "none", 1, ink, 9))
    marks.append(circle(x, y, 10, t.spark))
    return Picture("".join(marks), Panel(52, 38, 316, 150, t.ink, face="slab"))


def banded(dice: Dice, t: Tones) -> Picture:
    """Three fields, a rule between them and one small emblem."""
    low = dice.pick([360.0, 392.0])
    marks = [rect(0, 0, W, 190, t.glow), rect(0, low, W, H - low, t.shade)]
    marks += [rect(0, 190, W, 6, t.spark), rect(0, low - 6, W, 6, t.spark)]
    x, emblem = 210.0, dice.below(3)
    if emblem == 0:
        marks += [ring(x, 95, 20 + i * 17, t.ground, 6) for i in range(3)]
    elif emblem == 1:
        for index in range(12):
            marks.append(_leaf(x, 95, 60, index * 30, t.ground))
    else:
        for index in range(5):
            marks.append(rect(x - 62 + index * 27, 44 + 9 * abs(index - 2), 16, 104, t.ground))
    rows = int((H - low) / 26)
    for row in range(rows):
        long = 316 - row * dice.between(8, 26)
        marks.append(rect(52, low + 20 + row * 24, long, 3, t.ground, 0.7))
    return Picture(
        "".join(marks),
        Panel(52, 206, 316, low - 222, t.ink, "middle", "sans", "middle", largest=42),
    )


def spines(dice: Dice, t: Tones) -> Picture:
    """A shelf of other books."""
    marks, x = [], 40.0
    while x < 376:
        w, high = dice.between(20, 46), dice.between(150, 250)
        fill = dice.pick([t.glow, t.shade, t.spark, t.shade])
        lean = -9 if dice.chance(0.12) else 0
        spin = f' transform="rotate({lean} {num(x)} 560)"' if lean else ""
        bands = rect(x, 560 - high + 18, w, 5, t.ground, 0.8) + rect(x, 528, w, 5, t.ground, 0.8)
        marks.append(f"<g{spin}>{rect(x, 560 - high, w, high, fill)}{bands}</g>")
        x += w + 3 - lean * 2
    marks.append(rect(34, 560, W, 7, t.ink))
    return Picture("".join(marks), Panel(52, 44, 316, 220, t.ink, face="serif"))


BINDINGS: list[Callable[[Dice, Tones], Picture]] = [
    medallion, patterned, modernist, herbal, arch, sky_map, labyrinth, banded, spines,
]  # fmt: skip
SUITED: dict[str, list[Callable[[Dice, Tones], Picture]]] = {
    "dread": [labyrinth, arch, patterned, sky_map],
    "night": [labyrinth, modernist, banded, arch],
    "cosmos": [sky_map, modernist, labyrinth, banded],
    "quest": [medallion, sky_map, arch, labyrinth],
    "tender": [herbal, patterned, arch, modernist],
    "bright": [modernist, patterned, spines, herbal, banded],
    "earth": [arch, banded, herbal, medallion],
    "salon": [medallion, patterned, spines, herbal, banded],
}
