# Needs python3 (3.11 or newer), pip and make; everything else is set up in .venv from the lock files.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
SOURCES := hfl hfl_core hfl_tui journal/hfl_journal config/hfl_config data/hfl_data models/hfl_models
PYTEST := $(BIN)/python -m pytest -q
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help run test quick long truth mutants coverage mutation bench data-quality crises pictures lint types contracts pyright fmt lock lowest core tui dev clean

help: ## list the recipes
	@grep -E '^[a-z-]+: .*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

run: tui ## set everything up, then run the demo (offline): on a terminal with its screen
	@$(BIN)/hfl demo

test: dev lint types contracts ## set everything up and pass all tests (at most 20 minutes)
	HYPOTHESIS_PROFILE=ci $(PYTEST) -n $(WORKERS) -m "not long"

quick: dev lint types contracts ## lint, types, contracts and the fast tests (under 90 seconds)
	HYPOTHESIS_PROFILE=quick $(PYTEST) -n $(WORKERS) -m "not process and not slow and not long"

long: dev ## the long suites: thousands of kills, a million cases, soaks
	HYPOTHESIS_PROFILE=long $(PYTEST) -m long --timeout 0

pictures: dev ## draw the screen's pictures in docs/pictures anew
	@$(BIN)/python -m tools.draw_screens

truth: dev ## compare with published values: every case file under HFL_TRUTH_ROOT (default ../shared)
	@$(BIN)/python -m tests.truth

mutants: mutation ## change risk, gateway and the order fold one bit at a time; tests must notice (TARGET=risk for one)
	@.venv-mutation/bin/python tools/mutation.py --jobs $(WORKERS) $(TARGET)

coverage: mutation ## every line and branch of the same code is taken by its fast tests (TARGET=risk for one)
	@.venv-mutation/bin/python tools/mutation.py --coverage $(TARGET)

bench: dev ## measure, and print the table of docs/benchmarks
	@$(BIN)/python -m benchmarks

data-quality: dev ## hold `hfl data check` against the known defects of real files (needs HFL_TRUTH_ROOT)
	@$(BIN)/python tools/data_quality.py

crises: dev ## trade March 2020 and 2008 with every profile; figures of docs/crises.md (needs HFL_TRUTH_ROOT)
	@$(BIN)/python tools/crises.py --write

lint: dev ## ruff: rules and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: dev ## mypy: strict on source, checked on tests
	$(BIN)/mypy

contracts: dev ## import-linter: the floors, exhaustively
	$(BIN)/lint-imports --no-cache

pyright: dev ## check tests/typing with a second type checker, in an environment of its own
	test -x .venv-pyright/bin/basedpyright || { $(PYTHON) -m venv .venv-pyright && \
		.venv-pyright/bin/pip install --quiet basedpyright; }
	.venv-pyright/bin/basedpyright --pythonpath $(BIN)/python --level error

fmt: dev ## format the code and sort its imports
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

lock: ## resolve pyproject.toml anew into the lock files
	$(PYTHON) tools/make_lock.py

lowest: ## run the fast tests with the lowest versions pyproject.toml allows
	$(PYTHON) tools/make_lock.py --lowest
	$(PYTHON) tools/setup_venv.py dev --venv .venv-lowest --lock .venv-lock/lowest.lock
	HYPOTHESIS_PROFILE=quick .venv-lowest/bin/python -m pytest -q -n $(WORKERS) \
		-m "not process and not slow and not long" --ignore tests/style

core: ## set up .venv with what the bot needs
	@$(PYTHON) tools/setup_venv.py core

tui: ## set up .venv with what the bot and its screen need
	@$(PYTHON) tools/setup_venv.py tui

dev: ## set up .venv with what the tests need
	@$(PYTHON) tools/setup_venv.py dev
	@$(PYTHON) tools/setup_system.py

mutation: ## set up .venv-mutation with what mutants and coverage need
	@$(PYTHON) tools/setup_venv.py mutation --venv .venv-mutation

clean: ## remove what the recipes made, but never a journal
	rm -rf .venv .venv-lock .venv-lowest .venv-mutation .venv-pyright .mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
