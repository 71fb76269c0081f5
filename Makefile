# Two commands matter: `make run` and `make test`. Both set up what is missing and are quick when run again.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.PHONY: run test index check lint format eval bench bench-page bench-widget adapt picture clean

run: $(VENV)/.run
	$(BIN)/uccn index
	$(BIN)/uccn serve

test: $(VENV)/.test
	$(BIN)/python -m pytest

check: lint test

lint: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/uccn sources --check

format: $(VENV)/.test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

index: $(VENV)/.run
	$(BIN)/uccn index

eval: index
	$(BIN)/uccn eval check
	$(BIN)/uccn eval run
	$(BIN)/uccn eval report
	$(BIN)/uccn eval gate

bench: $(VENV)/.bench
	$(BIN)/python -m evals.bench

bench-page:  # against a server that runs
	$(BIN)/python -m evals.page

bench-widget: $(VENV)/.test
	$(BIN)/uccn index
	$(BIN)/python -m evals.bench_widget

adapt: $(VENV)/.run
	$(BIN)/python -m evals.adapt

picture: $(VENV)/.test  # after `make eval`, which writes the report
	$(BIN)/uccn index
	CHAT_PICTURES=docs $(BIN)/python -m pytest tests/test_browser.py -k picture
	REPORT_PAGE=$(CURDIR)/evals/runs/report.html REPORT_PICTURE=docs/report.png $(BIN)/python -m pytest tests/test_eval_page.py -k picture

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache evals/runs index/current index/v-* index/building-* index/build.lock

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing; this takes a few minutes the first time."
	$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/.test: $(VENV)/.run
	$(PIP) install -c constraints.txt -e '.[test]'
	@touch $@

$(VENV)/.bench: $(VENV)/.run
	$(PIP) install -c constraints.txt -e '.[bench]'
	@touch $@
