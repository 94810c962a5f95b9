"""Sources by name: add one here, and the contract tests run on it. None needs an argument."""

from collections.abc import Callable

from ewarn.ports import Source
from ingest.chronicle import ChronicleSource
from ingest.gdelt import GdeltSource

SOURCES: dict[str, Callable[..., Source]] = {
    "chronicle": ChronicleSource,
    "gdelt": GdeltSource,
}
