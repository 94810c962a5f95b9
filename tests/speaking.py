"""Describe how the fault tests read a source: its provider first serves some data, then more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ewarn.ports import Source
from ingest.shared.web import Web
from tests.provider import Provider


@dataclass(frozen=True)
class Speaking:
    """A source to test, with two readings.

    `serve_first` and `serve_more` set what the provider serves at `first_at` and `then_at`, the
    times of the two readings. `make` builds the source. `requests` is the number of requests of the
    second reading. `begun_at` is how far the source was read before the first reading, for a source
    that would otherwise begin with much data. `waits` means that a missing file (404) counts as not
    published yet, so that the source waits for it.
    """

    serve_first: Callable[[Provider], None]
    serve_more: Callable[[Provider], None]
    make: Callable[[Web, str], Source]
    first_at: datetime
    then_at: datetime
    requests: int
    begun_at: datetime | None = None
    waits: bool = False
