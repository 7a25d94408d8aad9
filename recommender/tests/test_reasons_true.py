"""Every sentence on a card is true: what it claims is looked up again, by other means.

Over the starter catalogue and visits invented for it, with the parts of the blend that count and
that read; the network, which takes long to train, claims nothing that could be checked.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from random import Random

import pytest
from django.core.cache import cache
from django.utils import timezone

from catalog import starter_catalogue
from catalog.models import Credit, Item, Kinship
from recommender.cards import Card
from recommender.dataset import export_training_set
from recommender.loader import CatalogueState, Loaded, Loader
from recommender.ml.blend import BlendRecommender, even_weights
from recommender.ml.content import ContentRecommender
from recommender.ml.cooccurrence import CooccurrenceRecommender
from recommender.ml.engine import Engine
from recommender.ml.markov import MarkovRecommender
from recommender.ml.neighbours import StanRecommender
from recommender.ml.popularity import PopularityRecommender
from recommender.reasons import Reason
from recommender.services import recommend
from sessions_app.models import BrowsingSession, Origin, SessionEvent
from sessions_app.preferences import Dial
from sessions_app.simulate import simulate

pytestmark = pytest.mark.django_db

TRAILS = 200
VISITS = 250
DIALS = (Dial(), Dial(), Dial(vibe=100), Dial(vibe=0), Dial(surprise=100, track=90), Dial(vibe=70))

KINSHIPS = (  # (pattern, relation, whether the card is the derived work)
    (r"The \w+ based on ", "based_on", True),
    (r"The \w+ that .+ is based on$", "based_on", False),
    (r"Composed for ", "composed_for", True),
    (r"The \w+ that .+ was composed for$", "composed_for", False),
    (r"Heard in ", "featured_in", True),
    (r"The \w+ in which .+ is heard$", "featured_in", False),
    (r"Inspired by ", "inspired_by", True),
    (r"The \w+ that inspired ", "inspired_by", False),
)
BOTH_DID = {
    "who also directed": "director",
    "who also recorded": "artist",
    "who also composed": "composer",
    "who also wrote": "author",
    "also in": "actor",
}


@pytest.fixture
def starter(db: None) -> None:
    starter_catalogue.seed(progress=False)
    simulate(sessions=VISITS, seed=4, now=timezone.now())


def made_engine(*, traffic: str) -> Loaded:
    """All parts that count or read, alike; which visits are people's is the caller's to say."""
    data = export_training_set()
    parts = [StanRecommender(), CooccurrenceRecommender(), MarkovRecommender()]
    blend = BlendRecommender([*parts, ContentRecommender(), PopularityRecommender()])
    blend.fit_counting(data.sessions, data.items)
    engine = Engine(blend.adopt(even_weights(blend)), data.items)
    state = CatalogueState(len(data.items), 0, "")
    return Loaded("test", traffic == "simulated", state, engine, traffic == "mixed")


class World:
    """What the database says, read without the code that is tested."""

    def __init__(self) -> None:
        self.words: dict[str, set[str]] = {}
        self.years: dict[str, tuple[int | None, str]] = {}
        self.texts: dict[str, set[str]] = {}
        for item in Item.objects.prefetch_related("genres", "creators"):
            genres = [genre.name for genre in item.genres.all()]
            names = [creator.name for creator in item.creators.all()]
            self.words[item.item_id] = {*genres, *item.themes, *item.moods}
            self.years[item.item_id] = (item.year, item.country)
            told = [item.title, item.description, *genres, *item.themes, *item.moods, *names]
            told += [item.language, item.country, f"{(item.year or 0) // 10}0s"]
            self.texts[item.item_id] = set(re.findall(r"\w\w+", " ".join(told).casefold()))
        rows = Credit.objects.values_list("item__item_id", "creator__name", "role")
        self.credits = set(rows)
        self.kinships = set(
            Kinship.objects.values_list("derived__item_id", "relation", "origin__item_id")
        )
        self.visits = list(self._visits())
        self.follows = {pair for visit in self.visits for pair in pairwise(visit)}
        self.held: dict[str, set[int]] = defaultdict(set)
        for number, visit in enumerate(self.visits):
            for item_id in visit:
                self.held[item_id].add(number)

    def _visits(self) -> Iterator[list[str]]:
        """What each visit opened and looked at, what follows itself once."""
        visits: dict[int, list[str]] = defaultdict(list)
        rows = SessionEvent.objects.filter(type="view", ignored="", session__is_bot=False)
        rows = rows.exclude(dwell_ms__lt=2_000).order_by("occurred_at", "pk")
        for session, item_id in rows.values_list("session_id", "item__item_id"):
            if visits[session][-1:] != [item_id]:
                visits[session].append(str(item_id))
        yield from visits.values()

    def check(self, card: Card, trail: list[str]) -> str:
        """Fails where the card's sentence is not true; the family of what it claims."""
        why = card.why
        assert why is not None
        assert card.reason == why.text
        why = why.fact or why
        if card.because is None:
            assert why.kind in {"path", "opened", "start"}, why
            assert why.step is None
        else:
            assert card.because.item_id in trail
            assert why.step == card.because.item_id
            assert card.because.title in why.text
        claim = getattr(self, f"_{why.kind}")
        claim(why, card.item.item_id, why.step or "")
        return why.kind

    def _kinship(self, why: Reason, card: str, step: str) -> None:
        [(relation, derived)] = {
            (relation, derived)
            for pattern, relation, derived in KINSHIPS
            if re.match(pattern, why.text)
        }
        row = (card, relation, step) if derived else (step, relation, card)
        assert row in self.kinships, why

    def _creator(self, why: Reason, card: str, step: str) -> None:
        assert why.creator in why.text
        roles = {
            item_id: {
                role for of, name, role in self.credits if (of, name) == (item_id, why.creator)
            }
            for item_id in (card, step)
        }
        rest = why.text.replace(why.creator, "", 1)
        did = next((role for words, role in BOTH_DID.items() if words in rest), None)
        if did is not None and "(" not in rest.split("also")[0]:
            assert did in roles[card] & roles[step], why
        else:
            role, what = re.match(r" \((\w+)\) also (made|appears in)", rest).groups()  # type: ignore[union-attr]
            assert role in roles[card], why
            assert roles[step] & ({"actor"} if what == "appears in" else set(BOTH_DID.values()))

    def _shared(self, why: Reason, card: str, step: str) -> None:
        assert 1 <= len(why.words) <= 2
        for word in why.words:
            assert word in why.text
            assert word in self.words[card] & self.words[step], why

    def _era(self, why: Reason, card: str, step: str) -> None:
        (year, country), (other, elsewhere) = self.years[card], self.years[step]
        assert year is not None
        assert other is not None
        assert year // 10 == other // 10
        assert f"{year // 10 * 10}s" in why.text
        named = re.match(r"From (.+) in the \d+s, like", why.text)
        assert named is None or named[1] == country == elsewhere

    def _session(self, why: Reason, card: str, step: str) -> None:
        if why.seen == "next":
            assert re.search("went on to this|Opened after", why.text)
            assert (step, card) in self.follows, why
        elif why.seen == "near":
            assert re.search("in one visit|Opened with", why.text)
            assert self.held[step] & self.held[card], why
        else:
            assert "visits like this one" in why.text

    def _content(self, why: Reason, card: str, step: str) -> None:
        assert self.texts[card] & self.texts[step], why

    def _path(self, why: Reason, card: str, step: str) -> None:
        assert not step or "as you set the dial" in why.text

    def _opened(self, why: Reason, card: str, step: str) -> None:
        since = timezone.now() - timedelta(days=30)
        events = SessionEvent.objects.filter(
            type="view", ignored="", item__item_id=card, occurred_at__gte=since
        ).exclude(dwell_ms__lt=2_000)
        simulated = events.filter(session__origin="simulated").values("session").distinct()
        people = events.exclude(session__origin="simulated").values("session").distinct()
        counted = simulated if "simulated" in why.text else people
        assert counted.count() == why.count
        assert str(why.count) in why.text

    def _start(self, why: Reason, card: str, step: str) -> None:
        assert not self.held[card]


