"""Film posters, 400 × 600: one function a composition."""

from collections.abc import Callable

from catalog.covers.dice import Dice
from catalog.covers.shapes import (
    Panel,
    Picture,
    Point,
    Tones,
    around,
    circle,
    figure,
    num,
    path,
    polygon,
    rect,
    ring,
    through,
)

W, H = 400, 600


def _ridge(dice: Dice, level: float, rough: float, fill: str, opacity: float = 1) -> str:
    """A range of hills from edge to edge, down to the foot of the poster."""
    steps = dice.pick([5, 7, 9])
    points: list[Point] = [
        (index * W / steps, level + dice.between(-rough, rough)) for index in range(steps + 1)
    ]
    points = [(-60, level), *points, (W + 60, level)]
    return path(through(points) + f"V{H}H-60Z", fill, opacity)


def horizon(dice: Dice, t: Tones) -> Picture:
    """A sun, cut into stripes, sinks behind ranges of hills; someone looks at it."""
    x, y, r = dice.between(120, 280), dice.between(270, 330), dice.between(85, 125)
    marks = [circle(x, y, r * 1.38, t.shade, 0.55), circle(x, y, r, t.glow)]
    if dice.chance(0.6):
        for index in range(5):
            marks.append(rect(x - r, y + r * (0.02 + index * 0.19), 2 * r, 3 + index * 2, t.ground))
    for index, fill in enumerate((t.shade, t.spark, t.shade)):
        level = 390 + index * 62
        marks.append(_ridge(dice, level, 26 - index * 5, fill, (0.55, 0.9, 1)[index]))
    if dice.chance(0.7):
        marks.append(figure(dice.between(110, 290), 530, 54, t.ground))
    return Picture("".join(marks), Panel(30, 34, 340, 150, t.ink, largest=70))


def beams(dice: Dice, t: Tones) -> Picture:
    """Light fans out from one point, as from a projector."""
    x, y = dice.pick([(200.0, 410.0), (60.0, 560.0), (340.0, 560.0), (200.0, 560.0)])
    count = dice.pick([14, 18, 22])
    marks = []
    for index in range(count):
        a, b = around(x, y, 760, index / count), around(x, y, 760, (index + 0.5) / count)
        marks.append(polygon([(x, y), a, b], t.shade))
    r = dice.between(70, 110)
    marks += [circle(x, y, r + 26, t.spark), circle(x, y, r, t.glow)]
    marks.append(ring(x, y, r + 46, t.spark, 3))
    marks.append(f'<path d="M0 0H{W}V196H0Z" fill="{t.ground}"/>')
    return Picture("".join(marks), Panel(30, 32, 340, 150, t.ink, face="sans", caps=True))


def skyline(dice: Dice, t: Tones) -> Picture:
    """A city at night with some of its windows lit."""
    marks = [circle(dice.between(90, 310), dice.between(80, 150), dice.between(38, 62), t.glow)]
    for layer, fill in enumerate((t.shade, t.spark if dice.chance(0.4) else t.shade)):
        x = -10.0
        while x < W:
            w, top = dice.between(34, 68), dice.between(190, 330) + layer * 70
            marks.append(rect(x, top, w, H - top, fill, 0.55 if layer == 0 else 1))
            if layer == 1:
                for row in range(int((470 - top) / 20)):
                    for column in range(int((w - 10) / 13)):
                        if dice.chance(0.28):
                            at = (x + 7 + column * 13, top + 12 + row * 20)
                            marks.append(rect(*at, 6, 10, t.glow))
            x += w + dice.pick([0, 0, 4])
    marks.append(rect(0, 455, W, 145, t.ground))
    return Picture("".join(marks), Panel(28, 470, 344, 112, t.ink, face="sans", largest=46))


def vertigo(dice: Dice, t: Tones) -> Picture:
    """Circles in circles, drifting off centre, with a small person inside."""
    x, y, r = 200.0, 360.0, 250.0
    dx, dy = dice.between(-7, 7), dice.between(-6, 8)
    marks = []
    inks = [t.shade, t.ground, t.glow, t.ground, t.shade, t.spark]
    for index in range(11):
        marks.append(circle(x, y, r, inks[index % len(inks)]))
        x, y, r = x + dx, y + dy, r * 0.81
    marks.append(figure(x - dx, y + 40, 78, t.ink))
    marks.append(rect(0, 0, W, 130, t.ground))
    return Picture("".join(marks), Panel(28, 26, 344, 118, t.ink, "middle", "sans", largest=44))


