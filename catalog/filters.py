"""What the address of a browse page asks for, and addresses that ask for something else.

The address holds the whole state. What it holds that is of no use is left out, and said so.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, pgettext_lazy

from catalog.columns import KINDS, SOUNDS, TAGS, Columns
from catalog.models import creator_key
from catalog.places import country_name, language_name
from catalog.wording import short

MANY = ("genre", "theme", "mood", "creator")  # an item can have several: all chosen must be there
MOST_VALUES = 6  # of one of them
RATINGS = (3.0, 3.5, 4.0, 4.5)
SORTS: dict[str, Promise] = {
    "popular": gettext_lazy("Most popular"),
    "new": gettext_lazy("Newest first"),
    "old": gettext_lazy("Oldest first"),
    "title": gettext_lazy("Title A–Z"),
    "rated": gettext_lazy("Best rated"),
}

Span = tuple[float | None, float | None]  # from, to; both count


@dataclass(frozen=True)
class Sound:
    """How a sound figure is asked for: in whole units, of which `scale` make a stored 1."""

    label: Promise
    unit: Promise
    most: int
    step: int
    scale: float
    names: tuple[tuple[Promise, int | None, int | None], ...]  # name, from, to

    @property
    def named(self) -> list[tuple[str, int | None, int | None]]:
        """`names` in the language of the visitor."""
        return [(str(name), start, end) for name, start, end in self.names]


_OF_100 = gettext_lazy("of 100")
SOUND_OF: dict[str, Sound] = {
    "tempo": Sound(
        gettext_lazy("Tempo"), gettext_lazy("beats a minute"), 250, 5, 1.0,
        ((pgettext_lazy("sound", "slow"), None, 90), (pgettext_lazy("sound", "mid"), 90, 125),
         (pgettext_lazy("sound", "fast"), 125, None)),
    ),
    "energy": Sound(
        gettext_lazy("Energy"), _OF_100, 100, 5, 100.0,
        ((pgettext_lazy("sound", "soft"), None, 35), (pgettext_lazy("sound", "medium"), 35, 70),
         (pgettext_lazy("sound", "full"), 70, None)),
    ),
    "valence": Sound(
        gettext_lazy("Cheer"), _OF_100, 100, 5, 100.0,
        ((pgettext_lazy("sound", "sad"), None, 35), (pgettext_lazy("sound", "even"), 35, 65),
         (pgettext_lazy("sound", "glad"), 65, None)),
    ),
    "danceability": Sound(
        gettext_lazy("Dance"), _OF_100, 100, 5, 100.0,
        ((pgettext_lazy("sound", "still"), None, 40), (pgettext_lazy("sound", "swaying"), 40, 70),
         (pgettext_lazy("sound", "dancing"), 70, None)),
    ),
}  # fmt: skip
# Moods that are spans of several figures at once, by their English name.
SOUND_MOODS: dict[str, dict[str, Span]] = {
    gettext_noop("bright and lively"): {"energy": (65, None), "valence": (65, None)},
    gettext_noop("dark and driving"): {"energy": (65, None), "valence": (None, 35)},
    gettext_noop("sunny and easy"): {"energy": (None, 50), "valence": (60, None)},
    gettext_noop("quiet and sad"): {"energy": (None, 40), "valence": (None, 35)},
    gettext_noop("for the dance floor"): {"danceability": (70, None), "tempo": (110, 135)},
    gettext_noop("for falling asleep"): {"energy": (None, 25), "tempo": (None, 100)},
}

# What is said of a word that no item has, and of too many of them.
_MISSING: dict[str, Promise] = {
    "genre": gettext_lazy("Nothing here has the genre “%(value)s”, so it was left out."),
    "theme": gettext_lazy("Nothing here has the theme “%(value)s”, so it was left out."),
    "mood": gettext_lazy("Nothing here has the mood “%(value)s”, so it was left out."),
    "creator": gettext_lazy("Nothing here has the creator “%(value)s”, so it was left out."),
    "decade": gettext_lazy("Nothing here has the decade “%(value)s”, so it was left out."),
    "language": gettext_lazy("Nothing here has the language “%(value)s”, so it was left out."),
    "country": gettext_lazy("Nothing here has the country “%(value)s”, so it was left out."),
}
_TOO_MANY: dict[str, Promise] = {
    "genre": gettext_lazy("Only the first %(most)d of the genres were used."),
    "theme": gettext_lazy("Only the first %(most)d of the themes were used."),
    "mood": gettext_lazy("Only the first %(most)d of the moods were used."),
    "creator": gettext_lazy("Only the first %(most)d of the creators were used."),
}


@dataclass(frozen=True)
class Filters:
    """A state of the page. Words are those of the columns' tags; everything in it exists."""

    kind: str = ""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by TAGS
    rating: float | None = None
    sounds: Mapping[str, Span] = field(default_factory=dict)  # by SOUNDS, in whole units
    sort: str = ""  # "" is the default order
    notes: tuple[str, ...] = ()  # sentences about what was left out

    def query(self, **more: str) -> str:
        """The address's query for this state, from the first page unless `more` says otherwise;
        the kind is in the path."""
        pairs: list[tuple[str, str]] = []
        for name in TAGS:
            pairs += [(name, as_parameter(name, word)) for word in self.words.get(name, ())]
        if self.rating is not None:
            pairs.append(("rating", f"{self.rating:g}"))
        for name, (low, high) in self.sounds.items():
            pairs += [(f"{name}_from", f"{low:g}")] if low is not None else []
            pairs += [(f"{name}_to", f"{high:g}")] if high is not None else []
        if self.sort:
            pairs.append(("sort", self.sort))
        pairs += list(more.items())
        return f"?{urlencode(pairs)}" if pairs else ""

    def without_word(self, name: str, word: str) -> "Filters":
        left = tuple(other for other in self.words.get(name, ()) if other != word)
        return self._with_words(name, left)

    def with_word(self, name: str, word: str) -> "Filters":
        held = self.words.get(name, ()) if name in MANY else ()
        return self._with_words(name, (*(other for other in held if other != word), word))

    def with_sounds(self, spans: Mapping[str, Span]) -> "Filters":
        known = {
            name: spans[name] for name in SOUNDS if spans.get(name, (None, None)) != (None, None)
        }
        return replace(self, sounds=known)

    def _with_words(self, name: str, words: tuple[str, ...]) -> "Filters":
        kept = {**self.words, name: words}
        return replace(self, words={key: some for key, some in kept.items() if some})


