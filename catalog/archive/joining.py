"""What joins items, out of an archive: kinships, pairs that are two works, and redirects."""

from collections.abc import Mapping

from catalog.archive.changing import change, delete
from catalog.archive.checking import Archive, Progress
from catalog.archive.layout import TABLES
from catalog.import_report import ImportReport
from catalog.models import DistinctPair, Item, Kinship, Merge

Keys = Mapping[str, int]  # item_id → key, of the archive's items that are here
_AT_ONCE = 900


def import_kinships(archive: Archive, keys: Keys, progress: Progress) -> ImportReport:
    """Makes the kinships between items of the archive exactly the archive's."""
    report = ImportReport(label="Kinships")
    wanted: dict[tuple[int, str, int], None] = {}
    for derived, relation, origin in archive.rows(TABLES["kinships"]):
        report.read += 1
        progress(1)
        if derived in keys and origin in keys:
            wanted[keys[derived], relation, keys[origin]] = None
        else:
            report.repeated += 1
    ours = set(keys.values())
    stored = {
        (derived, relation, origin): key
        for key, derived, relation, origin in Kinship.objects.values_list(
            "pk", "derived_id", "relation", "origin_id"
        )
        if derived in ours and origin in ours
    }
    new = [kinship for kinship in wanted if kinship not in stored]
    gone = [key for kinship, key in stored.items() if kinship not in wanted]
    if new or gone:
        with change():
            for start in range(0, len(gone), _AT_ONCE):
                delete(Kinship.objects.filter(pk__in=gone[start : start + _AT_ONCE]))
            Kinship.objects.bulk_create(
                Kinship(derived_id=derived, relation=relation, origin_id=origin)
                for derived, relation, origin in new
            )
    report.new, report.unchanged = len(new), len(wanted) - len(new)
    return report


def import_pairs(archive: Archive, keys: Keys, progress: Progress) -> ImportReport:
    """Adds what curators found to be two works."""
    report = ImportReport(label="Distinct pairs")
    stored = set(DistinctPair.objects.values_list("first_id", "second_id"))
    new: dict[tuple[int, int], None] = {}
    for ids in archive.rows(TABLES["distinct_pairs"]):
        report.read += 1
        progress(1)
        first, second = sorted(keys.get(item_id, 0) for item_id in ids)
        if first == 0 or (first, second) in new:
            report.repeated += 1
        elif (first, second) in stored:
            report.unchanged += 1
        else:
            new[first, second] = None
    if new:
        with change():
            DistinctPair.objects.bulk_create(
                DistinctPair(first_id=first, second_id=second) for first, second in new
            )
    report.new = len(new)
    return report


def import_redirects(archive: Archive, keys: Keys, progress: Progress) -> ImportReport:
    """Adds the addresses of items that were merged away; what is at such an address here stays.

    What it takes to undo a merge is not in an archive: the snapshot is empty.
    """
    report = ImportReport(label="Redirects")
    merged = set(Merge.objects.filter(undone_at=None).values_list("gone_item_id", flat=True))
    new = []
    for row in archive.rows(TABLES["redirects"]):
        values = dict(zip(TABLES["redirects"].columns, row, strict=True))
        report.read += 1
        progress(1)
        kept = keys.get(values.pop("kept"))
        gone = values["gone_item_id"]
        if gone in merged:
            report.unchanged += 1
        elif kept is None or Item.objects.filter(item_id=gone).exists():
            report.repeated += 1
        else:
            new.append(Merge(kept_id=kept, snapshot={}, **values))
    if new:
        with change():
            Merge.objects.bulk_create(new)
    report.new = len(new)
    return report
