# Needs python3 and make; everything else is installed into .venv on first use.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.ready

.PHONY: setup run test test-slow lint docs bench clean
setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[dev]'
	touch $(STAMP)

run: setup            ## the main job, on a built-in problem
	$(BIN)/ansatz run resonance

test: setup           ## the default suite
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m pytest -n 2
	$(MAKE) docs

test-slow: setup
	$(BIN)/python -m pytest -n 2 -m slow

lint: setup
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/pyright

docs: setup
	$(BIN)/sphinx-build -q -W -b html docs docs/_build

bench: setup
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv docs/_build .pytest_cache
