"""The colours of the site: told in one file, told alike twice, and readable."""

import re
from pathlib import Path

import pytest

from recsite import theme

ROOT = Path(__file__).resolve().parents[2]
CSS = ROOT / "static" / "css"
TOKENS = (CSS / "tokens.css").read_text(encoding="utf-8")
# The admin's own colours are Django's; ours do not reach there.
STYLES = [p for p in sorted(CSS.glob("*.css")) if p.name not in ("tokens.css", "admin-quality.css")]
LITERAL = re.compile(
    r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch)a?\(|(?<![\w-])(?:white|black|red)(?![\w-])",
    re.I,
)

LIGHT_BY_CHOICE = r':root\[data-theme="light"\] \{(.*?)\n\}'
LIGHT_BY_SYSTEM = r':root:not\(\[data-theme="dark"\]\) \{(.*?)\n  \}'
DARK = r"\A.*?:root \{(.*?)\n\}"


def told(pattern: str) -> dict[str, str]:
    found = re.search(pattern, TOKENS, re.S)
    assert found, pattern
    return dict(re.findall(r"([\w-]+): ([^;]+);", found[1]))


def values(look: str) -> dict[str, str]:
    return told(DARK) | (told(LIGHT_BY_CHOICE) if look == theme.LIGHT else {})


def luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_a_known_contrast_is_computed_right() -> None:
    assert contrast("#fff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("style", STYLES, ids=lambda path: path.name)
def test_no_colour_is_written_outside_the_tokens(style: Path) -> None:
    rules = re.sub(r"/\*.*?\*/", "", style.read_text(encoding="utf-8"), flags=re.S)
    rules = re.sub(r"[.#][\w-]*[^{};]*\{", "{", rules)  # selectors may be called anything
    assert LITERAL.findall(rules) == []


@pytest.mark.parametrize("style", STYLES, ids=lambda path: path.name)
def test_every_token_in_use_exists(style: Path) -> None:
    rules = style.read_text(encoding="utf-8")
    known = set(re.findall(r"(--[\w-]+):", TOKENS)) | set(re.findall(r"(--[\w-]+):", rules))
    assert set(re.findall(r"var\((--[\w-]+)", rules)) <= known


def test_both_ways_to_the_light_theme_tell_the_same() -> None:
    assert told(LIGHT_BY_SYSTEM) == told(LIGHT_BY_CHOICE)
    assert told(DARK)["color-scheme"] == "dark"
    assert told(LIGHT_BY_CHOICE)["color-scheme"] == "light"


@pytest.mark.parametrize("look", [theme.DARK, theme.LIGHT])
def test_the_browser_s_frame_has_the_colour_of_the_page(look: str) -> None:
    assert values(look)["--paper"] == theme.FRAME[look]


GROUNDS = ("--paper", "--sheet", "--raised")
TINTS = ("--movie-tint", "--track-tint", "--book-tint")
TEXT = [
    *((text, ground) for text in ("--ink", "--soft") for ground in (*GROUNDS, *TINTS)),
    *((f"--{k}", ground) for k in ("movie", "track", "book") for ground in GROUNDS),
    *((f"--{k}", f"--{k}-tint") for k in ("movie", "track", "book")),
    *(("--paper", f"--{k}") for k in ("movie", "track", "book")),
    ("--paper", "--ink"),
    ("--paper", "--soft"),
    ("--on-brand", "--brand"),
    ("--on-brand", "--brand-deep"),
]


@pytest.mark.parametrize("look", [theme.DARK, theme.LIGHT])
@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_can_be_read(look: str, text: str, ground: str) -> None:
    assert contrast(values(look)[text], values(look)[ground]) >= 4.5


@pytest.mark.parametrize("look", [theme.DARK, theme.LIGHT])
@pytest.mark.parametrize("ground", GROUNDS)
def test_the_edges_of_controls_can_be_seen(look: str, ground: str) -> None:
    assert contrast(values(look)["--edge"], values(look)[ground]) >= 3
