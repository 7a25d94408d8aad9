"""The front page: rows of cards, in the order that helps this visit.

The rule of the order:

1. the picks for this visit, once it has a step, because nothing else follows what the visitor does;
2. "because you opened X", for the newest two steps that were more than an accident;
3. what is trending, as long as little is known of the visit. From `LONG` steps on, what everybody
   opens tells less than what this visitor opens, and the row stands after the next four;
4. kinds' best known and editors' shelves in turn, and what is new after the first of each. Of the
   kinds, what this visit opened most often comes first, what it opened last among equals; then
   what the dial asks for most.

No title stands twice on a page, nor do two works of one kind and name. What the visitor hid is on
no row. A row is filled up from behind what was taken out of it; one that still has fewer than
`FEWEST` cards is left out, and the page ends after `MOST_ROWS`.

Nothing waits for a model: while none is loaded, a visit's picks come from what is popular, and
there is no row that speaks of a step.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import zip_longest

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Item, Kind
from catalog.wording import plural
from recommender import shelves
from recommender.barring import barred_for, never_shown
from recommender.cards import Card
from recommender.pools import KNOWN_DEPTH, Entry, cards_from, pools_of
from recommender.popular import best_known, newest, trending
from recommender.services import recommend, recommend_for
from sessions_app.preferences import Dial, Preferences
from sessions_app.reading import Step
from sessions_app.visits import Visit

FIRST_ROW = 12  # cards, of this visit's picks; for newcomers, of the editors' first shelf
ROW = 8
FEWEST = 4  # a row with fewer is no row
MOST_ROWS = 8
LONG = 5  # steps; what is trending comes later from here on
BECAUSE = 2  # rows that follow one step each
SPARE = 4  # cards asked for beyond a row, for works of one name

Maker = Callable[[], "Row | None"]


@dataclass(frozen=True)
class Row:
    """`key` is different for each row of a page; `kind` is set where all cards are of one kind."""

    key: str
    title: str
    note: str
    cards: list[Card]
    more_url: str = ""
    kind: str = ""


def rows(
    *,
    visit: Visit,
    preferences: Preferences,
    dial: Dial | None = None,
    today: date | None = None,
) -> list[Row]:
    """All rows of the front page for a visit; `dial` is the preferences' own where none is given,
    `today` the day whose shelves are shown."""
    return list(Front(visit=visit, preferences=preferences, dial=dial, today=today).rows())


def shelf_row(shelf: shelves.ShownShelf) -> Row | None:
    """An editor's shelf as a row, for nobody in particular."""
    cards = cards_from(shelf.entries, k=FIRST_ROW)
    return Row(_shelf_key(shelf), shelf.title, shelf.blurb, cards) if len(cards) >= FEWEST else None


