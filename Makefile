# Needs Python 3.11 or later with venv, git and make. All that it installs goes into .venv.
# `make demo ARGS=--once`: ARGS is passed on.

# What is compiled once need not be compiled again by each worker of the tests and each program that they start.
unexport PYTHONDONTWRITEBYTECODE

VENV = .venv
READY = $(VENV)/.ready
PYTHONS = python3 python3.13 python3.12 python3.11 python3.14 python
SUITS = import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON = $(shell for name in $(PYTHONS); do $$name -c '$(SUITS)' 2>/dev/null && echo $$name && break; done)

help:  ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

demo: $(READY)  ## a real homeserver on this machine, the bot in a room, and you
	@$(VENV)/bin/concierge demo $(ARGS)

test: $(READY)  ## the tests, the real homeserver's and the real databases' included (eight minutes on two quiet cores)
	@$(VENV)/bin/python -m pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder $(ARGS)

quick: $(READY)  ## most tests that need no server, in a minute
	@$(VENV)/bin/python -m pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder --quick $(ARGS)

lint: $(READY)  ## style and types, those of the fakes in tests/ included
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy

bench: $(VENV)/.bench  ## speed and quality beside other ways of finding an answer (ARGS=--quick)
	@$(VENV)/bin/python -m benchmarks $(ARGS)

bench-replies: $(READY)  ## replies per second, beside a bare nio echo bot on the same homeserver
	@$(VENV)/bin/python -m benchmarks.throughput $(ARGS)

soak: $(READY)  ## the long tests of one reply a question, with their figures (ARGS=burst: one of them)
	@$(VENV)/bin/python -m tests.reliability.soak $(ARGS)

reading: $(READY)  ## learn anew what a message is, from the examples (ARGS=--check: show how well it is read)
	@$(VENV)/bin/python -m training.learn_reading $(ARGS)

image:  ## the image `concierge`, also tagged with its version, for containers (ARGS: more options of docker, podman or buildah, whichever is here)
	@test -n "$(ENGINE)" || { echo "Nothing here builds images; install docker, podman or buildah (on Debian and Ubuntu: apt install podman)" >&2; exit 1; }
	@$(ENGINE) build $(if $(filter docker,$(ENGINE)),,--format docker) --tag concierge:$(VERSION) --tag concierge $(ARGS) .

VERSION = $(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' bot/__init__.py)

# The own format of podman and buildah drops the image's health check.
ENGINE = $(shell for name in docker podman buildah; do command -v $$name >/dev/null && echo $$name && break; done)

setup: $(READY)  ## only the environment, in .venv

lock: $(READY)  ## new lock files (ARGS=--upgrade: with the newest libraries)
	@$(LOCK) --group setup --output-file requirements-setup.lock $(ARGS)
	@$(LOCK) --extra postgresql --output-file requirements.lock pyproject.toml $(ARGS)
	@$(LOCK) --extra test --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml $(ARGS)
	@$(LOCK) --extra bench --constraint requirements-dev.lock --output-file requirements-bench.lock pyproject.toml $(ARGS)

LOCK = $(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-strip-extras --custom-compile-command "make lock"

clean:  ## forget the environment and the caches
	rm -rf $(VENV) dist tests/.cache .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(READY): requirements-dev.lock requirements-setup.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Concierge needs Python 3.11 or later with venv (on Debian and Ubuntu: apt install python3-venv); none of these will do: $(PYTHONS)" >&2; exit 1; }
	@$(PYTHON) tools/environment.py $(VENV) requirements-dev.lock
	@touch $@

$(VENV)/.bench: $(READY) requirements-bench.lock
	@$(VENV)/bin/python -m pip install --quiet --no-input --disable-pip-version-check --require-hashes --requirement requirements-bench.lock
	@touch $@

.PHONY: help demo test quick lint bench bench-replies soak reading image setup lock clean
