# Needs Python 3.11 to 3.14, make and a package index; uses uv where it is on the PATH, else venv and pip.
# make reports ARGS="--city 440100 --year 2020"   passes options to `fazhi refresh`
# make test PYTHON=python3.13                      chooses the Python of a new .venv

.DEFAULT_GOAL := help
.PHONY: help reports test lab check notebooks lock clean moved

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTHON ?=
ARGS ?=
LOCKED := --extra cluster --extra lab --extra dev
# A .venv of a copied or moved checkout runs the original's code on the original's data.
MOVED := $(shell test ! -e $(READY) || grep -qsF "$(CURDIR)/$(VENV)/" $(BIN)/fazhi || echo moved)
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))

help: ## List the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F '\t' '{printf "make %-10s %s\n", $$1, $$2}'

reports: $(READY) ## Render the pages that are stale into reports/
	@$(BIN)/fazhi refresh $(ARGS)
	@$(if $(findstring --quiet,$(ARGS)),:,echo "Open reports/index.html in a browser.")

test: $(READY) ## Lint, types, tests and notebooks; one summary at the end
	@summary=""; failed=0; \
	step() { \
		name="$$1"; shift; start=$$(date +%s); \
		printf '\n== %s: %s\n' "$$name" "$$*"; \
		if "$$@"; then state=ok; else state=FAILED; failed=$$((failed + 1)); fi; \
		summary="$$summary$$(printf '%-10s %-6s %4d s' "$$name" "$$state" $$(($$(date +%s) - start)))\n"; \
	}; \
	step lint $(BIN)/ruff check .; \
	step format $(BIN)/ruff format --check .; \
	step types $(BIN)/mypy; \
	step tests $(BIN)/python -m pytest -n auto --dist worksteal; \
	step notebooks $(BIN)/python -m pytest --nbval-lax --nbval-current-env notebooks; \
	printf '\n== summary\n%b' "$$summary"; \
	if [ $$failed -gt 0 ]; then echo "$$failed of 5 steps failed"; exit 1; fi; \
	echo "all 5 steps are ok"

lab: $(READY) ## Open the notebooks in JupyterLab
	@$(BIN)/jupyter lab --notebook-dir=. notebooks/01_summary.ipynb

check: $(READY) ## Check data/ row by row
	@$(BIN)/fazhi check

notebooks: $(READY) ## Run the notebooks and save them with their outputs
	@$(BIN)/jupyter nbconvert --log-level=ERROR --to notebook --execute --inplace \
		--ExecutePreprocessor.record_timing=False notebooks/*.ipynb
	@git diff --stat -- notebooks

lock: ## Resolve requirements.lock anew (maintainers; needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv on the PATH." >&2; exit 2; }
	@mkdir -p build
	@uv pip compile pyproject.toml $(LOCKED) --python-version 3.11 --no-header --no-annotate --quiet \
		--output-file build/oldest.txt
	@# Every Python gets what the oldest gets, so that pages do not differ between them.
	@uv pip compile pyproject.toml $(LOCKED) --python-version 3.11 --constraint build/oldest.txt \
		--universal --fork-strategy fewest --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--quiet --output-file build/requirements.lock
	@{ echo "# Made by make lock from pyproject.toml: Python 3.11 to 3.14 on Linux, macOS and Windows."; \
		cat build/requirements.lock; } > requirements.lock
	@echo "requirements.lock: $$(grep -c '==' requirements.lock) packages"

clean: ## Remove .venv and caches; reports/ stays
	rm -rf $(VENV) build src/*.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

moved:
	@echo "$(VENV) belongs to another checkout, perhaps the one that this was copied from: it is set up anew." >&2
	@rm -rf $(VENV)

$(READY): requirements.lock pyproject.toml $(MOVED)
	@python="$(PYTHON)"; \
	if [ -n "$$python" ]; then \
		"$$python" -c '$(SUPPORTED)' 2>/dev/null || { \
			echo "PYTHON=$$python is no Python from 3.11 to 3.14: $$("$$python" --version 2>&1 | head -n 1)" >&2; exit 2; }; \
	else \
		for candidate in python3 python3.14 python3.13 python3.12 python3.11; do \
			if "$$candidate" -c '$(SUPPORTED)' 2>/dev/null; then python="$$candidate"; break; fi; \
		done; \
	fi; \
	if ! $(BIN)/python -c '$(SUPPORTED)' 2>/dev/null; then \
		rm -rf $(VENV); \
		if command -v uv >/dev/null; then \
			uv venv --quiet --python "$${python:->=3.11,<3.15}" $(VENV) || exit 2; \
		elif [ -n "$$python" ]; then \
			"$$python" -m venv $(VENV) || exit 2; \
		else \
			echo "Fazhi needs Python 3.11 to 3.14; python3 is $$(python3 --version 2>&1 | head -n 1)." >&2; \
			echo "To fix this, install one, or name it: make PYTHON=/path/to/python3.12 ..." >&2; exit 2; \
		fi; \
	fi
	@echo "Setting up $(VENV) with $$($(BIN)/python --version) from requirements.lock (one to three minutes) ..."
	@if command -v uv >/dev/null; then \
		export VIRTUAL_ENV="$(CURDIR)/$(VENV)"; \
		uv pip sync --quiet --require-hashes requirements.lock && \
		uv pip install --quiet --no-deps --no-build-isolation --editable .; \
	else \
		$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null; \
		$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock && \
		$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .; \
	fi
	@touch $(READY)
