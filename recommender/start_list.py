"""The first list: what follows the titles that were picked, and the words of those that we do not
have."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from catalog.models import Item
from recommender.services import Answer, Card, recommend
from recommender.start_choices import Settled
from recommender.start_words import following

LENGTH = 24
LEAST_SHARE = 0.25  # of the list, to words beside items and to items beside words


def first_list(
    settled: Settled, *, barred: Collection[str] = (), hidden_genres: Collection[str] = ()
) -> Answer:
    """Up to `LENGTH` cards of all kinds, each with its reason; none of them was picked, is
    `barred` (public ids) or of a hidden genre (slugs).

    Raises ValueError where nothing was chosen.
    """
    if settled.is_empty:
        raise ValueError("A first list follows at least one title or word.")
    steps = [item.item_id for item in settled.items]
    out = {*barred, *_of_genres(hidden_genres)}
    words = following(settled.words, k=LENGTH, barred={*out, *steps}) if settled.words else []
    if not steps:
        return Answer(words, "content", None, 0)
    answer = recommend(steps=steps, k=LENGTH, exclude=out)
    if not words:
        return answer
    share = max(len(settled.by_words), 1) / (len(steps) + max(len(settled.by_words), 1))
    share = min(max(share, LEAST_SHARE), 1 - LEAST_SHARE)
    return replace(answer, cards=_mixed(answer.cards, words, share=share))


def _mixed(cards: Sequence[Card], others: Sequence[Card], *, share: float) -> list[Card]:
    """Both lists in their order, one `share` of every stretch from `others`; each item once."""
    placed = [((place + 0.5) / (1 - share), card) for place, card in enumerate(cards)]
    placed += [((place + 0.5) / share, card) for place, card in enumerate(others)]
    mixed: dict[str, Card] = {}
    for _, card in sorted(placed, key=lambda pair: pair[0]):
        mixed.setdefault(card.item.item_id, card)
    return list(mixed.values())[:LENGTH]


def _of_genres(slugs: Collection[str]) -> set[str]:
    """Public ids of what is of these genres."""
    if not slugs:
        return set()
    return set(Item.objects.filter(genres__slug__in=slugs).values_list("item_id", flat=True))
