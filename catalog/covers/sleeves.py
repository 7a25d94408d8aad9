"""Record sleeves, 500 × 500: one function a composition."""

from collections.abc import Callable
from math import cos, exp, pi, sin

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
    through,
)

S = 500


def grooves(dice: Dice, t: Tones) -> Picture:
    """A record half out of its sleeve."""
    x, y = dice.pick([(500.0, 330.0), (250.0, 500.0), (400.0, 420.0)])
    marks = [circle(x, y, 268, t.shade)]
    for index in range(13):
        marks.append(ring(x, y, 116 + index * 11.5, t.ground, dice.pick([1, 1.4, 3]), 0.75))
    marks += [circle(x, y, 98, t.glow), circle(x, y, 58, t.spark), circle(x, y, 9, t.ground)]
    return Picture("".join(marks), Panel(34, 34, 420, 170, t.ink, face="sans", largest=60))


def ridges(dice: Dice, t: Tones) -> Picture:
    """Lines of a signal, one behind the other."""
    marks, peak = [], dice.between(190, 310)
    for row in range(15):
        y = 212 + row * 17.5
        points: list[Point] = []
        for step in range(43):
            x = 50 + step * 400 / 42
            swell = exp(-(((x - peak) / dice.between(62, 88)) ** 2))
            rise = 74 * min(1, (row + 2) / 6)
            points.append((x, y - swell * dice.between(6, rise)))
        stroke = t.glow if row % 5 == 2 else t.ink
        marks.append(path(through(points), t.ground, 1, stroke, 2.2))
    return Picture("".join(marks), Panel(50, 34, 400, 112, t.ink, face="sans", largest=44))


def bauhaus(dice: Dice, t: Tones) -> Picture:
    """A board of quarter and half discs."""
    marks, side = [], 78.0
    inks = [t.glow, t.shade, t.spark, t.ink]
    for row in range(4):
        for column in range(5):
            x, y = 55 + column * side, 150 + row * side
            marks.append(rect(x, y, side, side, dice.pick([t.shade, t.ground, t.ground, t.glow])))
            fill = dice.pick(inks)
            turn = dice.below(4)
            cx, cy = x + side * (turn in (1, 2)), y + side * (turn in (2, 3))
            kind = dice.below(5)
            if kind < 2:
                ex, ey = (x + side if cx == x else x), (y + side if cy == y else y)
                sweep = int((cx == x) == (cy == y))
                data = f"M{num(cx)} {num(cy)}L{num(ex)} {num(cy)}A{side} {side} 0 0 {sweep} "
                marks.append(path(f"{data}{num(cx)} {num(ey)}Z", fill))
            elif kind == 2:
                marks.append(circle(x + side / 2, y + side / 2, side * 0.36, fill))
            elif kind == 3:
                data = f"M{num(x)} {num(y)}a{side / 2} {side / 2} 0 0 0 {side} 0Z"
                marks.append(path(data, fill))
    return Picture("".join(marks), Panel(55, 34, 390, 104, t.ink, face="sans", largest=42))


def levels(dice: Dice, t: Tones) -> Picture:
    """Bars of an equaliser caught at one moment."""
    marks, count = [], dice.pick([9, 12, 15])
    step = 420 / count
    for index in range(count):
        tall = 50 + 210 * abs(sin(index * dice.between(0.5, 0.62) + 0.4)) * dice.between(0.55, 1)
        fill = (t.glow, t.spark, t.shade, t.glow)[dice.below(4)]
        x, w = 40 + index * step, step * 0.68
        marks.append(
            f'<rect x="{num(x)}" y="{num(460 - tall)}" width="{num(w)}" height="{num(tall)}" '
            f'rx="{num(w / 2)}" fill="{fill}"/>'
        )
    return Picture("".join(marks), Panel(40, 34, 420, 136, t.ink, face="sans", largest=56))


