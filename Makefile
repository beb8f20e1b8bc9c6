# Everything starts from a bare Python >= 3.11 with venv: `make demo`, `make test`.
# `make help` lists the targets. PYTHON=python3.12 chooses the interpreter of a new environment.

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
EXTRAS := stats,report,games,frames,http

# The demonstration: the study, what is varied, where the run goes.
demo-study ?= donor-game
demo-out ?= runs/demo
demo-line ?= run $(demo-study) --out $(demo-out)

# What is installed is remembered by a stamp that carries the checksum of pyproject.toml: nothing is installed
# twice, and a changed requirement is never missed.
SUM := $(shell cksum < pyproject.toml | cut -d' ' -f1)
PYTHON_STAMP := $(VENV)/.python
DEMO_STAMP := $(VENV)/.demo-$(SUM)
DEV_STAMP := $(VENV)/.dev-$(SUM)
DOCS_STAMP := $(VENV)/.docs-$(SUM)

# A data folder beside the checkout is used when nothing else is said.
DATA_BESIDE := $(wildcard ../shared/data)
ifeq ($(origin MORES_DATA),undefined)
ifneq ($(DATA_BESIDE),)
export MORES_DATA := $(abspath $(DATA_BESIDE))
endif
endif

.DEFAULT_GOAL := help
.PHONY: help demo test check bench docs golden clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | sort | expand -t 10

demo: $(DEMO_STAMP) ## run the main study and write its report to runs/demo
	$(BIN)/mores $(demo-line)

test: $(DEV_STAMP) ## run the tests with coverage; skipped ones are counted with their reason
	@rm -f .coverage .coverage.*
	$(BIN)/python -m coverage run -m pytest $(PYTEST_ARGS)
	@$(BIN)/python -m coverage combine --quiet
	@$(BIN)/python -m coverage report

check: $(DEV_STAMP) ## ruff, formatting, mypy --strict, sizes of files and functions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python tools/check_sizes.py

bench: $(DEV_STAMP) ## run every bench and print ours beside the peers'
	$(BIN)/python bench/run.py

docs: $(DOCS_STAMP) ## build the site into site/; a warning is an error
	$(BIN)/python tools/make_docs.py site
	$(BIN)/zensical build --clean --strict --config-file build/docs/zensical.toml
	@rm -rf site && mv build/docs/site site && echo "open site/index.html"

golden: ## play the classic strategies in the Axelrod library again (gigabytes, once)
	$(PYTHON) bench/axelrod_moves.py

clean: ## remove what was built and measured; environments, runs and data stay
	rm -rf build dist site htmlcov .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find src tests bench tools -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- the environment -------------------------------------------------------------------------------

$(PYTHON_STAMP):
	@if [ ! -x $(BIN)/python ]; then \
	  command -v $(PYTHON) > /dev/null || \
	    { echo "error: $(PYTHON) was not found; install Python 3.11 or newer, or name one: make PYTHON=/path/to/python" >&2; exit 1; }; \
	  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "error: Mores needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) -V 2>&1); name another: make PYTHON=python3.12" >&2; exit 1; }; \
	  echo "making $(VENV) with $$($(PYTHON) -V)"; \
	  $(PYTHON) -m venv $(VENV) || \
	    { rm -rf $(VENV); echo "error: $(PYTHON) -m venv failed; on Debian and Ubuntu it is in the package python3-venv" >&2; exit 1; }; \
	fi
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "error: $(VENV) holds $$($(BIN)/python -V), and Mores needs 3.11 or newer; remove $(VENV) and run make again" >&2; exit 1; }
	@$(BIN)/python -c 'import sys, pip; sys.exit(tuple(map(int, pip.__version__.split(".")[:2])) < (25, 1))' || \
	  { echo "bringing pip up to date (dependency groups need 25.1)"; $(PIP) install --upgrade 'pip>=25.1'; }
	@touch $@

$(DEMO_STAMP): $(PYTHON_STAMP)
	@echo "installing Mores with the extras stats and report"
	@$(PIP) install --editable '.[stats,report]'
	@touch $@

$(DEV_STAMP): $(PYTHON_STAMP)
	@echo "installing Mores with the extras $(EXTRAS) and the tools for tests and checks"
	@$(PIP) install --editable '.[$(EXTRAS)]' --group dev
	@touch $@ $(DEMO_STAMP)

$(DOCS_STAMP): $(DEV_STAMP)
	@echo "installing the site generator"
	@$(PIP) install --group docs
	@touch $@
