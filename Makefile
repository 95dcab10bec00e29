# Two commands set everything up on a machine with Python 3.11 or newer and pip:
#   make demo    the whole story on sample_images/
#   make test    lint, types, import contracts, tests

PYTHON ?= python3
BIN := .venv/bin
STAGE := build/stage
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test lint tests slow torture bench bench-index bench-service bench-page accuracy golden locale format clean

demo: .venv/installed
	$(BIN)/hashreg demo

test: lint tests

lint: .venv/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python tests/contracts/stage.py $(STAGE)
	cd $(STAGE) && ../../$(BIN)/mypy --config-file ../../pyproject.toml -p hashreg
	$(BIN)/mypy tests sample_images docs/attacks docs/audit docs/page
	$(BIN)/mypy benchmarks
	cd $(STAGE) && ../../$(BIN)/lint-imports --config ../../pyproject.toml

tests: .venv/installed-test
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile -m "not slow"

slow: .venv/installed-test
	$(BIN)/python -m pytest -m slow

torture: .venv/installed-test
	$(BIN)/python -m pytest -m torture

bench: .venv/installed-test
	$(PIP) -e '.[bench]'
	$(BIN)/python benchmarks/hashing.py

bench-index: .venv/installed-test
	$(PIP) -e '.[bench]'
	$(BIN)/python benchmarks/hamming_index.py

bench-service: .venv/installed-test
	$(PIP) -e '.[bench]'
	$(BIN)/python benchmarks/service.py

bench-page: .venv/installed-test
	$(BIN)/python benchmarks/browser.py

accuracy: .venv/installed-test
	$(PIP) -e '.[bench]'
	$(BIN)/python benchmarks/accuracy.py --json docs/accuracy/free.json --docs docs

golden: .venv/installed-test
	$(PIP) -e '.[oracle]'
	$(BIN)/python tests/golden/make_pdq_vectors.py
	$(BIN)/python tests/golden/make_token_vectors.py
	$(BIN)/python tests/golden/make_page_vectors.py

locale: .venv/installed-test
	$(BIN)/python tests/locale/catalogue.py

format: .venv/installed-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml | .venv/bin/python
	$(PIP) -e .
	touch $@

.venv/installed-test: pyproject.toml | .venv/bin/python
	$(PIP) -e '.[test]'
	touch $@ .venv/installed
