# Everything that treadguard needs beside git, make and Python 3.11+ with venv is put into .venv,
# in the versions that uv.lock names. Nothing outside this folder is touched.

VENV := .venv
BIN := $(VENV)/bin
SYNCED := $(VENV)/.synced
PYTHON ?= python3
UV := uv>=0.9,<1
JOBS ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)

.PHONY: help setup run lint test coverage sessions mutants prove

help:
	@echo "make run    start treadguard with the simulated treadmill"
	@echo "make test   check the code and run every test"
	@echo "make coverage  see that their own tests run each line and branch of guard, gate and ftms"
	@echo "make sessions  play 10,000 random sessions of the core, 500 of the service (minutes)"
	@echo "make mutants  judge 40 mutants of the rules, by chance"
	@echo "make prove  run the long proofs (hours) and write docs/safety/figures.md;"
	@echo "            PROVE='--share 0.01' makes them short, PROVE='--only core' runs one"
	@echo "make lint   check the code alone: style, types, direction of imports"
	@echo "make setup  put the environment into $(VENV) (the others do this themselves)"

setup: $(SYNCED)

$(SYNCED): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "treadguard needs Python 3.11 or newer: make PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check '$(UV)'
	UV_PROJECT_ENVIRONMENT=$(VENV) $(BIN)/uv sync --quiet --frozen --inexact --python $(BIN)/python
	@touch $@

run: $(SYNCED)
	@$(BIN)/treadguard run --treadmill sim

lint: $(SYNCED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/pytest -n $(JOBS) --dist worksteal

coverage: $(SYNCED)
	$(BIN)/python -m proof.coverage_of --core

sessions: $(SYNCED)
	$(BIN)/python -m proof.core_sessions --sessions 10000 --jobs $(JOBS)
	$(BIN)/python -m proof.service_sessions --sessions 500 --jobs $(JOBS)

mutants: $(SYNCED)
	$(BIN)/python -m proof.mutation --files guard/rules --suite tests/guard/rules --sample 40 --jobs $(JOBS)

prove: $(SYNCED)
	UV_PROJECT_ENVIRONMENT=$(VENV) $(BIN)/uv sync --quiet --frozen --inexact --group prove
	$(BIN)/python -m proof.prove $(PROVE)
