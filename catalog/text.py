"""Text as it is compared: one normal form for titles, creators and search words."""

import re
import unicodedata

# Letters that Unicode does not take apart into a base letter and a mark.
_UNDECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "ß": "ss", "ı": "i", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th"}
)
_APOSTROPHES = re.compile("['’‘ʼ`´]")
_NOT_WORDS = re.compile(r"[^\w]+")


def normalise(text: str) -> str:
    """Lower case, no accents, no apostrophes, single spaces: `"Amélie's"` → `"amelies"`."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    joined = _APOSTROPHES.sub("", bare.translate(_UNDECOMPOSED))
    return _NOT_WORDS.sub(" ", joined).replace("_", " ").strip()
