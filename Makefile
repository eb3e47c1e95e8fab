# Two commands do everything on a fresh machine that has Python 3.11 or newer: `make demo` and `make test`.
# The first Python that is new enough and can make virtual environments.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$python -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: install constraints demo test lint bench rules facts corpus clean

install: $(STAMP)

# The pip of an older Python knows neither groups nor constraints for builds.
$(STAMP): pyproject.toml constraints.txt
	@$(or $(PYTHON),false) -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "migrator needs Python 3.11 or newer with its venv and ensurepip; set PYTHON=/path/to/python3.11"; exit 2; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing migrator and what it is tested with into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --upgrade --constraint constraints.txt pip
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --build-constraint constraints.txt --editable '.[shadow,servers,inngest,qstash,sqs]' --group dev
	@touch $@

# Pins everything that pyproject.toml asks for, for every Python and platform at once. After a change there; `UPGRADE=--upgrade` for newer versions.
constraints: install
	$(BIN)/python -m pip install --quiet --constraint constraints.txt uv
	printf 'hatchling\npip\nuv\n' | $(BIN)/uv pip compile - pyproject.toml --all-extras --group dev \
	  --universal --python-version 3.11 --fork-strategy fewest --no-header --no-annotate --quiet $(UPGRADE) --output-file constraints.txt

demo: install
	$(BIN)/python -m demo

# Two processes: much of the time is spent waiting for servers. A file's tests stay together, they share its servers.
test: install
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/basedpyright

bench: install
	$(BIN)/python -m benchmarks

# The pages of docs/rules, from the rules themselves.
rules: install
	$(BIN)/python -c 'from pathlib import Path; from migrator.reporting.rule_pages import write_pages; write_pages(Path("docs/rules"))'

# The pages of docs/systems and docs/traps, from the facts themselves.
facts: install
	$(BIN)/python -c 'from pathlib import Path; from migrator.reporting.system_pages import write_system_pages; write_system_pages(Path("docs/systems"))'
	$(BIN)/python -c 'from pathlib import Path; from migrator.reporting.trap_pages import write_trap_pages; write_trap_pages(Path("docs/traps"))'

# CORPUS: folder with trees.tsv, truth/ and score; TREES: the repositories, one folder a tree. Neither is part of this project.
corpus: install
	$(BIN)/python -m benchmarks.corpus --corpus '$(CORPUS)' --trees '$(TREES)'

clean:
	rm -rf $(VENV) build dist
