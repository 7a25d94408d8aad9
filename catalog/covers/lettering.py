"""Sets a title and a byline into a panel: wraps, shrinks, escapes."""

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape

from catalog.covers.shapes import Panel, num

FACES = {
    "serif": ("Iowan Old Style, Palatino Linotype, Palatino, Georgia, Times New Roman, serif", 600),
    "sans": ("Avenir Next, Helvetica Neue, Helvetica, Arial, sans-serif", 800),
    "slab": ("Rockwell, Rockwell Nova, Roboto Slab, DejaVu Serif, Georgia, serif", 700),
}
_NARROW, _SLIM, _WIDE = set("iIjl.,'’!|:;·"), set('frt()[]-/ "“”'), set("mwMW@%&—…")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MOST_LINES = 5


def clean(text: str) -> str:
    """Text that XML can hold, on one line."""
    return " ".join(_NOT_XML.sub("", text).split())


def width_of(text: str, size: float, face: str) -> float:
    """Rough width in cover units; generous, so that a wider system font still fits."""
    ems = 0.0
    for char in text:
        if char in _NARROW:
            ems += 0.31
        elif char in _SLIM:
            ems += 0.38
        elif char in _WIDE:
            ems += 0.93
        elif ord(char) >= 0x2E80:
            ems += 1.02
        elif char.isupper():
            ems += 0.72
        else:
            ems += 0.58
    return ems * size * {"serif": 0.97, "sans": 1.03, "slab": 1.08}[face]


def wrap(text: str, size: float, width: float, face: str) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size, face) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _balanced(text: str, size: float, width: float, face: str) -> list[str]:
    """The wrapping with the same number of lines and the least ragged edge."""
    best = wrap(text, size, width, face)
    for share in (0.9, 0.8, 0.7, 0.6):
        tighter = wrap(text, size, width * share, face)
        if len(tighter) > len(best):
            break
        best = tighter
    return best


@dataclass(frozen=True)
class Setting:
    lines: list[str]
    size: float


def _cut(text: str, size: float, width: float, face: str) -> str:
    while len(text) > 1 and width_of(text + "…", size, face) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def fit(text: str, panel: Panel) -> Setting:
    """The largest size at which `text` fits the panel; the end is cut only at the smallest."""
    size, smallest = panel.largest, 17.0
    while size > smallest:
        lines = wrap(text, size, panel.width, panel.face)
        widest = max(width_of(line, size, panel.face) for line in lines)
        most = 3 if size > panel.largest * 0.62 else _MOST_LINES
        if widest <= panel.width and len(lines) <= most and len(lines) * size <= panel.height:
            return Setting(_balanced(text, size, panel.width, panel.face), size)
        size *= 0.94
    most = max(1, min(_MOST_LINES + 1, int(panel.height / (smallest * 1.1))))
    lines = [
        line
        if width_of(line, smallest, panel.face) <= panel.width
        else _cut(line, smallest, panel.width, panel.face)
        for line in wrap(text, smallest, panel.width, panel.face)
    ]
    if len(lines) > most:
        lines = [*lines[: most - 1], _cut(lines[most - 1], smallest, panel.width * 0.9, panel.face)]
    return Setting(lines, smallest)


def _line(text: str, x: float, y: float, size: float, panel: Panel, *, small: bool) -> str:
    family, weight = FACES["sans" if small else panel.face]
    length = width_of(text, size, "sans" if small else panel.face)
    # A line near the full width is held to it, whatever the visitor's fonts measure.
    held = (
        f' textLength="{num(min(length, panel.width))}" lengthAdjust="spacingAndGlyphs"'
        if length > panel.width * 0.86
        else ""
    )
    spacing = ' letter-spacing=".6"' if small and not held else ""
    return (
        f'<text x="{num(x)}" y="{num(y)}" font-family="{family}" '
        f'font-size="{num(size)}" font-weight="{500 if small else weight}" fill="{panel.ink}" '
        f'text-anchor="{panel.anchor}"{held}{spacing}>{escape(text)}</text>'
    )


def letter(title: str, byline: str, panel: Panel) -> str:
    """`<text>` elements for the title and, below it, the byline."""
    title, byline = clean(title) or "Untitled", clean(byline)
    small = 19.0
    if byline and width_of(byline, small, "sans") > panel.width:
        byline = _cut(byline, small, panel.width, "sans")
    room = panel.height - (small * 2 if byline else 0)
    inner = Panel(**{**vars(panel), "height": room})
    setting = fit(title.upper() if panel.caps else title, inner)
    leading = setting.size * 1.08
    tall = leading * len(setting.lines) + (small * 1.7 if byline else 0)
    top = {
        "top": panel.y,
        "middle": panel.y + (panel.height - tall) / 2,
        "bottom": panel.y + panel.height - tall,
    }[panel.sits]
    x = panel.x + {"start": 0.0, "middle": panel.width / 2, "end": panel.width}[panel.anchor]
    baseline = top + setting.size * 0.84
    out = [
        _line(line, x, baseline + index * leading, setting.size, panel, small=False)
        for index, line in enumerate(setting.lines)
    ]
    if byline:
        under = baseline + (len(setting.lines) - 1) * leading + small * 1.7
        out.append(_line(byline, x, under, small, panel, small=True))
    return "".join(out)