def trails(seed: int) -> Iterator[tuple[list[str], Dial]]:
    """Half of the titles by chance, half as visits opened them."""
    chance = Random(seed)
    ids = list(Item.objects.order_by("pk").values_list("item_id", flat=True))
    walked = [visit for visit in World().visits if len(visit) > 4]
    for number in range(TRAILS):
        length = chance.randint(1, 5)
        trail = chance.sample(ids, length) if number % 2 else chance.choice(walked)[:length]
        yield trail, chance.choice(DIALS)


def test_every_reason_of_200_trails_is_true(starter: None, loader_without_thread: Loader) -> None:
    families = told(loader_without_thread, traffic="simulated")
    assert families["shared"] > families["session"]

    BrowsingSession.objects.update(origin=Origin.IMPORTED)
    cache.clear()
    families = told(loader_without_thread, traffic="people")
    assert families["session"] > families["shared"]


def told(loader: Loader, *, traffic: str) -> Counter[str]:
    """How often each family of reasons is on the cards of all trails, each of them checked."""
    loader.current = made_engine(traffic=traffic)
    world = World()
    families: Counter[str] = Counter()
    for trail, dial in trails(seed=8):
        answer = recommend(steps=trail, k=12, dial=dial)
        assert len(answer.cards) == 12
        for card in answer.cards:
            families[world.check(card, trail)] += 1
            about_visits = card.why is not None and card.why.kind == "session" and card.why.seen
            assert not about_visits or ("simulated" in card.reason) == (traffic == "simulated")
    for card in recommend(steps=[]).cards:
        families[world.check(card, [])] += 1
    assert sum(families.values()) == 12 * (TRAILS + 1)
    assert {"kinship", "creator", "shared", "session", "opened"} <= set(families), families
    return families
