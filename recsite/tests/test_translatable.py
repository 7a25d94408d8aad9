"""Every word that a visitor's page says can be translated: templates are read, none is rendered.

The admin is for the people who run the site, and stays in English.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"

NOT_WORDS = {
    "Segue": "the name of the site",
    "API": "a name, the same in every language",
    "CSV": "the name of a format",
    "JSON": "the name of a format",
    "Recall@20": "the name of a measure, the same in every language",
    "MRR@20": "the name of a measure, the same in every language",
    "NDCG@20": "the name of a measure, the same in every language",
}
READ_OUT = {"aria-label", "aria-description", "aria-valuetext", "title", "alt", "placeholder"}

COMMENT = re.compile(r"{#.*?#}|{%-?\s*comment\b.*?endcomment\s*%}|<!--.*?-->", re.DOTALL)
TRANSLATED = re.compile(r"{%\s*blocktrans(late)?\b.*?{%\s*endblocktrans(late)?\s*%}", re.DOTALL)
CODE = re.compile(r"<(script|style)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
ATTRIBUTES = re.compile(r"{%\s*block body_(class|data)\b.*?{%\s*endblock.*?%}", re.DOTALL)
ELEMENT = re.compile(r"""<[a-zA-Z/!](?:"[^"]*"|'[^']*'|[^'">])*>""")
ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*("[^"]*"|'[^']*')""")
ENTITY = re.compile(r"&#?\w+;")
WORDS = re.compile(r"[^\W\d_]\S*(?: \S+)*")
# What a template can say from inside a tag: an ending, one of two words, a word by default, a word
# handed on to an included template.
ENDING = re.compile(r"\|\s*pluralize\b")
CHOSEN = re.compile(r"""\|\s*(?:yesno|default|default_if_none)\s*:\s*("[^"]*"|'[^']*')""")
HANDED_ON = re.compile(r"""\b\w+=("[^"]*\w[ ][^"]*"|'[^']*\w[ ][^']*')""")


@dataclass(frozen=True)
class Found:
    line: int
    text: str


def visible_templates() -> list[Path]:
    return [
        path
        for path in sorted(TEMPLATES.rglob("*.html"))
        if "admin" not in path.relative_to(TEMPLATES).parts
    ]


def untranslated(source: str) -> list[Found]:
    """Words of a template that are the same in every language, by line."""
    # What is taken out leaves its lines behind, so that what is found keeps its own.
    for pattern in (COMMENT, CODE, TRANSLATED, ATTRIBUTES):
        source = pattern.sub(_emptied, source)
    plain = TAG.sub(_emptied, source)
    elements = list(ELEMENT.finditer(plain))
    unread = [span for element in elements for span in _unread(element)]
    found = [one for element in elements for one in _in_element(plain, element)]
    for tag in TAG.finditer(source):
        if not any(start <= tag.start() < end for start, end in unread):
            found += _in_tag(source, tag)
    source = plain
    source = ENTITY.sub(_emptied, ELEMENT.sub(_emptied, source))
    for names in NOT_WORDS:
        source = re.sub(rf"\b{names}\b", " " * len(names), source)
    found += [_at(source, match.start(), match[0]) for match in WORDS.finditer(source)]
    return sorted(found, key=lambda one: one.line)


