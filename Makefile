# Commands for users and developers. Requires Python 3.11+, make, and a network the first time.

# The Python with which the environment is created; by default the system's, else python3.
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
# One test process more than processors, because many tests wait for a browser or a clock.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
RUN_READY := $(VENV)/.runtime-ready
DEV_READY := $(VENV)/.development-ready
CATALOGS := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/minga.po))

.PHONY: demo test check bench clean translations lock

demo: $(RUN_READY) $(CATALOGS)  ## Start the tool, its worker and a demo LMS; print the URL to open.
	@$(BIN)/python -m demo_lms.together

test: $(DEV_READY) $(CATALOGS)  ## Run all tests (installs Chromium if there is none).
	@$(BIN)/python scripts/ensure_browser.py
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(DEV_READY) $(CATALOGS)  ## Format, lint, types, import contracts, translations.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m courseware.i18n.catalogs check

bench: $(DEV_READY) $(CATALOGS)  ## Run the benchmarks; prints tables.
	$(BIN)/python -m benchmarks $(ARGS)

translations: $(DEV_READY)  ## Collect the messages of the interface into translations/.
	$(BIN)/python -m courseware.i18n.catalogs update

lock: $(DEV_READY)  ## Pin the newest versions that pyproject.toml allows.
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra postgresql --extra redis --group local --universal --generate-hashes --upgrade --quiet -o locks/runtime.txt
	$(BIN)/uv pip compile pyproject.toml --all-extras --group dev --universal --generate-hashes --upgrade --quiet -o locks/development.txt

clean:  ## Remove all generated files.
	rm -rf $(VENV) .demo .cache dist build test-results .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find translations -name '*.mo' -delete

%.mo: %.po | $(RUN_READY)
	@$(BIN)/python -m courseware.i18n.catalogs compile

$(RUN_READY): locks/runtime.txt pyproject.toml
	@PYTHON="$(PYTHON)" sh scripts/environment.sh $(VENV) locks/runtime.txt
	@touch $@

$(DEV_READY): locks/development.txt pyproject.toml
	@PYTHON="$(PYTHON)" sh scripts/environment.sh $(VENV) locks/development.txt
	@touch $@ $(RUN_READY)
