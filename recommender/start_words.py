"""A title that the catalogue does not have, by its words: genres, themes, moods, plain words."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from django.utils.translation import ngettext

from catalog.columns_reading import columns
from catalog.models import Item, Kind
from catalog.revision import Kept
from catalog.text import normalise
from recommender.candidates import SPARE, Candidate
from recommender.cards import Card, first_that_exist
from recommender.dial import quotas_of
from recommender.facets import facets_of
from recommender.loader import Loaded, loader
from recommender.ml.texts import theme_words
from recommender.reasons import Reason
from recommender.selection import select
from recommender.services import MIDDLE_DIAL
from sessions_app.preferences import Dial

if TYPE_CHECKING:
    from recommender.ml.content import ContentRecommender


MOST_WORDS = 8  # that are looked up
LONGEST_NAME = 4  # words in one name: "coming of age"
TO_TICK = 12  # genres that are offered, and as many themes


@dataclass(frozen=True)
class Word:
    """A word that the catalogue knows. `terms` are the ways in which texts have it; `tags` where
    columns have it: (name, code)."""

    name: str
    terms: tuple[str, ...]
    tags: tuple[tuple[str, int], ...] = ()

    def __str__(self) -> str:
        return self.name


def _read_names() -> dict[str, Word]:
    """Normal form → the genre, theme or mood of that name; several of one name are one word."""
    held = columns.get()
    found: dict[str, Word] = {}
    for tag in ("genre", "theme", "mood"):
        for code, label in enumerate(held.tags[tag].labels):
            terms = theme_words([label]) if tag == "theme" else ["_".join(label.split())]
            known = found.get(normalise(label), Word(label.lower(), ()))
            found[normalise(label)] = replace(
                known,
                terms=tuple(dict.fromkeys((*known.terms, *terms))),
                tags=(*known.tags, (tag, code)),
            )
    return {name: word for name, word in found.items() if name and name != "unknown"}


names = Kept(_read_names)


def words_in(text: str) -> list[Word]:
    """The words of a text that are known, as they come: names of genres, themes and moods, then
    what stands in the catalogue's texts. A plural is also looked for without its s."""
    known, loaded = names.get(), loader.current
    content = loaded.engine.content if loaded else None
    found: dict[str, Word] = {}
    parts = normalise(text).split()
    place = 0
    while place < len(parts) and len(found) < MOST_WORDS:
        for size in range(min(LONGEST_NAME, len(parts) - place), 0, -1):
            phrase = " ".join(parts[place : place + size])
            word = next((known[form] for form in _forms(phrase) if form in known), None)
            if word is None and size == 1 and content and not phrase.isdigit():
                form = next((form for form in _forms(phrase) if content.knows(form)), None)
                word = Word(form, (form,)) if form else None
            if word is not None:
                found.setdefault(word.name, word)
                break
        place += size
    return list(found.values())


def _forms(phrase: str) -> Iterator[str]:
    yield phrase
    if len(phrase) > 3 and phrase.endswith("s"):
        yield phrase[:-1]


def to_tick() -> list[Word]:
    """What a visitor may say a title is like: the genres and themes that most kinds and items
    have; no name twice."""
    held = columns.get()
    known = names.get()
    chosen: dict[str, Word] = {}
    for tag in ("genre", "theme"):
        tags = held.tags[tag]
        counts = np.array([tags.counts(held.of_kind(kind)) for kind in Kind])  # (3, W)
        order = np.lexsort((-counts.sum(axis=0), -np.count_nonzero(counts, axis=0)))
        words = (known.get(normalise(tags.labels[int(code)])) for code in order)
        new = [word for word in words if word is not None and word.name not in chosen]
        chosen |= {word.name: word for word in new[:TO_TICK]}
    return sorted(chosen.values(), key=lambda word: word.name)


@dataclass(frozen=True)
class Wanted:
    """What a list by words may hold: `each` of the kinds, nothing that is barred (public ids) or
    of a hidden genre (slugs)."""

    each: int
    kinds: Sequence[str]
    barred: frozenset[str]
    hidden_genres: Collection[str]


def following(
    words: Sequence[Word],
    *,
    k: int,
    barred: Collection[str] = (),
    hidden_genres: Collection[str] = (),
    dial: Dial = MIDDLE_DIAL,
) -> list[Card]:
    """Up to `k` items that have the words, the likest first, and which they have; of the dial's
    kinds, by their shares.

    By content; while no engine is loaded, by genre, theme and mood, the best known first.
    """
    loader.start()
    loaded = loader.current
    wanted = Wanted(k + SPARE, dial.kinds, frozenset(barred), hidden_genres)
    if loaded is not None and loaded.engine.content is not None:
        pool = _by_content(loaded, loaded.engine.content, words, wanted)
    else:
        pool = _by_tags(words, wanted)
    chosen = select([], pool, k=k + SPARE, kinds=dial.kinds, quotas=quotas_of(dial, k + SPARE))
    return first_that_exist(chosen, k)


def _by_content(
    loaded: Loaded, content: "ContentRecommender", words: Sequence[Word], wanted: Wanted
) -> list[Candidate]:
    table = loaded.items
    allowed = np.ones(len(table), dtype=bool)
    allowed[[table.index_of[one] for one in wanted.barred if one in table.index_of]] = False
    if wanted.hidden_genres:
        allowed &= ~facets_of(loaded).hidden(wanted.hidden_genres).in_engine
    terms = [term for word in words for term in word.terms]
    found = []
    for kind in wanted.kinds:
        of_kind = allowed & (table.kind_array == kind)
        best = content.similar_to_words(terms, wanted.each, of_kind)
        for index, cosine in zip(*best, strict=True):
            has = set(content.words_of(int(index), terms))
            why = _why([word.name for word in words if has.intersection(word.terms)])
            found.append(Candidate(table.ids[index], kind, float(cosine), "content", why=why))
    return sorted(found, key=lambda candidate: -candidate.score)


def _by_tags(words: Sequence[Word], wanted: Wanted) -> list[Candidate]:
    """The more of the words, the better; then the better known."""
    held = columns.get()
    masks = [
        np.any([held.with_tag(tag, code) for tag, code in word.tags] or [~held.everything()], 0)
        for word in words
    ]
    counts = np.sum([*masks, ~held.everything()], axis=0)
    if wanted.hidden_genres:
        counts[facets_of(None).hidden(wanted.hidden_genres).in_columns] = 0
    order = np.argsort(-counts, kind="stable")
    # Taken with some to spare, since barred ones are known only by their public ids.
    most = wanted.each + len(wanted.barred)
    best = [order[held.of_kind(kind)[order]][:most] for kind in wanted.kinds]
    numbers = [int(one) for some in best for one in some if counts[one]]
    rows = Item.objects.filter(pk__in=[int(held.pks[one]) for one in numbers])
    of_key = {item.pk: (item.item_id, item.kind) for item in rows.only("item_id", "kind")}
    found = []
    for number in sorted(numbers, key=lambda one: (-counts[one], one)):
        item_id, kind = of_key.get(int(held.pks[number]), ("", ""))
        if item_id and item_id not in wanted.barred:
            why = _why([word.name for word, mask in zip(words, masks, strict=True) if mask[number]])
            found.append(Candidate(item_id, kind, float(counts[number]), "content", why=why))
    return found


def _why(has: list[str]) -> Reason:
    text = ngettext("Matches your word: %(words)s", "Matches your words: %(words)s", len(has))
    return Reason("typed", text % {"words": ", ".join(has)}, words=tuple(has))
