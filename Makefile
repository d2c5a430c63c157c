# make run    sets up and starts everything on this machine; prints the address to open
# make test   sets up and runs every check and test
# make help   lists the rest

PYTHON ?= python3
BIN := .venv/bin
export NO_UPDATE_NOTIFIER := 1
# The tests start some hundred processes of Python, and each would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup lock upgrade ranges ranges-lowest-direct ranges-highest run test checks lint types unit coverage mutants service app host infra stack web browser format openapi chaos fuzz attack bench chromium firefox webkit clean

help:  ## this list
	@sed -nE 's/^([a-z]+):.*  ## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

setup: .venv/.done node_modules/.done local.settings.json  ## virtual environment, npm packages, local.settings.json

.venv/.done: requirements-dev.lock
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check "uv>=0.9,<1"
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements-dev.lock
	touch $@

lock: .venv/.done  ## write requirements*.lock after a change of the ranges; other versions stay
upgrade: .venv/.done  ## write requirements*.lock with the newest versions that the ranges allow
lock upgrade:
	for ranges in requirements.in requirements-dev.txt; do name=$${ranges%.*}; \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --custom-compile-command "make lock" $(if $(filter upgrade,$@),--upgrade) \
	    $$(test $$name = requirements || echo --constraints requirements.lock) \
	    $$ranges --output-file $$name.lock || exit 1; \
	done

# The ends of the ranges in requirements.in and requirements-dev.txt: what is locked lies between them.
.venv-lowest-direct/.done .venv-highest/.done: .venv-%/.done: .venv/.done requirements.in requirements-dev.txt
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-$*
	$(BIN)/uv pip install --quiet --python .venv-$*/bin/python --resolution $* -r requirements-dev.txt
	touch $@

ranges-lowest-direct ranges-highest: ranges-%: .venv-%/.done node_modules/.done
	.venv-$*/bin/pytest tests/unit tests/service

ranges: ranges-lowest-direct ranges-highest  ## unit and service tests with the lowest and with the highest versions

node_modules/.done: package.json package-lock.json
	npm ci --loglevel=error
	touch $@

# The worker library that the platform runs; needs Python 3.13, and says so where there is none.
.venv-runtime/.done: .venv/.done requirements.lock requirements-runtime.txt
	$(BIN)/python -m tests.app.runtime_venv
	mkdir -p $(@D) && touch $@

# Checkov pins what the tests leave open, so it lives apart.
.venv-checkov/.done: .venv/.done requirements-checkov.txt
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-checkov
	$(BIN)/uv pip install --quiet --python .venv-checkov/bin/python -r requirements-checkov.txt
	touch $@

# Yours to edit: it is made once and never overwritten.
local.settings.json:
	cp local.settings.example.json $@

run: setup  ## everything on this machine, until Ctrl-C
	@exec $(BIN)/python -m local.run

test: checks stack browser  ## every check and test

checks: .venv/.done node_modules/.done  ## everything that opens no socket, two at once
	@$(MAKE) --no-print-directory -j 2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) \
	  coverage lint types web

lint: .venv/.done  ## ruff, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

types: .venv/.done node_modules/.done  ## mypy, tsc
	$(BIN)/mypy
	node tests/web/openapi/generate.js
	node_modules/.bin/tsc --project tests/web/tsconfig.json

unit: .venv/.done  ## no sockets
	$(BIN)/pytest -n 2 tests/unit

coverage: .venv/.done  ## the unit tests again, and whether each covers its own module
	$(BIN)/python -m tests.coverage_by_module

.venv-mutants/.done: .venv/.done requirements-mutants.txt
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-mutants
	$(BIN)/uv pip install --quiet --python .venv-mutants/bin/python -r requirements-mutants.txt
	touch $@

mutants: .venv-mutants/.done  ## change the code in some thousand ways, and list the changes that no unit test notices
	.venv-mutants/bin/mutmut run --max-children 2
	.venv-mutants/bin/mutmut results

