"""What a new site starts with: the seed's CSV files → terms and rules.

`seed/terms.csv` names the terms, in the order that settles equal votes. `seed/genre_rules.csv` has
lines of kinds, genres and terms, the loudest first: the first votes with 1, the next with 2/3, 1/2,
2/5, unless a line gives a weight (`grief=0.4`). `seed/sound_rules.csv` has the columns of
`SoundRule`. A table of opinions, kept in one place so that it can be argued about.
"""

import csv
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

from auditlog.context import disable_auditlog
from django.db import IntegrityError, transaction

from catalog.models import GenreRule, Kind, SoundRule, Term
from catalog.revision import note_change
from catalog.vocabulary.rules import Rules

FOLDER = Path(__file__).parent / "seed"
_AT_ONCE = 500


class Seed(NamedTuple):
    terms: list[Term]
    genre_rules: list[GenreRule]
    sound_rules: list[SoundRule]


class SeedError(ValueError):
    """The seed's files contradict themselves. The message names the file, the line and the word."""


def ensure(*, folder: Path = FOLDER) -> bool:
    """Writes the seed where there are no terms at all; what curators made is never touched.

    True where it wrote.
    """
    if Term.objects.exists():
        return False
    try:
        with transaction.atomic():
            _write(folder)
    except IntegrityError:  # another process was faster
        return False
    return True


def reset(*, folder: Path = FOLDER) -> None:
    """Back to the seed: all that curators made of the vocabulary is lost. Items keep their terms
    until the vocabulary is applied."""
    with disable_auditlog(), transaction.atomic():
        Term.objects.all().delete()
        _write(folder)


def seeded(*, folder: Path = FOLDER) -> Rules:
    """The rules of the seed, without a database."""
    return Rules(*_read(folder))


def _read(folder: Path) -> Seed:
    """The seed's rows, none of them saved; terms are numbered in the order of the file."""
    terms = {
        line["name"]: Term(
            pk=number, what=line["what"], name=line["name"], description=line["description"]
        )
        for number, (_, line) in enumerate(_lines(folder / "terms.csv"), start=1)
    }
    return Seed(list(terms.values()), _genre_rules(folder, terms), _sound_rules(folder, terms))


def _write(folder: Path) -> None:
    seed = _read(folder)
    for term in seed.terms:
        term.pk = None
    note_change()
    Term.objects.bulk_create(seed.terms)  # in order: the lower key settles equal votes
    for rule in seed.genre_rules:
        rule.term_id = rule.term.pk
    for sound in seed.sound_rules:
        sound.term_id = sound.term.pk
    GenreRule.objects.bulk_create(seed.genre_rules, batch_size=_AT_ONCE)
    SoundRule.objects.bulk_create(seed.sound_rules, batch_size=_AT_ONCE)


def _genre_rules(folder: Path, terms: dict[str, Term]) -> list[GenreRule]:
    rules = []
    seen: set[tuple[str, str, str]] = set()
    for where, line in _lines(folder / "genre_rules.csv"):
        votes = [(_known(terms, name, where), weight) for name, weight in _weighted(line["terms"])]
        for kind, slug in product(_words(line["kinds"]), _words(line["genres"])):
            if kind not in Kind.values:
                raise SeedError(f"{where}: there is no kind {kind!r}.")
            for what in {term.what for term, _ in votes}:
                if (kind, slug, what) in seen:
                    raise SeedError(f"{where}: {kind} {slug} has its {what}s in another line.")
                seen.add((kind, slug, what))
            rules += [
                GenreRule(kind=kind, genre_slug=slug, term=term, weight=weight)
                for term, weight in votes
            ]
    return rules


def _weighted(cell: str) -> Iterator[tuple[str, float]]:
    """`love; grief=0.4` → ("love", 1.0), ("grief", 0.4)."""
    for place, entry in enumerate(_words(cell)):
        name, _, weight = entry.partition("=")
        yield name, float(weight) if weight else round(1 / (1 + place / 2), 3)


def _sound_rules(folder: Path, terms: dict[str, Term]) -> list[SoundRule]:
    rules = []
    for where, line in _lines(folder / "sound_rules.csv"):
        term = _known(terms, line.pop("term"), where)
        figures = {name: float(cell) for name, cell in line.items() if cell}
        rules.append(SoundRule(term=term, **figures))
    return rules


def _known(terms: dict[str, Term], name: str, where: str) -> Term:
    if name not in terms:
        raise SeedError(f"{where}: there is no term {name!r}.")
    return terms[name]


def _lines(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """(file and line number, cells)."""
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        for cells in reader:
            yield f"{path.name}, line {reader.line_num}", cells


def _words(cell: str) -> list[str]:
    return [word.strip() for word in cell.split(";") if word.strip()]
