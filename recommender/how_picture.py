"""The picture of how a click becomes a pick, drawn with the weights of the version that serves.

The readers' streams are as thick as they count. Two drawings say the same: one for wide pages,
one for narrow ones; a style sheet shows one of them. Looks are in static/css/how.css.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from catalog.charts.marks import joined, short
from catalog.wording import percent
from recommender.status import PART_NAMES

THICKEST = 84.0  # of all streams together, in units of the drawing
THINNEST = 1.5
KINDS = ("movie", "track", "book")

Readers = Sequence[tuple[str, float | None]]


@dataclass(frozen=True, slots=True)
class Stream:
    """One reader: its name, its share in per cent, where the stream begins and ends."""

    name: str
    share: float | None
    thickness: float
    start: float
    end: float


def wide(weights: Sequence[tuple[str, float]]) -> SafeString:
    """From left to right, for pages wider than the drawing."""
    streams = _streams(weights, first=74, step=46, middle=246)
    mixture_top = min(one.end - one.thickness / 2 for one in streams) - 12
    mixture_high = 2 * (246 - mixture_top)
    return _picture(
        "wide",
        1180,
        446,
        [
            _heading(1, 0, 30, _("A click")),
            _cover(8, 176, 92, 138, "movie"),
            _pointer(78, 282),
            _arrow(112, 246, 150),
            _heading(2, 160, 30, _("The trail")),
            *(_step(190, 156 + 90 * n, kind) for n, kind in enumerate(KINDS)),
            _dotted("M190 178V224M190 268V314"),
            _arrow(232, 246, 270),
            _heading(3, 290, 30, _("The readers")),
            *(
                _flow(
                    f"M552 {short(s.start)}C640 {short(s.start)} 640 {short(s.end)} 722 "
                    f"{short(s.end)}",
                    s,
                )
                for s in streams
            ),
            *(_reader(290, s.start, 262, s) for s in streams),
            _heading(4, 682, 30, _("The mixture")),
            _box("pot", 722, mixture_top, 34, mixture_high),
            _arrow(764, 246, 806),
            _heading(5, 820, 30, _("The rules")),
            *(_rule(820, 152 + 68 * n, 142, text) for n, text in enumerate(_rules())),
            _arrow(970, 246, 1002),
            _heading(6, 1016, 30, _("The list")),
            *(
                _pick_beside(1016, 84 + 112 * n, kind)
                for n, kind in enumerate(("book", "track", "movie"))
            ),
        ],
    )


def tall(weights: Sequence[tuple[str, float]]) -> SafeString:
    """From top to bottom, for a page of 390 pixels."""
    streams = _streams(weights, first=222, step=36, middle=0)
    foot = streams[-1].start + 54
    lanes = _lanes(streams, right=346)
    return _picture(
        "tall",
        356,
        foot + 372,
        [
            _heading(1, 0, 18, _("A click")),
            _cover(8, 36, 74, 110, "movie"),
            _pointer(62, 118),
            _arrow(96, 92, 138),
            _heading(2, 150, 18, _("The trail")),
            *(_step(178 + 70 * n, 92, kind) for n, kind in enumerate(KINDS)),
            _dotted("M200 92H226M270 92H296"),
            _heading(3, 0, 186, _("The readers")),
            *(
                _flow(
                    f"M236 {short(s.start)}H{short(x - 8)}Q{short(x)} {short(s.start)} {short(x)} "
                    f"{short(s.start + 8)}V{short(foot)}",
                    s,
                )
                for s, x in zip(streams, lanes, strict=True)
            ),
            *(_reader(0, s.start, 240, s) for s in streams),
            _box("pot", 0, foot, 356, 34),
            _heading(4, 12, foot + 23, _("The mixture"), inside=True),
            _down(30, foot + 40, foot + 62),
            _heading(5, 0, foot + 86, _("The rules")),
            *(_rule(120 * n, foot + 100, 114, text) for n, text in enumerate(_rules())),
            _down(30, foot + 160, foot + 182),
            _heading(6, 0, foot + 208, _("The list")),
            *(
                _pick_above(122 * n, foot + 222, kind)
                for n, kind in enumerate(("book", "track", "movie"))
            ),
        ],
    )


def _rules() -> list[str]:
    return [_("what you hid"), _("your dial"), _("your shares")]


def _streams(
    weights: Sequence[tuple[str, float]], *, first: float, step: float, middle: float
) -> list[Stream]:
    """The readers from top to bottom; their ends lie side by side around `middle`."""
    readers: Readers = weights or [(str(name), None) for name in PART_NAMES.values()]
    thick = [
        max(THICKEST * (4 if share is None else share) / 100, THINNEST) for _name, share in readers
    ]
    end = middle - (sum(thick) + 2 * (len(thick) - 1)) / 2
    streams = []
    for place, ((name, share), wide_as) in enumerate(zip(readers, thick, strict=True)):
        streams.append(Stream(name, share, wide_as, first + place * step, end + wide_as / 2))
        end += wide_as + 2
    return streams


def _lanes(streams: Sequence[Stream], *, right: float) -> list[float]:
    """Where each stream runs down: the first one outermost, so that none crosses another."""
    lanes = []
    for stream in streams:
        lanes.append(right - stream.thickness / 2)
        right -= stream.thickness + 2
    return lanes


# --- Pieces -------------------------------------------------------------------------------


def _picture(css: str, wide_as: float, high: float, pieces: list[SafeString]) -> SafeString:
    return format_html(
        '<svg class="flow flow--{}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        css,
        short(wide_as),
        short(high),
        _(
            "A click joins the trail of the visit; several readers read the trail; their guesses "
            "are mixed; rules take out what you hid and follow your dial; a list comes out, with "
            "a reason for each title."
        ),
        joined(pieces),
    )


def _heading(number: int, x: float, y: float, text: str, *, inside: bool = False) -> SafeString:
    return format_html(
        '<text class="flow__heading{}" x="{}" y="{}"><tspan class="flow__number">{}</tspan>'
        " {}</text>",
        " flow__heading--inside" if inside else "",
        x,
        short(y),
        number,
        text,
    )


def _box(css: str, x: float, y: float, wide_as: float, high: float) -> SafeString:
    return format_html(
        '<rect class="flow__{}" x="{}" y="{}" width="{}" height="{}" rx="6"/>',
        css,
        short(x),
        short(y),
        short(wide_as),
        short(high),
    )


def _cover(x: float, y: float, wide_as: float, high: float, kind: str) -> SafeString:
    """A title's picture, with lines where its name stands."""
    return format_html(
        '<g class="kind-{}">{}<path class="flow__line" d="M{} {}h{}m{} 9h{}"/>'
        '<circle class="flow__moon" cx="{}" cy="{}" r="{}"/></g>',
        kind,
        _box("cover", x, y, wide_as, high),
        short(x + 12),
        short(y + high - 26),
        short(wide_as - 30),
        short(30 - wide_as),
        short(wide_as / 2 - 12),
        short(x + wide_as * 0.62),
        short(y + high * 0.34),
        short(wide_as * 0.2),
    )


