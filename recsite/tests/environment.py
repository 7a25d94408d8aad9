"""The environment of the tests, set before Django reads its settings (`-p` in pyproject.toml).

Tests never touch a developer's own data: everything goes to a folder of their own.
"""

import atexit
import os
import shutil
import tempfile

if "PYTEST_XDIST_WORKER" not in os.environ:
    _folder = tempfile.mkdtemp(prefix="segue-tests-")
    atexit.register(shutil.rmtree, _folder, ignore_errors=True)
    os.mkdir(os.path.join(_folder, "static"))  # else WhiteNoise warns at every request
    os.environ["SEGUE_DATA_DIR"] = _folder
    os.environ.pop("SEGUE_MODEL_DIR", None)
os.environ["SEGUE_ENV"] = "development"
os.environ["SEGUE_DEBUG"] = "false"
os.environ["SEGUE_EXPLORE"] = "0"  # chance has its own tests
# Playwright's own event loop makes Django refuse the test's database calls otherwise.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
