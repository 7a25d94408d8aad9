"""What came from outside → a small picture of our own, or a sentence why not.

It is decoded and encoded anew, so that nothing of the file that came is kept but its pixels.
"""

import io
import struct
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

WIDEST, TALLEST = 500, 750
SMALLEST = 100  # an empty answer is often a picture of one pixel
MOST_PIXELS = 25_000_000
LONGEST_SIDE_RATIO = 2.5
QUALITY = 82
EXTENSION, CONTENT_TYPE = "webp", "image/webp"
_FORMATS = ("JPEG", "PNG", "WEBP")
# What Pillow's decoders raise for a file that is not what its head says.
_DAMAGED = (
    OSError, SyntaxError, EOFError, IndexError, KeyError, TypeError, ValueError,
    NotImplementedError, struct.error,
)  # fmt: skip


class NotAPictureError(ValueError):
    """The bytes are no picture that can be shown; the message says why."""


@dataclass(frozen=True)
class Prepared:
    """A WebP file without metadata, and its size in pixels."""

    data: bytes
    width: int
    height: int


def prepared(data: bytes) -> Prepared:
    """Checks and shrinks. Raises NotAPictureError."""
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            _check_size(*image.size)  # told by the head of the file, before anything is unpacked
            image.draft("RGB", (2 * WIDEST, 2 * TALLEST))
            small = _small(image)
    except UnidentifiedImageError as error:
        raise NotAPictureError("it is no JPEG, PNG or WebP picture") from error
    except Image.DecompressionBombError as error:
        raise NotAPictureError("it has too many pixels") from error
    except NotAPictureError:
        raise
    except _DAMAGED as error:
        raise NotAPictureError("the picture is damaged or cut off") from error
    written = io.BytesIO()
    small.save(written, "WEBP", quality=QUALITY, method=4)
    return Prepared(written.getvalue(), *small.size)


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise NotAPictureError(f"it has {width} × {height} pixels, which is too many")
    if min(width, height) < SMALLEST:
        raise NotAPictureError(f"it is too small, {width} × {height} pixels")
    if max(width, height) > LONGEST_SIDE_RATIO * min(width, height):
        raise NotAPictureError(f"{width} × {height} pixels is not the form of a poster or cover")


def _small(image: Image.Image) -> Image.Image:
    """The first frame upright, on white where it is transparent, at most 500 × 750."""
    upright = ImageOps.exif_transpose(image)
    clear = upright.convert("RGBA") if upright.has_transparency_data else upright.convert("RGB")
    clear.thumbnail((WIDEST, TALLEST), Image.Resampling.LANCZOS)
    # A new image has no metadata that a save could write.
    plain = Image.new("RGB", clear.size, "white")
    plain.paste(clear, mask=clear.getchannel("A") if clear.mode == "RGBA" else None)
    return plain
