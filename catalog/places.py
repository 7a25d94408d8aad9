"""Countries and languages under one name each, whichever way their source writes them."""

from functools import cache
from importlib.resources import files

# Where the table's own name is not the one that people, and our starter catalogue, use.
_OURS = {
    "CD": "Democratic Republic of the Congo",
    "CI": "Ivory Coast",
    "GB": "United Kingdom",
    "KP": "North Korea",
    "KR": "South Korea",
    "BA": "Bosnia and Herzegovina",
    "SU": "Soviet Union",
    "XC": "Czechoslovakia",
    "YU": "Yugoslavia",
}
_LANGUAGES = {"Bokmål": "Norwegian", "No Language": "", "Central Khmer": "Khmer"}


def country_name(written: str) -> str:
    """`"AU"` → `"Australia"`; a name, or a code that is nobody's, is its own."""
    return _countries().get(written, written)


def language_name(written: str) -> str:
    """`"Spanish, Castilian"` → `"Spanish"`: the first of the names that a source gives."""
    first = written.split(",")[0].strip()
    return _LANGUAGES.get(first, first)


@cache
def _countries() -> dict[str, str]:
    """Code → name, from the public-domain ISO 3166 table that comes with the time zones."""
    text = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text(encoding="utf-8")
    lines = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    return {code: name.replace(" & ", " and ") for code, name in lines} | _OURS
