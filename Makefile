# What can be done here? `make` alone lists it.
ROOT := $(or $(realpath $(dir $(lastword $(MAKEFILE_LIST)))),$(CURDIR))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v $$python; break; }; done)
VENV ?= $(ROOT)/.venv
export VENV := $(if $(filter /%,$(VENV)),$(VENV),$(CURDIR)/$(VENV))
ifdef VAR
export VAR := $(if $(filter /%,$(VAR)),$(VAR),$(CURDIR)/$(VAR))
endif
AT_ROOT := cd "$(ROOT)" &&
# Inside the package: the bare Python cannot import command_center itself yet.
UP = cd "$(ROOT)/command_center" && exec "$(PYTHON)" -m up
IN_VENV = $(AT_ROOT) "$(VENV)/bin/python"

.DEFAULT_GOAL := help
.PHONY: help python up doctor demo manage install test bench proofs lint format lock screenshots

help:
	@echo "make up           bring everything up at http://127.0.0.1:8000 (PORT=, VAR=, DEMO_PASSWORD=, DEMO_DAY=)"
	@echo "make doctor       check this machine and say what to mend"
	@echo "make demo         anchor the running demonstration to tomorrow again"
	@echo "make manage ARGS=\"api_token bo.trucban\"   run one command against the running installation"
	@echo "make test         run the suite on throw-away services (ARGS=\"tests/sites -x\")"
	@echo "make bench        measure speed against floors on a durable throw-away cluster (ARGS=\"T1 T5\")"
	@echo "make proofs       the slower proofs: everything killed in the middle, every door tried (ARGS=\"-k kill\")"
	@echo "make lint format  check style, types, templates, migrations, translations; put them right"
	@echo "make screenshots  make the pictures of the README"
	@echo "make lock         resolve the pinned versions anew"

python:
	@test -n "$(PYTHON)" || { echo "Cần Python 3.11 trở lên · Python 3.11 or newer is needed: apt-get install python3 python3-venv" >&2; exit 1; }

up: python
	@$(UP) --follow

doctor: python
	@$(UP) --doctor

demo:
	@$(IN_VENV) manage.py load_demo --reanchor

manage:
	@$(IN_VENV) manage.py $(ARGS)

install: python
	@$(UP) --install

test: python
	@$(UP) --for-tests -- "$(VENV)/bin/python" -m pytest $(or $(ARGS),-n 2 --dist loadfile --no-loadscope-reorder)

bench: python
	@$(UP) --for-tests --durable -- "$(VENV)/bin/python" -m bench $(ARGS)

proofs: python
	@$(UP) --for-tests --durable -- "$(VENV)/bin/python" -m pytest -m proof tests/proofs $(ARGS)

screenshots: python
	@$(UP) --for-tests -- "$(VENV)/bin/python" -m tests.screenshots $(ARGS)

lint: export SECRET_KEY := lint
lint: install
	$(AT_ROOT) "$(VENV)/bin/ruff" check .
	$(AT_ROOT) "$(VENV)/bin/ruff" format --check .
	$(AT_ROOT) "$(VENV)/bin/mypy" .
	$(AT_ROOT) "$(VENV)/bin/djlint" --check --lint --quiet .
	$(IN_VENV) -W ignore manage.py makemigrations --check --dry-run
	$(IN_VENV) manage.py check_translations

format: install
	$(AT_ROOT) "$(VENV)/bin/ruff" check --fix .
	$(AT_ROOT) "$(VENV)/bin/ruff" format .
	$(AT_ROOT) "$(VENV)/bin/djlint" --reformat --quiet .

COMPILE := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-annotate --no-header --quiet
lock: install
	$(IN_VENV) -m pip install --quiet uv==0.13.9
	$(AT_ROOT) "$(VENV)/bin/uv" pip compile $(COMPILE) $(ARGS) pyproject.toml -o requirements.lock
	$(AT_ROOT) "$(VENV)/bin/uv" pip compile $(COMPILE) $(ARGS) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	$(AT_ROOT) "$(VENV)/bin/uv" pip compile $(COMPILE) $(ARGS) --group embedded -o requirements-embedded.lock
