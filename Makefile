# The verbs of this project. `make help` lists them. Needs make, git and Python 3.11 or later with venv and pip.
.DEFAULT_GOAL := help
.PHONY: help demo up down lint unit check test models format docs lock clean
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

UV_VERSION := 0.13.8
BIN := .venv/bin
# uv reads none of pip's settings: the mirrors, certificate and time limit that pip knows are passed on.
UV_SETTINGS = UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$($(BIN)/pip config get global.index-url 2>/dev/null)}}" \
  UV_INDEX="$${UV_INDEX:-$${PIP_EXTRA_INDEX_URL:-}}" SSL_CERT_FILE="$${SSL_CERT_FILE:-$${PIP_CERT:-}}" \
  UV_HTTP_TIMEOUT="$${UV_HTTP_TIMEOUT:-$${PIP_DEFAULT_TIMEOUT:-}}"
UV = $(UV_SETTINGS) $(BIN)/uv --quiet
# Where Python may not write bytecode, every task would compile its imports anew, for a second: it is made at installation.
INSTALL = $(UV) pip install --python $(BIN)/python $(if $(PYTHONDONTWRITEBYTECODE),--compile-bytecode)
# Each process has a PostgreSQL of its own. The slow tests start whole installations: two at once, a file's tests one after another.
QUICK = $(BIN)/pytest -q -m "not slow" --numprocesses=auto --maxprocesses=4
SLOW = $(BIN)/pytest -q -m slow --numprocesses=2 --dist=loadfile --durations=15
COMPILE = $(if $(PYTHONDONTWRITEBYTECODE),$(BIN)/python -m compileall -q egoetl plugins,true)

help: ## Show these lines
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/.control ## Build a small EgoAVU dataset from sample footage, through Airflow, and show the funnel
	@$(BIN)/egoetl local demo $(if $(ENGINE),--engine $(ENGINE))

up: .venv/.control ## Start PostgreSQL and Airflow and say where they are
	@$(BIN)/egoetl local up

down: ## End PostgreSQL, Airflow and everything that they have started
	@if [ -x $(BIN)/egoetl ]; then $(BIN)/egoetl local down; fi

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports

check: .venv/.dev ## Lint, types, import contracts and unit tests, within two minutes
	@$(MAKE) --no-print-directory --jobs=2 lint unit

# Side by side with lint: types are checked by one process, for half a minute.
unit: .venv/.dev
	$(QUICK) tests/unit tests/architecture tests/golden tests/dags

test: lint ## The same with every test
	@$(MAKE) --no-print-directory models || [ "$${EGOETL_TESTS_LEAVE_NOTHING_OUT:-}" != 1 ]
	$(QUICK)
	$(SLOW)

models: .venv/.uv ## Install vLLM for the CPU, which tests of model servers use, into .venv-models (Linux; 2 GB)
	@$(UV_SETTINGS) PYTHONPATH=tests $(BIN)/python -m inference.install

format: .venv/.dev ## Format the code and mend what the linter can
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

docs: .venv/.dev ## Write the generated pages again: command line, lineage tables, failures, metrics, benchmarks
	$(BIN)/python docs/generate_cli.py
	$(BIN)/python docs/generate_lineage.py
	$(BIN)/python docs/generate_failures.py
	$(BIN)/python docs/generate_metrics.py
	$(BIN)/python docs/generate_performance.py

lock: .venv/.uv ## Resolve the locks again from pyproject.toml, keeping versions that still fit
	@$(UV) pip compile pyproject.toml --universal --generate-hashes --no-header --extra control -o locks/control.txt
	@$(UV) pip compile pyproject.toml --universal --generate-hashes --no-header --extra control --group dev --constraint locks/control.txt -o locks/control-dev.txt
	@$(UV) pip compile pyproject.toml --universal --generate-hashes --no-header --extra server --constraint locks/control.txt -o locks/server.txt
	@$(UV) pip compile pyproject.toml --universal --generate-hashes --no-header --extra worker --constraint locks/control.txt -o locks/worker.txt
	@$(UV) pip compile pyproject.toml --python-platform x86_64-manylinux_2_28 --python-version 3.11 --generate-hashes --no-header --extra worker --extra inference -o locks/inference.txt
	@$(UV) pip compile --group pyproject.toml:build --universal --generate-hashes --no-header -o locks/build.txt
	@$(UV) pip compile --group pyproject.toml:models-cpu --overrides locks/models-cpu-without.txt --universal --generate-hashes --no-header -o locks/models-cpu.txt

clean: ## Delete the database, the store, the demo's footage and the environments
	@if [ -x $(BIN)/egoetl ]; then $(BIN)/egoetl local remove --yes; fi
	rm -rf .venv .venv-models .pytest_cache .ruff_cache .hypothesis .import_linter_cache

.venv/.uv:
	@for python in python3.11 python3.12 python3.13 python3; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi; python=; done; \
	if [ -z "$$python" ]; then echo "make: egoetl needs Python 3.11 or later; install python3.11 with its venv module." >&2; exit 1; fi; \
	echo "Making .venv with $$($$python --version)"; \
	if ! $$python -m venv .venv; then \
	  echo "make: $$python cannot make a virtual environment; install its venv module (on Debian: python3-venv)." >&2; exit 1; fi
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

.venv/.control: .venv/.uv locks/control.txt pyproject.toml
	@echo "Installing locks/control.txt"
	@$(INSTALL) --require-hashes -r locks/control.txt
	@$(INSTALL) --no-deps --editable .
	@$(COMPILE)
	@touch $@

.venv/.dev: .venv/.uv locks/control-dev.txt pyproject.toml
	@echo "Installing locks/control-dev.txt"
	@$(INSTALL) --require-hashes -r locks/control-dev.txt
	@$(INSTALL) --no-deps --editable .
	@$(COMPILE)
	@touch $@ .venv/.control