class Front:
    """The front page of one request. Its rows are the same whenever they are asked for in the same
    state of visit and catalogue: a page that shows the first can fetch the rest later."""

    def __init__(
        self,
        *,
        visit: Visit,
        preferences: Preferences,
        dial: Dial | None = None,
        today: date | None = None,
    ) -> None:
        self._visit = visit
        self._dial = dial or preferences.dial
        self._preferences = preferences
        self._today = today or timezone.localdate()
        trail = visit.trail()
        self.steps = trail.steps
        self.length = len(trail.steps) + trail.more
        steps = {step.item.item_id for step in trail.steps}
        self._taken = barred_for(visit, preferences) | steps
        self._names: set[tuple[str, str]] = set()
        self._shelves = [s for s in shelves.shown_on(self._today) if len(s.pins) >= FEWEST]
        # Left to their shelf by the rows that have enough others.
        self._pinned = {pin[0] for shelf in self._shelves for pin in shelf.pins}
        self._pools = pools_of(self._today)
        self.moods = self._pools.moods
        self.faces = [] if self.steps else self._faces()

    def rows(self) -> Iterator[Row]:
        """In the order that the head of this module tells; to be gone through once."""
        made = 0
        for make in self._order():
            row = make()
            if row is not None:
                yield row
                made += 1
            if made == MOST_ROWS:
                return

    # --- Which rows, and in which order ---------------------------------------------------

    def _order(self) -> list[Maker]:
        about_this_visit = []
        if self.steps:
            about_this_visit = [self._picks, *map(self._because, self._seeds())]
        of_kinds = [self._best_known(kind) for kind in self.kinds()]
        of_editors = [
            self._shelf(shelf, ROW if place or self.steps else FIRST_ROW)
            for place, shelf in enumerate(self._shelves)
        ]
        others: list[Maker] = []
        for pair in zip_longest(of_kinds, of_editors):
            others += [make for make in pair if make is not None]
        others.insert(min(2, len(others)), self._newest)
        others.insert(min(4, len(others)) if self.length >= LONG else 0, self._trending)
        return [*about_this_visit, *others]

    def kinds(self) -> list[Kind]:
        """The kinds that the dial leaves in, what this visit opens most first."""
        opened = [step.item.kind for step in self.steps]
        often = Counter(opened)
        newest_first = opened[::-1]
        shares = self._dial.shares

        def place(kind: Kind) -> tuple[float, ...]:
            last = newest_first.index(kind) if kind in newest_first else len(opened)
            return (-often[kind], last, -shares[kind])

        return sorted((Kind(kind) for kind in self._dial.kinds), key=place)

    def _seeds(self) -> list[Step]:
        """The newest steps that a row can follow: no accidents, nothing that is unwanted now."""
        seeds: dict[str, Step] = {}
        unwanted = never_shown(self._visit)
        for step in reversed(self.steps):
            if not step.is_accident and step.item.item_id not in unwanted:
                seeds.setdefault(step.item.item_id, step)
        return list(seeds.values())[:BECAUSE]

    # --- One row each ---------------------------------------------------------------------

    def _picks(self) -> Row | None:
        answer = recommend_for(
            self._visit, preferences=self._preferences, k=FIRST_ROW, dial=self._dial
        )
        count = self.length
        note = ngettext("Following your first step", "Following your {count} steps", count)
        return self._row(
            "session",
            _("Your next picks"),
            answer.cards,
            note=note.format(count=count),
            k=FIRST_ROW,
            more_url=reverse("recommender:for_you"),
        )

    def _because(self, step: Step) -> Maker:
        seed = step.item

        def make() -> Row | None:
            answer = recommend(
                steps=[seed.item_id],
                k=ROW + SPARE,
                exclude=self._taken,
                dial=self._dial,
                hidden_genres=self._preferences.hidden_genres,
            )
            owed = [card for card in answer.cards if card.because == seed]
            picked = step.picked
            title = _("Because you picked {title}") if picked else _("Because you opened {title}")
            return self._row(
                f"because-{seed.pk}",
                title.format(title=seed.title),
                owed,
                more_url=seed.get_absolute_url(),
            )

        return make

    def _trending(self) -> Row | None:
        more = partial(trending, kinds=self._dial.kinds)
        cards = self._cut(self._pools.trending, ROW, more)
        return self._row("trending", _("Trending"), cards, note=_("Opened more than usual"))

    def _newest(self) -> Row | None:
        more = partial(newest, kinds=self._dial.kinds)
        cards = self._cut(self._pools.new, ROW, more, besides=self._pinned)
        more_url = f"{reverse('catalog:browse_all')}?sort=new"
        return self._row("new", _("New here"), cards, more_url=more_url)

    def _best_known(self, kind: Kind) -> Maker:
        def make() -> Row | None:
            more = partial(best_known, kind)
            cards = self._cut(self._pools.known[kind], ROW, more, besides=self._pinned)
            more_url = reverse("catalog:browse", args=[kind])
            note = _("Another choice every day")
            return self._row(kind, plural(kind), cards, note=note, more_url=more_url, kind=kind)

        return make

    def _shelf(self, shelf: shelves.ShownShelf, k: int) -> Maker:
        def make() -> Row | None:
            cards = self._cut(shelf.entries, k)
            return self._row(_shelf_key(shelf), shelf.title, cards, note=shelf.blurb, k=k)

        return make

    # --- What they have in common ---------------------------------------------------------

    def _faces(self) -> list[Item]:
        """One well known work of each kind, for who has opened nothing yet."""
        found = [
            self._cut(self._pools.known[kind], 1, besides=self._pinned) for kind in self.kinds()
        ]
        cards = [card for some in found for card in some[:1]]
        self._take(cards)
        return [card.item for card in cards]

    def _cut(
        self,
        entries: Sequence[Entry],
        k: int,
        refill: Callable[..., list[Card]] | None = None,
        *,
        besides: Collection[str] = (),
    ) -> list[Card]:
        """A little more than k cards of what is the same for everybody. `refill` is asked where a
        full pool has run dry for this visitor."""
        hidden, wanted = self._preferences.hidden_genres, k + SPARE
        exclude = self._taken.union(besides)
        cards = cards_from(
            entries, k=wanted, exclude=exclude, hidden_genres=hidden, kinds=self._dial.kinds
        )
        if len(cards) < k and refill is not None and len(entries) >= KNOWN_DEPTH:
            return refill(k=wanted, exclude=exclude, hidden_genres=hidden)
        return cards

    def _row(
        self,
        key: str,
        title: str,
        cards: Sequence[Card],
        *,
        k: int = ROW,
        note: str = "",
        more_url: str = "",
        kind: str = "",
    ) -> Row | None:
        """The first k cards that are not on the page yet; None where there are too few."""
        fresh: dict[tuple[str, str], Card] = {}
        for card in cards:
            name = _name(card.item)
            if name not in self._names and card.item.item_id not in self._taken:
                fresh.setdefault(name, card)
        kept = list(fresh.values())[:k]
        if ROW < len(kept) < FIRST_ROW:  # a line of the page would end half empty
            kept = kept[:ROW]
        if len(kept) < FEWEST:
            return None
        self._take(kept)
        return Row(key, title, note, kept, more_url, kind)

    def _take(self, cards: Sequence[Card]) -> None:
        self._taken |= {card.item.item_id for card in cards}
        self._names |= {_name(card.item) for card in cards}


def _shelf_key(shelf: shelves.ShownShelf) -> str:
    return f"shelf-{shelf.pk}"


def _name(item: Item) -> tuple[str, str]:
    """Works of one kind and name are one to who looks at the page."""
    return item.kind, item.title_key or item.title
