"""The vocabulary out of an archive: terms and rules, as one whole."""

from collections import Counter
from typing import Any

from catalog.archive.changing import change, delete
from catalog.archive.checking import Archive, Progress
from catalog.archive.layout import TABLES
from catalog.import_report import ImportReport
from catalog.models import Term

_NAMES = ("terms", "genre_rules", "sound_rules")


def import_vocabulary(archive: Archive, progress: Progress) -> ImportReport:
    """Makes the vocabulary the archive's: its rules are weighed against each other, so that half
    of one and half of another would be neither. An archive without terms leaves it as it is."""
    report = ImportReport(label="Vocabulary")
    wanted = {name: list(archive.rows(TABLES[name])) for name in _NAMES}
    report.read = sum(map(len, wanted.values()))
    progress(report.read)
    stored = {name: Counter(TABLES[name].rows()) for name in _NAMES}
    if not wanted["terms"]:
        report.unchanged = report.read
        return report
    for name, rows in wanted.items():
        kept = (Counter(rows) & stored[name]).total()
        report.unchanged += kept
        report.new += len(rows) - kept
    if any(Counter(rows) != stored[name] for name, rows in wanted.items()):
        with change():
            for name in reversed(_NAMES):  # the rules before the terms that they name
                delete(TABLES[name].model._base_manager.all())
            _write(wanted)
    return report


def _write(wanted: dict[str, list[tuple[Any, ...]]]) -> None:
    terms = TABLES["terms"]
    Term.objects.bulk_create(
        Term(**dict(zip(terms.columns, row, strict=True))) for row in wanted["terms"]
    )
    keys = dict(Term.objects.values_list("name", "pk"))
    for name in _NAMES[1:]:
        table = TABLES[name]
        rows = (dict(zip(table.columns, row, strict=True)) for row in wanted[name])
        table.model._base_manager.bulk_create(
            table.model(term_id=keys[row.pop("term")], **row) for row in rows
        )
