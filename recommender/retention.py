"""Which trained models keep their files."""

import re
import shutil
import time
from pathlib import Path

from django.conf import settings
from django.db.models import Q

from recommender import incidents
from recommender.models import ModelVersion
from recommender.publishing import artifact_directory

# As `artifacts.save` calls a folder that it has not finished: `.name.` and 32 hexadecimal digits.
_DRAFT = re.compile(r"\..+\.[0-9a-f]{32}")
_LEFT_OVER_AFTER = 24 * 3600  # seconds; to write a draft takes a few


def remove_old_artifacts(*, keep: int) -> list[str]:
    """Delete the folders of versions that nobody goes back to; the names of those removed.

    The newest `keep` versions, the one that is served and the one that was served before it stay.
    So does every row, as history: `serve_version` refuses a version whose folder is gone. Folders
    that belong to no version are left alone, except drafts of a training that died a day ago or
    earlier.

    A model holds traces of what its visitors clicked, also of those whose events were deleted
    since. This bounds how long: after `keep` newer versions, only the one that is served and the
    one before it can still hold them.

    A folder that cannot be removed opens an incident and the others are still removed. Raises
    ValueError where `keep` is negative.
    """
    removed, failures = [], []
    folders = _old_folders(keep)
    try:
        folders += _left_over_drafts()
    except OSError as error:
        failures.append(str(error))
    for folder in folders:
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:  # removed before, or by another process
            continue
        except OSError as error:
            failures.append(f"{folder.name}: {error}")
        else:
            removed.append(folder.name)
    if failures:
        incidents.report(
            what="retention", message=f"Old models cannot be removed: {'; '.join(failures)}"
        )
    else:
        incidents.resolve(what="retention")
    return removed


def _old_folders(keep: int) -> list[Path]:
    newest = ModelVersion.objects.order_by("-created_at", "-pk").values_list("pk", flat=True)
    was_served = Q(is_serving=True) | Q(serving_since__isnull=False)
    served = ModelVersion.objects.filter(was_served).order_by("-is_serving", "-serving_since")
    kept = {*newest[:keep], *served.values_list("pk", flat=True)[:2]}
    old = ModelVersion.objects.exclude(pk__in=kept).order_by("created_at", "pk")
    return [artifact_directory(version) for version in old]


def _left_over_drafts() -> list[Path]:
    oldest = time.time() - _LEFT_OVER_AFTER
    return [
        path
        for path in Path(settings.MODEL_DIR).iterdir()
        if _DRAFT.fullmatch(path.name) and path.is_dir() and path.stat().st_mtime < oldest
    ]
