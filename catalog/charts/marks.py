"""A mark is what a chart shows of one thing: it has a name, and an address if there is a page."""

from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


@dataclass(frozen=True, slots=True)
class Mark:
    """`name` says everything that the mark shows: "Drama: 3,812 movies"."""

    name: str
    href: str = ""


def marked(mark: Mark, shape: SafeString) -> SafeString:
    """The SVG `shape` as a mark: a link where it leads somewhere, else an image with a name."""
    if mark.href:
        return format_html(
            '<a class="mark" href="{}" aria-label="{}">{}</a>', mark.href, mark.name, shape
        )
    return format_html('<g class="mark" role="img" aria-label="{}">{}</g>', mark.name, shape)


def joined(parts: list[SafeString]) -> SafeString:
    """Pieces of markup that are safe already, one after the other."""
    return mark_safe("".join(parts))  # noqa: S308 (each part went through format_html)


def short(number: float) -> str:
    """A coordinate in as few characters as two places need: 12.00 → "12"."""
    return f"{number:.2f}".rstrip("0").rstrip(".") or "0"
