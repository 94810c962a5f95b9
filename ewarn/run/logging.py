"""Configure logs: one JSON object per line on standard error, for ewarn and for libraries."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog


def configure() -> None:
    """Configure logs as JSON lines on standard error, with times in UTC."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        # Evaluated for each line, because standard error may have been replaced meanwhile.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")


def write_line(line: bytes) -> None:
    """Write one line that ends with a line feed to standard error, whole."""
    sys.stderr.buffer.write(line)
    sys.stderr.buffer.flush()


@contextmanager
def quiet() -> Iterator[None]:
    """Switch log lines off, for the demonstration, which prints its own report."""
    previous = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**previous)
