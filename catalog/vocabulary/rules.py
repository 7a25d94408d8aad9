"""The rules in memory: genres and sound → moods and themes."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from catalog.models import GenreRule, SoundRule, Term

MOST = 4  # moods an item, and themes
LEAST_SHARE = 0.4  # of the votes of an item's strongest theme; weaker themes are left out
FEATURES = (
    "valence",
    "energy",
    "danceability",
    "acousticness",
    "instrumentalness",
    "tempo",
)

Audio = Mapping[str, float | None]


class Terms(NamedTuple):
    """At most `MOST` of each, strongest first."""

    moods: list[str]
    themes: list[str]


class Vote(NamedTuple):
    term: str
    what: str
    votes: float


class Bound(NamedTuple):
    """`start` counts, `end` does not; None is no bound. A track without the figure is outside."""

    feature: str
    start: float | None
    end: float | None

    def holds(self, audio: Audio) -> bool:
        value = audio.get(self.feature)
        if value is None:
            return False
        return (self.start is None or value >= self.start) and (
            self.end is None or value < self.end
        )


def bounds_of(rule: SoundRule) -> list[Bound]:
    """The bounds that the rule sets, in the order of `FEATURES`."""
    bounds = [
        Bound(name, getattr(rule, f"{name}_from"), getattr(rule, f"{name}_below"))
        for name in FEATURES
    ]
    return [bound for bound in bounds if (bound.start, bound.end) != (None, None)]


class Rules:
    """All rules of one moment. The same genres in any order, and the same sound, always give the
    same terms; of equal votes the term that was added first wins."""

    def __init__(
        self,
        terms: Iterable[Term],
        genre_rules: Iterable[GenreRule],
        sound_rules: Iterable[SoundRule],
    ) -> None:
        self._terms = sorted(terms, key=lambda term: term.pk)
        place = {term.pk: i for i, term in enumerate(self._terms)}
        self._genres: dict[tuple[str, str], list[tuple[int, float]]] = {}
        for rule in genre_rules:
            votes = self._genres.setdefault((rule.kind, rule.genre_slug), [])
            votes.append((place[rule.term_id], rule.weight))
        # A rule without bounds would hold for every track there is: it is taken for unfinished.
        self._sounds = [
            (place[sound.term_id], sound.weight, bounds)
            for sound in sound_rules
            if (bounds := bounds_of(sound))
        ]

    def knows(self, kind: str, slug: str) -> bool:
        return (kind, slug) in self._genres

    def votes(self, kind: str, genres: Iterable[str], audio: Audio | None = None) -> list[Vote]:
        """All that got a vote, strongest first. `genres` are slugs; `audio` is a track's figures
        by the names of `FEATURES`."""
        found: dict[int, float] = {}
        for slug in sorted(set(genres)):  # in one order, so that sums are equal to the last digit
            for place, weight in self._genres.get((kind, slug), ()):
                found[place] = found.get(place, 0.0) + weight
        for place, weight, bounds in self._sounds if audio else ():
            if audio and all(bound.holds(audio) for bound in bounds):
                found[place] = found.get(place, 0.0) + weight
        order = sorted((-votes, place) for place, votes in found.items() if votes > 0)
        return [Vote(self._terms[i].name, self._terms[i].what, -votes) for votes, i in order]

    def terms_for(self, kind: str, genres: Iterable[str], audio: Audio | None = None) -> Terms:
        """What an item of these genres (slugs) and this sound gets."""
        votes = self.votes(kind, genres, audio)
        moods = [vote.term for vote in votes if vote.what == Term.What.MOOD]
        themes = [vote for vote in votes if vote.what == Term.What.THEME]
        least = LEAST_SHARE * themes[0].votes if themes else 0.0
        return Terms(moods[:MOST], [vote.term for vote in themes if vote.votes >= least][:MOST])


def load() -> Rules:
    """The rules as they are stored now; three queries."""
    return Rules(Term.objects.all(), GenreRule.objects.all(), SoundRule.objects.all())