def as_parameter(name: str, word: str) -> str:
    """A tag's word as an address holds it: the normal form of a name with hyphens."""
    hyphened = word.replace(" ", "-")
    # A name without letters or digits ("+/-") is its own address.
    return hyphened if name == "creator" and creator_key(hyphened) == word else word


def as_word(name: str, value: str) -> str:
    """The word that an address means: any spelling of a name, any way to write a country."""
    match name:
        case "creator":
            return creator_key(value)
        case "country":
            return country_name(value)
        case "language":
            return language_name(value)
        case "decade":
            return value.removesuffix("s")
    return value


def read_filters(asked: QueryDict, columns: Columns, kind: str = "") -> Filters:
    """The state that an address asks for, on the pages of `kind` or, where "", of all kinds."""
    notes: list[str] = []
    if not kind:
        kinds = [str(one.value) for one in KINDS]
        text = _("There is no kind “%(value)s” here, so it was left out.")
        kind = _one_of(asked.get("kind", ""), kinds, text, notes)
    words = {name: _words(name, asked.getlist(name), columns, notes) for name in TAGS}
    rating = _number(asked.get("rating", ""), _("Rating"), 0, 5, notes)
    sounds = {name: _span(name, asked, notes) for name in SOUNDS}
    text = _("There is no order “%(value)s” here, so it was left out.")
    sort = _one_of(asked.get("sort", ""), list(SORTS), text, notes)
    found = Filters(
        kind=kind,
        words={name: some for name, some in words.items() if some},
        rating=rating,
        sort=sort,
    ).with_sounds(sounds)
    return replace(found, notes=tuple(notes))


def _words(name: str, values: Iterable[str], columns: Columns, notes: list[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for value in filter(None, map(str.strip, values)):
        word = as_word(name, value)
        if columns.tags[name].words.find(word) is None:
            notes.append(str(_MISSING[name]) % {"value": _shown(value)})
        else:
            found[word] = None
        if len(notes) > MOST_VALUES:
            break
    if name not in MANY:
        return tuple(found)[:1]
    if len(found) > MOST_VALUES:
        notes.append(str(_TOO_MANY[name]) % {"most": MOST_VALUES})
    return tuple(found)[:MOST_VALUES]


def _span(name: str, asked: QueryDict, notes: list[str]) -> Span:
    sound = SOUND_OF[name]
    low = _number(asked.get(f"{name}_from", ""), str(sound.label), 0, sound.most, notes)
    high = _number(asked.get(f"{name}_to", ""), str(sound.label), 0, sound.most, notes)
    if low is not None and high is not None and low > high:
        text = _("%(figure)s was asked for from %(low)s down to %(high)s: turned round.")
        values = {"figure": sound.label, "low": short(low), "high": short(high)}
        notes.append(text % values)
        low, high = high, low
    return low, high


def _number(text: str, label: str, least: float, most: float, notes: list[str]) -> float | None:
    text = text.strip()
    if not text:
        return None
    try:
        number = float(text[:40])
    except ValueError:
        number = math.nan
    if not least <= number <= most:
        sentence = _("%(figure)s goes from %(least)s to %(most)s, so “%(value)s” was left out.")
        values = {"figure": label, "least": short(least), "most": short(most)}
        notes.append(sentence % {**values, "value": _shown(text)})
        return None
    return number


def _one_of(value: str, possible: list[str], text: str, notes: list[str]) -> str:
    if value and value not in possible:
        notes.append(text % {"value": _shown(value)})
        return ""
    return value


def _shown(value: str) -> str:
    """What somebody wrote, short and printable."""
    clean = "".join(char if char.isprintable() else " " for char in value[:41]).strip()
    return f"{clean[:40]}…" if len(value) > 40 else clean
