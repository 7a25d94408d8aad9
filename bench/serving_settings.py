"""The site's settings, with one path more: `/empty/` (bench/empty_view.py)."""

from recsite.settings import *  # noqa: F403 (all of them)

ROOT_URLCONF = "bench.empty_view"
