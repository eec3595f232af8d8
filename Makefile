# Needs python3 with venv, and make. `make run` is the program, `make test` every test.
PYTHON ?= python3
VENV ?= .venv
HOME_DIR ?= var
PYTEST_ARGS ?= -n auto --dist worksteal

PIP = $(VENV)/bin/pip --quiet --disable-pip-version-check
# Only ready-made files with known hashes: nothing is built here but our own project.
LOCKED = $(PIP) install --require-hashes --only-binary :all: -r

.PHONY: run picture test slow mutants lint format dist release lock clean

# ---- run ---------------------------------------------------------------------------------------
run: $(VENV)/.project
	@test -e $(HOME_DIR)/arshjul.toml || $(VENV)/bin/python docs/first_home.py $(HOME_DIR)
	$(VENV)/bin/arshjul up --home $(HOME_DIR)

# ---- test --------------------------------------------------------------------------------------
# The program `pytest`, not `python -m pytest`: that would put this folder on the path and hide a
# broken installation.
test: $(VENV)/.dev
	$(VENV)/bin/python -m tests.support.chromium
	$(VENV)/bin/pytest -n auto $(PYTEST_ARGS)
	$(VENV)/bin/pytest -m "browser and not slow" -n auto --dist worksteal tests/browser

slow: $(VENV)/.dev
	$(VENV)/bin/python -m tests.support.chromium
	$(VENV)/bin/pytest -m "slow and not browser"
	$(VENV)/bin/pytest -m "slow and browser" tests/browser

# The picture of README: the wheel of the practice home on an autumn day.
PICTURED = 2026-10-12T12:00:00+02:00
picture: $(VENV)/.project
	home=$$(mktemp -d)/home && $(VENV)/bin/python docs/first_home.py $$home $(PICTURED) && \
	$(VENV)/bin/arshjul wheel 2026 --home $$home --now $(PICTURED) --lang en --force --out docs/wheel.svg

# Minutes for a small room, hours for a large one. `mutmut show NAME` shows a survivor.
ROOM ?= wheel/tick
mutants: $(VENV)/.dev
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" mutmut run "$(subst /,.,$(ROOM)).*"
	$(VENV)/bin/mutmut results | sed -nE '/$(subst /,.,$(ROOM))\..*: (survived|no tests|timeout|suspicious)/p'

lint: $(VENV)/.dev
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

format: $(VENV)/.dev
	$(VENV)/bin/ruff check --fix
	$(VENV)/bin/ruff format

# ---- release: CONTRIBUTING.md says how --------------------------------------------------------
dist: $(VENV)/.project
	.ci/dist

release: $(VENV)/.dev
	.ci/release

# ---- the environment: made when a lock file changes, otherwise a matter of file times -----------
# --clear: a package that left the lock must leave the environment too.
$(VENV)/.runtime: requirements.lock
	$(PYTHON) -m venv --clear $(VENV)
	$(LOCKED) requirements.lock
	@touch $@

$(VENV)/.project: $(VENV)/.runtime pyproject.toml
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.project
	$(LOCKED) requirements-dev.lock
	@touch $@

# Never pip-tools: it would install PyPA's `wheel` beside our package of the same name. No header
# and no index: they would write this machine's settings into the files.
LOCK = uv pip compile --quiet pyproject.toml --universal --python-version 3.11 --generate-hashes \
       --only-binary :all: --no-header --no-emit-index-url --no-emit-find-links --extra postgresql --group build

lock:
	$(LOCK) --upgrade --output-file requirements.lock
	$(LOCK) --upgrade --group dev --constraint requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) build dist mutants .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
