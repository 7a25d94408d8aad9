"""What the front page offers to enter by: another choice every day, the same for everybody."""

from datetime import date

from catalog.columns_reading import columns
from catalog.covers.dice import Dice
from catalog.models import Kind


def moods_of_the_day(day: date, count: int = 10) -> list[tuple[str, list[Kind]]]:
    """Mood words to enter by, each with the kinds that have items in that mood."""
    kinds_of: dict[str, list[Kind]] = {}
    held = columns.get()
    moods = held.tags["mood"]
    for kind in Kind:
        for code, _ in moods.commonest(held.of_kind(kind), 40):
            kinds_of.setdefault(moods.words[code], []).append(kind)
    widest = max(map(len, kinds_of.values()), default=0)
    across = [word for word, kinds in kinds_of.items() if len(kinds) == widest]
    picked = Dice(f"{day.isoformat()} moods").shuffled(sorted(across))[:count]
    return [(word, kinds_of[word]) for word in picked]
