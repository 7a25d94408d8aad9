"""From a trained model to the version that is served: files first, then the pointer."""

from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from recommender.ml import artifacts
from recommender.models import ModelVersion


def artifact_directory(version: ModelVersion | str) -> Path:
    name = version if isinstance(version, str) else version.name
    return Path(settings.MODEL_DIR) / name


def serve_version(*, version: ModelVersion) -> None:
    """Make this the version that every process serves; also how one rolls back.

    The artifact is loaded first, so a broken one is refused (ArtifactError) with nothing changed.
    """
    artifacts.load(artifact_directory(version))
    with transaction.atomic():
        # All other rows first: the unique constraint allows one serving version at any moment.
        ModelVersion.objects.select_for_update().filter(is_serving=True).exclude(
            pk=version.pk
        ).update(is_serving=False)
        ModelVersion.objects.filter(pk=version.pk).update(
            is_serving=True, serving_since=timezone.now()
        )
    version.refresh_from_db()