def shards(dice: Dice, t: Tones) -> Picture:
    """Paper-cut bars hang from above like torn strips."""
    marks, x = [], 16.0
    inks = dice.shuffled([t.glow, t.shade, t.spark, t.glow, t.shade])
    for index in range(7):
        w = dice.between(34, 62)
        foot = dice.between(190, 400)
        lean = dice.between(-16, 16)
        shape = [(x, -5), (x + w, -5), (x + w + lean, foot), (x + lean * 0.6, foot - 18)]
        marks.append(polygon(shape, inks[index % len(inks)]))
        x += w * dice.between(0.92, 1.1)
    panel = Panel(30, 420, 340, 150, t.ink, "start", "sans", "bottom", largest=84)
    return Picture("".join(marks), panel)


def doorway(dice: Dice, t: Tones) -> Picture:
    """A lit door throws its light over the floor; somebody stands in it."""
    x, top, w, h = dice.between(130, 200), 215.0, dice.between(84, 110), 200.0
    foot = top + h
    spill = dice.between(60, 150) * dice.pick([-1, 1])
    marks = [
        rect(0, foot, W, H - foot, t.shade),
        polygon([(x, foot), (x + w, foot), (x + w + spill + 90, H), (x + spill - 50, H)], t.glow),
        rect(x, top, w, h, t.glow),
        polygon([(x + w, top), (x + w + 34, top - 16), (x + w + 34, foot + 22), (x + w, foot)],
                t.spark),
    ]  # fmt: skip
    tall, base = dice.between(104, 130), foot + 10
    shadow = [(x + w / 2 - 12, base), (x + w / 2 + 12, base), (x + w / 2 + spill * 0.9 + 46, H),
              (x + w / 2 + spill * 0.9 - 26, H)]  # fmt: skip
    marks += [polygon(shadow, t.ground, 0.85), figure(x + w / 2, base, tall, t.ground)]
    return Picture("".join(marks), Panel(30, 36, 340, 150, t.ink))


def eye(dice: Dice, t: Tones) -> Picture:
    """An eye that has seen something, over and over."""
    marks = []
    for index in range(6, -1, -1):
        rise, half = 40 + index * 34, 108 + index * 42
        fill = (t.glow, t.ground, t.shade)[index % 3] if index else t.ink
        data = f"M{200 - half} 345Q200 {345 - rise * 1.55} {200 + half} 345"
        marks.append(path(f"{data}Q200 {345 + rise * 1.55} {200 - half} 345Z", fill))
    marks += [circle(200, 345, 36, t.spark), circle(200, 345, 17, t.ground)]
    marks.append(circle(212, 333, 6, t.ink))
    marks.append(rect(0, 0, W, 118, t.ground) + rect(0, 556, W, 44, t.ground))
    return Picture("".join(marks), Panel(28, 26, 344, 108, t.ink, "middle", largest=46))


def orbit(dice: Dice, t: Tones) -> Picture:
    """Planets on their rings among stars."""
    marks = [
        circle(dice.between(0, W), dice.between(0, H), dice.between(0.8, 2.2), t.ink, 0.8)
        for _ in range(46)
    ]
    x, y = dice.between(40, 360), dice.between(330, 420)
    for index in range(5):
        r = 92 + index * 52
        marks.append(ring(x, y, r, t.shade, 2 if index % 2 else 5))
        px, py = around(x, y, r, dice.between(0.2, 0.8))
        marks.append(circle(px, py, dice.between(7, 22), dice.pick([t.glow, t.spark, t.spark])))
    marks += [circle(x, y, 66, t.glow), path(_crescent(x, y, 66), t.spark, 0.8)]
    marks.append(rect(0, 0, W, 36, t.ground))
    return Picture("".join(marks), Panel(30, 36, 340, 140, t.ink, face="sans", caps=True))


def _crescent(x: float, y: float, r: float) -> str:
    top, bottom = f"{num(x)} {num(y - r)}", f"{num(x)} {num(y + r)}"
    return f"M{top}A{r} {r} 0 0 1 {bottom}A{num(r * 1.5)} {num(r * 1.5)} 0 0 0 {top}Z"


