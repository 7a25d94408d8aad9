"""The boot: a bad environment is refused with a sentence, a good one is taken."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def boot(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Import the settings in a fresh process with only these SEGUE_ variables."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SEGUE_")}
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from recsite import settings as s; print(s.SECRET_KEY, s.DEBUG, s.CELERY_BROKER_URL, "
            "s.DATABASES['default']['ENGINE'], s.CACHES['default']['BACKEND'], s.MODEL_DIR)",
        ],
        cwd=ROOT,
        env={**kept, "SEGUE_DATA_DIR": str(tmp_path / "data"), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("SEGUE_DEBUG", "maybe", "must be true or false"),
        ("SEGUE_ENV", "staging", "must be production or development"),
        ("SEGUE_DATABASE_URL", "mysql://here/x", "must be a URL like postgres://"),
        ("SEGUE_REDIS_URL", "127.0.0.1:6379", "must be a URL like redis://"),
        ("SEGUE_TRAIN_EVERY_MINUTES", "0", "a whole number of minutes"),
        ("SEGUE_TRAIN_THREADS", "two", "a whole number"),
        ("SEGUE_TRUSTED_ORIGINS", "segue.example", "starts with http"),
        ("SEGUE_HTTPS", "si", "must be true or false"),
        ("SEGUE_OPEN_LIBRARY", "sometimes", "must be true or false"),
        ("SEGUE_COVER_ART_ARCHIVE", "true", "SEGUE_PICTURES_CONTACT is not set"),
        ("SEGUE_PICTURES_CONTACT", "me", "an e-mail address or a URL"),
        ("SEGUE_PICTURES_PER_RUN", "0", "a whole number"),
        ("SEGUE_TMDB_URL", "ftp://here", "starts with https://"),
    ],
)
def test_a_bad_value_stops_the_boot_with_a_sentence_that_names_it(
    tmp_path: Path, variable: str, value: str, sentence: str
) -> None:
    result = boot(tmp_path, **{"SEGUE_ENV": "development", variable: value})

    assert result.returncode != 0
    last_line = result.stderr.strip().splitlines()[-1]
    assert "ImproperlyConfigured" in last_line
    assert variable in last_line
    assert sentence in last_line


def test_production_refuses_to_start_without_a_secret_key(tmp_path: Path) -> None:
    result = boot(tmp_path)

    assert result.returncode != 0
    assert "SEGUE_SECRET_KEY is not set" in result.stderr


def test_production_refuses_a_short_secret_key(tmp_path: Path) -> None:
    assert "shorter than 32" in boot(tmp_path, SEGUE_SECRET_KEY="hunter2").stderr


def test_development_generates_a_key_once_and_keeps_it_from_others(tmp_path: Path) -> None:
    first = boot(tmp_path, SEGUE_ENV="development")
    second = boot(tmp_path, SEGUE_ENV="development")

    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout
    key_file = tmp_path / "data" / "secret-key"
    assert key_file.read_text() == first.stdout.split()[0]
    assert key_file.stat().st_mode & 0o077 == 0


def test_defaults_need_no_server_and_debug_is_off(tmp_path: Path) -> None:
    _, debug, broker, engine, cache, models = boot(tmp_path, SEGUE_ENV="development").stdout.split()

    assert debug == "False"
    assert broker == "safefile://"
    assert engine.endswith("sqlite3")
    assert cache.endswith("LocMemCache")
    assert models == str(tmp_path / "data" / "models")


def test_the_environment_moves_database_cache_broker_and_models(tmp_path: Path) -> None:
    result = boot(
        tmp_path,
        SEGUE_SECRET_KEY="k" * 40,
        SEGUE_DATABASE_URL="postgres://u:p@db:5432/segue",
        SEGUE_REDIS_URL="redis://cache:6379/1",
        SEGUE_MODEL_DIR=str(tmp_path / "elsewhere"),
        SEGUE_DEBUG="yes",
    )

    key, debug, broker, engine, cache, models = result.stdout.split()
    assert key == "k" * 40
    assert debug == "True"
    assert broker == "redis://cache:6379/1"
    assert engine.endswith("postgresql")
    assert cache.startswith("django_redis")
    assert models == str(tmp_path / "elsewhere")


def test_every_variable_of_the_settings_is_documented() -> None:
    used = set()
    for module in ("settings.py", "environment.py", "gunicorn_conf.py"):
        used |= set(re.findall(r"\"(SEGUE_[A-Z_]+)\"", (ROOT / "recsite" / module).read_text()))
    documented = set(
        re.findall(r"^(SEGUE_[A-Z_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE)
    )
    # Set by the supervisor for its programs, not by people.
    assert used - {"SEGUE_ROLE"} == documented
