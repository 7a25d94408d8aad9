"""What a browse page can be narrowed by, each choice with what it would leave.

Each facet is counted under all other filters. Where several words of a facet can be chosen, all
have to be on an item, so that a choice is counted under those that are chosen already.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.columnar import Mask, highest
from catalog.columns import KINDS, SOUNDS, Columns
from catalog.filters import MANY, RATINGS, SOUND_MOODS, SOUND_OF, Filters, Span, as_parameter
from catalog.models import Kind
from catalog.wording import decade_label, plural, short, whole

LABELS = {
    "genre": gettext_lazy("Genre"),
    "theme": gettext_lazy("Theme"),
    "mood": gettext_lazy("Mood"),
    "creator": gettext_lazy("People"),
    "decade": gettext_lazy("Decade"),
    "language": gettext_lazy("Language"),
    "country": gettext_lazy("Country"),
}
_FIRST = {"genre": 10, "theme": 8, "mood": 8, "creator": 6}
_MORE = {"genre": 50, "theme": 40, "mood": 40, "creator": 14}
_MOST_OF_ONE = 80  # in a drop-down list


@dataclass(frozen=True)
class Choice:
    """`share` is its part of the facet's largest count, 0 to 100."""

    value: str
    label: str
    count: int
    on: bool = False
    share: int = 0
    query: str = ""  # of a link: what takes the choice, or gives it up where it is on

    @property
    def counted(self) -> str:
        return whole(self.count)


@dataclass(frozen=True)
class Facet:
    """`first` is shown at once, `more` on demand."""

    name: str
    label: str
    first: list[Choice]
    more: list[Choice]

    @property
    def chosen(self) -> bool:
        return any(choice.on for choice in self.first)


@dataclass(frozen=True)
class SoundFacet:
    name: str
    label: str
    unit: str
    most: int
    step: int
    low: str
    high: str
    named: list[Choice]


class Selection:
    """The items that a state asks for, and those that all of it but one filter would leave."""

    def __init__(self, columns: Columns, filters: Filters) -> None:
        self._masks: dict[str, Mask] = {}
        if filters.kind:
            self._masks["kind"] = columns.of_kind(filters.kind)
        for name, words in filters.words.items():
            tags = columns.tags[name]
            codes = [tags.words.find(word) for word in words]
            found = [columns.with_tag(name, code) for code in codes if code is not None]
            self._masks[name] = np.logical_and.reduce(found)
        if filters.rating is not None:
            self._masks["rating"] = columns.ratings >= filters.rating
        for name, span in filters.sounds.items():
            self._masks[name] = within(columns, name, span)
        self._failed = np.zeros(len(columns), dtype=np.int8)
        for mask in self._masks.values():
            self._failed += ~mask
        self.items: Mask = self._failed == 0

    def without(self, *names: str) -> Mask:
        """What would be there without these filters."""
        held = [self._masks[name] for name in names if name in self._masks]
        if not held:
            return self.items
        failed = self._failed.copy()
        for mask in held:
            failed -= ~mask
        found: Mask = failed == 0
        return found


def within(columns: Columns, name: str, span: Span) -> Mask:
    """Items whose figure is in the span, given in whole units."""
    low, high = span
    values, scale = columns.sounds[name], SOUND_OF[name].scale
    mask = ~np.isnan(values)
    if low is not None:
        mask &= values >= low / scale
    if high is not None:
        mask &= values <= high / scale
    return mask


