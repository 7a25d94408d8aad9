"""Measurements, one script a question; `python -m bench.NAME --help` tells how each is run."""

import os

# As the site does (docs/adr/0007), and before PyTorch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
