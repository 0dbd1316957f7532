# Works with GNU make 3.81, the one that macOS brings along.
PORT ?= 8000
ARGS ?=
BIN := .venv/bin

.PHONY: help setup setup-dev run test check bench proof shots format docs lock clean
.DEFAULT_GOAL := help

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

# The stamps make a second start instant: only a change of the lock files or of pyproject.toml installs again.
setup: .venv/.runtime ## virtual environment with the locked dependencies, hashes checked
	@:

setup-dev: .venv/.development ## the same, with the tools of tests and checks
	@:

.venv/.runtime: requirements.txt pyproject.toml .ci/venv
	@if [ -e .venv/.development ]; then .ci/venv requirements-dev.txt; else .ci/venv requirements.txt; fi
	@touch $@

.venv/.development: requirements-dev.txt pyproject.toml .ci/venv
	@.ci/venv requirements-dev.txt
	@touch .venv/.runtime $@

run: setup ## serve the platform with its demo city on SQLite (PORT=8000)
	@$(BIN)/marketplace db upgrade
	@$(BIN)/marketplace demo
	@exec $(BIN)/marketplace run --host 127.0.0.1 --port $(PORT)

# Links in messages lead to where this server is; a setting of one's own wins.
MARKETPLACE_PUBLIC_URL ?= http://127.0.0.1:$(PORT)
run: export MARKETPLACE_PUBLIC_URL := $(MARKETPLACE_PUBLIC_URL)

test: setup-dev ## the whole suite: SQLite, PostgreSQL, Chromium (ARGS="-k ledger")
	@.ci/system-packages
	@$(BIN)/python .ci/test $(ARGS)

check: setup-dev ## style, types, contracts, templates, docs, migrations, wheel
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python .ci/docs --check
	@.ci/system-packages
	$(BIN)/python .ci/migrations
	$(BIN)/python .ci/wheel

bench: setup-dev ## the benchmarks, with their figures
	$(BIN)/python -m tests.bench $(ARGS)

proof: setup-dev ## the long attacks on the ledger, a piece at a time, and docs/proof.md (ARGS="--part matrix")
	@.ci/system-packages
	@$(BIN)/python -m tests.proof $(ARGS)

shots: setup-dev ## pictures of every page in var/shots, with what is wrong (ARGS="--role city --only /orders")
	@.ci/system-packages
	@$(BIN)/python -m tests.shots $(ARGS)

format: setup-dev ## put imports and layout of the code in order
	$(BIN)/ruff check --select I --fix .
	$(BIN)/ruff format .

docs: setup-dev ## write the generated pages of docs/ anew
	$(BIN)/python .ci/docs

lock: setup-dev ## renew requirements.txt and requirements-dev.txt
	.ci/lock

clean: ## remove environment, caches and builds; data in var/ stays
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find marketplace vouchers providers tests -name __pycache__ -type d -prune -exec rm -rf {} +
