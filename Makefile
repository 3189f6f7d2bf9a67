# Quinzaine. `make` lists the targets.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help setup setup-dev run demo pdf test test-browser test-clients test-faults test-long test-rush test-servers check lock screenshots bench bench-peers servers servers-stop clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.runtime ## create .venv from the hashed lock (uv when present, pip otherwise)

setup-dev: $(VENV)/.dev ## the same with what tests and checks need

$(VENV)/.runtime: requirements.lock pyproject.toml deploy/setup.sh
	@PYTHON=$(PYTHON) sh deploy/setup.sh $(VENV) requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml deploy/setup.sh
	@PYTHON=$(PYTHON) sh deploy/setup.sh $(VENV) requirements-dev.lock
	@touch $@ $(VENV)/.runtime

run: setup ## start Quinzaine on http://127.0.0.1:8080 with the 2020 edition
	@$(BIN)/quinzaine serve --demo examples/soissons-2020

demo: setup ## the whole chain without a browser, results in out/demo
	@$(BIN)/quinzaine demo --out out/demo

pdf: ## what PDF sheets need beside Python: Debian's Pango (needs root when missing)
	@sh deploy/pdf.sh

test: setup-dev ## every suite that needs no server, on every core
	@$(BIN)/pytest -n auto
	@echo "Not run here: RabbitMQ and PostgreSQL (make test-servers), kills, Chromium, real clients, rushes (test-faults, -browser, -clients, -rush, -long)."

test-faults: setup-dev ## kill the embedded house again and again: nothing lost, nothing twice
	@$(BIN)/pytest tests/faults

test-browser: setup-dev ## every page in Chromium, looked at by three checkers (installs Debian's browser, npm and Java when missing)
	@sh deploy/browser.sh
	@sh deploy/checkers.sh var/checkers
	@$(BIN)/pytest tests/browser

test-clients: setup-dev ## real calendars and mail servers answer (installs Debian's dovecot, evolution-data-server and thunderbird)
	@[ -x /usr/sbin/dovecot ] || sh deploy/debian.sh dovecot-imapd
	@[ -x /usr/libexec/evolution-source-registry ] || sh deploy/debian.sh evolution-data-server gir1.2-ecal-2.0 python3-gi
	@{ command -v thunderbird && command -v Xvfb; } >/dev/null || sh deploy/debian.sh thunderbird xvfb
	@$(BIN)/pytest tests/clients

test-long: setup-dev ## small problems by the hundred, solver against brute force
	@$(BIN)/pytest tests/long/small_problems.py

test-rush: setup-dev ## 10,000 requests for one place, 48,000 for 930, on SQLite and PostgreSQL (make servers first)
	@. var/servers/env; $(BIN)/pytest tests/rush/full_rush.py

screenshots: setup-dev ## make the pictures of docs/images again
	@sh deploy/browser.sh
	@$(BIN)/python -m docs.screenshots

bench: setup-dev ## the planner on the 2020 edition: time to a plan, to the optimum, to the proof
	@$(BIN)/python benchmarks/planner/bench_quinzaine.py

bench-peers: setup-dev ## the planner beside OR-Tools routing, PyVRP, Timefold, FET and hand rules
	@bash benchmarks/planner/peers.sh

servers: ## private RabbitMQ and PostgreSQL for tests (installs Debian's when missing; needs root then)
	@deploy/servers.sh start

servers-stop: ## end them; their data stay in var/servers
	@deploy/servers.sh stop

test-servers: setup-dev ## the suites against RabbitMQ, PostgreSQL and other calendars (make servers first, or QUINZAINE_TEST_*_URL)
	@/sbin/ldconfig -p | grep -q libical.so.3 || sh deploy/debian.sh libical3
	@sh deploy/tools.sh var/calendars tests/servers/calendars.lock
	@if [ -z "$$QUINZAINE_TEST_AMQP_URL" ] && [ -f var/servers/env ]; then . var/servers/env; fi; $(BIN)/pytest --servers -n auto tests/ports tests/servers

check: setup-dev ## style, types, import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

lock: ## pin every dependency again (needs uv)
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml deploy/build.in -o requirements.lock
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --extra dev -c requirements.lock pyproject.toml deploy/build.in -o requirements-dev.lock

clean: ## remove what make made, not your data
	@rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
