"""All settings, one file, driven by the environment (`.env.example` lists every variable).

A bad value stops the boot with a sentence (see `recsite.environment`).
"""

from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from recsite.environment import (
    boolean,
    contact,
    positive_int,
    read,
    secret_key,
    share,
    url_with_scheme,
    web_address,
    writable_directory,
)

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")

ENVIRONMENT = read(
    env,
    "SEGUE_ENV",
    lambda raw: {"production": "production", "development": "development"}[raw],
    "production",
    "production or development",
)
DEVELOPMENT = ENVIRONMENT == "development"
DEBUG = read(env, "SEGUE_DEBUG", boolean, False, "true or false")

_DIRECTORY = "a directory that can be created and written"
DATA_DIR = read(env, "SEGUE_DATA_DIR", writable_directory, BASE_DIR / "var", _DIRECTORY)
DATA_DIR.mkdir(parents=True, exist_ok=True)
MODEL_DIR = read(env, "SEGUE_MODEL_DIR", writable_directory, DATA_DIR / "models", _DIRECTORY)
MODEL_DIR.mkdir(parents=True, exist_ok=True)

SECRET_KEY = secret_key(env, development=DEVELOPMENT, keep_at=DATA_DIR / "secret-key")
ALLOWED_HOSTS = env.list("SEGUE_ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("SEGUE_TRUSTED_ORIGINS", default=[])
for _origin in CSRF_TRUSTED_ORIGINS:
    if not _origin.startswith(("http://", "https://")):
        raise ImproperlyConfigured(
            f"SEGUE_TRUSTED_ORIGINS holds {_origin!r}: each origin starts with http:// or https://."
        )

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "csp",
    "auditlog",
    "catalog",
    "sessions_app",
    "recommender",
    "recsite",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "sessions_app.middleware.VisitMiddleware",
    "catalog.history.EditorMiddleware",
]

ROOT_URLCONF = "recsite.urls"
WSGI_APPLICATION = "recsite.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sessions_app.context_processors.visit",
                "recsite.theme.theme",
            ],
        },
    },
]

# --- Database -----------------------------------------------------------------------------

_database_url = read(
    env,
    "SEGUE_DATABASE_URL",
    url_with_scheme("postgres", "postgresql", "sqlite"),
    f"sqlite:///{DATA_DIR / 'segue.sqlite3'}",
    "a URL like postgres://user:password@host:5432/name or sqlite:////path/to/file",
)
DATABASES: dict[str, dict[str, Any]] = {"default": environ.Env.db_url_config(_database_url)}
DATABASES["default"]["CONN_MAX_AGE"] = 60
if "sqlite" in DATABASES["default"]["ENGINE"]:
    # WAL lets readers and one writer work together; IMMEDIATE takes the write lock at BEGIN, so
    # that read-then-write never fails half-way with "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
            "PRAGMA cache_size=-64000;PRAGMA mmap_size=134217728;"
        ),
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Cache and broker ---------------------------------------------------------------------

REDIS_URL = read(
    env,
    "SEGUE_REDIS_URL",
    url_with_scheme("redis", "rediss", "unix"),
    "",
    "a URL like redis://127.0.0.1:6379/0",
)
if REDIS_URL:
    CACHES: dict[str, dict[str, Any]] = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "segue",
            "OPTIONS": {
                # A cache that is away must not take the site with it.
                "IGNORE_EXCEPTIONS": True,
                "LOG_IGNORED_EXCEPTIONS": True,
                "SOCKET_CONNECT_TIMEOUT": 0.5,
                "SOCKET_TIMEOUT": 1,
            },
        }
    }
    DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "visibility_timeout": 3 * 3600,
        "socket_timeout": 5,
        "socket_connect_timeout": 1,
        "global_keyprefix": "segue:",
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    # A broker in a folder, which needs no server (recsite/filebroker.py).
    CELERY_BROKER_URL = "safefile://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "folder": str(DATA_DIR / "broker"),
        "polling_interval": 0.1,
    }

# Answers of the API, for seconds and in this process: see recommender/answers.py.
CACHES["answers"] = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "LOCATION": "answers",
    "OPTIONS": {"MAX_ENTRIES": 5_000},
}

# --- Celery -------------------------------------------------------------------------------

CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_POOL = "solo"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False  # a request never waits for a broker that is away
CELERY_TIMEZONE = "UTC"

