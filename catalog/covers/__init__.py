"""A cover for every item, drawn from its title, kind and genres alone.

The same work always gets the same cover: every choice comes from a hash, nothing is drawn at
random and nothing is fetched. Movies and books are 400 × 600, tracks 500 × 500.
"""

from hashlib import blake2b

from catalog.covers import bindings, posters, sleeves
from catalog.covers.dice import Dice
from catalog.covers.lettering import clean, letter
from catalog.covers.palettes import tones_for
from catalog.covers.shapes import Tones, rect
from catalog.models import Item, Kind

# Part of every cover's version: raise it when the drawing changes, so that caches let go.
DRAWING = "1"
SIZES: dict[str, tuple[int, int]] = {
    Kind.MOVIE: (400, 600),
    Kind.TRACK: (500, 500),
    Kind.BOOK: (400, 600),
}
_ART = {
    Kind.MOVIE: (posters.POSTERS, posters.SUITED),
    Kind.TRACK: (sleeves.SLEEVES, sleeves.SUITED),
    Kind.BOOK: (bindings.BINDINGS, bindings.SUITED),
}


def _genres(item: Item) -> list[str]:
    return sorted(genre.name for genre in item.genres.all())


def cover_version(item: Item) -> str:
    """Changes whenever the cover would look different (uses prefetched genres and credits)."""
    drawn_from = "\n".join([DRAWING, item.kind, item.title, item.byline, *_genres(item)])
    return blake2b(drawn_from.encode("utf-8"), digest_size=6).hexdigest()


def cover_svg(item: Item) -> str:
    """The cover as one SVG document without scripts, styles or references to other files."""
    genres = _genres(item)
    dice = Dice("\n".join([item.kind, item.title, *genres]))
    family, tones = tones_for(genres, dice)
    every, suited = _ART[Kind(item.kind)]
    # Now and then a composition from outside the family keeps a shelf of one genre lively.
    draw = dice.pick(every if dice.chance(0.15) else suited.get(family, every))
    picture = draw(dice, tones)
    width, height = SIZES[item.kind]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img">'
        f"<title>{_escaped(item.title)}</title>"
        f"{rect(0, 0, width, height, tones.ground)}{picture.marks}"
        f"{letter(item.title, item.byline, picture.panel)}{_finish(item.kind, tones)}</svg>"
    )


def _escaped(title: str) -> str:
    return clean(title).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _finish(kind: str, tones: Tones) -> str:
    """What makes it an object: the hinge of a book, the edge of a sleeve or poster."""
    if kind == Kind.BOOK:
        threads = "".join(rect(0, y, 400, 1, "#fff", 0.05) for y in range(2, 600, 5))
        hinge = rect(0, 0, 26, 600, "#000", 0.16) + rect(26, 0, 3, 600, "#fff", 0.18)
        return threads + hinge + rect(29, 0, 5, 600, "#000", 0.12)
    if kind == Kind.TRACK:
        return rect(0, 0, 500, 3, "#fff", 0.22) + rect(0, 496, 500, 4, "#000", 0.18)
    return (
        f'<rect x="7" y="7" width="386" height="586" fill="none" stroke="{tones.ink}" '
        f'stroke-width="1.5" opacity="0.35"/>'
    )