def blue_note(dice: Dice, t: Tones) -> Picture:
    """Rows of tilted blocks over a field of one ink, lettering large."""
    marks = [rect(0, 0, S, 262, t.glow)]
    for row in range(2):
        x, y = 26.0, 26 + row * 112
        while x < S - 30:
            w = dice.between(22, 86)
            lean = dice.between(-12, 12)
            fill = dice.pick([t.ground, t.ground, t.spark, t.shade])
            high = dice.between(66, 98)
            marks.append(polygon([(x, y), (x + w, y + lean * 0.4), (x + w + lean, y + high),
                                  (x + lean, y + high - lean * 0.3)], fill))  # fmt: skip
            x += w + dice.between(9, 22)
    return Picture("".join(marks), Panel(30, 288, 440, 184, t.ink, "start", "sans", largest=66))


def petals(dice: Dice, t: Tones) -> Picture:
    """A flower of overlapping discs."""
    x, y, count = 250.0, 225.0, dice.pick([6, 8, 10, 12])
    marks = [circle(x, y, 186, t.shade, 0.55)]
    for index in range(count):
        px, py = around(x, y, 96, index / count)
        marks.append(circle(px, py, 66, t.glow if index % 2 else t.spark, 0.82))
    for index in range(count):
        px, py = around(x, y, 150, (index + 0.5) / count)
        marks.append(circle(px, py, 10, t.ink))
    marks += [circle(x, y, 46, t.ground), circle(x, y, 22, t.glow)]
    marks.append(rect(0, 402, S, 98, t.ground))
    return Picture("".join(marks), Panel(30, 406, 440, 84, t.ink, "middle", largest=40))


def moire(dice: Dice, t: Tones) -> Picture:
    """Two sets of rings beat against each other."""
    marks = []
    a = (dice.between(120, 220), dice.between(260, 320))
    b = (a[0] + dice.between(70, 150), a[1] + dice.between(-60, 50))
    for index in range(17):
        marks.append(ring(*a, 14 + index * 17, t.glow, 5))
    for index in range(17):
        marks.append(ring(*b, 14 + index * 17, t.spark, 5, 0.85))
    marks.append(rect(0, 0, S, 148, t.ground))
    return Picture("".join(marks), Panel(34, 28, 432, 116, t.ink, face="sans", caps=True))


def pulse(dice: Dice, t: Tones) -> Picture:
    """A disc made of dots that swell with the beat."""
    marks, x, y = [], 250.0, 296.0
    beat = dice.pick([3, 4, 5, 6])
    lean = dice.between(0, 1)
    for row in range(1, 10):
        count = row * 6
        for index in range(count):
            turn = index / count
            swell = 0.5 + 0.5 * cos(2 * pi * beat * (turn + lean) + row * 0.55)
            px, py = around(x, y, row * 19.5, turn)
            fill = t.glow if swell > 0.55 else t.spark if swell > 0.22 else t.shade
            marks.append(circle(px, py, 2.2 + 6.2 * swell, fill))
    marks.append(circle(x, y, 8, t.glow))
    return Picture("".join(marks), Panel(34, 28, 432, 80, t.ink, "middle", "sans", largest=40))


def staves(dice: Dice, t: Tones) -> Picture:
    """Staves that bend like water, with notes on them."""
    marks = []
    for stave in range(3):
        top, sway = 190 + stave * 102, dice.between(14, 34) * dice.pick([-1, 1])
        for line in range(5):
            y = top + line * 12
            data = f"M-10 {y}C140 {num(y - sway)} 330 {num(y + sway)} 510 {y}"
            marks.append(path(data, "none", 0.8, t.ink, 1.4))
        for _ in range(dice.pick([4, 5, 6])):
            x = dice.between(40, 450)
            y = top + dice.pick([0, 6, 12, 18, 24, 30, 36, 42])
            fill = dice.pick([t.glow, t.spark])
            up = dice.pick([-1, 1]) if stave else 1
            marks.append(path(f"M{num(x + 9 * -up)} {num(y)}v{54 * up}", "none", 1, fill, 2.6))
            marks.append(
                f'<ellipse cx="{num(x)}" cy="{num(y)}" rx="11" ry="8" fill="{fill}" '
                f'transform="rotate(-18 {num(x)} {num(y)})"/>'
            )
    return Picture("".join(marks), Panel(34, 32, 432, 120, t.ink))


