# `make demo` and `make test` do all set-up by themselves; `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help install demo serve test test-postgres check format lock clean

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
MANAGE := $(BIN)/python manage.py
PORT ?= 8000

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

install: $(INSTALLED)  ## set up the virtual environment from requirements.lock

$(INSTALLED): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit("NTRL needs Python 3.11 or later; name it with: make PYTHON=…" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@touch $@

demo: install  ## the whole pipeline on the sample newsroom: no keys, no services, no internet
	@$(MANAGE) demo

serve: install  ## show the demo in the browser, with an editor for the admin (PORT=8000)
	@$(MANAGE) demo_editor
	@echo "The brief: http://127.0.0.1:$(PORT)/   The admin: http://127.0.0.1:$(PORT)/admin/   (Ctrl-C stops)"
	@NTRL_DATA_DIR=var/demo NTRL_BODIES_BUCKET= $(MANAGE) runserver --noreload 127.0.0.1:$(PORT)

test: install  ## all tests, on SQLite
	$(BIN)/pytest -n auto

test-postgres: install  ## all tests that use a database, on a PostgreSQL server started for them alone
	$(BIN)/python -m tests.support.postgres $(BIN)/pytest -n auto -m "(django_db or journey) and not any_database"

check: install  ## lint, types, import contracts, migrations, settings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) check --fail-level WARNING

format: install  ## put the code into its usual form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: install  ## renew requirements.lock from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --group dev --generate-hashes --universal --python-version 3.11 \
		--no-emit-index-url --no-header --no-annotate --quiet --output-file requirements.lock

clean:  ## remove the virtual environment and everything that the demo made
	rm -rf $(VENV) var/demo
