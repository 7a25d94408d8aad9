"""Rules → items: the whole catalogue in batches, or one item after an edit."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from django.db import transaction

from catalog.card_cache import cards
from catalog.models import Item, Kind, Track
from catalog.revision import note_change
from catalog.vocabulary.rules import FEATURES, Audio, Rules, load
from catalog.vocabulary.seeding import ensure

BATCH = 1000


class Applied(NamedTuple):
    """How many items were looked at, and how many have other moods or themes now."""

    looked_at: int
    changed: int

    def __str__(self) -> str:
        return f"{self.changed:,} of {self.looked_at:,} items changed"


def apply(*, progress: bool | None = None) -> Applied:
    """Gives every item the themes, and every item without moods of its own the moods, that the
    rules say today. In batches, each in a transaction of its own: what was done stays done where
    it is cut short, and a second run does the rest.

    `progress`: True shows a bar on stderr, False none, None only on a terminal.
    """
    from tqdm import tqdm

    ensure()
    rules = load()
    looked_at = changed = 0
    hidden = None if progress is None else not progress
    with tqdm(total=Item.objects.count(), desc="Vocabulary", unit=" items", disable=hidden) as bar:
        for keys in _batches():
            with transaction.atomic():
                changes = _changes(keys, rules, lock=True)
                if changes:
                    note_change()
                    Item.objects.bulk_update(changes, ["moods", "themes"])
            looked_at += len(keys)
            changed += len(changes)
            bar.update(len(keys))
    cards.forget()
    return Applied(looked_at, changed)


def affected() -> int:
    """How many items `apply` would change now. Reads the whole catalogue, writes nothing."""
    rules = load()
    return sum(len(_changes(keys, rules)) for keys in _batches())


def refresh(*, item: Item) -> bool:
    """Gives one item what the rules say of it; True where that was something else. Seven small
    queries at most."""
    with transaction.atomic():
        changes = _changes([item.pk], load(), lock=True)
        if changes:
            note_change()
            Item.objects.bulk_update(changes, ["moods", "themes"])
    if changes:
        item.moods, item.themes = changes[0].moods, changes[0].themes
        cards.forget()
    return bool(changes)


def _batches() -> Iterator[list[int]]:
    """The keys of all items, `BATCH` at a time, also while items come and go."""
    last = 0
    while True:
        rows = Item.objects.filter(pk__gt=last).order_by("pk")
        keys = list(rows.values_list("pk", flat=True)[:BATCH])
        if not keys:
            return
        yield keys
        last = keys[-1]


def _changes(keys: list[int], rules: Rules, *, lock: bool = False) -> list[Item]:
    """Those of the items that the rules say something new of, with the new terms; not saved.

    `lock`, inside a transaction: moods that an editor saves meanwhile are not overwritten.
    """
    genres: dict[int, list[str]] = defaultdict(list)
    through = Item.genres.through.objects.filter(item_id__in=keys)
    for pk, slug in through.values_list("item_id", "genre__slug"):
        genres[pk].append(slug)
    tracks = Track.objects.filter(pk__in=keys).values_list("pk", *FEATURES)
    audio: dict[int, Audio] = {
        pk: dict(zip(FEATURES, figures, strict=True)) for pk, *figures in tracks
    }
    changes = []
    rows = Item.objects.filter(pk__in=keys).only("kind", "moods", "themes", "own_moods")
    for item in (rows.select_for_update() if lock else rows).order_by("pk"):
        found = rules.terms_for(Kind(item.kind).value, genres[item.pk], audio.get(item.pk))
        moods = item.moods if item.own_moods else found.moods
        if (moods, found.themes) != (item.moods, item.themes):
            item.moods, item.themes = moods, found.themes
            changes.append(item)
    return changes
