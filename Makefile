# make run    a legacy site behind the proxy, with a story on the terminal (TOUR=only ends after it;
#             PORT=8080 for another port than 8000; STORE=cluster for two tracking servers and three
#             proxies over PostgreSQL and Redis, which must be installed)
# make test   all tests; ARGS="tests/core -k lease" for some
# make check  format, lint, types, migrations
# make format mends what the formatter and the linter can mend

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DISTRIBUTIONS := core proxy_swap flask_ext wagtail_plugin
PROJECTS := $(DISTRIBUTIONS:%=%/pyproject.toml)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: run test check format clean
.DEFAULT_GOAL := run

run: $(VENV)/$(if $(filter cluster,$(STORE)),.cluster,.run)
	@$(BIN)/python -m examples.tour $(if $(filter only,$(TOUR)),--only) $(if $(PORT),--port $(PORT)) \
		$(if $(STORE),--store $(STORE))

test: $(VENV)/.dev
	$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/callgraft migrate --check-schema

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) .run .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Callgraft needs Python 3.11 or newer; name one: make PYTHON=python3.12"; exit 1; }
	@echo "Making the environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

# What `make run` needs is small: core and the proxy.
$(VENV)/.run: $(BIN)/python core/pyproject.toml proxy_swap/pyproject.toml
	@echo "Installing core and proxy_swap ..."
	@$(PIP) install -e "./core[encodings]" -e ./proxy_swap
	@touch $@

$(VENV)/.cluster: $(VENV)/.run
	@echo "Installing what many machines need ..."
	@$(PIP) install -e "./core[encodings,postgresql,redis,remote,server]"
	@touch $@

$(VENV)/.dev: $(BIN)/python requirements-dev.txt $(PROJECTS)
	@echo "Installing the four distributions and the tools ..."
	@$(PIP) install -r requirements-dev.txt
	@touch $@ $(VENV)/.run $(VENV)/.cluster
