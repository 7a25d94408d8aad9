"""Tasks of this app: call the service, return what it says."""

from celery import shared_task
from django.utils import timezone

from sessions_app import services


@shared_task(name="sessions_app.tasks.close_idle_sessions")
def close_idle_sessions() -> int:
    """How many sessions it closed."""
    return services.close_idle_sessions(now=timezone.now())