service: .venv/.done node_modules/.done  ## the gateway's clients and the emulator, over real sockets
	$(BIN)/pytest tests/service

app: .venv/.done .venv-runtime/.done node_modules/.done  ## function_app.py behind a host, and in the platform's worker
	$(BIN)/pytest tests/app

host: .venv/.done node_modules/.done  ## the local Functions host
	$(BIN)/pytest tests/host

infra: .venv/.done .venv-checkov/.done node_modules/.done  ## Bicep, azd, hooks
	$(BIN)/pytest tests/infra

# These mostly wait for real time, so more at once than there are cores; a file's tests stay together, with their
# processes. tests/conftest.py says in which order, and which files share processes too.
AT_ONCE := --dist loadfile --no-loadscope-reorder
stack: .venv/.done .venv-runtime/.done .venv-checkov/.done node_modules/.done  ## attack, app, infra, service and host at once
	$(BIN)/pytest -n 5 $(AT_ONCE) tests/chaos tests/app tests/infra tests/service tests/host tests/fuzz

attack: .venv/.done .venv-runtime/.done  ## short versions of chaos and fuzz
	$(BIN)/pytest tests/chaos tests/fuzz

chaos: .venv/.done .venv-runtime/.done  ## 200 calls, and all breaks that can; five seeds, about 40 minutes
	$(BIN)/python -m tests.chaos --seed 1 2 3 4 5 --calls 200

fuzz: .venv/.done .venv-runtime/.done  ## 10,000 odd requests over all routes
	$(BIN)/python -m tests.fuzz --requests 10000

web: node_modules/.done  ## the page's own modules, in Node
	node --test tests/web/*.test.js

browser: .venv/.done node_modules/.done chromium firefox webkit  ## the page in Chromium, Firefox and WebKitGTK
	$(BIN)/pytest -n 3 $(AT_ONCE) tests/browser

# Debian and Ubuntu install the browsers' packages here. Elsewhere install the browser and name its program.
chromium:
	@test -n "$$CHROMIUM" || command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
	  $(call install,chromium,Chromium or Chrome,CHROMIUM)

firefox:
	@test -n "$$FIREFOX" || command -v firefox-esr >/dev/null || command -v firefox >/dev/null || \
	  $(call install,firefox-esr,Firefox,FIREFOX)

webkit:
	@{ test -n "$$WEBKIT_DRIVER" || command -v WebKitWebDriver >/dev/null; } && command -v Xvfb >/dev/null || \
	  $(call install,webkit2gtk-driver xvfb,WebKitGTK's WebKitWebDriver and Xvfb,WEBKIT_DRIVER)

# $(call install,packages,what they bring,the variable that names its program)
install = { echo "Installing $(1)"; $$(test $$(id -u) = 0 || echo sudo) sh -c \
	    'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(1)' >/dev/null || \
	    { echo "apt-get could not install $(1). Install $(2) yourself, and name its program in $(3)." >&2; exit 1; }; }

openapi: .venv/.done  ## write docs/openapi.json anew
	$(BIN)/python -m switchboard.triggers.openapi > docs/openapi.json

format: .venv/.done  ## write the code in its one form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Without it the benchmark runs too, and its page says that the proxy is missing.
.venv-litellm/.done: .venv/.done requirements-litellm.txt
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-litellm
	$(BIN)/uv pip install --quiet --python .venv-litellm/bin/python -r requirements-litellm.txt && touch $@ || \
	  { rm -rf .venv-litellm; echo "LiteLLM could not be installed: it is not measured." >&2; }

bench: .venv/.done .venv-runtime/.done .venv-litellm/.done node_modules/.done  ## measures for a quarter of an hour and rewrites docs/performance.md
	$(BIN)/python -m bench $(PARTS)

clean:  ## what setup made, local.settings.json excepted
	rm -rf .venv .venv-* node_modules mutants test-results dist/site
