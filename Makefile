# `make` lists the commands. Each makes the virtual environment .venv first, or refreshes it where pyproject.toml
# or constraints.txt have changed. Written for GNU make 3.81 (macOS) and later.
.DEFAULT_GOAL := help
.PHONY: help app test check lint audit web test-fast test-all test-browser deep chromium bench bench-jax bench-app soak clean ALWAYS
.NOTPARALLEL:

VENV := .venv
JAX := .venv-jax
PY := $(VENV)/bin/python
PORT ?= 5006
CPU_TORCH := https://download.pytorch.org/whl/cpu
RECENT := import sys; sys.exit(sys.version_info < (3, 11))
# -m instead of the programs in .venv/bin: those hold an absolute path and break when the folder is moved.
PYTEST := $(PY) -m pytest

# A .venv whose Python is missing, gone or too old is none: its stamps do not count.
STALE := $(shell $(PY) -c "$(RECENT)" >/dev/null 2>&1 || echo ALWAYS)

help:
	@echo "make app        open the laboratory in the browser (PORT=5006)"
	@echo "make test       all tests, those in a browser included"
	@echo "make check      lint, types, and one case of every fast test"
	@echo "make lint       lint, format and types"
	@echo "make audit      known vulnerabilities of what gandyn is tested with, where a network is"
	@echo "make web        check the page's TypeScript and bundle it"
	@echo "make bench      steps per second"
	@echo "make bench-jax  the same with JAX beside, in an environment of its own"
	@echo "make bench-app  frames per second and delays, in a real browser"
	@echo "make deep       thousands of combinations of all that combines, where make test tries hundreds"
	@echo "make soak       many sessions of one server: frames, steps, delays, memory"
	@echo "make clean      remove what builds and tests leave behind (the virtual environment stays)"

app: $(VENV)/.app
	@$(PY) -m gandyn warm
	@$(PY) -m panel serve apps/dynamics.py --show --address 127.0.0.1 --port $(PORT) \
		--allow-websocket-origin 127.0.0.1:$(PORT) --allow-websocket-origin localhost:$(PORT)

test: chromium test-all test-browser

check: lint audit test-fast

audit: $(VENV)/.dev
	@$(PY) -m scripts.audit

lint: $(VENV)/.dev
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m pyright

# With the node that pip installs for pyright. CHECK=--check: only compare with the bundle that is there.
web: $(VENV)/.dev
	@$(PY) -m scripts.web $(CHECK)

test-fast: $(VENV)/.dev
	@$(PYTEST) -n 2 --dist worksteal --cases 1 -m "not browser and not slow"

test-all: $(VENV)/.dev
	@$(PYTEST) -n 2 --dist worksteal -m "not browser"

# One after another and after the rest, since these measure time.
test-browser: chromium
	@$(PYTEST) -m browser || [ $$? -eq 5 ]

deep: $(VENV)/.dev
	@GANDYN_COMBINATIONS=5000 $(PYTEST) -n 2 --dist worksteal tests/contracts/test_combinations.py

chromium: $(VENV)/.dev
	@$(PY) scripts/chromium.py --install >/dev/null

bench: $(VENV)/.app
	@$(PY) -m benchmarks.step

bench-jax: $(VENV)/.app $(JAX)/.jax
	@$(PY) -m benchmarks.step --jax $(JAX)/bin/python

bench-app: chromium
	@$(PY) -m benchmarks.app

soak: $(VENV)/.dev
	@$(PY) -m benchmarks.soak

clean:
	rm -rf build dist test-results .pytest_cache .ruff_cache
	find . -path './.venv*' -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.app: PACKAGE := .
$(VENV)/.app: pyproject.toml constraints.txt $(STALE)
	@$(install)
	@touch $@

$(VENV)/.dev: PACKAGE := .[test,dev]
$(VENV)/.dev: pyproject.toml constraints.txt $(STALE)
	@$(install)
	@touch $(VENV)/.app $@

$(JAX)/.jax: constraints-jax.txt | $(VENV)/.app
	@$(PY) -m venv --clear $(JAX)
	@echo "Installing JAX into $(JAX)."
	@$(JAX)/bin/python -m pip install --quiet --disable-pip-version-check --no-input -c constraints-jax.txt jax || { \
		echo "pip could not install jax into $(JAX); the lines above say why." >&2; exit 1; }
	@touch $@

ALWAYS:

# Makes .venv with the first Python that is recent enough, and installs $(PACKAGE) into it at the tested versions.
# On Linux PyPI's PyTorch brings several GB of CUDA; a machine without an NVIDIA driver gets the CPU build, if its
# index answers within 3 seconds (the alarm ends a look-up of the name, too, which urllib's timeout does not).
define install
set -e; \
if ! $(PY) -c "$(RECENT)" >/dev/null 2>&1; then \
	found=; \
	for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
		if $$python -c "$(RECENT)" >/dev/null 2>&1; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then echo "gandyn needs Python 3.11 or newer: install it, or name it with make PYTHON=/path/to/python3." >&2; exit 1; fi; \
	if ! $$found -m venv --clear $(VENV) >/dev/null 2>&1; then echo "$$found cannot make $(VENV): install its venv module (Debian: apt-get install python3-venv)." >&2; exit 1; fi; \
fi; \
index=; \
if [ "$$(uname -s)" = Linux ] && ! command -v nvidia-smi >/dev/null 2>&1 && ! $(PY) -c "import torch" 2>/dev/null && \
	{ $(PY) -c "import signal, urllib.request; signal.alarm(3); urllib.request.urlopen('$(CPU_TORCH)/torch/', timeout=3)"; } >/dev/null 2>&1; then \
	index="--extra-index-url $(CPU_TORCH)"; \
fi; \
echo "Installing gandyn into $(VENV): minutes the first time, PyTorch is large."; \
$(PY) -m pip install --quiet --disable-pip-version-check --no-input $$index -c constraints.txt -e "$(PACKAGE)" || { \
	echo "pip could not install gandyn into $(VENV); the lines above say why." >&2; exit 1; }
endef
