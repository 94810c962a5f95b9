"""Logs: one JSON object a line on standard error, from us and from the libraries we use."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog


def configure() -> None:
    """JSON lines on standard error, with UTC times."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        # Asked for each line, because standard error may be another one by then.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")


@contextmanager
def quiet() -> Iterator[None]:
    """No log lines inside: a demonstration prints its own account instead."""
    previous = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**previous)
