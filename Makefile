# Two commands: `make chat` talks to a model, `make test` runs every check. Both set up what they need.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
ARGS   ?=

.PHONY: chat test lint types unit docs pictures bench clean

chat: $(VENV)/.chat                       ## open the REPL, or pass arguments: make chat ARGS="'Say hello'"
	@$(BIN)/chatcli --yes $(ARGS)

test: lint types unit                     ## everything that must hold

lint: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.dev
	$(BIN)/mypy

unit: $(VENV)/.dev
	$(BIN)/chatcli local pull
	$(BIN)/pytest -n 2 $(ARGS)

docs: $(VENV)/.dev                        ## write the generated documents again
	$(BIN)/python docs/generate.py

pictures: $(VENV)/.dev                    ## take the pictures of the documents again
	$(BIN)/python -m docs.picture

bench: $(VENV)/.dev                       ## print every figure of docs/performance.md
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/.chat: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[local]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[local,dev]'
	@touch $@ $(VENV)/.chat

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
