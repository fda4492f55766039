# Everything is made in this folder: the environment in .venv, caches beside it.
PYTHON = python3
DATA = ../shared/data
ARGS =

BIN = .venv/bin
# Tests on all cores; four, since those of Kafka are a quarter of the time and cannot be divided. ARGS=-n0 is one.
SIDE_BY_SIDE = --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
BENCHES = $(filter-out _%,$(basename $(notdir $(wildcard tests/bench/*.py))))
PIP_COMPILE = .venv/lock/bin/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
  --build-deps-for editable --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options

export PIP_DISABLE_PIP_VERSION_CHECK = 1

# $(call pip,ARGUMENTS): quiet, but what pip said is shown if it fails.
define pip
@$(BIN)/python -m pip install --no-deps $(1) >.venv/pip.log 2>&1 || { cat .venv/pip.log >&2; \
  echo "Installing failed; pip says why above. If a package has no wheel for this Python, take another one:" >&2; \
  echo "  make clean, then the same command again with PYTHON=python3.11, 3.12 or 3.13" >&2; exit 1; }
endef

.PHONY: help setup demo demo-kafka live test lint bench lock clean

help: ## what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup: .venv/run ## make the environment in .venv
	@echo "Ready: .venv/bin/listener --help"

demo: .venv/run ## watch a brand crisis being found (ARGS="--keep FOLDER" keeps the database)
	@mkdir -p .venv/tmp
	@TMPDIR="$(CURDIR)/.venv/tmp" $(BIN)/listener demo $(ARGS)

demo-kafka: .venv/run ## the same through Kafka: a broker of its own, two workers (needs Java 17 and Maven)
	@deploy/dev-kafka/demo

live: .venv/run ## listen to Bluesky for three well-known brands, until Ctrl-C (needs the internet)
	@mkdir -p .venv/live
	@[ -e .venv/live/listener.toml ] || cp agents/sources/live.toml .venv/live/listener.toml
	@$(BIN)/listener run -c .venv/live/listener.toml $(ARGS)

test: .venv/dev ## run all tests (ARGS="-k windows -x" goes to pytest)
	@mkdir -p .venv/tmp
	@TMPDIR="$(CURDIR)/.venv/tmp" $(BIN)/python -m pytest $(SIDE_BY_SIDE) $(ARGS)

lint: .venv/dev ## ruff and mypy
	@bad=0; for check in "ruff check ." "ruff format --check ." mypy; do $(BIN)/$$check || bad=1; done; exit $$bad

bench: .venv/dev ## all benches on the real posts (DATA=../shared/data)
	@bad=0; for name in $(BENCHES); do echo "== $$name"; $(BIN)/python -m tests.bench.$$name "$(DATA)" || bad=1; done; exit $$bad

# With the oldest Python we support, so that what only it needs is locked too.
lock: .venv/made ## resolve the dependencies again (ARGS=--upgrade takes newer versions)
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
	  || { echo "The locks are made with Python 3.11: make clean, then make lock PYTHON=python3.11" >&2; exit 1; }
	@echo "Resolving the dependencies (about a minute) ..."
	@[ -x .venv/lock/bin/pip-compile ] || { $(BIN)/python -m venv .venv/lock && .venv/lock/bin/pip install --quiet pip-tools==7.6.2; }
	@CUSTOM_COMPILE_COMMAND="make lock" $(PIP_COMPILE) $(ARGS) --output-file requirements.lock pyproject.toml
	@CUSTOM_COMPILE_COMMAND="make lock" $(PIP_COMPILE) $(ARGS) --extra test --extra lint \
	  --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml

clean: ## remove the environment and all caches
	@rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "listener needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>/dev/null || echo not installed)." >&2; \
	  echo "If another one is installed, name it: make $(MAKECMDGOALS) PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make environments: its venv module is missing." >&2; \
	  echo "On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Creating the environment in .venv (about 5 s, once) ..."
	@$(PYTHON) -m venv --clear .venv
	@touch $@

.venv/run: .venv/made requirements.lock pyproject.toml
	@echo "Installing listener and what it needs (about 15 s, once) ..."
	$(call pip,--require-hashes -r requirements.lock)
	$(call pip,--no-build-isolation --editable .)
	@touch $@

.venv/dev: .venv/run requirements-dev.lock
	@echo "Installing what tests and checks need (about 25 s, once) ..."
	$(call pip,--require-hashes -r requirements-dev.lock)
	@touch $@
