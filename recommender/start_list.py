"""The first list: what follows the titles that were picked, and the words of those that we do not
have."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, zip_longest

from recommender.candidates import Candidate
from recommender.dial import quotas_of
from recommender.selection import select
from recommender.services import MIDDLE_DIAL, Answer, Card, recommend
from recommender.start_choices import Settled
from recommender.start_words import following
from sessions_app.preferences import Dial

LENGTH = 24
LEAST_SHARE = 0.25  # of the list, to words beside items and to items beside words


def first_list(
    settled: Settled,
    *,
    barred: Collection[str] = (),
    hidden_genres: Collection[str] = (),
    dial: Dial = MIDDLE_DIAL,
) -> Answer:
    """Up to `LENGTH` cards of the dial's kinds, each with its reason; none of them was picked, is
    `barred` (public ids) or of a hidden genre (slugs).

    Raises ValueError where nothing was chosen.
    """
    if settled.is_empty:
        raise ValueError("A first list follows at least one title or word.")
    steps = [item.item_id for item in settled.items]
    words: list[Card] = []
    if settled.words:
        out = {*barred, *steps}
        words = following(
            settled.words, k=LENGTH, barred=out, hidden_genres=hidden_genres, dial=dial
        )
    if not steps:
        return Answer(words, "content", None, 0)
    ask = partial(recommend, k=LENGTH, exclude=barred, hidden_genres=hidden_genres, dial=dial)
    answer = _following_each(steps, ask)
    if not words:
        return replace(answer, cards=_cut(answer.cards, dial))
    share = max(len(settled.by_words), 1) / (len(steps) + max(len(settled.by_words), 1))
    share = min(max(share, LEAST_SHARE), 1 - LEAST_SHARE)
    mixed = _mixed(answer.cards, words, share=share)
    return replace(answer, cards=_cut(mixed, dial))


def _following_each(steps: list[str], ask: Callable[..., Answer]) -> Answer:
    """What follows the steps, each of them the last one once: a list follows its last step most,
    and what is loved at the start has no order."""
    turns = [[*steps[place:], *steps[:place]] for place in range(len(steps))]
    answers = [ask(steps=turn) for turn in turns]
    in_turn = chain.from_iterable(zip_longest(*(answer.cards for answer in answers)))
    return replace(answers[0], cards=_each_once(card for card in in_turn if card))


def _mixed(cards: Sequence[Card], others: Sequence[Card], *, share: float) -> list[Card]:
    """Both lists in their order, a `share` of every stretch from `others`."""
    placed = [((place + 0.5) / (1 - share), card) for place, card in enumerate(cards)]
    placed += [((place + 0.5) / share, card) for place, card in enumerate(others)]
    return _each_once(card for _, card in sorted(placed, key=lambda pair: pair[0]))


def _each_once(cards: Iterable[Card]) -> list[Card]:
    """Each item where it comes first."""
    found: dict[str, Card] = {}
    for card in cards:
        found.setdefault(card.item.item_id, card)
    return list(found.values())


def _cut(cards: Sequence[Card], dial: Dial) -> list[Card]:
    """The first `LENGTH`, with a share for every kind and one of each before all others."""
    of_id = {card.item.item_id: card for card in cards}
    pool = [Candidate(card.item.item_id, card.item.kind, card.score, card.tier) for card in cards]
    chosen = select([], pool, k=LENGTH, kinds=dial.kinds, quotas=quotas_of(dial, LENGTH))
    return [of_id[candidate.item_id] for candidate in chosen]
