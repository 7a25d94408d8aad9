"""What the vocabulary's pages tell: every word, what leads to it, and how many works have it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from heapq import heappush, heappushpop
from itertools import chain, zip_longest

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.columns_reading import columns
from catalog.covers.dice import Dice
from catalog.models import Genre, GenreRule, Item, Kind, SoundRule, Term
from catalog.revision import Kept
from catalog.vocabulary.rules import Bound, bounds_of
from catalog.wording import short

EXAMPLES = 4  # of each kind
_POOL = 60  # best known works of a kind to draw them from
# A figure between two ends, from one, and under one.
_FIGURES: dict[str, Promise] = {
    "valence": gettext_lazy("cheerfulness %(range)s"),
    "energy": gettext_lazy("energy %(range)s"),
    "danceability": gettext_lazy("danceability %(range)s"),
    "acousticness": gettext_lazy("acousticness %(range)s"),
    "instrumentalness": gettext_lazy("instrumentalness %(range)s"),
    "tempo": gettext_lazy("tempo %(range)s beats a minute"),
}

GenreLink = tuple[str, str]  # slug, name


@dataclass
class KindPart:
    """A word in one kind: how many works have it, and the genres that lead to it, the loudest
    first. `best` are keys of the best known works whose strongest theme or mood it is, `known`
    of the best known others."""

    kind: Kind
    count: int = 0
    genres: list[GenreLink] = field(default_factory=list)
    best: list[int] = field(default_factory=list)
    known: list[int] = field(default_factory=list)


@dataclass
class Word:
    """A theme or mood with all that is told of it. `bounds`: the figures of each rule by sound."""

    name: str
    what: str
    description: str
    kinds: dict[Kind, KindPart]
    bounds: list[list[Bound]] = field(default_factory=list)

    @property
    def sounds(self) -> list[str]:
        """A phrase a rule, in the language of the visitor: "energy from 0.8"."""
        return [in_words(bounds) for bounds in self.bounds]

    @property
    def parts(self) -> list[KindPart]:
        return list(self.kinds.values())

    @property
    def count(self) -> int:
        return sum(part.count for part in self.parts)

    @property
    def genres(self) -> list[str]:
        """Names of genres of all kinds in turn, each once."""
        turns = zip_longest(*([name for _, name in part.genres] for part in self.parts))
        return list(dict.fromkeys(name for name in chain.from_iterable(turns) if name))


@dataclass
class Vocabulary:
    """Every word by its name, in the order of the vocabulary, and the size of the catalogue."""

    words: dict[str, Word]
    items: dict[Kind, int]

    @property
    def themes(self) -> list[Word]:
        return [word for word in self.words.values() if word.what == Term.What.THEME]

    @property
    def moods(self) -> list[Word]:
        return [word for word in self.words.values() if word.what == Term.What.MOOD]


def read() -> Vocabulary:
    """Reads the rules, and the words of every item."""
    words = {
        term.name: _word(term.name, term.what, term.description)
        for term in Term.objects.order_by("pk")
    }
    _add_genres(words)
    for rule in SoundRule.objects.select_related("term").order_by("-weight", "pk"):
        if bounds := bounds_of(rule):
            words[rule.term.name].bounds.append(bounds)
    return Vocabulary(words, _add_items(words))


def _word(name: str, what: str, description: str = "") -> Word:
    return Word(name, what, description, {kind: KindPart(kind) for kind in Kind})


def _add_genres(words: dict[str, Word]) -> None:
    """Genres that works of the kind really have; a rule for any other leads nowhere."""
    used: dict[tuple[str, str], int] = {}
    through = Item.genres.through.objects.order_by().values_list("item__kind", "genre__slug")
    for kind, slug, works in through.annotate(works=Count("pk")):
        used[kind, slug] = works
    names = dict(Genre.objects.values_list("slug", "name"))
    rules = [
        rule
        for rule in GenreRule.objects.select_related("term")
        if rule.weight > 0 and (rule.kind, rule.genre_slug) in used
    ]
    rules.sort(key=lambda rule: (-rule.weight, -used[rule.kind, rule.genre_slug]))
    for rule in rules:
        part = words[rule.term.name].kinds[Kind(rule.kind)]
        part.genres.append((rule.genre_slug, names[rule.genre_slug]))


def _add_items(words: dict[str, Word]) -> dict[Kind, int]:
    """Counts the items of every word. A word of an item's own that is no term of the vocabulary
    becomes one without description."""
    sizes: dict[Kind, int] = defaultdict(int)
    numbers = {pk: number for number, pk in enumerate(columns.get().pks.tolist())}
    pools: dict[tuple[str, Kind, bool], list[tuple[int, int]]] = defaultdict(list)
    rows = Item.objects.order_by().values_list("pk", "kind", "moods", "themes")
    for pk, kind_value, moods, themes in rows.iterator(chunk_size=5_000):
        kind = Kind(kind_value)
        sizes[kind] += 1
        # The lowest number is the best known; what came since has none yet.
        entry = (-numbers.get(pk, len(numbers)), pk)
        for what, names in ((Term.What.THEME, themes), (Term.What.MOOD, moods)):
            for place, name in enumerate(names):
                if name not in words:
                    words[name] = _word(name, what.value)
                words[name].kinds[kind].count += 1
                pool = pools[name, kind, place == 0]
                if len(pool) < _POOL:
                    heappush(pool, entry)
                else:
                    heappushpop(pool, entry)
    for (name, kind, strongest), pool in pools.items():
        part = words[name].kinds[kind]
        best_known = [pk for _, pk in sorted(pool, reverse=True)]
        if strongest:
            part.best = best_known
        else:
            part.known = best_known
    return sizes


def in_words(bounds: Iterable[Bound]) -> str:
    """`energy from 0.8 and tempo under 90 beats a minute`; "" for no bounds."""
    phrases = []
    for feature, start, end in bounds:
        values = {
            "start": "" if start is None else short(start),
            "end": "" if end is None else short(end),
        }
        if end is None:
            limits = _("from %(start)s") % values
        elif start is None:
            limits = _("under %(end)s") % values
        else:
            limits = _("from %(start)s to under %(end)s") % values
        phrases.append(str(_FIGURES[feature]) % {"range": limits})
    return _(" and ").join(phrases)


def examples(word: Word, day: date) -> list[Item]:
    """Well-known works with this word, the kinds in turn: a film, a track, a book, a film, …

    Drawn for a day, the same for everybody, first from those that have nothing stronger; a kind
    without any leaves no gap.
    """
    dice = Dice(f"{day.isoformat()} {word.name}")
    drawn = [
        (dice.shuffled(part.best)[:EXAMPLES] + dice.shuffled(part.known))[:EXAMPLES]
        for part in word.parts
    ]
    items = Item.objects.with_cards().in_bulk([pk for keys in drawn for pk in keys])
    turns = chain.from_iterable(zip_longest(*drawn))
    return [items[pk] for pk in turns if pk in items]


vocabulary = Kept(read)
