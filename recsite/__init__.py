"""Composition root: settings, URLs, the Celery application and the processes that run them."""

from recsite.celery import app as celery_app

__all__ = ["celery_app"]