def tag_facet(name: str, columns: Columns, filters: Filters, selection: Selection) -> Facet:
    """The choices of one tag, the commonest first; decades from the newest on."""
    many = name in MANY
    tags = columns.tags[name]
    counts = tags.counts(selection.items if many else selection.without(name))
    chosen = filters.words.get(name, ())
    first = _FIRST.get(name, _MOST_OF_ONE)
    codes = highest(counts, first + _MORE.get(name, 0))
    codes = [code for code in codes if tags.words[code] not in chosen]
    held = [code for code in map(tags.words.find, chosen) if code is not None]
    if name == "decade":
        codes = sorted([*held, *codes], key=lambda code: -int(tags.words[code]))
        held = []
    largest = max([int(counts[code]) for code in (*held, *codes)], default=0)
    choices = []
    for code in (*held, *codes):
        word, count = tags.words[code], int(counts[code])
        shown = label_of(columns, name, code)
        share = round(100 * count / largest) if largest else 0
        choices.append(Choice(as_parameter(name, word), shown, count, word in chosen, share))
    return Facet(name, str(LABELS[name]), choices[:first], choices[first:])


def label_of(columns: Columns, name: str, code: int) -> str:
    """What a tag's word is called beside a filter, in the language of the visitor."""
    tags = columns.tags[name]
    if name == "decade":
        return decade_label(int(tags.words[code]))
    label = tags.labels[code]
    return label[:1].upper() + label[1:]


def kind_choices(columns: Columns, filters: Filters, selection: Selection) -> list[Choice]:
    """Everything, then each kind; `value` is the kind, "" for all."""
    counts = columns.kind_counts(selection.without("kind"))
    query = filters.query()
    every = Choice("", _("Everything"), sum(counts.values()), not filters.kind, query=query)
    kinds = [
        Choice(kind.value, plural(Kind(kind)), counts[kind], filters.kind == kind, query=query)
        for kind in KINDS
    ]
    return [every, *kinds]


def rating_choices(columns: Columns, filters: Filters, selection: Selection) -> list[Choice]:
    """From so many of five on; nothing where nothing is rated."""
    found = columns.ratings[selection.without("rating")]
    choices = [
        Choice(
            f"{least:g}",
            _("%(least)s and up") % {"least": short(least)},
            int((found >= least).sum()),
        )
        for least in sorted({*RATINGS, *([filters.rating] if filters.rating is not None else [])})
    ]
    return [
        Choice(choice.value, choice.label, choice.count, filters.rating == float(choice.value))
        for choice in choices
        if choice.count or filters.rating == float(choice.value)
    ]


def sound_facets(columns: Columns, filters: Filters, selection: Selection) -> list[SoundFacet]:
    """The figures of tracks; none where no track is left to be narrowed."""
    facets = []
    for name in SOUNDS:
        sound = SOUND_OF[name]
        base = selection.without(name)
        low, high = filters.sounds.get(name, (None, None))
        named = []
        for label, start, end in sound.named:
            on = (low, high) == (start, end)
            spans = {**filters.sounds, name: (None, None) if on else (start, end)}
            count = int((base & within(columns, name, (start, end))).sum())
            if count or on:
                query = filters.with_sounds(spans).query()
                named.append(Choice(label, label, count, on, query=query))
        if named or (low, high) != (None, None):
            facets.append(
                SoundFacet(
                    name, str(sound.label), str(sound.unit), sound.most, sound.step,
                    _plain(low), _plain(high), named,
                )
            )  # fmt: skip
    return facets


def sound_moods(columns: Columns, filters: Filters, selection: Selection) -> list[Choice]:
    """Named sounds: spans of several figures at once, in place of those that are asked for."""
    base = selection.without(*SOUNDS)
    choices = []
    for english, spans in SOUND_MOODS.items():
        label = _(english)
        on = dict(filters.sounds) == spans
        masks = [within(columns, name, span) for name, span in spans.items()]
        count = int(np.logical_and.reduce([base, *masks]).sum())
        if count or on:
            query = filters.with_sounds({} if on else spans).query()
            choices.append(Choice(label, label, count, on, query=query))
    return choices


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def words_of(columns: Columns, name: str, mask: Mask, most: int) -> Iterable[Choice]:
    """The commonest words of a tag in a selection, for pages that tell what goes with something."""
    tags = columns.tags[name]
    for code, count in tags.commonest(mask, most):
        word, label = tags.words[code], tags.labels[code]
        yield Choice(as_parameter(name, word), label, count)