def _pointer(x: float, y: float) -> SafeString:
    return format_html(
        '<path class="flow__pointer" d="M{} {}l0 34 8-8 6 14 7-3-6-14 12 0z"/>', x, y
    )


def _step(x: float, y: float, kind: str) -> SafeString:
    return format_html(
        '<g class="kind-{}"><circle class="flow__step" cx="{}" cy="{}" r="20"/>{}</g>',
        kind,
        x,
        y,
        _symbol(x, y, kind),
    )


def _symbol(x: float, y: float, kind: str) -> SafeString:
    """A reel, a note, a book."""
    paths = {
        "movie": "M-8-7h16v14h-16zM-4-7v14M4-7v14",
        "track": "M-3 6V-8l9-2v13M-3 6a3 3 0 1 1-.1-.1M6 3a3 3 0 1 1-.1-.1",
        "book": "M0-6c-3-2-6-2-9-2v13c3 0 6 0 9 2 3-2 6-2 9-2v-13c-3 0-6 0-9 2zV7",
    }
    return format_html(
        '<path class="flow__symbol" transform="translate({} {})" d="{}"/>',
        short(x),
        short(y),
        paths[kind],
    )


def _dotted(path: str) -> SafeString:
    return format_html('<path class="flow__dotted" d="{}"/>', path)


def _arrow(x: float, y: float, to: float) -> SafeString:
    return format_html('<path class="flow__arrow" d="M{0} {1}H{2}m-8-7 8 7-8 7"/>', x, y, to)


def _down(x: float, y: float, to: float) -> SafeString:
    return format_html(
        '<path class="flow__arrow" d="M{0} {1}V{2}m-7-8 7 8 7-8"/>', x, short(y), short(to)
    )


def _flow(path: str, stream: Stream) -> SafeString:
    return format_html(
        '<path class="flow__stream" stroke-width="{}" d="{}"/>', short(stream.thickness), path
    )


def _reader(x: float, middle: float, wide_as: float, stream: Stream) -> SafeString:
    share = "" if stream.share is None else percent(stream.share / 100, 0)
    return format_html(
        '{0}<text class="flow__text" x="{1}" y="{2}" dy="0.35em">{3}</text>'
        '<text class="flow__text flow__share" x="{4}" y="{2}" dy="0.35em"'
        ' text-anchor="end">{5}</text>',
        _box("reader", x, middle - 15, wide_as, 30),
        short(x + 11),
        short(middle),
        stream.name[:1].upper() + stream.name[1:],
        short(x + wide_as - 10),
        share,
    )


def _rule(x: float, y: float, wide_as: float, text: str) -> SafeString:
    return format_html(
        '{}<text class="flow__text" x="{}" y="{}" dy="0.35em" text-anchor="middle">{}</text>',
        _box("rule", x, y, wide_as, 52),
        short(x + wide_as / 2),
        short(y + 26),
        text,
    )


def _pick_beside(x: float, y: float, kind: str) -> SafeString:
    """A card of the list with its reason, in the kind's colour, at its side."""
    high = 64.0 if kind == "track" else 96.0
    return format_html(
        '{}<path class="flow__line flow__line--ink" d="M{} {}h64m-64 14h40"/>{}',
        _cover(x, y + 96 - high, 64, high, kind),
        short(x + 76),
        short(y + 16),
        _reason(x + 76, y + 54, kind),
    )


def _pick_above(x: float, y: float, kind: str) -> SafeString:
    """A card of the list with its reason under it."""
    high = 84.0 if kind == "track" else 104.0
    wide_as = 84.0 if kind == "track" else 70.0
    cover = _cover(x, y + 104 - high, wide_as, high, kind)
    return format_html("{}{}", cover, _reason(x + 2, y + 118, kind))


def _reason(x: float, y: float, kind: str) -> SafeString:
    return format_html(
        '<path class="flow__reason kind-{}" d="M{} {}v26m10-20h68m-68 14h46"/>',
        kind,
        short(x),
        short(y),
    )
