# syntax=docker/dockerfile:1
# One image for both processes: `serve` (the default) and `work`. BASE may be any Debian-like image
# with Python 3.11 and its venv module.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
WORKDIR /src
# The build tools get an environment of their own, which is not copied into the image.
RUN python3 -m venv /opt/ewarn && python3 -m venv /opt/build && mkdir /empty
# If pip needs a configuration, give it as a build secret, so that it does not stay in the image.
COPY requirements.txt requirements-build.txt ./
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    /opt/ewarn/bin/pip install --no-cache-dir --no-compile --require-hashes --requirement requirements.txt \
 && /opt/build/bin/pip install --no-cache-dir --require-hashes --requirement requirements-build.txt
COPY pyproject.toml README.md LICENSE ./
COPY ewarn ewarn
COPY models models
COPY ingest ingest
COPY api api
# The service installs nothing at run time, so it needs no pip.
RUN /opt/build/bin/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /wheel . \
 && /opt/ewarn/bin/pip install --no-cache-dir --no-compile --no-deps --no-index /wheel/*.whl \
 && /opt/ewarn/bin/pip uninstall --yes --quiet setuptools pip
# Remove what the service never reads: tests, headers and sources of the libraries, locale data of
# languages that ewarn has no messages in, and pyarrow's parts for remote storage.
WORKDIR /opt/ewarn/lib
RUN find . -depth -type d \( -name tests -o -name include -o -path '*/pycountry/locales' \
      -o -name sboms -o -name __pycache__ \) -exec rm -r {} + \
 && find . -type f \( -name '*.pyx' -o -name '*.pxd' -o -name '*.pxi' -o -name '*.h' \
      -o -name '*.hpp' -o -name '*.c' -o -name '*.cpp' -o -name '*.pyi' \) -delete \
 && find . -path '*/statsmodels/datasets/*' -type f ! -name '*.py' -delete \
 && spoken="en|$(ls /src/ewarn/languages/locale | sed 's/_.*//' | paste -sd '|')" \
 && find . -regextype posix-extended -path '*/babel/locale-data/*' ! -name 'root.dat' \
      ! -regex ".*/($spoken)(_.*)?\.dat" -delete \
 && find . -path '*/pyarrow/*' -type f \( -name '*flight*' -o -name '*_s3*' \
      -o -name '*_orc*' -o -name '*gcsfs*' -o -name '*azurefs*' -o -name '*hdfs*' \
      -o -name 'libarrow_python.so' -o -name 'libarrow_python.so.*.*.*' \) -delete
# Strip debugging symbols. Libraries that were bundled into a wheel (`*.libs`) are left alone, because
# bundling rewrote them, and rewriting them a second time can break them.
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends binutils \
 && find . -name '*.so*' -type f ! -path '*.libs/*' -exec strip --strip-unneeded {} +
# Compile only the modules that the service loads: it starts fast and the image stays small.
WORKDIR /
RUN /opt/ewarn/bin/python -c "import api, ewarn, importlib, ingest, models, pkgutil; \
    [importlib.import_module(m.name) for r in (ewarn, ingest, models, api) \
     for m in pkgutil.walk_packages(r.__path__, r.__name__ + '.') if '.migrations' not in m.name]"

FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="ewarn" \
      org.opencontainers.image.description="Early-warning signal analysis for human-rights offices" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /opt/ewarn /opt/ewarn
COPY --from=build --chown=10001:10001 /empty /data
# The service writes to /data and /tmp only, so that the root file system can be read-only.
# It listens on every address of its container; the container's network decides who can reach it.
ENV PATH=/opt/ewarn/bin:/usr/local/bin:/usr/bin:/bin \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    EWARN_DATA_DIR=/data \
    EWARN_HOST=0.0.0.0 \
    EWARN_PORT=8000
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import os, http.client as h; c = h.HTTPConnection('127.0.0.1', int(os.environ['EWARN_PORT']), timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["ewarn"]
CMD ["serve"]
