"""Gunicorn's configuration. `manage.py serve` and the container image both use it.

The application is not preloaded: a model loaded before the fork would tie all processes to one
copy, and PyTorch's threads do not survive a fork.
"""

import os
from pathlib import Path
from typing import Any

# Two processes that each use every core for one small score are slower than one thread each.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("SEGUE_ROLE", "web")

workers = 2
threads = 4
worker_class = "gthread"
timeout = 60
graceful_timeout = 6  # less than the supervisor's 8 s, so that requests end before the KILL
keepalive = 5

# The heartbeat file belongs in memory: on a slow disk a write can stall and look like a hang.
_memory = Path("/dev/shm")  # noqa: S108 (gunicorn makes the file with mkstemp and unlinks it)
worker_tmp_dir = str(_memory) if _memory.is_dir() and os.access(_memory, os.W_OK) else None

control_socket_disable = True
accesslog = "-" if os.environ.get("SEGUE_ACCESS_LOG") == "1" else None
errorlog = "-"
loglevel = "info"


def post_worker_init(worker: Any) -> None:
    """Read the catalogue ahead and start watching for models, in the process that will serve."""
    from catalog.revision import warm_up
    from recommender.loader import loader

    warm_up()
    loader.start()
