"""The card that takes the place of one that somebody is not interested in: the next of its row."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

from django.utils import timezone

from catalog.models import Item, Kind
from recommender import shelves
from recommender.barring import barred_for, never_shown
from recommender.cards import Card
from recommender.pools import cards_from, pools_of
from recommender.popular import best_known, newest, trending
from recommender.services import recommend, recommend_for, similar
from sessions_app.preferences import Preferences
from sessions_app.visits import Visit

_ASKED = 6  # of a row that follows a step: not every card of such a list owes it


@dataclass(frozen=True)
class Replacing:
    """`shown` are public ids of what stands on the page already; it is not shown twice."""

    visit: Visit
    preferences: Preferences
    shown: Collection[str]

    def card(self, row: str, *, page_of: Item | None = None) -> Card | None:
        """The next card of a row, which is called as its heading's id in the page; None where the
        row has no more. `page_of` is the item whose page it is. `recommender.home` names the rows
        of the front page; what is called otherwise is a list of picks."""
        name = row.removeprefix("row-")
        if name == "similar-heading" and page_of is not None:
            return self._similar(page_of)
        if name.startswith("because-"):
            return self._because(name.removeprefix("because-"))
        if name.startswith("shelf-"):
            return self._of_shelf(name.removeprefix("shelf-"))
        if name in Kind.values:
            return self._best_known(name)
        if name == "trending":
            return self._popular(partial(trending, kinds=self.preferences.dial.kinds))
        if name == "new":
            return self._popular(partial(newest, kinds=self.preferences.dial.kinds))
        return self._pick()

    def _pick(self) -> Card | None:
        answer = recommend_for(self.visit, preferences=self.preferences, k=1, exclude=self.shown)
        return _first(answer.cards)

    def _because(self, key: str) -> Card | None:
        steps = [step.item for step in self.visit.trail().steps]
        seed = next((item for item in steps if str(item.pk) == key), None)
        if seed is None:
            return None
        answer = recommend(
            steps=[seed.item_id],
            k=_ASKED,
            exclude=self._barred(),
            dial=self.preferences.dial,
            hidden_genres=self.preferences.hidden_genres,
        )
        return _first([card for card in answer.cards if card.because == seed])

    def _similar(self, item: Item) -> Card | None:
        cards = similar(
            item=item,
            k=1,
            kind=item.kind,
            exclude={*self.shown, *never_shown(self.visit)},
            hidden_genres=self.preferences.hidden_genres,
        )
        return _first(cards)

    def _of_shelf(self, key: str) -> Card | None:
        shown = shelves.shown_on(timezone.localdate())
        entries = [entry for shelf in shown if str(shelf.pk) == key for entry in shelf.entries]
        hidden = self.preferences.hidden_genres
        return _first(cards_from(entries, k=1, exclude=self._barred(), hidden_genres=hidden))

    def _best_known(self, kind: str) -> Card | None:
        entries, hidden = pools_of(timezone.localdate()).known[kind], self.preferences.hidden_genres
        cards = cards_from(entries, k=1, exclude=self._barred(), hidden_genres=hidden)
        return _first(cards) or self._popular(partial(best_known, kind))

    def _popular(self, source: "partial[list[Card]]") -> Card | None:
        hidden = self.preferences.hidden_genres
        return _first(source(k=1, exclude=self._barred(), hidden_genres=hidden))

    def _barred(self) -> set[str]:
        steps = self.visit.step_item_ids()
        return {*self.shown, *steps, *barred_for(self.visit, self.preferences)}


def _first(cards: list[Card]) -> Card | None:
    return cards[0] if cards else None
