# make run    sets up and starts everything on this machine; prints the address to open
# make test   sets up and runs every check and test
# make help   lists the rest

PYTHON ?= python3
BIN := .venv/bin
export NO_UPDATE_NOTIFIER := 1
export PYTHONUNBUFFERED := 1

.PHONY: help setup run test lint types unit service host web browser infra format clean
.DEFAULT_GOAL := help

help:  ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST)

setup: .venv/.done node_modules/.done local.settings.json  ## virtual environment, npm packages, local.settings.json

.venv/.done: requirements.txt requirements-dev.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements-dev.txt
	touch $@

node_modules/.done: package.json package-lock.json
	npm ci --loglevel=error
	touch $@

local.settings.json: local.settings.example.json
	test -e $@ || cp local.settings.example.json $@
	touch $@

run: setup  ## everything on this machine, until Ctrl-C
	@$(BIN)/python -m local.run

test: lint types unit service host web browser infra  ## every check and test

lint: .venv/.done  ## ruff, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

types: .venv/.done node_modules/.done  ## mypy, tsc
	$(BIN)/mypy
	node_modules/.bin/tsc --project tsconfig.json

unit: .venv/.done
	$(BIN)/pytest tests/unit

format: .venv/.done  ## write the code in its one form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