def _emptied(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _at(source: str, place: int, text: str) -> Found:
    return Found(source.count("\n", 0, place) + 1, " ".join(text.split()))


def _in_tag(source: str, tag: re.Match[str]) -> list[Found]:
    """`{% translate %}` is what may hold words; so may `_("…")` in another tag."""
    if re.match(r"{%\s*trans(late)?\b", tag[0]):
        return []
    told = [*ENDING.findall(tag[0]), *filter(_has_letters, CHOSEN.findall(tag[0]))]
    told = [text for text in told if text[1:-1] not in NOT_WORDS]
    if re.match(r"{%\s*(include|with)\b", tag[0]):
        told += HANDED_ON.findall(tag[0])
    return [_at(source, tag.start(), text) for text in told]


def _in_element(source: str, element: re.Match[str]) -> list[Found]:
    names = _read_out(element)
    values = {match[1].lower(): match[2][1:-1].strip() for match in _attributes(element)}
    return [
        _at(source, element.start(), f'{name}="{values[name]}"')
        for name in sorted(names & values.keys())
        if _has_letters(values[name]) and values[name] not in NOT_WORDS
    ]


def _unread(element: re.Match[str]) -> list[tuple[int, int]]:
    """Where the attributes stand that only machines read."""
    return [
        (element.start() + match.start(), element.start() + match.end())
        for match in _attributes(element)
        if match[1].lower() not in _read_out(element)
    ]


def _attributes(element: re.Match[str]) -> list[re.Match[str]]:
    return list(ATTRIBUTE.finditer(element[0]))


def _read_out(element: re.Match[str]) -> set[str]:
    """The attributes of this element that people hear or read."""
    opening = element[0].lower()
    if opening.startswith("<meta") and 'name="description"' in opening:
        return {*READ_OUT, "content"}
    if opening.startswith("<input") and re.search(r'type="(submit|button)"', opening):
        return {*READ_OUT, "value"}
    return READ_OUT


def _has_letters(text: str) -> bool:
    return re.search(r"[^\W\d_]", text) is not None


@pytest.mark.parametrize(
    "path", visible_templates(), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_a_template_says_nothing_that_cannot_be_translated(path: Path) -> None:
    found = untranslated(path.read_text(encoding="utf-8"))
    where = path.relative_to(ROOT)
    assert not found, "\n".join(f"{where}:{one.line}: {one.text}" for one in found)


def test_there_are_templates_to_read() -> None:
    names = {path.name for path in visible_templates()}
    assert {"base.html", "item.html", "home.html", "privacy.html"} <= names


MADE_UP = """{% load i18n %}
{# A comment, of two words #}{% comment "why" %}A longer comment{% endcomment %}
<h1>{% translate "Wrapped" %} Segue {{ item.title }} &middot; 5</h1>
<p>{% blocktranslate count n=n %}One
title{% plural %}{{ n }} titles{% endblocktranslate %}</p>
<p class="bare"
   data-why="of no use">Left out {{ item.title }} of it</p>
<script>let word = "code";</script><style>p { color: red }</style>
<img alt="A picture" src="a.png"><img alt="{% translate "Fine" %}" src="b.png">
<a title='{{ title }}' aria-label="Go {{ title }}" href="/of/words">{{ count }}</a>
<meta name="description" content="Said by a search engine"><meta name="robots" content="noindex">
<input type="submit" value="Send"><input type="text" value="kept">
{{ count }}{{ count|pluralize }} {{ name|default:"nobody" }} {{ name|default:"" }}
<b title="{{ on|yesno:'lit,dark' }}" aria-pressed="{{ on|yesno:'true,false' }}"></b>
{% include "a.html" with heading="Two words" css="one" %}
{% include "a.html" with heading=_("Two words") %}
"""


def test_what_is_not_wrapped_is_found_by_its_line() -> None:
    assert untranslated(MADE_UP) == [
        Found(7, "Left out"),
        Found(7, "of it"),
        Found(9, 'alt="A picture"'),
        Found(10, 'aria-label="Go"'),
        Found(11, 'content="Said by a search engine"'),
        Found(12, 'value="Send"'),
        Found(13, "|pluralize"),
        Found(13, '"nobody"'),
        Found(14, "'lit,dark'"),
        Found(15, '"Two words"'),
    ]


def test_every_text_is_marked_by_a_name_that_makemessages_knows() -> None:
    """It looks for `_`, `gettext_lazy`, `ngettext` and so on: under another name none is found."""
    renamed = []
    for app in ("catalog", "sessions_app", "recommender", "recsite"):
        for path in sorted((ROOT / app).rglob("*.py")):
            for line in path.read_text(encoding="utf-8").splitlines():
                found = re.search(r"\b\w*n?p?gettext\w* as (\w+)", line)
                if found and found[1] != "_" and "import" in line:
                    renamed.append(f"{path.relative_to(ROOT)}: {line.strip()}")
    assert renamed == []
