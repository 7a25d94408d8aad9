"""Translations made by a test: what `msgfmt` writes, without it."""

import struct
from collections.abc import Mapping
from pathlib import Path

_MAGIC = 0x950412DE
_HEAD = 28  # bytes: seven numbers
_HEADER = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"


def write_catalogue(folder: Path, language: str, words: Mapping[str, str]) -> None:
    """English → the other language's words, as Django reads them from one of LOCALE_PATHS.

    A word with a context is written "context\\x04word", one with a plural "one\\x00several".
    """
    texts = {"": _HEADER, **words}
    pairs = [(text.encode(), texts[text].encode()) for text in sorted(texts, key=str.encode)]
    place = _HEAD + 16 * len(pairs)
    tables: list[bytes] = []
    stored = b""
    for side in (0, 1):
        for pair in pairs:
            tables.append(struct.pack("<II", len(pair[side]), place + len(stored)))
            stored += pair[side] + b"\0"
    head = struct.pack(
        "<7I", _MAGIC, 0, len(pairs), _HEAD, _HEAD + 8 * len(pairs), 0, _HEAD + 16 * len(pairs)
    )
    path = folder / language / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head + b"".join(tables) + stored)
