# `make run` needs Python 3.11 or newer, make and git. Everything else it fetches itself.

# Host and port of the site, and the catalogue of a first start: starter (built in) or hub.
BIND ?= 127.0.0.1:8000
SOURCE ?= starter
# More options for `manage.py serve`, for example ARGS="--web-workers 4".
ARGS ?=
PYTEST_ARGS ?=

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet

# A name for the content of some files; the stamp of an install carries it.
sum = $(shell cat $(1) | cksum | cut -d' ' -f1)
INSTALLED := $(VENV)/.installed-run-$(call sum,requirements.txt)
INSTALLED_DEV := $(VENV)/.installed-dev-$(call sum,requirements.txt requirements-dev.txt)

# Development unless the environment or .env says otherwise: then a secret key is generated and
# kept, so that a first start needs no configuration. It does not switch DEBUG on.
ifeq ($(SEGUE_ENV)$(shell grep -s '^ *SEGUE_ENV=' .env),)
export SEGUE_ENV := development
endif

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run install install-dev test lint types migrations-check unit unit-postgres format clean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | \
		while IFS='|' read -r name what; do printf '%-24s %s\n' "$$name" "$$what"; done

run: $(INSTALLED) ## install what is missing, then run the site (BIND=host:port, SOURCE=starter|hub)
	@$(PY) manage.py prepare --source '$(SOURCE)' && \
		exec $(PY) manage.py serve --bind '$(BIND)' $(ARGS)

install: $(INSTALLED) ## only install what the site needs

install-dev: $(INSTALLED_DEV) ## install what the tests need too

test: lint types migrations-check unit-postgres unit ## every check, in this order; stops at the first that fails

lint: $(INSTALLED_DEV) ## ruff: rules and formatting
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: $(INSTALLED_DEV) ## mypy
	$(PY) -m mypy

migrations-check: $(INSTALLED_DEV) ## no model change without its migration
	$(PY) manage.py makemigrations --check --dry-run

unit: $(INSTALLED_DEV) ## pytest (PYTEST_ARGS="-k name" narrows it)
	$(PY) -m pytest -n 2 --dist loadfile $(PYTEST_ARGS)

# The server that the tests may make databases on.
SEGUE_TEST_POSTGRES ?= postgres://postgres@127.0.0.1:5432
export SEGUE_TEST_POSTGRES

# What recommender/ml computes knows no database: its tests are not run twice.
unit-postgres: $(INSTALLED_DEV) ## the tests of the apps once more, on PostgreSQL where it answers
	@if $(PY) -c "import os, psycopg2; psycopg2.connect(os.environ['SEGUE_TEST_POSTGRES'] + '/postgres', connect_timeout=3)" 2>/dev/null; then \
		SEGUE_DATABASE_URL=$(SEGUE_TEST_POSTGRES)/postgres $(PY) -m pytest -q -n 2 --dist loadfile --ignore-glob='*/test_ml_*' catalog sessions_app recommender $(PYTEST_ARGS); \
	else \
		echo "SKIPPED on PostgreSQL: no server at $(SEGUE_TEST_POSTGRES)"; \
	fi

format: $(INSTALLED_DEV) ## let ruff mend what it can
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

clean: ## remove caches; data (var/) and the virtual environment stay
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -path ./$(VENV) -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +

# pip is what `venv` makes last: if it is there, the environment is whole.
$(VENV)/bin/pip:
	@for candidate in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
		if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			python=$$candidate; break; \
		fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Segue needs Python 3.11 or newer and found none. Install one, or name it: make run PYTHON=/path/to/python3"; \
		exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "$$python cannot make virtual environments: install its venv package (Debian: python3-venv)."; \
		exit 1; \
	fi; \
	echo "Making a virtual environment with $$("$$python" --version)."; \
	"$$python" -m venv $(VENV)

$(INSTALLED): | $(VENV)/bin/pip
	@echo "Installing the packages of requirements.txt (a few minutes the first time)."
	@$(PIP) install -r requirements.txt
	@rm -f $(VENV)/.installed-run-*
	@touch $@

$(INSTALLED_DEV): | $(VENV)/bin/pip
	@echo "Installing the packages of requirements-dev.txt (a few minutes the first time)."
	@$(PIP) install -r requirements-dev.txt
	@rm -f $(VENV)/.installed-dev-*
	@touch $@
