"""What the start's page shows: choices so far, what a search found, a wall of titles."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import urlencode

from django.http import QueryDict

from catalog import card_cache
from catalog.merging import current_ids
from catalog.models import Item, Kind
from catalog.search import ranked_keys
from recommender import starting
from recommender.start_choices import Choices, Trouble, known_title, plain
from recommender.start_words import Word, to_tick, words_in
from recommender.starting import MOST_PICKS

FOUND = 9
LAST_PAGE = 999


@dataclass(frozen=True)
class Form:
    """The form as it was sent, or as the address says it. `text` is what stands in its field."""

    choices: Choices
    text: str = ""
    page: int = 1

    @classmethod
    def read(cls, values: QueryDict) -> Self:
        page = values.get("page", "")[:4]
        return cls(
            choices=Choices.read(values),
            text=plain(values.get("text", "")),
            page=min(max(int(page), 1), LAST_PAGE) if page.isascii() and page.isdigit() else 1,
        )

    @property
    def query(self) -> str:
        """What the address of this form's page needs."""
        own = {"text": self.text, "page": self.page if self.page > 1 else ""}
        told = urlencode({name: value for name, value in own.items() if value})
        return "&".join(filter(None, (self.choices.query, told)))

    def turned(self) -> Self:
        """The same with the next page of titles."""
        return replace(self, page=self.page + 1)

    def meant(self) -> Choices:
        """The choices, and the typed text as a title, unless they have an answer to it: a search
        that was ticked is no further title."""
        if not self.text or self.text in self.choices.titles:
            return self.choices
        chosen = Item.objects.filter(item_id__in=self.choices.item_ids).values_list("pk", flat=True)
        if set(chosen) & set(ranked_keys(self.text)):
            return self.choices
        return self.choices.with_title(self.text)


@dataclass(frozen=True)
class Search:
    """What a text found. `is_ours`: a title is called so; where none is, `words` are what the
    text says by itself."""

    text: str
    items: list[Item]
    is_ours: bool
    words: list[Word]

    @property
    def is_strange(self) -> bool:
        """Not even its words are known: what it is like has to be asked."""
        return not self.is_ours and not self.words


@dataclass(frozen=True)
class StartPage:
    form: Form
    chosen: list[Item]
    search: Search | None
    rows: list[tuple[Kind, list[Item]]]
    words: list[Word]  # to tick; only where they are asked for
    trouble: Trouble | None
    most: int = MOST_PICKS


def start_page(
    form: Form,
    *,
    barred: Collection[str],
    hidden_genres: Collection[str],
    trouble: Trouble | None = None,
) -> StartPage:
    """What was chosen stands first and ticked: nothing is lost, and nothing is there twice."""
    chosen = _cards(form.choices.item_ids)
    search = searched(form.text) if form.text else None
    apart = [item.item_id for item in (*chosen, *(search.items if search else ()))]
    offer = starting.offered(
        form.page, without={*barred, *apart}, hidden_genres=frozenset(hidden_genres)
    )
    cards = card_cache.cards.get([item_id for ids in offer.values() for item_id in ids])
    asked = form.choices.words or (search and search.is_strange) or (trouble and trouble.about)
    return StartPage(
        form=form,
        chosen=chosen,
        search=search,
        rows=[
            (kind, [cards[item_id] for item_id in ids if item_id in cards])
            for kind, ids in offer.items()
            if ids
        ],
        words=_words(form.choices.words) if asked else [],
        trouble=trouble,
    )


def searched(text: str) -> Search:
    """The titles that are meant by a text, those of people of that name among them."""
    keys = ranked_keys(text)[:FOUND]
    ids = dict(Item.objects.filter(pk__in=keys).values_list("pk", "item_id"))
    items = _cards([ids[key] for key in keys if key in ids])
    is_ours = known_title(text, near=False) is not None
    return Search(text, items, is_ours, [] if is_ours else words_in(text))


def _cards(item_ids: Collection[str]) -> list[Item]:
    """In their order; an id that was merged away is the item that it is now."""
    cards = card_cache.cards.get(item_ids)
    gone = [item_id for item_id in item_ids if item_id not in cards]
    moved = current_ids(gone) if gone else {}
    cards |= card_cache.cards.get(moved.values())
    today = dict.fromkeys(moved.get(item_id, item_id) for item_id in item_ids)
    return [cards[item_id] for item_id in today if item_id in cards]


def _words(ticked: Collection[str]) -> list[Word]:
    """The words to tick; those that are ticked already are among them, whatever they are."""
    offered = to_tick()
    here = {word.name for word in offered}
    others = [word for name in ticked for word in words_in(name) if word.name not in here]
    return [*others, *offered]
