"""Sources by name: add one here, and the contract tests run on it.

Each is made of the `Web` it asks through and of the settings named after it: `EWARN_GDELT_URL`
becomes the argument `url` of `gdelt`. None needs an argument.
"""

from collections.abc import Callable

from ewarn.ports import Source
from ingest.acled import AcledSource
from ingest.chronicle import ChronicleSource
from ingest.gdelt import GdeltSource
from ingest.hapi import HapiSource

SOURCES: dict[str, Callable[..., Source]] = {
    "acled": AcledSource,
    "chronicle": ChronicleSource,
    "gdelt": GdeltSource,
    "hapi": HapiSource,
}


# Those that are polled speak for themselves: a file may bring events of theirs, no coverage.
POLLED = frozenset(name for name, maker in SOURCES.items() if maker().cadence is not None)
