# Every command of the project. `make` alone lists them.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

VENV := .venv
BIN := $(VENV)/bin
DONE := $(VENV)/.set-up
PYTHON ?= python3
PACKAGES := hub adapters consent mappings
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup demo test check bench prove fuzz format lock law

help: ## list the commands
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 16

setup: $(DONE) ## make .venv and install everything in it; a second run does nothing

$(DONE): requirements-dev.txt pyproject.toml
	@if [ ! -x $(BIN)/python ]; then \
	  command -v $(PYTHON) >/dev/null || { echo "setup: there is no $(PYTHON) here. Install Python 3.11 or later, or name one: make setup PYTHON=/path/to/python3.11" >&2; exit 2; }; \
	  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "setup: $(PYTHON) is $$($(PYTHON) --version 2>&1), and Samvy needs 3.11 or later. Name one: make setup PYTHON=python3.11" >&2; exit 2; }; \
	  echo "setup 1/3: a virtual environment in $(VENV)"; \
	  $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "setup: $(PYTHON) cannot make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 2; }; \
	fi
	@echo "setup 2/3: packages with their hashes from requirements-dev.txt (the first time a minute or two)"
	@$(BIN)/python -m pip install --require-hashes --only-binary=:all: -r requirements-dev.txt | { grep -vE '^(Requirement already|Looking in)' || true; }
	@echo "setup 3/3: the project itself"
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --editable .
	@touch $(DONE)
	@echo "setup: done"

demo: setup ## start the hub with the demo's documents; DEMO=--check checks it and leaves
	@$(BIN)/samvy demo $(DEMO)

test: setup ## run every test; SAMVY_TEST_POSTGRES names a server for those that need PostgreSQL
	@$(BIN)/python -m pytest -n auto $(TEST)

check: setup ## format, lint, types, import contracts, security lint
	$(BIN)/ruff format --check $(PACKAGES) tests
	$(BIN)/ruff check $(PACKAGES) tests
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive $(PACKAGES)

prove: setup ## prove the law: claims, model against code, query against decision, a mutant for each condition
	@$(BIN)/python -m tests.prove

bench: setup ## measure against the budgets; BENCH="law store" picks subjects
	@$(BIN)/python -m tests.bench $(BENCH)

fuzz: setup ## mutate documents for SECONDS (600) into a store on ON (sqlite, postgresql) and write down what fails
	@$(BIN)/python tests/fuzz $(or $(SECONDS),600) $(or $(ON),sqlite)

format: setup ## rewrite the code in the project's format
	$(BIN)/ruff format $(PACKAGES) tests
	$(BIN)/ruff check --fix $(PACKAGES) tests

# The settings stand in pyproject.toml. What this machine's pip is told must not decide what is pinned.
PIN := env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE=/dev/null $(BIN)/pip-compile --quiet
lock: setup ## pin every dependency again after a change in pyproject.toml; LOCK=--upgrade for newer ones
	$(PIN) $(LOCK) --output-file requirements.txt pyproject.toml
	$(PIN) $(LOCK) --extra dev --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml
	$(PIN) $(LOCK) --only-build-deps --build-deps-for wheel --constraint requirements-dev.txt --output-file requirements-build.txt pyproject.toml

law: setup ## write docs/law.md from the sections and the scenarios
	@$(BIN)/samvy law page > docs/law.md.new && mv docs/law.md.new docs/law.md
