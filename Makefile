# Two commands on a fresh machine: `make demo` grades, `make test` passes the tests. Both set up first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO := threaded_sum/one_after_the_other dispatcher_server/reads_in_the_communication_thread \
    parallel_fetcher/waves threading_models/first_lwp_costs

.PHONY: help demo test lint docs figures browser check-all bubblewrap clean

help:            ## this list
	@grep -hE '^[a-z-]+: .*##' Makefile | sed -E 's/: .*## /\t/' | expand -t 16

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

bubblewrap:      ## as root on Debian or Ubuntu: what the strongest tier of confinement needs
	@command -v bwrap >/dev/null || { apt-get update -qq && apt-get install -y -qq bubblewrap; }

demo: $(READY)   ## grade the reference solutions, then a submission with a fault in each exercise
	@$(BIN)/grade doctor
	@$(BIN)/grade run solutions
	@folder=$$(mktemp -d) && trap 'rm -r "$$folder"' EXIT && for pair in $(DEMO); do \
	    mkdir -p "$$folder/student/$${pair%/*}"; \
	    cp "solutions/$${pair%/*}/faulty/$${pair#*/}.py" "$$folder/student/$${pair%/*}/$${pair%/*}.py"; \
	done && $(BIN)/grade run "$$folder/student"

test: $(READY)   ## the project's own tests
	$(BIN)/python -m pytest -q

lint: $(READY)   ## format, lint, types, import contract
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(READY)   ## the site, in docs/_build
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[docs]'
	$(BIN)/sphinx-build -q -W --keep-going docs docs/_build

figures: $(READY)  ## all figures of the handouts and screenshots of the docs, made anew (apt install chromium)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[browser]'
	$(BIN)/python docs/figures.py

browser: $(READY)  ## the pages in a real browser (apt install chromium)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[browser]'
	$(BIN)/python -m pytest -q tests/browser

check-all: test lint browser  ## everything that takes long as well
	$(BIN)/grade check
	$(BIN)/grade check --repeat 3 --load 6 --no-mutants
	$(BIN)/python benchmarks/reliability.py
	$(BIN)/python benchmarks/cost.py
	$(BIN)/python benchmarks/races.py
	THREADLAB_ALL=1 $(BIN)/python -m pytest -q tests/release/test_package.py tests/release/test_end_to_end.py
	$(BIN)/python benchmarks/release.py
	$(BIN)/python benchmarks/pages.py
	$(BIN)/python benchmarks/attacks.py --repeat 20

clean:           ## forget the virtual environment and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
