"""What a visitor chose at the start, as a form or an address says it, and what that means."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Self
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from catalog.merging import items_by_id
from catalog.models import Item
from catalog.search.finding import Match
from catalog.search.results import index
from recommender.start_words import Word, words_in
from recommender.starting import MOST_PICKS

LONGEST_ID = 80
LONGEST_TEXT = 120
MOST_READ = 20  # values of one name; a form of ours never has more
SURE_TO_BEGIN = 2  # words of a text that may stand for a longer title


@dataclass(frozen=True)
class Choices:
    """Public ids of items, titles as typed, and words that were ticked; each once."""

    item_ids: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @classmethod
    def read(cls, values: QueryDict) -> Self:
        """From a form or an address. All of it is foreign text: what is too long is cut."""
        return cls(
            item_ids=_each_once(one[:LONGEST_ID] for one in values.getlist("item")),
            titles=_each_once(plain(one) for one in values.getlist("title")),
            words=_each_once(plain(one) for one in values.getlist("word")),
        )

    def __len__(self) -> int:
        """Titles that count against the most."""
        return len(self.item_ids) + len(self.titles)

    @property
    def query(self) -> str:
        """`item=…&title=…`: what an address needs."""
        named = {"item": self.item_ids, "title": self.titles, "word": self.words}
        return urlencode(named, doseq=True)

    def with_title(self, title: str) -> "Choices":
        if not title or title in self.titles:
            return self
        return replace(self, titles=(*self.titles, title))


def plain(text: Any) -> str:
    """One line of at most LONGEST_TEXT characters."""
    return " ".join(str(text).replace("\0", "").split())[:LONGEST_TEXT].strip()


def _each_once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))[:MOST_READ]


@dataclass(frozen=True)
class Taken:
    """A typed title that is one of ours."""

    typed: str
    item: Item


@dataclass(frozen=True)
class Settled:
    """What choices mean. `items` are the ones of the catalogue, each once, `taken` among them;
    `by_words` the typed titles that only give words; `strange` those that do not even do that."""

    items: list[Item]
    taken: list[Taken] = field(default_factory=list)
    by_words: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    ticked: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.items and not self.words

    @property
    def query(self) -> str:
        """What the list's address needs, so that it means the same when it is opened again."""
        named = {
            "item": [item.item_id for item in self.items],
            "title": self.by_words,
            "word": self.ticked,
            "typed": [taken.typed for taken in self.taken],
            "taken": [taken.item.item_id for taken in self.taken],
        }
        return urlencode(named, doseq=True)

    def told(self, values: QueryDict) -> Self:
        """With what an address made by `query` says of typed titles."""
        items = {item.item_id: item for item in self.items}
        pairs = zip(values.getlist("typed")[:MOST_READ], values.getlist("taken"), strict=False)
        told = [Taken(plain(typed), items[taken]) for typed, taken in pairs if taken in items]
        return replace(self, taken=[*self.taken, *told])


def settle(choices: Choices, *, meant: str = "") -> Settled:
    """Find the items, and what the typed titles stand for.

    `meant` is a title of `choices` that was typed without looking at what was found for it: a
    near one is taken for it. The others were insisted on, and only their very name is.
    """
    found = items_by_id(choices.item_ids)
    items = {found[one].pk: found[one] for one in choices.item_ids if one in found}
    taken, by_words, strange = [], [], []
    words = {word.name: word for name in choices.words for word in words_in(name)}
    for title in choices.titles:
        item = known_title(title, near=title == meant)
        own = [] if item else words_in(title)
        if item is not None:
            taken.append(Taken(title, item))
            items[item.pk] = item
        elif own or words:
            by_words.append(title)
            words |= {word.name: word for word in own}
        else:
            strange.append(title)
    known = list(items.values())
    return Settled(known, taken, by_words, strange, list(words.values()), choices.words)


def known_title(text: str, *, near: bool) -> Item | None:
    """The item that a typed title surely is; with `near` also one whose title begins so, or is
    spelled very much alike."""
    held = index.get()
    hits, _people = held.find(text)
    if not hits:
        return None
    best = Match(int(hits[0].rank))
    sure = best <= Match.BUT_FOR_PARTS
    if near:
        begins = best == Match.BEGINS and len(text.split()) >= SURE_TO_BEGIN
        sure = sure or begins or best in (Match.VERY_NEAR, Match.WITH_CREATOR)
    return Item.objects.filter(pk=int(held.keys[hits[0].place])).first() if sure else None


@dataclass(frozen=True)
class Trouble:
    """Why there can be no list, in a sentence. `about` is the typed title that it is about, ""
    where it is about the choices as a whole."""

    text: str
    about: str = ""


def trouble_with(settled: Settled) -> Trouble | None:
    """What is wrong with these choices; None where a list can follow them."""
    number = len(settled.items) + len(settled.by_words) + len(settled.strange)
    if number > MOST_PICKS:
        said = _("Choose at most %(most)d. These are %(number)d: untick some.")
        return Trouble(said % {"most": MOST_PICKS, "number": number})
    if settled.strange:
        title = settled.strange[0]
        said = _("We do not know “%(title)s”, and none of its words. Tick below what it is like.")
        return Trouble(said % {"title": title}, about=title)
    if settled.is_empty:
        return Trouble(_("Choose at least one title, or type one."))
    return None