def road(dice: Dice, t: Tones) -> Picture:
    """A straight road to a low sun."""
    x, y = dice.between(150, 250), 365.0
    marks = [circle(x, y - 10, dice.between(70, 120), t.glow), _ridge(dice, y - 8, 22, t.spark)]
    marks += [rect(0, y, W, H - y, t.shade)]
    marks.append(polygon([(x - 5, y), (x + 5, y), (340, H), (60, H)], t.ground))
    for index in range(6):
        near, far = (index + 0.62) / 6, index / 6
        a, b = y + (H - y) * far**1.7, y + (H - y) * near**1.7
        cx_a, cx_b = x + (200 - x) * far**1.7, x + (200 - x) * near**1.7
        half = 1 + 6 * near
        marks.append(polygon([(cx_a - half * 0.6, a), (cx_a + half * 0.6, a), (cx_b + half, b),
                              (cx_b - half, b)], t.glow))  # fmt: skip
    for side in (-1, 1):
        for index in range(4):
            scale = (index + 1) / 4
            px = x + side * (24 + 210 * scale**1.5)
            marks.append(rect(px, y + 170 * scale**1.8 - 92 * scale, 3 + 4 * scale, 92 * scale,
                              t.ground))  # fmt: skip
    return Picture("".join(marks), Panel(30, 34, 340, 170, t.ink, face="slab"))


def meeting(dice: Dice, t: Tones) -> Picture:
    """Two discs meet; where they overlap something new appears."""
    y, r, gap = dice.between(250, 290), 118.0, dice.between(52, 78)
    left, right = 200 - gap, 200 + gap
    half = (r * r - gap * gap) ** 0.5
    lens = (
        f"M200 {num(y - half)}A{r} {r} 0 0 1 200 {num(y + half)}A{r} {r} 0 0 1 200 {num(y - half)}Z"
    )
    marks = [circle(left, y, r, t.glow), circle(right, y, r, t.shade), path(lens, t.spark)]
    if dice.chance(0.5):
        for index in range(4):
            marks.append(ring(left if index % 2 else right, y, r + 12 + index * 9, t.ink, 1.2, 0.4))
    return Picture(
        "".join(marks), Panel(30, 425, 340, 145, t.ink, "middle", dice.pick(["serif", "sans"]))
    )


def tide(dice: Dice, t: Tones) -> Picture:
    """Waves roll in under a moon; a small boat rides one."""
    marks = [circle(dice.between(110, 290), 215, dice.between(48, 84), t.glow)]
    for index in range(6):
        level, high = 318 + index * 46, 12 + index * 2.5
        shift = dice.between(0, 90)
        data = f"M{num(-shift - 100)} {num(level)}" + "".join(
            f"q22 {num(-high * 2)} 45 0t45 0" for _ in range(8)
        )
        fill = (t.shade, t.spark, t.shade, t.glow, t.shade, t.spark)[index]
        marks.append(path(f"{data}V{H}H-200Z", fill, (0.6, 0.75, 0.9, 0.9, 1, 1)[index]))
        if index == 1:
            x = dice.between(120, 260)
            hull = f"M{num(x)} 340h58q-8 20-18 20h-22q-12 0-18-20zM{num(x + 27)} 334v-56l30 50z"
            marks.append(path(hull, t.ink))
    return Picture("".join(marks), Panel(30, 32, 340, 120, t.ink, "middle"))


def windows(dice: Dice, t: Tones) -> Picture:
    """A wall of windows, a small scene in each."""
    marks = []
    inks = [t.glow, t.shade, t.spark, t.shade]
    for row in range(4):
        for column in range(3):
            x, y = 40 + column * 110, 40 + row * 98
            marks.append(rect(x, y, 98, 86, dice.pick(inks)))
            scene = dice.below(5)
            if scene == 0:
                marks.append(circle(x + 49, y + 43, 26, t.ground))
            elif scene == 1:
                marks.append(figure(x + 49, y + 86, 66, t.ground))
            elif scene == 2:
                marks.append(polygon([(x, y + 86), (x + 98, y + 86), (x + 98, y)], t.ground, 0.8))
            elif scene == 3:
                marks += [rect(x, y + 12 + i * 18, 98, 7, t.ground, 0.9) for i in range(4)]
    return Picture("".join(marks), Panel(40, 446, 320, 124, t.ink, face="sans", largest=44))


POSTERS: list[Callable[[Dice, Tones], Picture]] = [
    horizon, beams, skyline, vertigo, shards, doorway, eye, orbit, road, meeting, tide, windows,
]  # fmt: skip
SUITED: dict[str, list[Callable[[Dice, Tones], Picture]]] = {
    "night": [skyline, doorway, shards, vertigo, eye, windows, beams],
    "dread": [eye, doorway, shards, vertigo, tide],
    "tender": [meeting, horizon, windows, tide, doorway, road],
    "bright": [beams, windows, meeting, shards, horizon, tide],
    "cosmos": [orbit, horizon, beams, vertigo, eye, skyline],
    "quest": [horizon, road, tide, beams, orbit],
    "earth": [road, horizon, shards, tide, windows],
    "salon": [beams, windows, meeting, skyline],
}