def stripes(dice: Dice, t: Tones) -> Picture:
    """Broad bands turn a corner, as on the side of an old van."""
    marks = []
    corner, inks = dice.between(110, 160), [t.spark, t.glow, t.shade, t.ink]
    for index, fill in enumerate(inks):
        shift = index * 38
        data = (
            f"M-30 {num(440 - shift)}H{num(corner - shift * 0.42)}"
            f"Q{num(corner + 84 - shift)} {num(440 - shift)} {num(corner + 84 - shift)} "
            f"{num(356 - shift)}V-30"
        )
        marks.append(
            f'<path d="{data}" fill="none" stroke="{fill}" stroke-width="30" '
            f'stroke-linejoin="round"/>'
        )
    marks = [f'<g transform="translate(500 0) scale(-1 1)">{"".join(marks)}</g>']
    return Picture("".join(marks), Panel(28, 34, 196, 280, t.ink, face="sans", largest=44))


def suns(dice: Dice, t: Tones) -> Picture:
    """A striped sun over still water."""
    x, y, r = 250.0, 300.0, dice.between(120, 150)
    marks = [circle(x, y, r + 26, t.shade), circle(x, y, r, t.glow), rect(0, y, S, 200, t.ground)]
    for index in range(9):
        half = (r + 30) * (1 - index / 11) * dice.between(0.7, 1.1)
        fill = t.glow if index % 2 else t.spark
        marks.append(
            f'<rect x="{num(x - half)}" y="{num(y + 10 + index * 20)}" width="{num(2 * half)}" '
            f'height="9" rx="4.5" fill="{fill}"/>'
        )
    return Picture("".join(marks), Panel(34, 26, 432, 104, t.ink, "middle", largest=46))


def weave(dice: Dice, t: Tones) -> Picture:
    """Ribbons over and under, as in woven cloth."""
    marks, count = [], dice.pick([5, 6])
    step = 500 / count
    w = step * 0.62
    inks = dice.shuffled([t.glow, t.spark, t.shade])
    for index in range(count):
        at = index * step + (step - w) / 2
        marks.append(rect(0, at, S, w, inks[index % 3]))
    for column in range(count):
        at = column * step + (step - w) / 2
        for row in range(count):
            if (row + column) % 2:
                top, long = row * step - step * 0.2, step * 1.4
                marks.append(rect(at, top, w, long, inks[(column + 1) % 3]))
                marks.append(rect(at + w * 0.46, top, w * 0.08, long, t.ground, 0.5))
    label = (
        f'<rect x="70" y="150" width="360" height="200" fill="{t.ground}"/>'
        f'<rect x="80" y="160" width="340" height="180" fill="none" stroke="{t.ink}" '
        f'stroke-width="1.5"/>'
    )
    marks.append(label)
    return Picture(
        "".join(marks), Panel(96, 172, 308, 156, t.ink, "middle", "serif", "middle", largest=42)
    )


SLEEVES: list[Callable[[Dice, Tones], Picture]] = [
    grooves, ridges, bauhaus, levels, blue_note, petals, moire, pulse, staves, stripes, suns, weave,
]  # fmt: skip
SUITED: dict[str, list[Callable[[Dice, Tones], Picture]]] = {
    "electric": [levels, ridges, moire, pulse, bauhaus, suns],
    "loud": [moire, ridges, stripes, grooves, blue_note, levels],
    "smoke": [blue_note, grooves, bauhaus, stripes, pulse],
    "salon": [staves, petals, pulse, weave, suns, ridges],
    "sun": [petals, suns, stripes, weave, bauhaus],
    "earth": [weave, suns, grooves, petals, stripes],
    "bright": [bauhaus, petals, levels, stripes, pulse],
    "tender": [suns, petals, grooves, staves, weave],
}
