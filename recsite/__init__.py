"""Composition root: settings, URLs, the Celery application and the processes that run them."""

import os

# PyTorch's threads wait for each other by spinning; beside any other busy process that makes a
# training many times slower (docs/adr/0007). It has to be said before PyTorch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from recsite.celery import app as celery_app

__all__ = ["celery_app"]
