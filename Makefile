# What can be done here. `make demo` and `make test` need only Python 3.11 or later: they set everything up first.

PYTHON ?= python3
VENV := .venv
READY := $(VENV)/ready

.PHONY: help demo test lint check clean

help:           ## list what can be done
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed 's/: *[^#]*## */\t/' | expand -t 12

demo: $(READY)  ## open a case under each of the five protocols in a scratch file, and list what is overdue and at risk
	@$(VENV)/bin/escalate demo

test: $(READY)  ## run the tests
	$(VENV)/bin/pytest

lint: $(READY)  ## run the linters
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy

check: test lint  ## what has to pass before anything lands

$(READY): pyproject.toml requirements-dev.txt
	$(PYTHON) -c 'import sys; sys.exit("escalate needs Python 3.11 or later; name one with: make PYTHON=python3.12 demo" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[office]' --requirement requirements-dev.txt
	@touch $(READY)

clean:          ## remove what the above made
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
