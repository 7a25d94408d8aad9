"""The Celery application: `celery -A recsite worker`."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

from recsite import filebroker  # registers the broker scheme safefile://

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsite.settings")

app = Celery("recsite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def take_back_orphans(**kwargs: Any) -> None:
    """Put messages that a killed worker had taken back into the file broker's queues."""
    from django.conf import settings

    if settings.CELERY_BROKER_URL.startswith(filebroker.SCHEME):
        filebroker.restore_orphans(settings.CELERY_BROKER_TRANSPORT_OPTIONS["folder"])
