# Everything a person or a machine does with this project. `make help` lists it.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
PYTHON_RUN := $(BIN)/python

# Passed to the benchmarks and the fault suite: one family or fault only, for so many seconds.
ONLY ?=
DURATION ?= 600
CHOICE = $(if $(ONLY),--only $(ONLY))
# Another copy of the contracts, for the test of their gate.
CONTRACTS ?= contracts
PARTS := identity providers clients payers gateway

.PHONY: help
help:  ## Show this help
	@echo "Usage: make TARGET"
	@awk -F ':.*## ' '/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "Ports are set by FLORIN_PORT_GATEWAY (8080), _IDENTITY, _PROVIDERS, _CLIENTS, _PAYERS"
	@echo "(8081 to 8084), _POSTGRES (15432) and _KAFKA (19092). Data and logs are in .florin."

.PHONY: bootstrap
bootstrap:
	@deploy/local/bootstrap

##@ The system on this machine
.PHONY: up
up: bootstrap  ## Start the whole system, for real; return when all of it is ready
	@$(PYTHON_RUN) -m florin_local up

.PHONY: down
down: bootstrap  ## Stop all of it and leave no process; the data stays
	@$(PYTHON_RUN) -m florin_local down

.PHONY: status
status: bootstrap  ## Say what runs and what is ready
	@$(PYTHON_RUN) -m florin_local status

.PHONY: demo
demo: bootstrap  ## Tell the whole story through the gateway, step by step
	@$(PYTHON_RUN) -m florin_local demo

.PHONY: clean-data
clean-data: bootstrap  ## Stop all of it and remove data, logs and secrets
	@$(PYTHON_RUN) -m florin_local down --wipe

##@ Before a change is merged
.PHONY: test
test: bootstrap check  ## Everything a change must pass, from a clean checkout; what CI calls

.PHONY: check
check: locked lint types imports compatible pytest  ## The same without looking for missing tools first

.PHONY: locked
locked:  ## uv.lock fits what the packages ask for
	@PATH=.florin/tools/bin:$$PATH uv lock --check --quiet

.PHONY: lint
lint:  ## Style and format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

.PHONY: types
types:  ## Types, strictly
	$(BIN)/mypy

.PHONY: imports
imports:  ## Which part may know which, and the shape of each service
	$(BIN)/lint-imports

.PHONY: compatible
compatible:  ## Contracts changed by addition only, and each change is in their changelog
	$(PYTHON_RUN) -m florin_contracts.compatibility $(CONTRACTS)/released/schemas \
		$(CONTRACTS)/schemas --changelog $(CONTRACTS)/CHANGELOG.md

.PHONY: pytest
pytest:  ## All tests, the gates on the code's shape among them
	$(BIN)/pytest

##@ While working on a change
.PHONY: format
format: bootstrap  ## Put the code in order
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: schemas
schemas: bootstrap  ## Write the generated contract documents again
	$(PYTHON_RUN) -m florin_contracts.generate
	$(PYTHON_RUN) -m contracts.catalogue
	@for part in $(PARTS); do \
		$(PYTHON_RUN) -m florin_$$part openapi > contracts/openapi/$$part.json || exit 1; done
	$(PYTHON_RUN) -m florin_contracts.operations contracts/openapi

##@ Faults
.PHONY: faults
faults: bootstrap  ## Harm a running system under load, count every broken invariant; ONLY=, DURATION=
	@$(PYTHON_RUN) -m tests.faults $(CHOICE) --duration $(DURATION)

##@ Figures
.PHONY: bench
bench: bootstrap  ## All benchmarks; ONLY=outbox for one family
	@$(PYTHON_RUN) -m tests.bench $(CHOICE)
