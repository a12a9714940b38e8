# Two commands: `make app` and `make test`. Both set up .venv on a bare machine and skip what is done.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
BENCHMARK_READY := .venv/.ready-benchmark
# Chinese where the machine speaks Chinese.
LANGUAGE_OF_DEMO := $(if $(filter zh%,$(or $(LC_ALL),$(LC_MESSAGES),$(LANG))),zh,en)

.PHONY: app test check setup tools clean

app: $(READY)
	$(BIN)/python -m db demo --if-empty --language $(LANGUAGE_OF_DEMO)
	$(BIN)/python -m train fit --preset demo --promote --unless-serving
	$(BIN)/streamlit run app

test: $(BENCHMARK_READY) tools check
	$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

setup: $(READY)

$(READY): requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $(READY)

# The peers that the benchmark compares with, which its tests train; `make app` does without them.
$(BENCHMARK_READY): $(READY) requirements-benchmark.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-benchmark.txt
	touch $(BENCHMARK_READY)

# Chromium for the browser tests, PostgreSQL for the storage tests and strace for the tests of faults come from the
# system; where they are missing, those tests fail with the next step.
tools:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  ! { command -v chromium >/dev/null && command -v strace >/dev/null && ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && \
	      fc-list 2>/dev/null | grep -qi 'cjk'; }; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	    chromium fonts-noto-cjk fontconfig postgresql strace >/dev/null; \
	fi

clean:
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache
