"""One true reason a card: which step brought it there, and a fact that joins the two.

The step comes from the scoring: it is the one that the card's score owes most to (see
`BlendRecommender.owed_by_part`), and so does the part of the blend that gives most because of it.
The fact comes from the catalogue, or from the visits that were learned from. `Reason` holds what
its sentence claims, so that every claim can be checked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Literal, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Credit, Item, Kind, Relation, Role
from catalog.wording import decade_label

Family = Literal[
    "kinship",  # one work was made from the other
    "creator",  # one person made both
    "shared",  # `words` are genres, themes or moods of both
    "era",  # both are of one decade
    "session",  # `seen` in the visits that were learned from
    "model",  # the network puts it there
    "content",  # the descriptions are alike
    "path",  # in the list, and owes it to no step
    "opened",  # in `count` sessions of this month
    "trending",  # in `count` sessions of this week, more than usual
    "known",  # its sources say that it is well known
    "new",  # here since a day, or out since a year
    "typed",  # has `words`, which a visitor typed
    "start",  # nothing is known of it
    "editor",  # an editor put it there
    "exploring",  # put there by chance; `fact` is what joins it to the step all the same
]
Traffic = Literal["people", "mixed", "simulated"]
Seen = Literal["next", "near", ""]  # right after the step; in one visit with it; neither
Lean = Literal["genre", "vibe", ""]  # to which end a visitor turned the dial


@dataclass(frozen=True)
class Reason:
    """A sentence, and what it claims. `step` is the public id of the item that it names."""

    kind: Family
    text: str
    step: str | None = None
    words: tuple[str, ...] = ()
    creator: str = ""
    seen: Seen = ""
    count: int | None = None
    fact: "Reason | None" = None


# (relation, whether the card is the derived work) → sentence, by the card's kind; {title} is the
# step's.
_KINSHIP: dict[tuple[Relation, bool], dict[Kind, Promise]] = {
    (Relation.BASED_ON, True): {
        Kind.MOVIE: gettext_lazy("The film based on {title}"),
        Kind.TRACK: gettext_lazy("The track based on {title}"),
        Kind.BOOK: gettext_lazy("The book based on {title}"),
    },
    (Relation.BASED_ON, False): {
        Kind.MOVIE: gettext_lazy("The film that {title} is based on"),
        Kind.TRACK: gettext_lazy("The track that {title} is based on"),
        Kind.BOOK: gettext_lazy("The book that {title} is based on"),
    },
    (Relation.COMPOSED_FOR, True): dict.fromkeys(Kind, gettext_lazy("Composed for {title}")),
    (Relation.COMPOSED_FOR, False): {
        Kind.MOVIE: gettext_lazy("The film that {title} was composed for"),
        Kind.TRACK: gettext_lazy("The track that {title} was composed for"),
        Kind.BOOK: gettext_lazy("The book that {title} was composed for"),
    },
    (Relation.FEATURED_IN, True): dict.fromkeys(Kind, gettext_lazy("Heard in {title}")),
    (Relation.FEATURED_IN, False): {
        Kind.MOVIE: gettext_lazy("The film in which {title} is heard"),
        Kind.TRACK: gettext_lazy("The track in which {title} is heard"),
        Kind.BOOK: gettext_lazy("The book in which {title} is heard"),
    },
    (Relation.INSPIRED_BY, True): dict.fromkeys(Kind, gettext_lazy("Inspired by {title}")),
    (Relation.INSPIRED_BY, False): {
        Kind.MOVIE: gettext_lazy("The film that inspired {title}"),
        Kind.TRACK: gettext_lazy("The track that inspired {title}"),
        Kind.BOOK: gettext_lazy("The book that inspired {title}"),
    },
}
_ROLES: dict[Role, Promise] = {
    Role.ACTOR: gettext_lazy("actor"),
    Role.DIRECTOR: gettext_lazy("director"),
    Role.ARTIST: gettext_lazy("artist"),
    Role.COMPOSER: gettext_lazy("composer"),
    Role.AUTHOR: gettext_lazy("author"),
}
_CREDIT = {
    Role.DIRECTOR: gettext_lazy("By {name}, who also directed {title}"),
    Role.ACTOR: gettext_lazy("With {name}, also in {title}"),
    Role.ARTIST: gettext_lazy("By {name}, who also recorded {title}"),
    Role.COMPOSER: gettext_lazy("Composed by {name}, who also composed {title}"),
    Role.AUTHOR: gettext_lazy("By {name}, who also wrote {title}"),
}
# (what the visits that were learned from tell, whose visits they are) → sentence.
_SEEN = {
    ("next", "people"): gettext_lazy("People who opened {title} went on to this"),
    ("near", "people"): gettext_lazy("People opened this and {title} in one visit"),
    ("next", "mixed"): gettext_lazy("Opened after {title} in earlier visits, some simulated"),
    ("near", "mixed"): gettext_lazy("Opened with {title} in earlier visits, some simulated"),
    ("next", "simulated"): gettext_lazy("Opened after {title} in simulated visits"),
    ("near", "simulated"): gettext_lazy("Opened with {title} in simulated visits"),
}
LEARNED_FROM_VISITS = ("stan", "cooccurrence", "markov")


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


def of_step(
    *,
    card: Item,
    step: Item,
    kinships: dict[tuple[int, int], Relation],
    lead: str,
    seen: Seen = "",
    traffic: Traffic = "people",
    lean: Lean = "",
) -> Reason:
    """The strongest claim that joins a card to a step.

    Kinship and creator go first. What people did goes before what the works are like where a part
    that learns from visits leads; simulated visits go after it. `lead` is that part of the blend
    which gives most because of the step, empty where the dial alone brought the card here; `seen`
    what the visits tell of the two.
    """
    visited = _by_visits(step, seen, traffic) if lead in LEARNED_FROM_VISITS else None
    return (
        _by_kinship(card, step, kinships)
        or _by_creator(card, step)
        or (visited if traffic == "people" else None)
        or _by_what_it_is_like(card, step, lean)
        or visited
        or _by_lead(step, lead)
        or _by_time(card, step)
        or _in_the_end(step, lead)
    )


def beside() -> Reason:
    return Reason("path", _("Beside your path"))


def exploring(fact: Reason) -> Reason:
    """The reason of a card that was put there by chance."""
    text = _("Exploring: {reason}").format(reason=fact.text)
    return Reason("exploring", text, step=fact.step, fact=fact)


def _by_kinship(card: Item, step: Item, kinships: dict[tuple[int, int], Relation]) -> Reason | None:
    for pair, card_is_derived in (((card.pk, step.pk), True), ((step.pk, card.pk), False)):
        if pair in kinships:
            template = _KINSHIP[kinships[pair], card_is_derived][Kind(card.kind)]
            text = str(template).format(title=step.title)
            return Reason("kinship", text, step.item_id)
    return None


def _by_creator(card: Item, step: Item) -> Reason | None:
    theirs = _facts(step).credits
    for creator_id, credit in _facts(card).credits.items():
        if creator_id in theirs:
            text = _creator_sentence(credit, theirs[creator_id], step)
            return Reason("creator", text, step.item_id, creator=credit.creator.name)
    return None


def _creator_sentence(credit: Credit, other: Credit, step: Item) -> str:
    name = credit.creator.name
    if credit.role == other.role:
        return str(_CREDIT[Role(credit.role)]).format(name=name, title=step.title)
    role = str(_ROLES[Role(credit.role)])
    if other.role == Role.ACTOR:
        template = _("{name} ({role}) also appears in {title}")
    else:
        template = _("{name} ({role}) also made {title}")
    return template.format(name=name, role=role, title=step.title)


def _by_what_it_is_like(card: Item, step: Item, lean: Lean) -> Reason | None:
    """Up to two of the genres, themes and moods that both have."""
    theirs = _facts(step).genres
    genres = [name for name in _facts(card).genres if name in theirs and name != "Unknown"]
    themes = [theme for theme in card.themes if theme in step.themes]
    moods = [mood for mood in card.moods if mood in step.moods]
    if lean == "genre":
        chosen = _in_turn([*genres, *themes], moods)[:2] if not genres else genres[:2]
    elif lean == "vibe" or card.kind != step.kind:
        chosen = _in_turn(themes, moods, genres)[:2]
    else:
        chosen = _in_turn(genres, moods, themes)[:2]
    if not chosen:
        return None
    named = [word for word in chosen if word not in moods]
    felt = [word for word in chosen if word not in named]
    if not felt:
        template = _("Shares {words} with {title}")
    elif not named:
        template = _("Shares the {moods} mood of {title}")
    else:
        template = _("Shares {words} and the {moods} mood of {title}")
    text = template.format(words=_and(named), moods=_and(felt), title=step.title)
    return Reason("shared", text, step.item_id, words=tuple(chosen))


def _in_turn(*groups: Sequence[str]) -> list[str]:
    """The first of each group, then the second of each, and so on; a word that is in two groups,
    however it is written, once."""
    found: dict[str, str] = {}
    for word in chain.from_iterable(zip_longest(*groups)):
        if word is not None:
            found.setdefault(word.casefold(), word)
    return list(found.values())


def _by_visits(step: Item, seen: Seen, traffic: Traffic) -> Reason | None:
    if not seen:
        return None
    text = str(_SEEN[seen, traffic]).format(title=step.title)
    return Reason("session", text, step.item_id, seen=seen)


def _by_lead(step: Item, lead: str) -> Reason | None:
    if lead != "content":
        return None
    text = _("Described in words like those of {title}").format(title=step.title)
    return Reason("content", text, step.item_id)


def _by_time(card: Item, step: Item) -> Reason | None:
    if card.year is None or step.year is None or card.year // 10 != step.year // 10:
        return None
    decade = decade_label(card.year // 10 * 10)
    if card.country and card.country == step.country:
        template = _("From {country} in the {decade}, like {title}")
    else:
        template = _("From the {decade}, like {title}")
    text = template.format(country=card.country, decade=decade, title=step.title)
    return Reason("era", text, step.item_id)


def _in_the_end(step: Item, lead: str) -> Reason:
    """No fact is known, and the two were never seen in one visit."""
    if lead in LEARNED_FROM_VISITS:
        text = _("Opened in visits like this one, with {title} in it").format(title=step.title)
        return Reason("session", text, step.item_id)
    if not lead:
        return Reason(
            "path", _("Near {title}, as you set the dial").format(title=step.title), step.item_id
        )
    text = _("After {title}: our session model's pick").format(title=step.title)
    return Reason("model", text, step.item_id)


def _and(words: Sequence[str]) -> str:
    return _(" and ").join(words)
