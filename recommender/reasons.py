"""One true reason a card: which step brought it there, and a fact that joins the two.

The step comes from the scoring: it is the one that the card's score owes most to (see
`BlendRecommender.owed_by_part`). The fact comes from the catalogue. Where the catalogue knows no
fact, the reason says what the part of the blend knows that gives most because of that step.
"""

from collections.abc import Sequence
from typing import NamedTuple

from catalog.models import Credit, Item, Kind, Relation, Role

NOUN = {Kind.MOVIE: "film", Kind.TRACK: "track", Kind.BOOK: "book"}

# (relation, whether the card is the derived work) → sentence; {kind} is the card's, {title} the
# step's.
_KINSHIP = {
    (Relation.BASED_ON, True): "The {kind} based on {title}",
    (Relation.BASED_ON, False): "The {kind} that {title} is based on",
    (Relation.COMPOSED_FOR, True): "Composed for {title}",
    (Relation.COMPOSED_FOR, False): "The {kind} that {title} was composed for",
    (Relation.FEATURED_IN, True): "Heard in {title}",
    (Relation.FEATURED_IN, False): "The {kind} in which {title} is heard",
    (Relation.INSPIRED_BY, True): "Inspired by {title}",
    (Relation.INSPIRED_BY, False): "The {kind} that inspired {title}",
}
# By the part of the blend that gives most because of the step.
_BY_LEAD = {
    "gru4rec": "Our session model puts it after {title}",
    "stan": "Opened in sessions like this one, after {title}",
    "cooccurrence": "Opened in the same sessions as {title}",
    "markov": "Opened right after {title} before",
    "content": "Described in words like those of {title}",
}
_LEARNED_FROM_SESSIONS = ("stan", "cooccurrence", "markov")
_CREDIT = {
    Role.DIRECTOR: "Also directed by {name}, like {title}",
    Role.ACTOR: "Also with {name}, like {title}",
    Role.ARTIST: "Also by {name}, like {title}",
    Role.COMPOSER: "Also composed by {name}, like {title}",
    Role.AUTHOR: "Also by {name}, like {title}",
}


def kinships_among(items: Sequence[Item]) -> dict[tuple[int, int], Relation]:
    """(derived pk, origin pk) → relation, for every kinship inside this set of items.

    Reads `derived_from` of each item, which the card cache has prefetched.
    """
    pks = {item.pk for item in items}
    return {
        (item.pk, origin): relation
        for item in items
        for origin, relation in _facts(item).origins.items()
        if origin in pks
    }


class _Facts(NamedTuple):
    """What a reason may speak of, read from an item's prefetched rows."""

    credits: dict[int, Credit]  # by creator
    genres: list[str]
    origins: dict[int, Relation]  # by the item that this one is derived from


def _facts(item: Item) -> _Facts:
    """The facts of an item, made once for as long as the card cache keeps it."""
    made: _Facts | None = item.__dict__.get("_facts")
    if made is None:
        made = item.__dict__["_facts"] = _Facts(
            {credit.creator_id: credit for credit in item.credits.all()},
            [genre.name for genre in item.genres.all()],
            {row.origin_id: Relation(row.relation) for row in item.derived_from.all()},
        )
    return made


def sentence(
    *,
    card: Item,
    step: Item,
    kinships: dict[tuple[int, int], Relation],
    lead: str,
    simulated: bool,
) -> str:
    """The strongest fact that joins a card to a step: kinship, creator, genre, theme, mood, time.

    Where the catalogue has none, what the leading part knows: the order of visits, or the words.
    `simulated` says that no visit but simulated ones was ever learned from.
    """
    return (
        _by_kinship(card, step, kinships)
        or _by_creator(card, step)
        or _by_what_it_is_like(card, step)
        or _by_time(card, step)
        or _by_lead(step, lead, simulated=simulated)
    )


def _by_lead(step: Item, lead: str, *, simulated: bool) -> str:
    known = _BY_LEAD.get(lead, _BY_LEAD["gru4rec"]).format(title=step.title)
    return f"{known} (simulated)" if simulated and lead in _LEARNED_FROM_SESSIONS else known


def _by_kinship(card: Item, step: Item, kinships: dict[tuple[int, int], Relation]) -> str:
    for pair, card_is_derived in (((card.pk, step.pk), True), ((step.pk, card.pk), False)):
        if pair in kinships:
            template = _KINSHIP[kinships[pair], card_is_derived]
            return template.format(kind=NOUN[Kind(card.kind)], title=step.title)
    return ""


def _by_creator(card: Item, step: Item) -> str:
    theirs = _facts(step).credits
    for creator_id, credit in _facts(card).credits.items():
        if creator_id in theirs:
            return _creator_sentence(credit, theirs[creator_id], step)
    return ""


def _creator_sentence(credit: Credit, other: Credit, step: Item) -> str:
    name = credit.creator.name
    if credit.role == other.role:
        return _CREDIT[Role(credit.role)].format(name=name, title=step.title)
    return f"{name} ({credit.get_role_display().lower()}) also made {step.title}"


def _by_what_it_is_like(card: Item, step: Item) -> str:
    """The genres, themes and moods that both have."""
    theirs = _facts(step).genres
    genres = [name for name in _facts(card).genres if name in theirs and name != "Unknown"]
    themes = [theme for theme in card.themes if theme in step.themes]
    moods = [mood for mood in card.moods if mood in step.moods]
    if genres and (card.kind == step.kind or not moods):
        return f"{_and(genres[:2])}, like {step.title}"
    if genres or (len(themes) == 1 and moods):
        return f"{_capital([*genres, *themes][0])}, and {moods[0]} like {step.title}"
    if themes or moods:
        return f"{_capital(_and((themes or moods)[:2]))}, like {step.title}"
    return ""


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _by_time(card: Item, step: Item) -> str:
    if card.year is None or step.year is None or card.year // 10 != step.year // 10:
        return ""
    same_country = card.country and card.country == step.country
    where = f"{card.country}, the" if same_country else "The"
    return f"{where} {card.year // 10 * 10}s, like {step.title}"


def _and(words: Sequence[str]) -> str:
    return " and ".join(words)
