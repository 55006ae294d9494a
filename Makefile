# commsplan: everything a contributor does. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13 python3.14; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
SPOKEN := $(patsubst %.po,%.mo,$(wildcard commsplan/translations/*/LC_MESSAGES/messages.po))
JOBS ?= 2
SEED ?= 1

.PHONY: help install demo demo-reset test check unit unit-postgres clients mainline hosts chaos chaos-small browser format lock translations bench bench-delivery bench-calendars clean

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

demo: .venv/.runtime $(SPOKEN) ## run everything on this machine with the demo organisation; Ctrl-C stops it
	@$(BIN)/python -m commsplan demo

install: .venv/.runtime $(SPOKEN) ## only set up, as for running it for real (docs/how-to/operators.md)

demo-reset: .venv/.runtime ## forget the demo's data and start over at the next `make demo`
	@$(BIN)/python -m commsplan demo --reset

test: .venv/.dev ## set up and run every check and every test, on SQLite and on PostgreSQL
	@$(MAKE) --no-print-directory check
	@$(MAKE) --no-print-directory unit unit-postgres clients browser mainline
	@if [ "$$(id -u)" = 0 ]; then $(MAKE) --no-print-directory hosts; else \
		echo "Not run: the tests through a real Postfix and on two hosts need root. \`sudo make hosts\` runs them."; fi

check: .venv/.dev $(SPOKEN) ## style, types, import contracts, templates, migrations (under a minute)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest tests/house

unit: .venv/.dev $(SPOKEN) ## rules and pages on SQLite
	$(BIN)/python -m pytest tests -n $(JOBS) -m "not browser and not mainline and not clients" --ignore tests/house

unit-postgres: .venv/.dev $(SPOKEN) ## the same on a real PostgreSQL
	$(BIN)/python -m pytest tests -n $(JOBS) -m "not browser and not mainline and not clients" --ignore tests/house --database=postgres

clients: .venv/.dev .venv/.clients $(SPOKEN) ## our calendars in ical.js, libical, vdirsyncer and khal
	$(BIN)/python -m pytest tests -m "clients" -n $(JOBS)

browser: .venv/.dev .venv/.browser $(SPOKEN) ## every page in Chromium: keyboard, axe, both colour schemes
	$(BIN)/python -m pytest tests -m "browser and not mainline" -n $(JOBS)

mainline: .venv/.dev .venv/.browser $(SPOKEN) ## the whole walk with real workers, real SMTP, real queue, both databases
	$(BIN)/python -m pytest tests/mainline
	$(BIN)/python -m pytest tests/mainline --database=postgres
	@$(MAKE) --no-print-directory chaos-small

hosts: .venv/.dev $(SPOKEN) ## through a real Postfix, and on two hosts of which one is cut off (needs root)
	$(BIN)/python -m pytest tests/postfix tests/scaling

chaos: .venv/.dev $(SPOKEN) ## kill everything 200 times over 100,000 copies (up to 25 minutes; JSON on the last line)
	@$(BIN)/python -m tests.chaos.run --copies 100000 --kills 200 --seed $(SEED) --minutes 25

chaos-small: .venv/.dev $(SPOKEN) ## the same with 2,000 copies and 10 kills on both databases; is the harness worth believing?
	$(BIN)/python -m pytest tests/chaos

bench: .venv/.dev ## measure: a staff list of 100,000 rows (one JSON object on the last line)
	$(BIN)/python bench/staff_import.py

bench-delivery: .venv/.dev $(SPOKEN) ## measure: the engine beside smtp-source and a loop (needs Postfix's tools)
	$(BIN)/python bench/delivery.py

bench-calendars: .venv/.dev $(SPOKEN) ## measure: feeds beside icalendar, and a 304 beside an empty Flask view
	$(BIN)/python bench/calendars.py

format: .venv/.dev ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: .venv/.dev ## lock the dependencies again (hashes, no registry named)
	$(BIN)/pip install -q uv
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra local --extra postgres -o requirements.lock pyproject.toml
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra local --extra postgres --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

translations: .venv/.dev ## collect user-visible text into commsplan/translations/*/LC_MESSAGES/messages.po
	$(BIN)/python tests/house/collect_text.py

# What msgfmt would do, with Babel: no tool besides Python is needed.
%.mo: %.po | .venv/.runtime
	@$(BIN)/pybabel -q compile -i $< -o $@

clean: ## remove what was installed and built here (not the demo's data)
	rm -rf .venv .clients node_modules .mypy_cache .ruff_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "commsplan needs Python 3.11 or newer; none was found. Install it, or say where: make PYTHON=/path/to/python"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.runtime: requirements.lock | .venv/bin/python
	@echo "Installing commsplan's dependencies (once; about a minute) …"
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.runtime
	@echo "Installing what the tests need (once) …"
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

.venv/.clients: tests/clients/requirements.txt package-lock.json tests/install-clients | .venv/.dev
	@tests/install-clients
	@touch $@

.venv/.browser: | .venv/.dev
	@tests/install-browser
	@touch $@