TRAIN_EVERY_MINUTES = read(
    env, "SEGUE_TRAIN_EVERY_MINUTES", positive_int, 60, "a whole number of minutes, at least 1"
)
TRAIN_TIME_LIMIT_MINUTES = read(
    env, "SEGUE_TRAIN_TIME_LIMIT_MINUTES", positive_int, 60, "a whole number of minutes"
)
TRAIN_MIN_NEW_EVENTS = read(
    env, "SEGUE_TRAIN_MIN_NEW_EVENTS", positive_int, 20, "a whole number, at least 1"
)
TRAIN_THREADS = read(env, "SEGUE_TRAIN_THREADS", positive_int, 2, "a whole number of threads")
TRAIN_WINDOW_DAYS = read(
    env, "SEGUE_TRAIN_WINDOW_DAYS", positive_int, 180, "a whole number of days, at least 1"
)
TRAIN_WINDOW_EVENTS = read(
    env, "SEGUE_TRAIN_WINDOW_EVENTS", positive_int, 2_000_000, "a whole number, at least 1"
)
TRAIN_WARM_START = read(env, "SEGUE_TRAIN_WARM_START", boolean, True, "true or false")
_SHARE = "a number from 0 to 1"
EXPLORE = read(env, "SEGUE_EXPLORE", share, 0.05, _SHARE)
DIVERSITY = read(env, "SEGUE_DIVERSITY", share, 0.15, _SHARE)
POPULARITY_DISCOUNT = read(env, "SEGUE_POPULARITY_DISCOUNT", share, 0.05, _SHARE)
MODELS_KEPT = read(env, "SEGUE_MODELS_KEPT", positive_int, 10, "a whole number, at least 1")
# The worker consumes two queues; a deployment with several workers gives training its own.
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {"recommender.tasks.train": {"queue": "training"}}
CELERY_BEAT_SCHEDULE = {
    "retrain": {
        "task": "recommender.tasks.train",
        "schedule": TRAIN_EVERY_MINUTES * 60.0,
        "options": {"expires": TRAIN_EVERY_MINUTES * 60.0},
    },
    "close-idle-sessions": {
        "task": "sessions_app.tasks.close_idle_sessions",
        "schedule": 300.0,
        "options": {"expires": 300.0},
    },
}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")

# --- Segue --------------------------------------------------------------------------------

SESSION_IDLE_MINUTES = 30
SHORTEST_VIEW_MS = 2_000  # a shorter view is taken for an accident
LOADER_POLL_SECONDS = 2.0
HF_CACHE_DIR = DATA_DIR / "datasets-cache"

# Who edited what in the admin is kept (catalog/history.py); from which address is not.
AUDITLOG_DISABLE_REMOTE_ADDR = True

# --- Pictures -----------------------------------------------------------------------------

# Posters and covers: nothing is ever asked unless one of the three is turned on.
TMDB_KEY = env.str("SEGUE_TMDB_KEY", default="").strip()
OPEN_LIBRARY = read(env, "SEGUE_OPEN_LIBRARY", boolean, False, "true or false")
COVER_ART_ARCHIVE = read(env, "SEGUE_COVER_ART_ARCHIVE", boolean, False, "true or false")
PICTURES_CONTACT = read(
    env, "SEGUE_PICTURES_CONTACT", contact, "", "an e-mail address or a URL of yours"
)
if (OPEN_LIBRARY or COVER_ART_ARCHIVE) and not PICTURES_CONTACT:
    raise ImproperlyConfigured(
        "SEGUE_PICTURES_CONTACT is not set: Open Library and MusicBrainz want to know whom to "
        "write to. Set it to an e-mail address or a URL, or turn SEGUE_OPEN_LIBRARY and "
        "SEGUE_COVER_ART_ARCHIVE off."
    )
PICTURES_PER_RUN = read(
    env, "SEGUE_PICTURES_PER_RUN", positive_int, 100, "a whole number, at least 1"
)
_WEB = "a URL that starts with https:// or http://"
TMDB_URL = read(env, "SEGUE_TMDB_URL", web_address, "https://api.themoviedb.org/3", _WEB)
TMDB_IMAGES_URL = read(
    env, "SEGUE_TMDB_IMAGES_URL", web_address, "https://image.tmdb.org/t/p/w500", _WEB
)
OPEN_LIBRARY_URL = read(env, "SEGUE_OPEN_LIBRARY_URL", web_address, "https://openlibrary.org", _WEB)
OPEN_LIBRARY_COVERS_URL = read(
    env, "SEGUE_OPEN_LIBRARY_COVERS_URL", web_address, "https://covers.openlibrary.org", _WEB
)
MUSICBRAINZ_URL = read(
    env, "SEGUE_MUSICBRAINZ_URL", web_address, "https://musicbrainz.org/ws/2", _WEB
)
COVER_ART_ARCHIVE_URL = read(
    env, "SEGUE_COVER_ART_ARCHIVE_URL", web_address, "https://coverartarchive.org", _WEB
)
MEDIA_ROOT = DATA_DIR / "media"
PICTURES_EVERY_SECONDS = 15 * 60.0
if TMDB_KEY or OPEN_LIBRARY or COVER_ART_ARCHIVE:
    CELERY_BEAT_SCHEDULE["fetch-pictures"] = {
        "task": "catalog.tasks.fetch_pictures",
        "schedule": PICTURES_EVERY_SECONDS,
        "options": {"expires": PICTURES_EVERY_SECONDS},
    }

# --- Accounts, language, time -------------------------------------------------------------

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "sessions:sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]  # another one: recsite/locale/README.md
LOCALE_PATHS = [BASE_DIR / "recsite" / "locale"]
FORMAT_MODULE_PATH = "recsite.formats"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# --- Static files -------------------------------------------------------------------------

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}

# --- Security -----------------------------------------------------------------------------

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000  # a term's form in the admin has six for each of its genres
SESSION_COOKIE_AGE = 60 * 60 * 24 * 365
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
HTTPS = read(env, "SEGUE_HTTPS", boolean, False, "true or false")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Nothing is fetched from outside: the browser itself proves it on every page.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
        "worker-src": [SELF],
    }
}

# --- API ----------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "EXCEPTION_HANDLER": "recsite.api_errors.sentence_handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Segue API",
    "DESCRIPTION": "Movies, music and books that follow what a visitor is doing now.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
}

# --- Logging ------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "httpx": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},
        "datasets": {"level": "WARNING"},
    },
}
