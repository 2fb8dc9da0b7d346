# The platform's commands; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help run test check lock simulate bench bench-quick setup setup-dev

SYSTEM_PYTHON ?= python3
PYTHON := .venv/bin/python
RATE ?= 1

help: ## list the commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /  make \1\t/' | expand -t 24

setup: ## make the checkout ready: environment, packages, front-end files (run and test do it themselves)
	@command -v $(SYSTEM_PYTHON) >/dev/null || { echo "setup: Python is missing: apt-get install python3 python3-venv" >&2; exit 1; }
	@$(SYSTEM_PYTHON) scripts/setup.py

setup-dev:
	@command -v $(SYSTEM_PYTHON) >/dev/null || { echo "setup: Python is missing: apt-get install python3 python3-venv" >&2; exit 1; }
	@$(SYSTEM_PYTHON) scripts/setup.py --dev

run: setup ## start everything at http://127.0.0.1:8000 (PORT=, ZONE_NOW=); Ctrl-C ends it
	@exec $(PYTHON) -m app.supervise.run --with-parent

test: setup-dev ## run all tests (ARGS= is handed to pytest)
	@$(PYTHON) scripts/chromium.py
	@$(PYTHON) -m pytest -n 2 --dist loadgroup $(ARGS)

check: setup-dev ## format, lint, types, import contracts
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m mypy app common credit customs tax forex simulator bench tests scripts
	@$(PYTHON) -c "from importlinter.cli import lint_imports_command as check; check()"

lock: setup-dev ## compile requirements*.txt and package-lock.json anew from what they are made of
	@$(PYTHON) scripts/lock.py

simulate: setup ## play platforms, firms and sites against the running platform (RATE= parcels a second)
	@export $$(grep -hE '^(PORT|ZONE_CLOCK_OFFSET)=' $${ZONE_VAR:-var}/run.env 2>/dev/null); \
	  exec $(PYTHON) -m simulator --rate $(RATE)

bench: setup ## measure on a database of its own; figures in var/bench/latest.json (run it alone: minutes)
	@ZONE_BENCH=1 $(PYTHON) -m bench

bench-quick: setup ## the same on a twentieth of the rows: shows that it works, not how fast it is
	@ZONE_BENCH=1 $(PYTHON) -m bench --quick
