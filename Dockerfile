# syntax=docker/dockerfile:1
# One image, two processes: `serve` (the default) and `work`. Any Debian-like base with Python 3.11
# and its venv module will do.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
WORKDIR /src
RUN python3 -m venv /opt/ewarn
# pip's configuration, where a machine needs one, comes in as a secret and stays out of the image.
COPY requirements.txt .
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    /opt/ewarn/bin/pip install --no-cache-dir --require-hashes --requirement requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY ewarn ewarn
COPY models models
COPY ingest ingest
COPY api api
# What only builds is taken out again: the service installs nothing at run time.
RUN /opt/ewarn/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
 && /opt/ewarn/bin/pip uninstall --yes --quiet hatchling editables trove-classifiers pathspec \
      pluggy setuptools pip \
 && mkdir /empty

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
# All that is written goes to /data and /tmp, so that the root file system can be read-only.
# The service listens on every address of its container; who reaches it is decided outside.
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
